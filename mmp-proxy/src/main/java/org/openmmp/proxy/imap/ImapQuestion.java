package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * A question of ours to an IMAP store, behind the client's back, and what the store sends until it
 * has answered (rule B9.4): the client gets everything but our own answer.
 *
 * <p>Where a mailbox is selected the question is a SEARCH, for a NOOP's answer may carry EXPUNGE. A
 * client without a command under way may not be told of one (RFC 9051, section 7.5.1): it may be
 * sending a command whose message numbers are from before. SEARCH brings none.
 *
 * <p>Within IDLE, where the client may be told of anything, the question is the end of the IDLE,
 * which is then begun again by the tag that the store has named. Neither the end of the one nor the
 * begin of the other is the client's.
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
          ("* ESEARCH (TAG \"" + TAG + "\")").getBytes(US_ASCII),
          ("* ESEARCH (TAG " + TAG + ")").getBytes(US_ASCII));

  /** The hash of our tag. */
  static final long TAG_HASH = ImapLines.tag(FOUND.get(0));

  private static final int ALL = (1 << FOUND.size()) - 1;
  private static final int LONGEST = FOUND.get(2).length;
  private static final byte[] DONE = "DONE\r\n".getBytes(US_ASCII);
  private static final byte[] NOTHING = new byte[0];

  /** A line in IDLE whose first word is longer does not end it. */
  private static final int LONGEST_TAG = 1024;

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

  /** The hash of the tag of the IDLE that this is asked within; 0 outside. */
  private final long idleTag;

  private byte[] begin;
  private int begun;

  /** Whether that IDLE has ended, so that it is to begin again. */
  private boolean left;

  /** What is to be sent because of that. */
  private byte[] next = NOTHING;

  private boolean refused;

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
    this(store, selected, 0);
  }

  private ImapQuestion(ImapLines store, boolean search, long idleTag) {
    this.store = store;
    this.search = search;
    this.idleTag = idleTag;
    this.begin = new byte[LONGEST];
  }

  /**
   * Asked within IDLE.
   *
   * @param tag the hash of its tag
   */
  static ImapQuestion inIdle(ImapLines store, long tag) {
    return new ImapQuestion(store, false, tag);
  }

  byte[] command() {
    return (idleTag != 0 ? DONE : search ? SEARCH : NOOP).clone();
  }

  /** How many commands of ours are under way while the store owes the answer. */
  int commands() {
    return idleTag == 0 ? 1 : 0;
  }

  /** The rest of the question, once there is one; it is asked by that. */
  byte[] rest() {
    byte[] rest = next;
    next = NOTHING;
    return rest;
  }

  /** Whether the store does not let the client into IDLE again. */
  boolean isRefused() {
    return refused;
  }

  /** Whether nothing of the line that the store has begun has reached the client. */
  boolean keepsLine() {
    return !answered && line != Line.CLIENTS;
  }

  /** It is broken off: what the store says from here on is the client's. */
  void breakOff() {
    answered = true;
  }

  /**
   * A line has ended that is tagged: whether it is about the IDLE that the client is in, and still
   * is in as far as it knows.
   */
  boolean takesEnd(long tag) {
    if (idleTag == 0 || tag != idleTag) {
      return false;
    }
    if (line == Line.CLIENTS) {
      answered = true; // it was too long to be kept from the client
      return false;
    }
    if (left) {
      refused = true;
    } else {
      left = true;
      next = (new String(begin, 0, begun, ISO_8859_1) + " IDLE\r\n").getBytes(ISO_8859_1);
    }
    return true;
  }

  /** Whether the go-ahead that has ended is the one that begins the IDLE again. */
  boolean takesGoAhead() {
    return line == Line.LAST;
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
      answered |= store.isLost() || (line == Line.LAST && octet == '\n');
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
        if (begun == begin.length) {
          begin = Arrays.copyOf(begin, begun * 2);
        }
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
    if (idleTag != 0) {
      return decidedInIdle(octet);
    }
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

  private Line decidedInIdle(byte octet) {
    if (begun == 0 && (octet == '*' || octet == '+')) {
      return octet == '+' && left ? Line.LAST : Line.CLIENTS;
    }
    if (octet == ' ' || octet == '\r' || octet == '\n') {
      return ImapLines.tag(Arrays.copyOf(begin, begun)) == idleTag ? Line.OURS : Line.CLIENTS;
    }
    return begun < LONGEST_TAG ? Line.UNDECIDED : Line.CLIENTS;
  }

  private static int capital(byte octet) {
    return octet >= 'a' && octet <= 'z' ? octet - 'a' + 'A' : octet;
  }
}
