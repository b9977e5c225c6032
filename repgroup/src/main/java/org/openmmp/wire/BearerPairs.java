package org.openmmp.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The {@code key=value} pairs, each ended by one 0x01 and the list by another, that OAUTHBEARER and
 * XOAUTH2 share (RFC 7628 section 3.1).
 */
final class BearerPairs {
  private static final byte SEPARATOR = 1;
  private static final byte[] AUTH = "auth=".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SCHEME = "bearer ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] USER = "user=".getBytes(StandardCharsets.US_ASCII);

  private BearerPairs() {}

  /** The token of the one {@code auth} pair, or null if the list or the pair is malformed. */
  static @Nullable Secret token(byte[] octets, int from) {
    if (octets.length - from < 2
        || octets[octets.length - 1] != SEPARATOR
        || octets[octets.length - 2] != SEPARATOR) {
      return null;
    }
    int start = -1;
    int stop = -1;
    for (int at = from; at < octets.length - 1; ) {
      int end = endOfPair(octets, at);
      if (!isPair(octets, at, end)) {
        return null;
      }
      if (startsWith(octets, at, end, AUTH)) {
        if (start >= 0 || !startsWith(octets, at + AUTH.length, end, SCHEME)) {
          return null;
        }
        start = at + AUTH.length + SCHEME.length;
        stop = end;
      }
      at = end + 1;
    }
    return start < 0 ? null : tokenBetween(octets, start, stop);
  }

  /** The value of the {@code user} pair that the list begins with, empty if there is none. */
  static @Nullable String leadingUser(byte[] octets) {
    int end = endOfPair(octets, 0);
    return startsWith(octets, 0, end, USER)
        ? LoginOctets.name(Arrays.copyOfRange(octets, USER.length, end))
        : "";
  }

  /** {@code head}, the {@code auth} pair and the end of the list, in base64. */
  static byte[] base64(String head, Secret token) {
    byte[] before = (head + "\u0001auth=Bearer ").getBytes(StandardCharsets.UTF_8);
    byte[] secret = token.copy();
    byte[] message = Arrays.copyOf(before, before.length + secret.length + 2);
    System.arraycopy(secret, 0, message, before.length, secret.length);
    Arrays.fill(secret, (byte) 0);
    message[message.length - 2] = SEPARATOR;
    message[message.length - 1] = SEPARATOR;
    return StrictBase64.encodeAndClear(message);
  }

  private static @Nullable Secret tokenBetween(byte[] octets, int start, int stop) {
    byte[] token = Arrays.copyOfRange(octets, start, stop);
    if (LoginOctets.isToken(token)) {
      return Secret.taking(token);
    }
    Arrays.fill(token, (byte) 0);
    return null;
  }

  private static int endOfPair(byte[] octets, int from) {
    int end = from;
    while (end < octets.length && octets[end] != SEPARATOR) {
      end++;
    }
    return end;
  }

  private static boolean isPair(byte[] octets, int from, int end) {
    for (int i = from; i < end; i++) {
      if (octets[i] == '=') {
        return i > from;
      }
    }
    return false;
  }

  /** Compares without case (RFC 7235 section 2.1 for the scheme). */
  private static boolean startsWith(byte[] octets, int from, int end, byte[] lowerCase) {
    if (end - from < lowerCase.length) {
      return false;
    }
    for (int i = 0; i < lowerCase.length; i++) {
      int octet = octets[from + i];
      if ((octet >= 'A' && octet <= 'Z' ? octet + 32 : octet) != lowerCase[i]) {
        return false;
      }
    }
    return true;
  }
}
