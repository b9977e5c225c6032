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

  /** The first octets of a kind, one character each. */
  private record Pattern(Kind kind, String octets) {}

  private static final List<Pattern> PATTERNS =
      List.of(
          new Pattern(Kind.PROXY_HEADER, "\r\n\r\n\0\r\nQUIT\n"),
          // "PROXY" alone may be the tag of an IMAP command.
          new Pattern(Kind.PROXY_HEADER, "PROXY TCP4 "),
          new Pattern(Kind.PROXY_HEADER, "PROXY TCP6 "),
          new Pattern(Kind.PROXY_HEADER, "PROXY UNKNOWN"),
          // A handshake record of any version that there ever was.
          new Pattern(Kind.TLS, "\u0016\u0003"));

  private Kind kind = Kind.UNDECIDED;
  private int possible = (1 << PATTERNS.size()) - 1;
  private int seen;

  /** Takes the next octet and says what is known now; what is decided stays. */
  public Kind next(byte octet) {
    if (kind != Kind.UNDECIDED) {
      return kind;
    }
    for (int i = 0; i < PATTERNS.size(); i++) {
      Pattern pattern = PATTERNS.get(i);
      if ((possible & 1 << i) == 0) {
        continue;
      }
      if (pattern.octets().charAt(seen) != (octet & 0xff)) {
        possible &= ~(1 << i);
      } else if (seen + 1 == pattern.octets().length()) {
        kind = pattern.kind();
      }
    }
    if (possible == 0) {
      kind = Kind.OTHER;
    }
    seen++;
    return kind;
  }
}
