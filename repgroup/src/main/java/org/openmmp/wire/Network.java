package org.openmmp.wire;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.openmmp.text.AddressLiteral;

/**
 * A range of addresses that share their first bits, as in {@code 192.0.2.0/24} (RFC 4632) or {@code
 * 2001:db8::/32}; one address is a network too.
 *
 * @param ipv6 which of the two kinds of address
 * @param high the first 64 bits; an IPv4 address stands in the uppermost 32
 * @param low the last 64 bits; 0 for IPv4
 * @param prefixLength how many bits are shared, 0..32 or 0..128; the bits behind them are 0
 */
public record Network(boolean ipv6, long high, long low, int prefixLength) {
  private static final int IPV4_BITS = 32;
  private static final int IPV6_BITS = 128;

  /** One subscriber has at least this much, so that one client cannot look like many. */
  private static final int IPV6_CLIENT_BITS = 64;

  private static final int IPV4_SITE_BITS = 24;
  private static final int IPV6_SITE_BITS = 56;

  /** Checks the length and that no bit is set behind it. */
  public Network {
    if (prefixLength < 0 || prefixLength > (ipv6 ? IPV6_BITS : IPV4_BITS)) {
      throw new IllegalArgumentException("a prefix length is 0.." + (ipv6 ? IPV6_BITS : IPV4_BITS));
    }
    if ((high & ~highMask(prefixLength)) != 0 || (low & ~lowMask(prefixLength)) != 0) {
      throw new IllegalArgumentException("bits are set behind the prefix");
    }
  }

  /**
   * Reads {@code address/length}, or one address; what the address has behind the prefix does not
   * count. An IPv4-mapped network becomes the IPv4 network.
   *
   * @throws IllegalArgumentException with a sentence that quotes the text and says what is accepted
   */
  public static Network parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address = AddressLiteral.parse(slash < 0 ? text : text.substring(0, slash));
    if (address == null) {
      throw refused(text, "an address or a network such as 192.0.2.0/24 or 2001:db8::/32");
    }
    Network whole = of(address);
    if (slash < 0) {
      return whole;
    }
    int length = AddressLiteral.prefixLength(text);
    if (length < 0) {
      throw refused(text, "a prefix length of 0..32 (IPv4) or 0..128 (IPv6) behind the slash");
    }
    return whole.shortenedTo(length);
  }

  /** The network of this one address; an IPv4-mapped address counts as IPv4. */
  public static Network of(InetAddress address) {
    byte[] octets = address.getAddress();
    if (octets.length == Integer.BYTES) {
      return new Network(false, number(octets, 0, Integer.BYTES) << 32, 0, IPV4_BITS);
    }
    long high = number(octets, 0, Long.BYTES);
    long low = number(octets, Long.BYTES, Long.BYTES);
    boolean mapped = high == 0 && low >>> Integer.SIZE == 0xffff;
    return mapped
        ? new Network(false, low << Integer.SIZE, 0, IPV4_BITS)
        : new Network(true, high, low, IPV6_BITS);
  }

  private static long number(byte[] octets, int from, int length) {
    long number = 0;
    for (int i = from; i < from + length; i++) {
      number = number << Byte.SIZE | Byte.toUnsignedInt(octets[i]);
    }
    return number;
  }

  /**
   * What counts as one client wherever clients are counted: an IPv4 address, or the /64 of an IPv6
   * address (rule B6.4).
   */
  public static Network ofClient(InetAddress address) {
    Network whole = of(address);
    return whole.ipv6 ? whole.shortenedTo(IPV6_CLIENT_BITS) : whole;
  }

  /**
   * What counts as one site where what clients do is shared out or told: the /24 of an IPv4
   * address, the /56 of an IPv6 address.
   */
  public static Network ofSite(InetAddress address) {
    Network whole = of(address);
    return whole.shortenedTo(whole.ipv6 ? IPV6_SITE_BITS : IPV4_SITE_BITS);
  }

  /** Whether the address is in this network. */
  public boolean contains(InetAddress address) {
    return contains(of(address));
  }

  /** Whether all of the other network is in this one. */
  boolean contains(Network other) {
    return other.ipv6 == ipv6
        && other.prefixLength >= prefixLength
        && (other.high & highMask(prefixLength)) == high
        && (other.low & lowMask(prefixLength)) == low;
  }

  /** As {@link #parse} reads it; one address has no slash. */
  @Override
  public String toString() {
    ByteBuffer octets = ByteBuffer.allocate(ipv6 ? 2 * Long.BYTES : Integer.BYTES);
    if (ipv6) {
      octets.putLong(high).putLong(low);
    } else {
      octets.putInt((int) (high >>> 32));
    }
    try {
      String address = AddressLiteral.textOf(InetAddress.getByAddress(octets.array()));
      return prefixLength == (ipv6 ? IPV6_BITS : IPV4_BITS)
          ? address
          : address + "/" + prefixLength;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 octets always make an address", e);
    }
  }

  /** The network of that prefix length which this one lies in; no longer than its own. */
  public Network shortenedTo(int length) {
    return new Network(ipv6, high & highMask(length), low & lowMask(length), length);
  }

  private static long highMask(int length) {
    return length == 0 ? 0 : -1L << (Long.SIZE - Math.min(length, Long.SIZE));
  }

  private static long lowMask(int length) {
    return length <= Long.SIZE ? 0 : -1L << (IPV6_BITS - length);
  }

  private static IllegalArgumentException refused(String text, String accepted) {
    return new IllegalArgumentException("\"" + text + "\" is no network: expected " + accepted);
  }
}
