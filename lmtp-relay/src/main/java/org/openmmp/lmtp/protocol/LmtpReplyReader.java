package org.openmmp.lmtp.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.LineFramer;

/**
 * Reads a store's replies (RFC 5321 section 4.2). A line may end in LF alone; text is kept as it
 * was sent. After a violation nothing more is read.
 */
public final class LmtpReplyReader {
  /** What a store may not send. */
  public enum Violation {
    /** A line is longer than {@link #MAX_LINE_OCTETS}. */
    LINE_TOO_LONG,
    /** One reply has more than {@link #MAX_LINES} lines. */
    TOO_MANY_LINES,
    /** A line that does not begin with a reply code and a separator. */
    NO_REPLY,
    /** The lines of one reply have different codes. */
    CODE_CHANGED
  }

  /** Longer than any store's lines, though RFC 5321 allows 512. */
  static final int MAX_LINE_OCTETS = 4096;

  /** With the longest lines it bounds a reply's octets. */
  static final int MAX_LINES = 64;

  private static final Pattern LINE =
      Pattern.compile("([2-5][0-9]{2})(?:([ -])(.*))?", Pattern.DOTALL);
  private static final Pattern STATUS =
      Pattern.compile("([245]\\.[0-9]{1,3}\\.[0-9]{1,3})(?: (.*))?", Pattern.DOTALL);

  private final LineFramer octets = new LineFramer(MAX_LINE_OCTETS, LineFramer.LineEnd.CRLF_OR_LF);
  private final List<String> lines = new ArrayList<>(1);
  private int code;
  private @Nullable Violation violation;

  /** Adds a copy of the octets, unless there was a {@link #violation}. */
  public void add(byte[] more) {
    if (violation == null) {
      octets.add(more);
    }
  }

  /** The next reply, or null: either more octets are needed, or there is a {@link #violation}. */
  public @Nullable LmtpReply next() {
    while (violation == null) {
      byte[] line = octets.line();
      if (line == null) {
        return octets.tooLong() ? violated(Violation.LINE_TOO_LONG) : null;
      }
      var matcher = LINE.matcher(new String(line, StandardCharsets.ISO_8859_1));
      if (!matcher.matches()) {
        return violated(Violation.NO_REPLY);
      }
      int lineCode = Integer.parseInt(matcher.group(1));
      if (!lines.isEmpty() && lineCode != code) {
        return violated(Violation.CODE_CHANGED);
      }
      code = lineCode;
      String text = matcher.group(3);
      lines.add(text == null ? "" : text);
      if (!"-".equals(matcher.group(2))) {
        return taken();
      }
      if (lines.size() == MAX_LINES) {
        return violated(Violation.TOO_MANY_LINES);
      }
    }
    return null;
  }

  private @Nullable LmtpReply violated(Violation how) {
    violation = how;
    lines.clear();
    octets.clear();
    return null;
  }

  /** What the store may not have sent, or null; nothing changes it. */
  public @Nullable Violation violation() {
    return violation;
  }

  /** Octets that were added and are not part of a reply that was taken. */
  public boolean hasRest() {
    return octets.buffered() > 0 || !lines.isEmpty();
  }

  /** The status of the first line holds for all; where another line has it too, it is cut off. */
  private LmtpReply taken() {
    var matcher = STATUS.matcher(lines.get(0));
    String status = matcher.matches() ? matcher.group(1) : "";
    if (!status.isEmpty() && status.charAt(0) - '0' != code / 100) {
      status = "";
    }
    String head = status;
    if (!head.isEmpty()) {
      lines.replaceAll(line -> withoutStatus(line, head));
    }
    LmtpReply reply = new LmtpReply(code, head, lines);
    lines.clear();
    return reply;
  }

  private static String withoutStatus(String line, String status) {
    if (line.equals(status)) {
      return "";
    }
    return line.startsWith(status + ' ') ? line.substring(status.length() + 1) : line;
  }
}
