package org.openmmp.text;

import java.util.Locale;
import java.util.Optional;

/**
 * The one grammar of a host name: letters, digits, hyphens and underscores in labels of 1 to 63
 * octets, 253 octets in all (RFC 1123 section 2.1, RFC 1035 section 2.3.4; underscores, because
 * sites have them). A name that a resolver might take for an address is none.
 */
public final class HostName {
  private static final int LONGEST = 253;
  private static final int LONGEST_LABEL = 63;

  private HostName() {}

  /** The form in which names are compared: lower case, without one trailing dot. */
  public static String fold(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.length() > 1 && lower.endsWith(".")
        ? lower.substring(0, lower.length() - 1)
        : lower;
  }

  /** The folded name or the one text of the address that the text is; nothing if it is neither. */
  public static Optional<String> orAddress(String text) {
    String folded = fold(text);
    return isOne(folded)
        ? Optional.of(folded)
        : Optional.ofNullable(AddressLiteral.parse(folded)).map(AddressLiteral::textOf);
  }

  /** Whether the text is a name, without a trailing dot, of any case. */
  public static boolean isOne(String text) {
    if (text.length() > LONGEST || AddressLiteral.looksLikeOne(text)) {
      return false;
    }
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || text.charAt(i) == '.') {
        boolean label = i > start && i - start <= LONGEST_LABEL;
        if (!label || text.charAt(start) == '-' || text.charAt(i - 1) == '-') {
          return false;
        }
        start = i + 1;
      } else if (!isPartOfLabel(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPartOfLabel(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }
}
