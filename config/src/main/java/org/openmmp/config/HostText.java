package org.openmmp.config;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The grammar of host names, address literals and networks; asks no name server. */
final class HostText {
  private static final Pattern NAME =
      Pattern.compile(
          "(?=.{1,253}$)[\\p{Alnum}_]([\\p{Alnum}_-]*[\\p{Alnum}_])?"
              + "(\\.[\\p{Alnum}_]([\\p{Alnum}_-]*[\\p{Alnum}_])?)*");
  private static final Pattern LONG_LABEL = Pattern.compile("[^.]{64}");
  private static final Pattern LAST_LABEL_IS_NUMBER = Pattern.compile("(.*\\.)?\\d+");
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");
  private static final Pattern HEX_GROUP = Pattern.compile("\\p{XDigit}{1,4}");
  private static final int IPV6_GROUPS = 8;

  private HostText() {}

  /** The form in which names are compared: lower case, without one trailing dot. */
  static String fold(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.length() > 1 && lower.endsWith(".")
        ? lower.substring(0, lower.length() - 1)
        : lower;
  }

  /** The folded host, or nothing if the text is neither a host name nor an address literal. */
  static Optional<String> host(String text) {
    String folded = fold(text);
    return isAddress(folded) || isName(folded) ? Optional.of(folded) : Optional.empty();
  }

  private static boolean isName(String text) {
    return NAME.matcher(text).matches()
        && !LONG_LABEL.matcher(text).find()
        && !LAST_LABEL_IS_NUMBER.matcher(text).matches();
  }

  /** Whether the text is an IPv4 or IPv6 literal, without brackets and zone. */
  static boolean isAddress(String text) {
    return IPV4.matcher(text).matches() || isIpv6(text);
  }

  private static boolean isIpv6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      return groups(text) == IPV6_GROUPS;
    }
    String head = text.substring(0, gap);
    String tail = text.substring(gap + 2);
    int before = head.isEmpty() ? 0 : head.indexOf('.') >= 0 ? -1 : groups(head);
    int after = tail.isEmpty() ? 0 : groups(tail);
    return before >= 0 && after >= 0 && before + after < IPV6_GROUPS;
  }

  /** How many 16-bit groups the text is, an IPv4 literal at its end included; -1 if none. */
  private static int groups(String text) {
    String[] parts = text.split(":", -1);
    int count = 0;
    for (int i = 0; i < parts.length; i++) {
      if (i > 0 && i == parts.length - 1 && IPV4.matcher(parts[i]).matches()) {
        count += 2;
      } else if (i == 0 && parts.length == 1 && IPV4.matcher(parts[i]).matches()) {
        count += 2;
      } else if (HEX_GROUP.matcher(parts[i]).matches()) {
        count++;
      } else {
        return -1;
      }
    }
    return count;
  }

  /** Whether the text is {@code host:port}, {@code [address]:port} or likewise. */
  static boolean hasPort(String text) {
    return text.matches("\\[.*\\]:.*") || text.matches("[^:]*:[^:]*");
  }

  /** The network in the form {@code address/bits}, or nothing. */
  static Optional<String> network(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    if (!isAddress(address)) {
      return Optional.empty();
    }
    int width = address.indexOf(':') < 0 ? 32 : 128;
    String bits = slash < 0 ? String.valueOf(width) : text.substring(slash + 1);
    return bits.matches("0|[1-9]\\d{0,2}") && Integer.parseInt(bits) <= width
        ? Optional.of(address + "/" + bits)
        : Optional.empty();
  }
}
