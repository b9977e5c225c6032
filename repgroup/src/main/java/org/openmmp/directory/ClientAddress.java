package org.openmmp.directory;

import java.net.InetAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.AddressLiteral;

/** An address literal as octets; no name is ever resolved. */
public final class ClientAddress {
  private final byte[] octets;

  private ClientAddress(byte[] octets) {
    this.octets = octets;
  }

  /**
   * Reads a literal, IPv6 with or without brackets; null if it is none. An IPv4-mapped IPv6 address
   * (RFC 4291 section 2.5.5.2) is the IPv4 address.
   */
  static @Nullable ClientAddress parse(String text) {
    boolean bracketed = text.startsWith("[") && text.endsWith("]") && text.indexOf(':') >= 0;
    InetAddress address =
        AddressLiteral.parse(bracketed ? text.substring(1, text.length() - 1) : text);
    return address == null ? null : new ClientAddress(address.getAddress());
  }

  /** The network of an address, in a form to compare; the text itself if it is no address. */
  public static String networkOf(String text, int ipv4Prefix, int ipv6Prefix) {
    ClientAddress address = parse(text);
    if (address == null) {
      return text;
    }
    int prefix = address.bits() == 32 ? ipv4Prefix : ipv6Prefix;
    StringBuilder network = new StringBuilder();
    for (int i = 0; i < prefix / 8; i++) {
      network.append((char) (address.octets[i] & 0xff));
    }
    return network.toString();
  }

  /** 32 or 128. */
  int bits() {
    return octets.length * 8;
  }

  /** Whether both are in one network; addresses of the two families never are. */
  boolean inNetwork(ClientAddress network, int prefix) {
    if (octets.length != network.octets.length) {
      return false;
    }
    for (int bit = 0; bit < prefix; bit++) {
      int mask = 0x80 >> (bit % 8);
      if (((octets[bit / 8] ^ network.octets[bit / 8]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  /** The number of leading ones if the address is a network mask, else -1. */
  int prefixOfMask() {
    int ones = 0;
    while (ones < bits() && (octets[ones / 8] & (0x80 >> (ones % 8))) != 0) {
      ones++;
    }
    for (int bit = ones; bit < bits(); bit++) {
      if ((octets[bit / 8] & (0x80 >> (bit % 8))) != 0) {
        return -1;
      }
    }
    return ones;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ClientAddress address && Arrays.equals(octets, address.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }
}
