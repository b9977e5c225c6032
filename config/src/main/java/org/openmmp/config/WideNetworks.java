package org.openmmp.config;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Objects;
import org.openmmp.text.AddressLiteral;

/** Tells networks that are as wide as the world, where a list of them means somebody's own. */
final class WideNetworks {
  private static final int NARROW_IPV4 = 8;
  private static final int NARROW_IPV6 = 16;

  private WideNetworks() {}

  /**
   * Whether a network has more addresses than any owner of one: an IPv4 network wider than /8, an
   * IPv6 network wider than /16 that is not among the private, link-local and multicast ones.
   *
   * @param network in the form {@code address/bits}
   */
  static boolean isWide(String network) {
    int slash = network.indexOf('/');
    String text = network.substring(0, slash);
    int bits = Integer.parseInt(network.substring(slash + 1));
    InetAddress address = literal(text);
    if (address instanceof Inet4Address) {
      return bits < NARROW_IPV4;
    }
    int first = address.getAddress()[0] & 0xff;
    boolean ofNoStranger = first >= 0xfc && bits >= (first < 0xfe ? 7 : 8);
    return bits < NARROW_IPV6 && !ofNoStranger;
  }

  /** The address that a literal says; no name server is asked about one. */
  static InetAddress literal(String text) {
    return Objects.requireNonNull(AddressLiteral.parse(text), text + " is no address");
  }
}
