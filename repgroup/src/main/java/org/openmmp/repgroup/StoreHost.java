package org.openmmp.repgroup;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A message store host, known by its configured name: two names on one machine are two hosts (rule
 * B2.14).
 *
 * @param name a host name or an address literal, in lower case, without the one trailing dot; an
 *     IPv6 address as RFC 5952 writes it
 */
public record StoreHost(String name) {
  /** The longest name in octets (RFC 1035 section 2.3.4). */
  private static final int LONGEST = 255;

  private static final Pattern HOST_NAME =
      Pattern.compile("[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*");
  private static final Pattern NUMERIC_END = Pattern.compile("(.*\\.)?([0-9]+|0x[0-9a-f]*)");

  /** Folds the name: case and one trailing dot do not count (rule B2.1). */
  public StoreHost {
    name = fold(name);
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a store host has a name");
    }
  }

  /**
   * Whether the text can be a bare host name (RFC 1123 section 2.1, underscores allowed) or an
   * address literal, without brackets, zone, port or user.
   */
  public static boolean isName(String text) {
    // A letter beyond ASCII may fold into ASCII and is no host's name for that.
    if (text.length() > LONGEST || text.chars().anyMatch(c -> c > '~')) {
      return false;
    }
    String folded = fold(text);
    return HOST_NAME.matcher(folded).matches() || IPV6.matcher(folded).matches();
  }

  /** Whether the name is an address, in any form that a resolver would take for one. */
  boolean isAddress() {
    return name.indexOf(':') >= 0 || NUMERIC_END.matcher(name).matches();
  }

  /**
   * The form in which names of hosts and groups are compared: lower case, without one trailing dot,
   * and of an IPv6 address the text of RFC 5952.
   */
  static String fold(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    String folded = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    return folded.length() <= LONGEST && IPV6.matcher(folded).matches() ? address(folded) : folded;
  }

  /** The one text of an IPv6 address; the same text if it is none. */
  private static String address(String text) {
    byte[] octets;
    try {
      octets = InetAddress.getByName(text).getAddress(); // with a colon in it nobody is asked
    } catch (UnknownHostException notAnAddress) {
      return text;
    }
    if (octets.length == 4) { // it was an IPv4-mapped one
      return IntStream.range(0, 4)
          .mapToObj(i -> Integer.toString(octets[i] & 0xff))
          .collect(Collectors.joining("."));
    }
    int[] parts =
        IntStream.range(0, 8)
            .map(i -> (octets[2 * i] & 0xff) << 8 | (octets[2 * i + 1] & 0xff))
            .toArray();
    int from = 0;
    int zeros = 0;
    for (int i = 0; i < parts.length; i++) {
      int end = i;
      while (end < parts.length && parts[end] == 0) {
        end++;
      }
      if (end - i > zeros) {
        from = i;
        zeros = end - i;
      }
    }
    // Section 4.2.2: a single zero is no run.
    return zeros < 2
        ? joined(parts, 0, parts.length)
        : joined(parts, 0, from) + "::" + joined(parts, from + zeros, parts.length);
  }

  private static String joined(int[] parts, int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> Integer.toHexString(parts[i]))
        .collect(Collectors.joining(":"));
  }

  @Override
  public String toString() {
    return name;
  }
}
