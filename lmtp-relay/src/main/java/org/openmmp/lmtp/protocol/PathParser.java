package org.openmmp.lmtp.protocol;

import org.jspecify.annotations.Nullable;
import org.openmmp.text.AddressLiteral;

/**
 * Reads the path of MAIL and RCPT (RFC 5321 section 4.1.2).
 *
 * <p>A source route is read and dropped (section 4.1.1.3 and appendix C). Beyond the grammar, as
 * MTAs do: a path without brackets, dots anywhere in a local part, an underscore in a domain and a
 * dot behind it, no domain at all. What stands in brackets and is nothing of that is only carried:
 * it is safe within a line and not too long, and whoever delivers may judge it (rule B5.12).
 */
final class PathParser {
  private static final String ATEXT_SPECIALS = "!#$%&'*+-/=?^_`{|}~";
  private static final String IPV6_TAG = "IPv6:";
  private static final int MAX_LABEL_OCTETS = 63;

  private final String text;
  private int at;

  /** A parser at the beginning of that text. */
  PathParser(String text) {
    this.text = text;
  }

  /** The address, or null if there is none; {@link #rest} is what stands behind it. */
  @Nullable EnvelopeAddress path() {
    int start = at;
    EnvelopeAddress address = grammatical();
    if (address == null || (at < text.length() && text.charAt(at) != ' ')) {
      at = start;
      address = carried();
    }
    return address;
  }

  /** A text that is one path by the grammar and nothing else; null if it is not. */
  static @Nullable EnvelopeAddress whole(String path) {
    PathParser parser = new PathParser(path);
    EnvelopeAddress address = parser.grammatical();
    return parser.rest().isEmpty() ? address : null;
  }

  /** The address by the grammar, or null. */
  private @Nullable EnvelopeAddress grammatical() {
    if (!take('<')) {
      return address();
    }
    if (take('>')) {
      return EnvelopeAddress.NULL;
    }
    EnvelopeAddress address = sourceRoute() ? address() : null;
    return address != null && take('>') ? address : null;
  }

  /** Whatever stands in brackets and harms no line. */
  private @Nullable EnvelopeAddress carried() {
    int close = take('<') ? closingBracket(at) : -1;
    if (close < 0) {
      return null;
    }
    String inner = text.substring(at, close);
    if (octets(inner) > EnvelopeAddress.MAX_PATH_OCTETS
        || !inner.chars().allMatch(c -> c == ' ' || isVisible((char) c))) {
      return null;
    }
    at = close + 1;
    int sign = inner.lastIndexOf('@');
    return new EnvelopeAddress(
        inner,
        sign < 0 ? inner : inner.substring(0, sign),
        sign < 0 ? "" : inner.substring(sign + 1));
  }

  /** Where the path ends; a quotation that does not end is none. No bracket opens within. */
  private int closingBracket(int from) {
    boolean quoted = false;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && c == '>') {
        return i;
      } else if (!quoted && c == '<') {
        return -1;
      }
    }
    int first = text.indexOf('>', from);
    return quoted && text.lastIndexOf('<', first) < from ? first : -1;
  }

  /** What was not read. */
  String rest() {
    return text.substring(at);
  }

  /** Reads over {@code @a,@b:}; whether that is well formed, or not there. */
  private boolean sourceRoute() {
    if (at == text.length() || text.charAt(at) != '@') {
      return true;
    }
    do {
      if (!take('@') || domain() == null) {
        return false;
      }
    } while (take(','));
    return take(':');
  }

  private @Nullable EnvelopeAddress address() {
    int start = at;
    String localPart = at < text.length() && text.charAt(at) == '"' ? quoted() : dotted();
    if (localPart == null || octets(localPart) > EnvelopeAddress.MAX_LOCAL_PART_OCTETS) {
      return null;
    }
    String domain = take('@') ? domain() : "";
    return domain == null
        ? null
        : new EnvelopeAddress(text.substring(start, at), localPart, domain);
  }

  /** Section 4.1.2: Dot-string. */
  private @Nullable String dotted() {
    int start = at;
    while (at < text.length() && (isAtext(text.charAt(at)) || text.charAt(at) == '.')) {
      at++;
    }
    return at == start ? null : text.substring(start, at);
  }

  /** Section 4.1.2: Quoted-string, without its quotes and backslashes. */
  private @Nullable String quoted() {
    StringBuilder content = new StringBuilder();
    for (int i = at + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        at = i + 1;
        return content.isEmpty() ? null : content.toString();
      }
      if (c == '\\' && ++i < text.length()) {
        c = text.charAt(i);
      }
      if (i == text.length() || (!isVisible(c) && c != ' ')) {
        return null;
      }
      content.append(c);
    }
    return null;
  }

  private @Nullable String domain() {
    if (at < text.length() && text.charAt(at) == '[') {
      return literal();
    }
    int start = at;
    while (at < text.length() && isDomainChar(text.charAt(at))) {
      at++;
    }
    String domain = text.substring(start, at);
    return isDomain(domain) ? domain : null;
  }

  private static boolean isDomain(String text) {
    String domain = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    int end = -1;
    while (end < domain.length()) {
      int begin = end + 1;
      int dot = domain.indexOf('.', begin);
      end = dot < 0 ? domain.length() : dot;
      if (begin == end || octets(domain, begin, end) > MAX_LABEL_OCTETS) {
        return false;
      }
    }
    return octets(text) <= EnvelopeAddress.MAX_DOMAIN_OCTETS;
  }

  /** Section 4.1.3; no tag but IPv6 was ever registered. */
  private @Nullable String literal() {
    int close = text.indexOf(']', at);
    if (close < 0) {
      return null;
    }
    String inner = text.substring(at + 1, close);
    boolean ipv6 = inner.regionMatches(true, 0, IPV6_TAG, 0, IPV6_TAG.length());
    String address = ipv6 ? inner.substring(IPV6_TAG.length()) : inner;
    if (ipv6 != address.indexOf(':') >= 0 || AddressLiteral.parse(address) == null) {
      return null;
    }
    String literal = text.substring(at, close + 1);
    at = close + 1;
    return literal;
  }

  private boolean take(char c) {
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private static boolean isAtext(char c) {
    return isLetterOrDigit(c) || ATEXT_SPECIALS.indexOf(c) >= 0 || isBeyondAscii(c);
  }

  private static boolean isDomainChar(char c) {
    return isLetterOrDigit(c) || c == '-' || c == '.' || c == '_' || isBeyondAscii(c);
  }

  private static boolean isVisible(char c) {
    return (c > ' ' && c < 0x7f) || isBeyondAscii(c);
  }

  /** UTF8-non-ascii, without controls, line separators, and what was no UTF-8. */
  private static boolean isBeyondAscii(char c) {
    return c >= 0xa0 && c != 0x2028 && c != 0x2029 && c != 0xFFFD;
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  private static int octets(String text) {
    return octets(text, 0, text.length());
  }

  /** In UTF-8, each half of a pair of surrogates counted as two. */
  private static int octets(String text, int from, int to) {
    int octets = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      octets += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return octets;
  }
}
