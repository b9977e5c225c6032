package org.openmmp.wire;

import java.util.List;

/**
 * Tells from the first octets of a connection what its peer speaks, as soon as they tell it; they
 * may come cut anywhere.
 */
public final class OpeningOctets {
  /** The protocol of a peer. */
  public enum Kind {
    /** Too few octets came so far. */
    UNDECIDED,
    /** A PROXY protocol header, of either version. */
    PROXY_HEADER,
    /** A TLS handshake (RFC 8446 section 5.1). */
    TLS,
    /** Anything else. */
    OTHER
  }

  /** Of a handshake record of any version that there ever was. */
  private static final String HANDSHAKE = "\u0016\u0003";

  /** What tells a kind, one character for an octet; those beside the handshake, a PROXY header. */
  private static final List<String> PATTERNS =
      List.of(
          "\r\n\r\n\0\r\nQUIT\n",
          // "PROXY" alone may be the tag of an IMAP command.
          "PROXY TCP4 ",
          "PROXY TCP6 ",
          "PROXY UNKNOWN",
          HANDSHAKE);

  private Kind kind = Kind.UNDECIDED;
  private int possible = (1 << PATTERNS.size()) - 1;
  private int seen;

  /** Takes the next octet and says what is known now; what is decided stays. */
  public Kind next(byte octet) {
    if (kind != Kind.UNDECIDED) {
      return kind;
    }
    for (int i = 0; i < PATTERNS.size(); i++) {
      String pattern = PATTERNS.get(i);
      if ((possible & 1 << i) == 0) {
        continue;
      }
      if (pattern.charAt(seen) != (octet & 0xff)) {
        possible &= ~(1 << i);
      } else if (seen + 1 == pattern.length()) {
        kind = pattern.equals(HANDSHAKE) ? Kind.TLS : Kind.PROXY_HEADER;
      }
    }
    if (possible == 0) {
      kind = Kind.OTHER;
    }
    seen++;
    return kind;
  }
}
