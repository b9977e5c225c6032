package org.openmmp.directory;

import java.util.Locale;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.SafeText;

/**
 * One client pattern of a {@link ServiceAccess} filter.
 *
 * @param wantsName whether it needs the client's host name
 * @param test takes the client's address, null if it has none, and its name in lower case, empty if
 *     unknown
 */
record ClientPattern(boolean wantsName, BiPredicate<@Nullable ClientAddress, String> test) {

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
    ClientAddress exact = ClientAddress.parse(text);
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
    ClientAddress network = ClientAddress.parse(text.substring(0, slash));
    String size = text.substring(slash + 1);
    ClientAddress mask = ClientAddress.parse(size);
    if (network == null) {
      throw unusable(text);
    }
    int prefix = -1;
    if (size.matches("[0-9]{1,3}")) {
      prefix = Integer.parseInt(size);
    } else if (mask != null && mask.bits() == network.bits()) {
      prefix = mask.prefixOfMask();
    }
    if (prefix < 0 || prefix > network.bits()) {
      throw unusable(text);
    }
    int bits = prefix;
    return new ClientPattern(
        false, (address, name) -> address != null && address.inNetwork(network, bits));
  }

  private static ClientPattern beginning(String text) throws UnusableValueException {
    int given = text.length() - text.replace(".", "").length();
    ClientAddress network = ClientAddress.parse(text + "0.0.0.0".substring(0, 7 - 2 * given));
    if (network == null) {
      throw unusable(text);
    }
    return new ClientPattern(
        false, (address, name) -> address != null && address.inNetwork(network, 8 * given));
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
