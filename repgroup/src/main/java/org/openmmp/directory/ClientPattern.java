package org.openmmp.directory;

import java.net.InetAddress;
import java.util.Locale;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.SafeText;
import org.openmmp.wire.Network;

/**
 * One client pattern of a {@link ServiceAccess} filter.
 *
 * @param wantsName whether it needs the client's host name
 * @param test takes the client's address, null if it has none, and its name in lower case, empty if
 *     unknown
 */
record ClientPattern(boolean wantsName, BiPredicate<@Nullable InetAddress, String> test) {

  /**
   * Reads one pattern: {@code ALL} or {@code *}; {@code KNOWN}, {@code UNKNOWN}, {@code LOCAL}; an
   * address; {@code network/mask} or {@code network/bits}; the beginning of an IPv4 address with
   * its last dot; the end of a host name with its first dot; a host name.
   *
   * @throws UnusableValueException if it is none of these
   */
  static ClientPattern parse(String text) throws UnusableValueException {
    return switch (text.toUpperCase(Locale.ROOT)) {
      case "ALL", "*" -> new ClientPattern(false, (address, name) -> true);
      case "KNOWN" -> new ClientPattern(true, (address, name) -> !name.isEmpty());
      case "UNKNOWN" -> new ClientPattern(true, (address, name) -> name.isEmpty());
      case "LOCAL" -> new ClientPattern(true, (address, name) -> isLocal(name));
      // Only a name that was verified is ever known here, so this cannot be told from UNKNOWN.
      case "DNSSPOOFER" -> throw unusable(text);
      default -> addressOrName(text);
    };
  }

  private static ClientPattern addressOrName(String text) throws UnusableValueException {
    if (text.indexOf('/') >= 0) {
      return network(text);
    }
    InetAddress exact = address(text);
    if (exact != null) {
      return new ClientPattern(false, (address, name) -> exact.equals(address));
    }
    return text.matches("([0-9]{1,3}\\.){1,3}") ? beginning(text) : name(text);
  }

  private static boolean isLocal(String name) {
    return !name.isEmpty() && name.indexOf('.') < 0;
  }

  private static ClientPattern network(String text) throws UnusableValueException {
    int slash = text.lastIndexOf('/');
    String size = text.substring(slash + 1);
    InetAddress network = address(text.substring(0, slash));
    boolean counted = size.matches("[0-9]{1,3}");
    return within(
        text, network, counted ? Integer.parseInt(size) : prefixOf(address(size), network));
  }

  /** The number of leading ones if the first is a mask for such a network as the other, else -1. */
  private static int prefixOf(@Nullable InetAddress mask, @Nullable InetAddress network) {
    if (mask == null || network == null || mask.getClass() != network.getClass()) {
      return -1;
    }
    byte[] octets = mask.getAddress();
    int ones = 0;
    while (ones < 8 * octets.length && (octets[ones / 8] & 0x80 >> ones % 8) != 0) {
      ones++;
    }
    for (int bit = ones; bit < 8 * octets.length; bit++) {
      if ((octets[bit / 8] & 0x80 >> bit % 8) != 0) {
        return -1;
      }
    }
    return ones;
  }

  private static ClientPattern beginning(String text) throws UnusableValueException {
    int given = text.length() - text.replace(".", "").length();
    return within(text, address(text + "0.0.0.0".substring(0, 7 - 2 * given)), 8 * given);
  }

  private static ClientPattern within(String text, @Nullable InetAddress begin, int bits)
      throws UnusableValueException {
    if (begin == null || bits < 0 || bits > 8 * begin.getAddress().length) {
      throw unusable(text);
    }
    Network network = Network.of(begin).shortenedTo(bits);
    return new ClientPattern(
        false, (address, name) -> address != null && network.contains(address));
  }

  /** An address literal, IPv6 with or without brackets; null if it is none. */
  static @Nullable InetAddress address(String text) {
    boolean bracketed = text.startsWith("[") && text.endsWith("]") && text.indexOf(':') >= 0;
    return AddressLiteral.parse(bracketed ? text.substring(1, text.length() - 1) : text);
  }

  private static ClientPattern name(String text) throws UnusableValueException {
    String folded = text.toLowerCase(Locale.ROOT);
    if (!folded.matches("\\.?[\\p{L}\\p{N}_-]+(\\.[\\p{L}\\p{N}_-]+)*")) {
      throw unusable(text);
    }
    return folded.startsWith(".")
        ? new ClientPattern(true, (address, name) -> name.endsWith(folded))
        : new ClientPattern(true, (address, name) -> name.equals(folded));
  }

  private static UnusableValueException unusable(String text) {
    return new UnusableValueException("no client pattern: " + SafeText.of(text));
  }
}
