package org.openmmp.directory;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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
    String bare =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    if (bare.indexOf(':') < 0) {
      return parseIpv4(bare);
    }
    if (!bare.matches("[0-9A-Fa-f:.]{2,45}")) {
      return null;
    }
    try {
      // With a colon in it the JDK takes it for a literal and never for a name.
      return new ClientAddress(InetAddress.getByName(bare).getAddress());
    } catch (UnknownHostException e) {
      return null;
    }
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

  private static @Nullable ClientAddress parseIpv4(String text) {
    String[] numbers = text.split("\\.", -1);
    byte[] octets = new byte[4];
    if (numbers.length != 4) {
      return null;
    }
    for (int i = 0; i < 4; i++) {
      if (!numbers[i].matches("[0-9]{1,3}") || Integer.parseInt(numbers[i]) > 255) {
        return null;
      }
      octets[i] = (byte) Integer.parseInt(numbers[i]);
    }
    return new ClientAddress(octets);
  }
}
