package org.openmmp.proxy.imap;

import java.nio.ByteBuffer;
import java.util.Set;
import org.openmmp.wire.SafePoints;

/**
 * Follows an IMAP session after its login: commands and their tagged ends, literals, IDLE (rules
 * B9.1, B9.2).
 *
 * <p>Lines are looked at, literals are counted, and nothing is kept of either but numbers: tags are
 * sums of hashes. A session that does what is not understood here, or turns its octets into
 * something else (COMPRESS), is followed no further and never safe again.
 */
final class ImapSafePoints implements SafePoints {
  /** What a command is called that may carry literals; one of another name is not understood. */
  private static final Set<Long> WITH_LITERALS =
      Set.of(
          word("APPEND"),
          word("SELECT"),
          word("EXAMINE"),
          word("CREATE"),
          word("DELETE"),
          word("RENAME"),
          word("SUBSCRIBE"),
          word("UNSUBSCRIBE"),
          word("LIST"),
          word("LSUB"),
          word("STATUS"),
          word("SEARCH"),
          word("FETCH"),
          word("STORE"),
          word("COPY"),
          word("MOVE"),
          word("UID"),
          word("SORT"),
          word("THREAD"),
          word("ID"),
          word("GETACL"),
          word("SETACL"),
          word("DELETEACL"),
          word("MYRIGHTS"),
          word("LISTRIGHTS"),
          word("GETQUOTA"),
          word("SETQUOTA"),
          word("GETMETADATA"),
          word("SETMETADATA"),
          word("REPLACE"));

  private static final long IDLE = word("IDLE");
  private static final long DONE = word("DONE");
  private static final long LOGOUT = word("LOGOUT");

  private static final long COMPRESS = word("COMPRESS");
  private static final long STARTTLS = word("STARTTLS");
  private static final long AUTHENTICATE = word("AUTHENTICATE");
  private static final long UNAUTHENTICATE = word("UNAUTHENTICATE");
  private static final long OK = word("OK");
  private static final long NO = word("NO");
  private static final long BAD = word("BAD");
  private static final long BYE = word("BYE");

  /** How far an IDLE has come. */
  private enum Idling {
    NOT,
    /** Its {@code +} has not come. */
    ASKED,
    /** The store tells what happens, and the client has not sent DONE. */
    ON,
    /** DONE was sent before the {@code +} came. */
    LEFT_EARLY
  }

  private final Following client = new Following(true);
  private final Following store = new Following(false);

  /** Commands without their tagged end, and the sum of their tags. */
  private int open;

  private long openTags;
  private Idling idling = Idling.NOT;
  private long idleTag;

  /** Whether the client waits to send a literal, and of how many octets. */
  private boolean awaitsGoAhead;

  private long announced;
  private boolean leaving;
  private boolean lost;

  /** The first eight octets of a word, in capitals, as one number. */
  private static long word(String text) {
    long packed = 0;
    for (int i = 0; i < Math.min(text.length(), Following.WORD_OCTETS); i++) {
      packed = packed << 8 | text.charAt(i);
    }
    return packed;
  }

  @Override
  public SafePoints.Direction client() {
    return client;
  }

  @Override
  public SafePoints.Direction store() {
    return store;
  }

  /** The end of a line of the client, or of the part of it in front of a literal. */
  private void clientLine() {
    if (!client.behindLiteral && !beginsCommand()) {
      return;
    }
    long literal = client.literal();
    if (literal == Following.NONE) {
      client.nextLine();
    } else if (literal == Following.UNCLEAR || !WITH_LITERALS.contains(client.word)) {
      lost = true;
    } else if (client.nonSynchronizing()) {
      client.skip(literal);
    } else {
      awaitsGoAhead = true;
      announced = literal;
      client.nextPart();
      client.behindLiteral = true;
    }
  }

  /** Whether it was a line of a command; that of one which begins here. */
  private boolean beginsCommand() {
    if (idling == Idling.ASKED || idling == Idling.ON) {
      lost = client.phase != Following.Phase.FIRST || client.first != DONE;
      idling = idling == Idling.ON ? Idling.NOT : Idling.LEFT_EARLY;
      client.nextLine();
      return false;
    }
    if (client.phase == Following.Phase.FIRST || client.word == 0 || client.tag == 0) {
      lost = true; // a command without a tag or a name
      return false;
    }
    long name = client.word;
    lost = changesOctets(name) || client.firstOctet == '+' || client.firstOctet == '*';
    leaving |= name == LOGOUT;
    open++;
    openTags += client.tag;
    if (name == IDLE) {
      lost |= idling != Idling.NOT;
      idling = Idling.ASKED;
      idleTag = client.tag;
    }
    return !lost;
  }

