package org.openmmp.text;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The one grammar of an address and the one text of it. Reads IPv4 and IPv6 address literals (RFC
 * 4291 section 2.2) and never asks a name server, as {@link InetAddress#getByName} would.
 *
 * <p>IPv4 is four decimal numbers without leading zeros; a zone, a port or brackets make it no
 * literal. An IPv4-mapped IPv6 address becomes the IPv4 address.
 */
public final class AddressLiteral {
  /** The longest text form that an address has. */
  private static final int MAX_LENGTH = 45;

  private static final int IPV6_GROUPS = 8;
  private static final int IPV4_BITS = 32;
  private static final int IPV6_BITS = 128;

  /** Every IPv4-mapped address begins with as many bits (RFC 4291 section 2.5.5.2). */
  private static final int MAPPED_BITS = 96;

  private AddressLiteral() {}

  /** The address, or null if the text is none. */
  public static @Nullable InetAddress parse(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      return null;
    }
    byte[] octets = text.indexOf(':') < 0 ? ipv4(text) : ipv6(text);
    if (octets == null) {
      return null;
    }
    try {
      return InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 octets always make an address", e);
    }
  }

  /**
   * The one text of an address: dotted decimal, or the form of RFC 5952. It has no zone, which
   * means something on one machine only; an IPv4-mapped address is told as the IPv4 address.
   */
  public static String textOf(InetAddress address) {
    byte[] octets = address.getAddress();
    if (octets.length == 4) {
      return dotted(octets, 0);
    }
    return isMapped(octets) ? dotted(octets, 12) : ipv6Text(octets);
  }

  /** The address and its port, IPv6 in brackets; a name that was not resolved as it is. */
  public static String textOf(InetSocketAddress socket) {
    InetAddress address = socket.getAddress();
    return withPort(address == null ? socket.getHostString() : textOf(address), socket.getPort());
  }

  /** {@code host:port}, an IPv6 literal in brackets. */
  public static String withPort(String host, int port) {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }

  /** The one text of the address that the text is; the same text if it is none. */
  public static String canonical(String text) {
    InetAddress address = parse(text);
    return address == null ? text : textOf(address);
  }

  /**
   * Whether a resolver or a library might take the text for an address, though it may be none here:
   * it holds a colon, or its last label is a number, in hexadecimal too, as in {@code 010.0.0.1}
   * and {@code 0x7f.1}. No host name looks so.
   */
  public static boolean looksLikeOne(String text) {
    if (text.indexOf(':') >= 0) {
      return true;
    }
    int end = text.endsWith(".") ? text.length() - 1 : text.length();
    int start = text.lastIndexOf('.', end - 1) + 1;
    boolean hex =
        end - start >= 2 && text.charAt(start) == '0' && (text.charAt(start + 1) | 0x20) == 'x';
    int at = hex ? start + 2 : start;
    while (at < end && Character.digit(text.charAt(at), hex ? 16 : 10) >= 0) {
      at++;
    }
    return at == end && end > start;
  }

  /**
   * How many bits the addresses of a network share that is written {@code address/bits} or is one
   * address; of an IPv4-mapped address, how many of the IPv4 address.
   *
   * @return -1 if the text is no network
   */
  public static int prefixLength(String text) {
    int slash = text.indexOf('/');
    InetAddress address = parse(slash < 0 ? text : text.substring(0, slash));
    if (address == null) {
      return -1;
    }
    int width = address.getAddress().length == 4 ? IPV4_BITS : IPV6_BITS;
    if (slash < 0) {
      return width;
    }
    boolean mapped = width == IPV4_BITS && text.indexOf(':') >= 0;
    int bits = decimal(text, slash + 1, text.length()) - (mapped ? MAPPED_BITS : 0);
    return bits <= width ? Math.max(bits, -1) : -1;
  }

  private static boolean isMapped(byte[] octets) {
    for (int i = 0; i < 10; i++) {
      if (octets[i] != 0) {
        return false;
      }
    }
    return octets[10] == -1 && octets[11] == -1;
  }

  private static String dotted(byte[] octets, int from) {
    return (octets[from] & 0xff)
        + "."
        + (octets[from + 1] & 0xff)
        + "."
        + (octets[from + 2] & 0xff)
        + "."
        + (octets[from + 3] & 0xff);
  }

  private static String ipv6Text(byte[] octets) {
    int gap = IPV6_GROUPS;
    int zeros = 1; // section 4.2.2: a single zero is no gap
    for (int i = 0; i < IPV6_GROUPS; i++) {
      int end = i;
      while (end < IPV6_GROUPS && group(octets, end) == 0) {
        end++;
      }
      if (end - i > zeros) {
        gap = i;
        zeros = end - i;
      }
    }
    StringBuilder text = new StringBuilder(MAX_LENGTH);
    for (int i = 0; i < IPV6_GROUPS; i++) {
      if (i == gap) {
        text.append("::");
        i += zeros - 1;
      } else {
        boolean colon = i > 0 && text.charAt(text.length() - 1) != ':';
        text.append(colon ? ":" : "").append(Integer.toHexString(group(octets, i)));
      }
    }
    return text.toString();
  }

  private static int group(byte[] octets, int i) {
    return (octets[2 * i] & 0xff) << 8 | (octets[2 * i + 1] & 0xff);
  }

  private static byte @Nullable [] ipv4(String text) {
    int address = 0;
    int at = 0;
    for (int i = 0; i < 4; i++) {
      int end = i < 3 ? text.indexOf('.', at) : text.length();
      int value = end < 0 ? -1 : decimal(text, at, end);
      if (value < 0 || value > 255) {
        return null;
      }
      address = address << Byte.SIZE | value;
      at = end + 1;
    }
    return new byte[] {
      (byte) (address >>> 24), (byte) (address >>> 16), (byte) (address >>> 8), (byte) address
    };
  }

  /** A number of one to three digits without leading zeros; -1 if it is none. */
  private static int decimal(String text, int start, int end) {
    int length = end - start;
    if (length < 1 || length > 3 || (length > 1 && text.charAt(start) == '0')) {
      return -1;
    }
    int value = 0;
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value;
  }

  private static byte @Nullable [] ipv6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      byte[] all = groups(text, true);
      return all != null && all.length == 2 * IPV6_GROUPS ? all : null;
    }
    byte[] head = groups(text.substring(0, gap), false);
    byte[] tail = groups(text.substring(gap + 2), true);
    // "::" stands for one group of zeros at the least.
    if (head == null || tail == null || head.length + tail.length > 2 * (IPV6_GROUPS - 1)) {
      return null;
    }
    byte[] octets = new byte[2 * IPV6_GROUPS];
    System.arraycopy(head, 0, octets, 0, head.length);
    System.arraycopy(tail, 0, octets, octets.length - tail.length, tail.length);
    return octets;
  }

  /** Groups between single colons; the last may be an IPv4 address where {@code ipv4Last}. */
  private static byte @Nullable [] groups(String text, boolean ipv4Last) {
    if (text.isEmpty()) {
      return new byte[0];
    }
    String[] parts = text.split(":", -1);
    byte[] octets = new byte[2 * parts.length + 2];
    int length = 0;
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i];
      if (ipv4Last && i == parts.length - 1 && part.indexOf('.') >= 0) {
        byte[] embedded = ipv4(part);
        if (embedded == null) {
          return null;
        }
        System.arraycopy(embedded, 0, octets, length, 4);
        length += 4;
      } else {
        int value = hexGroup(part);
        if (value < 0) {
          return null;
        }
        octets[length++] = (byte) (value >> 8);
        octets[length++] = (byte) value;
      }
    }
    return Arrays.copyOf(octets, length);
  }

  private static int hexGroup(String part) {
    if (part.isEmpty() || part.length() > 4) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      int digit = c < 0x80 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | digit;
    }
    return value;
  }
}
