package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A question of ours to an IMAP store, behind the client's back, and what the store sends until it
 * has answered (rule B9.4): the client gets everything but our own answer.
 *
 * <p>Where a mailbox is selected the question is a SEARCH, for a NOOP's answer may carry EXPUNGE. A
 * client without a command under way may not be told of one (RFC 9051, section 7.5.1): it may be
 * sending a command whose message numbers are from before. SEARCH brings none.
 */
final class ImapQuestion {
  private static final String TAG = "OpenMMP";
  private static final byte[] NOOP = (TAG + " NOOP\r\n").getBytes(US_ASCII);
  private static final byte[] SEARCH = (TAG + " SEARCH UID 1\r\n").getBytes(US_ASCII);

  /** How lines begin that are ours; a space follows, or the end. The first one is the last line. */
  private static final List<byte[]> FOUND =
      List.of(
          TAG.getBytes(US_ASCII),
          "* SEARCH".getBytes(US_ASCII),
          ("* ESEARCH (TAG \"" + TAG + "\")").getBytes(US_ASCII));

  /** The hash of our tag. */
  static final long TAG_HASH = ImapLines.tag(FOUND.get(0));

  private static final int ALL = (1 << FOUND.size()) - 1;
  private static final int LONGEST = FOUND.get(2).length;

  /** What becomes of the line that is read. */
  private enum Line {
    /** So far it may be ours. */
    UNDECIDED,
    CLIENTS,
    OURS,
    /** Ours, and the last of the answer. */
    LAST
  }

  private final ImapLines store;
  private final boolean search;
  private final byte[] begin = new byte[LONGEST];
  private int begun;

  /** Which of those lines it may be, a bit of each. */
  private int possible;

  private Line line = Line.UNDECIDED;
  private boolean answered;

  /**
   * Asked when the store is between lines.
   *
   * @param store follows what it sends
   * @param selected whether a mailbox may be selected
   */
  ImapQuestion(ImapLines store, boolean selected) {
    this.store = store;
    this.search = selected;
  }

  byte[] command() {
    return search ? SEARCH.clone() : NOOP.clone();
  }

  /** Whether the answer is complete, or will not be known when it comes. */
  boolean isAnswered() {
    return answered;
  }

  /** Follows what the store sent; returns what of it is the client's. */
  ByteBuffer withoutAnswer(ByteBuffer octets) {
    ByteBuffer passed = ByteBuffer.allocate(begun + octets.remaining());
    for (int at = octets.position(); at < octets.limit() && !answered; at++) {
      if (store.isBetweenLines()) {
        line = Line.UNDECIDED;
        begun = 0;
      }
      byte octet = octets.get(at);
      store.sent(octets.slice(at, 1));
      take(octet, passed);
      answered = store.isLost() || (line == Line.LAST && octet == '\n');
      octets.position(at + 1);
    }
    if (answered) {
      if (line == Line.UNDECIDED) {
        passed.put(begin, 0, begun);
      }
      store.sent(octets);
      passed.put(octets);
    }
    return passed.flip();
  }

  private void take(byte octet, ByteBuffer passed) {
    if (line == Line.UNDECIDED) {
      line = decided(octet);
      if (line == Line.UNDECIDED) {
        begin[begun++] = octet;
      } else if (line == Line.CLIENTS) {
        passed.put(begin, 0, begun);
      }
    }
    if (line == Line.CLIENTS) {
      passed.put(octet);
    }
  }

  /** What the line is, now that this octet follows those that are held. */
  private Line decided(byte octet) {
    if (begun == 0) {
      possible = search ? ALL : ALL & 1;
    }
    for (int i = 0; i < FOUND.size(); i++) {
      byte[] ours = FOUND.get(i);
      boolean still = (possible & 1 << i) != 0;
      if (still && begun == ours.length) {
        boolean wordEnds = octet == ' ' || octet == '\r' || octet == '\n';
        return !wordEnds ? Line.CLIENTS : i == 0 ? Line.LAST : Line.OURS;
      }
      if (still && capital(ours[begun]) != capital(octet)) {
        possible &= ~(1 << i);
      }
    }
    return possible == 0 ? Line.CLIENTS : Line.UNDECIDED;
  }

  private static int capital(byte octet) {
    return octet >= 'a' && octet <= 'z' ? octet - 'a' + 'A' : octet;
  }
}