  /** Whether the octets behind that command may be of another kind. */
  private static boolean changesOctets(long name) {
    return name == COMPRESS || name == STARTTLS || name == AUTHENTICATE || name == UNAUTHENTICATE;
  }

  /** Whether the line of that response is text, which may look as if a literal followed. */
  private static boolean isText(long kind) {
    return kind == OK || kind == NO || kind == BAD || kind == BYE;
  }

  /** The end of a line of the store, or of the part of it in front of a literal. */
  private void storeLine() {
    if (!store.behindLiteral) {
      if (store.firstOctet == '+') {
        goAhead();
        store.nextLine();
        return;
      }
      if (store.firstOctet != '*') {
        tagged();
        store.nextLine();
        return;
      }
    }
    boolean text = !store.behindLiteral && isText(store.word);
    long literal = text ? Following.NONE : store.literal();
    if (literal == Following.NONE) {
      store.nextLine();
    } else if (literal == Following.UNCLEAR) {
      lost = true;
    } else {
      store.skip(literal);
    }
  }

  /** The store wants the rest of a command. */
  private void goAhead() {
    if (awaitsGoAhead) {
      awaitsGoAhead = false;
      client.skip(announced);
    } else if (idling == Idling.ASKED) {
      idling = Idling.ON;
    } else if (idling == Idling.LEFT_EARLY) {
      idling = Idling.NOT;
    } else {
      lost = true;
    }
  }

  /** A command ended. */
  private void tagged() {
    open--;
    openTags -= store.tag;
    lost |= open < 0 || (open == 0 && openTags != 0);
    if (awaitsGoAhead && store.tag == client.tag) {
      awaitsGoAhead = false; // its literal is not wanted
      client.nextLine();
    }
    if (idling != Idling.NOT && store.tag == idleTag) {
      lost |= idling == Idling.LEFT_EARLY; // DONE will be taken for a command
      idling = Idling.NOT;
    }
  }

  @Override
  public boolean safe() {
    return !lost
        && !awaitsGoAhead
        && client.betweenLines()
        && store.betweenLines()
        && (open == 0 || (open == 1 && idling == Idling.ON));
  }

  @Override
  public boolean clientMayBeLeaving() {
    return leaving || lost;
  }

  /** One direction: where in a line or a literal it stands. */
  private final class Following implements SafePoints.Direction {
    private static final int WORD_OCTETS = 8;

    /** No literal follows. */
    private static final long NONE = -1;

    /** Whether a literal follows, or how long it is, cannot be told. */
    private static final long UNCLEAR = -2;

    /** The longest end of a line that announces a literal: braces, 19 digits, +, CR. */
    private static final int LONGEST_END = 23;

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = ONES << 7;
    private static final long LINE_FEEDS = ONES * '\n';
    private static final long HASH_PRIME = 0x100000001b3L;
    private static final int MOST_DIGITS = 18;

    /** Which part of a line is read. */
    enum Phase {
      FIRST,
      SECOND,
      REST
    }

    /** How the line ends so far, seen as the announcement of a literal. */
    private enum End {
      OTHER,
      /** The line is longer than what was looked at, and that began with digits. */
      CUT,
      CUT_CLOSED,
      BRACE,
      DIGITS,
      PLUS,
      CLOSED,
      CLOSED_CR
    }

    private final boolean ofClient;
    private Phase phase = Phase.FIRST;
    private boolean started;
    private boolean lineEnd;
    private boolean behindLiteral;
    private int firstOctet;
    private long tag;
    private long first;
    private long word;
    private long literalLeft;
    private End end = End.OTHER;
    private boolean plus;
    private int digits;
    private long number;

    Following(boolean ofClient) {
      this.ofClient = ofClient;
    }

    @Override
    public void sent(ByteBuffer octets) {
      int at = octets.position();
      while (at < octets.limit() && !lost) {
        if (ofClient && awaitsGoAhead) {
          lost = true; // whether these are a literal or commands, only the store knows
          return;
        }
        at = reads(octets, at);
        if (lineEnd && ofClient) {
          clientLine();
        } else if (lineEnd) {
          storeLine();
        }
      }
    }

    @Override
    public long literalLeft() {
      return lost ? Long.MAX_VALUE : literalLeft;
    }

    @Override
    public void passed(long octets) {
      literalLeft = Math.max(0, literalLeft - octets);
    }

