package org.openmmp.proxy.pop3;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.openmmp.wire.SafePoints;

/**
 * Follows a POP3 session after its login: commands and their answers, of one line or of many (rules
 * B9.1, B9.2).
 *
 * <p>From its first RETR or DELE on a session is left alone until it ends by itself: what the
 * client has taken or given up is settled by QUIT only. One that says what is not understood here
 * is followed no further either.
 */
final class Pop3SafePoints implements SafePoints {
  /** Commands under way at most that are followed; a bit of {@link #many} each. */
  private static final int MOST_OPEN = Long.SIZE - 1;

  private static final int LONGEST_NAME = 4;

  private static final byte[] NOTHING = new byte[0];
  private static final byte[] NOOP = "NOOP\r\n".getBytes(US_ASCII);

  /** The longest answer (RFC 2449, section 4). */
  private static final int LONGEST_ANSWER = 512;

  private int open;

  /**
   * Whether the answers that are awaited are of many lines; the first of them is the lowest bit.
   */
  private long many;

  /** Whether the one answer that is awaited is that to a NOOP of the client's. */
  private boolean clientNoop;

  private boolean asking;

  /** A refusal that answered our question; of no octets if there was none. */
  private byte[] refusal = NOTHING;

  private boolean leaving;

  /** Whether nothing was asked behind the client's QUIT. */
  private boolean quitLast;

  /** Whether it was answered with +OK. */
  private boolean granted;

  private boolean lost;
  private int name;
  private int nameOctets;
  private boolean nameEnded;
  private boolean argument;
  private boolean clientStarted;
  private int lineOctets;
  private int firstOctet;
  private boolean inLines;

  private final Direction client =
      new Direction() {
        @Override
        public void sent(ByteBuffer octets) {
          clientSent(octets);
        }

        @Override
        public long literalLeft() {
          return lost ? Long.MAX_VALUE : 0;
        }

        @Override
        public void passed(long octets) {}
      };

  private final Direction store =
      new Direction() {
        @Override
        public void sent(ByteBuffer octets) {
          storeSent(octets);
        }

        @Override
        public long literalLeft() {
          return lost ? Long.MAX_VALUE : 0;
        }

        @Override
        public void passed(long octets) {}
      };

  @Override
  public Direction client() {
    return client;
  }

  @Override
  public Direction store() {
    return store;
  }

  private void clientSent(ByteBuffer octets) {
    refusal = NOTHING;
    for (int at = octets.position(); at < octets.limit() && !lost; at++) {
      int octet = octets.get(at);
      if (octet == '\n') {
        command();
        clientStarted = false;
        name = 0;
        nameOctets = 0;
        nameEnded = false;
        argument = false;
      } else {
        clientStarted = true;
        readName(octet);
      }
    }
  }

  private void readName(int octet) {
    if (octet == ' ') {
      nameEnded = true;
    } else if (octet != '\r') {
      argument |= nameEnded;
      if (!nameEnded && ++nameOctets <= LONGEST_NAME) {
        name = name << 8 | Character.toUpperCase(octet & 0xff);
      }
    }
  }

  private void command() {
    String command = nameOctets > LONGEST_NAME ? "" : text(name);
    clientNoop = open == 0 && command.equals("NOOP");
    quitLast = command.equals("QUIT");
    granted = false;
    switch (command) {
      case "STAT", "NOOP", "RSET", "LAST", "UTF8" -> await(false);
      case "QUIT" -> {
        leaving = true;
        await(false);
      }
      case "LIST", "UIDL", "LANG" -> await(!argument);
      case "TOP", "CAPA" -> await(true);
      default -> lost = true;
    }
  }

  private static String text(int name) {
    StringBuilder text = new StringBuilder(LONGEST_NAME);
    for (int shift = (LONGEST_NAME - 1) * 8; shift >= 0; shift -= 8) {
      if (name >>> shift != 0) {
        text.append((char) (name >>> shift & 0xff));
      }
    }
    return text.toString();
  }

  private void await(boolean manyLines) {
    if (open == MOST_OPEN) {
      lost = true;
      return;
    }
    many |= (manyLines ? 1L : 0L) << open;
    open++;
  }

  private void storeSent(ByteBuffer octets) {
    for (int at = octets.position(); at < octets.limit() && !lost; at++) {
      int octet = octets.get(at);
      if (octet == '\n') {
        line();
        lineOctets = 0;
      } else if (octet != '\r' && lineOctets++ == 0) {
        firstOctet = octet;
      }
    }
  }

  private void line() {
    if (inLines) {
      if (lineOctets == 1 && firstOctet == '.') {
        inLines = false;
        answered();
      }
    } else if (open == 0 || lineOctets == 0 || (firstOctet != '+' && firstOctet != '-')) {
      lost = true; // nobody asked, or it is no answer
    } else if (firstOctet == '+' && (many & 1) != 0) {
      inLines = true;
    } else {
      answered();
    }
  }

  private void answered() {
    open--;
    many >>>= 1;
    granted = quitLast && open == 0 && firstOctet == '+';
  }

  @Override
  public boolean safe() {
    return !lost && open == (asking ? 1 : 0) && !clientStarted && lineOctets == 0;
  }

  @Override
  public byte[] ask() {
    if (!safe() || open > 0 || leaving) {
      return NOTHING;
    }
    await(false);
    asking = true;
    clientNoop = false;
    firstOctet = 0;
    refusal = NOTHING;
    return NOOP.clone();
  }

  @Override
  public boolean isAsking() {
    return asking;
  }

  @Override
  public boolean clientAsks() {
    return !lost && !asking && open == 1 && clientNoop;
  }

  /** The next line is the answer: in POP3 a store says nothing else. */
  @Override
  public ByteBuffer withoutAnswer(ByteBuffer octets) {
    while (asking && octets.hasRemaining()) {
      ByteBuffer octet = octets.slice(octets.position(), 1);
      octets.get();
      storeSent(octet);
      if (firstOctet != '+') {
        refusal = Arrays.copyOf(refusal, refusal.length + 1);
        refusal[refusal.length - 1] = octet.get(0);
      }
      lost |= refusal.length > LONGEST_ANSWER;
      asking = open > 0 && !lost;
    }
    if (lost && refusal.length > 0) { // it was none
      ByteBuffer all = ByteBuffer.allocate(refusal.length + octets.remaining());
      all.put(refusal).put(octets).flip();
      refusal = NOTHING;
      return all;
    }
    storeSent(octets);
    return octets;
  }

  /** A store that ends the session says so at any time, and NOOP has no such answer. */
  @Override
  public byte[] partingWords() {
    return refusal;
  }

  @Override
  public boolean clientMayBeLeaving() {
    return leaving || lost;
  }

  @Override
  public boolean tookLeave() {
    return granted && safe();
  }
}
