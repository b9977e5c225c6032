package org.openmmp.transport;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Which addresses a host may have that stands in no configuration and came by a referral (row R2):
 * none of this machine, of its link, or of a group of hosts.
 */
final class AddressPolicy {
  private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

  private AddressPolicy() {}

  /** Whether a stranger may have this address. */
  static boolean permits(InetAddress address) {
    byte[] octets = address.getAddress();
    if (address instanceof Inet6Address six && embedsIpv4(six)) {
      return permits(lastFour(octets));
    }
    return !address.isLoopbackAddress()
        && !address.isAnyLocalAddress()
        && !address.isLinkLocalAddress()
        && !address.isMulticastAddress()
        && !(octets.length == 4 && (octets[0] == 0 || octets[0] == (byte) 255));
  }

  /** IPv4-compatible (RFC 4291, 2.5.5.1) or behind the translation prefix (RFC 6052, 2.1). */
  private static boolean embedsIpv4(Inet6Address address) {
    byte[] octets = address.getAddress();
    boolean unspecifiedOrLoopback = address.isAnyLocalAddress() || address.isLoopbackAddress();
    return (address.isIPv4CompatibleAddress() && !unspecifiedOrLoopback)
        || Arrays.equals(octets, 0, NAT64.length, NAT64, 0, NAT64.length);
  }

  private static InetAddress lastFour(byte[] octets) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(octets, octets.length - 4, octets.length));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