    /** Reads on, at most to the end of a line; where it stopped. */
    private int reads(ByteBuffer octets, int from) {
      lineEnd = false;
      int at = from;
      if (literalLeft > 0) {
        int taken = (int) Math.min(literalLeft, octets.limit() - at);
        literalLeft -= taken;
        return at + taken;
      }
      int rest = readWords(octets, at);
      int lineFeed = indexOfLineFeed(octets, rest);
      int stop = lineFeed < 0 ? octets.limit() : lineFeed;
      readEnd(octets, Math.max(rest, at), stop);
      lineEnd = lineFeed >= 0;
      return lineEnd ? lineFeed + 1 : stop;
    }

    /** Tag and name, or tag and kind of response; where they end. */
    private int readWords(ByteBuffer octets, int from) {
      int at = from;
      if (!started && at < octets.limit()) {
        started = true;
        firstOctet = octets.get(at);
      }
      while (phase != Phase.REST && at < octets.limit()) {
        int octet = octets.get(at);
        if (octet == '\n') {
          break;
        }
        at++;
        if (octet == ' ') {
          phase = phase == Phase.FIRST || word == 0 ? Phase.SECOND : Phase.REST;
        } else if (octet != '\r') {
          read(octet);
        }
      }
      return at;
    }

    private void read(int octet) {
      int capital = octet >= 'a' && octet <= 'z' ? octet - 'a' + 'A' : octet & 0xff;
      if (phase == Phase.FIRST) {
        tag = (tag ^ (octet & 0xff) ^ 0x100) * HASH_PRIME;
        first = packed(first, capital);
      } else {
        word = packed(word, capital);
      }
    }

    private static long packed(long before, int octet) {
      return before >>> ((WORD_OCTETS - 1) * 8) == 0 ? before << 8 | octet : before;
    }

    private static int indexOfLineFeed(ByteBuffer octets, int from) {
      int at = from;
      int limit = octets.limit();
      while (at + Long.BYTES <= limit) {
        long different = octets.getLong(at) ^ LINE_FEEDS;
        if (((different - ONES) & ~different & HIGH_BITS) != 0) {
          break;
        }
        at += Long.BYTES;
      }
      while (at < limit) {
        if (octets.get(at) == '\n') {
          return at;
        }
        at++;
      }
      return -1;
    }

    /** The last octets of a line, or of what there is of it, tell whether a literal follows. */
    private void readEnd(ByteBuffer octets, int from, int stop) {
      int at = from;
      if (stop - at > LONGEST_END) {
        at = stop - LONGEST_END;
        end = End.CUT;
      }
      for (; at < stop; at++) {
        int octet = octets.get(at);
        if (octet == '{') {
          end = End.BRACE;
          digits = 0;
          number = 0;
          plus = false;
        } else {
          end = endWith(octet);
        }
      }
    }

    private End endWith(int octet) {
      boolean digit = octet >= '0' && octet <= '9';
      return switch (end) {
        case CUT -> digit || octet == '+' ? End.CUT : octet == '}' ? End.CUT_CLOSED : End.OTHER;
        case BRACE, DIGITS -> {
          if (digit) {
            digits++;
            number = number * 10 + (octet - '0');
            yield End.DIGITS;
          }
          if (end == End.DIGITS && octet == '+') {
            plus = true;
            yield End.PLUS;
          }
          yield end == End.DIGITS && octet == '}' ? End.CLOSED : End.OTHER;
        }
        case PLUS -> octet == '}' ? End.CLOSED : End.OTHER;
        case CLOSED -> octet == '\r' ? End.CLOSED_CR : End.OTHER;
        case CUT_CLOSED -> octet == '\r' ? End.CUT_CLOSED : End.OTHER;
        default -> End.OTHER;
      };
    }

    /** At the end of a line: how many octets of a literal follow. */
    long literal() {
      return switch (end) {
        case CLOSED, CLOSED_CR -> digits > MOST_DIGITS ? UNCLEAR : number;
        case CUT_CLOSED -> UNCLEAR;
        case OTHER, CUT, BRACE, DIGITS, PLUS -> NONE;
      };
    }

    boolean nonSynchronizing() {
      return plus;
    }

    boolean betweenLines() {
      return !started && literalLeft == 0;
    }

    /** So many octets of a literal come now, and then the line goes on. */
    void skip(long octets) {
      nextPart();
      behindLiteral = true;
      literalLeft = octets;
    }

    void nextPart() {
      end = End.OTHER;
      phase = Phase.REST;
    }

    void nextLine() {
      end = End.OTHER;
      phase = Phase.FIRST;
      started = false;
      behindLiteral = false;
      tag = 0;
      first = 0;
      word = 0;
    }
  }
}
