package org.openmmp.lmtp.transaction;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.protocol.BareNewlines;
import org.openmmp.lmtp.protocol.EndOfDataScanner;
import org.openmmp.lmtp.protocol.LmtpReply;

/** One message as it comes in, by DATA or by BDAT: checked, counted and spooled. */
final class MessageIntake {
  /** Enough for the first trace header line, which names the message at the client. */
  private static final int HEAD_OCTETS = 1024;

  private static final Pattern TRACE_ID =
      Pattern.compile("(?is)^Received:[^;]{1,900}?\\sid\\s+<?([!-:=?-~]{1,100})");

  private final long maxOctets;
  private final boolean refusesBareNewlines;
  private final Consumer<Turn> onBareNewline;
  private final EndOfDataScanner scanner = new EndOfDataScanner();

  /** Of chunks; the scanner sees those of data. */
  private final BareNewlines newlines = new BareNewlines();

  /** The first octets, if they may be such a line's. */
  private byte[] head = {};

  private @Nullable LmtpReply fault;
  private long taken;
  private boolean bare;

  /**
   * Nothing came yet.
   *
   * @param onBareNewline told at the first CR or LF that is no line end, before any octet of that
   *     piece is spooled; if those are not refused
   */
  MessageIntake(long maxOctets, boolean refusesBareNewlines, Consumer<Turn> onBareNewline) {
    this.maxOctets = maxOctets;
    this.refusesBareNewlines = refusesBareNewlines;
    this.onBareNewline = onBareNewline;
  }

  /**
   * Octets behind DATA.
   *
   * @return behind the last that belongs to the message or its end
   */
  int data(ByteBuffer data, int from, int to, Turn turn) {
    int end = scanner.scan(data, from, to, (some, start, stop) -> take(some, start, stop, turn));
    if (scanner.ended()) {
      end(turn);
    }
    return end;
  }

  /** Whether the end of data was found. */
  boolean dataEnded() {
    return scanner.ended();
  }

  /** Octets of a chunk, as they are. */
  void chunk(ByteBuffer data, int from, int to, Turn turn) {
    if (from < to) {
      newlines.octets(data, from, to);
      take(data, from, to, turn);
    }
  }

  /** The message is complete. */
  void end(Turn turn) {
    newlines.end();
    checkNewlines(turn);
  }

  /** What it is refused with; null as long as it can be taken. */
  @Nullable LmtpReply fault() {
    return fault;
  }

  /** It cannot be taken: that is its reply; the first counts. */
  void fail(LmtpReply why) {
    if (fault == null) {
      fault = why;
    }
  }

  /** Octets of the message so far, without the dots that were put before its own. */
  long octets() {
    return taken - scanner.stuffedDots();
  }

  /** The client's name for the message; empty if its trace header does not tell. */
  String queueId() {
    if (head.length == 0) {
      return "";
    }
    Matcher matcher = TRACE_ID.matcher(new String(head, StandardCharsets.ISO_8859_1));
    return matcher.find() ? matcher.group(1) : "";
  }

  private void take(ByteBuffer some, int from, int to, Turn turn) {
    keepHead(some, from, to);
    taken += to - from;
    if (octets() > maxOctets) {
      fail(ClientReplies.MESSAGE_TOO_LONG);
    }
    checkNewlines(turn);
    if (fault == null) {
      turn.want(new RelayStep.Spool(some, from, to));
    }
  }

  private void keepHead(ByteBuffer some, int from, int to) {
    int had = head.length;
    int wanted = Math.min(HEAD_OCTETS - had, to - from);
    if (had == taken && wanted > 0 && (had > 0 || (some.get(from) | 0x20) == 'r')) {
      head = Arrays.copyOf(head, had + wanted);
      some.get(from, head, had, wanted);
    }
  }

  private void checkNewlines(Turn turn) {
    if (bare || !(scanner.bareNewline() || newlines.bareCr() || newlines.bareLf())) {
      return;
    }
    bare = true;
    if (refusesBareNewlines) {
      fail(ClientReplies.BARE_NEWLINE);
    } else {
      onBareNewline.accept(turn);
    }
  }
}
