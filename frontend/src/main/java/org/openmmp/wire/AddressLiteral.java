package org.openmmp.wire;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads IPv4 and IPv6 address literals (RFC 4291 section 2.2) and never asks a name server, as
 * {@link InetAddress#getByName} would.
 *
 * <p>IPv4 is four decimal numbers without leading zeros; a zone, a port or brackets make it no
 * literal. An IPv4-mapped IPv6 address becomes the IPv4 address.
 */
public final class AddressLiteral {
  /** The longest text form that an address has. */
  private static final int MAX_LENGTH = 45;

  private static final int IPV6_GROUPS = 8;

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

  private static byte @Nullable [] ipv4(String text) {
    byte[] octets = new byte[4];
    int at = 0;
    for (int i = 0; i < 4; i++) {
      int end = i < 3 ? text.indexOf('.', at) : text.length();
      int value = end < 0 ? -1 : decimalOctet(text, at, end);
      if (value < 0) {
        return null;
      }
      octets[i] = (byte) value;
      at = end + 1;
    }
    return octets;
  }

  private static int decimalOctet(String text, int start, int end) {
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
    return value <= 255 ? value : -1;
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
