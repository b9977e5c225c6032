package org.openmmp.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What login names, passwords and tokens may be made of, in any protocol.
 *
 * <p>A name becomes a search filter, a cache key, a log line and a command to a store; it is
 * therefore valid UTF-8 and free of control characters, or it is no name.
 */
public final class LoginOctets {
  /** No line has a longer one. That nobody's name is nearly as long is no matter of grammar. */
  public static final int MAX_NAME_OCTETS = 16_384;

  /** What stands for octets that are no UTF-8; it is three octets itself. */
  private static final char MALFORMED = '\uFFFD';

  private LoginOctets() {}

  /**
   * The name that the octets stand for, which may be empty; null if they are no UTF-8, hold a
   * control character (C0, DEL, C1) or are longer than {@link #MAX_NAME_OCTETS}.
   */
  public static @Nullable String name(byte[] octets) {
    if (octets.length > MAX_NAME_OCTETS) {
      return null;
    }
    String name = utf8(octets);
    return name == null || hasControls(name) ? null : name;
  }

  private static boolean hasControls(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (Character.isISOControl(name.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  /** The text that the octets stand for, or null if they are no UTF-8. */
  public static @Nullable String utf8(byte[] octets) {
    String text = new String(octets, StandardCharsets.UTF_8);
    if (text.length() == octets.length) { // each octet became one character
      return text.indexOf(MALFORMED) < 0 ? text : null;
    }
    return Arrays.equals(text.getBytes(StandardCharsets.UTF_8), octets) ? text : null;
  }

  /** Whether a password holds neither NUL nor CR nor LF; any other octet may stand in it. */
  public static boolean isPassword(byte[] octets) {
    for (byte octet : octets) {
      if (octet == 0 || octet == '\r' || octet == '\n') {
        return false;
      }
    }
    return true;
  }

  /** Whether a bearer token is not empty and holds visible ASCII only (RFC 6750 section 2.1). */
  public static boolean isToken(byte[] octets) {
    for (byte octet : octets) {
      if (octet <= ' ' || octet == 0x7f) {
        return false;
      }
    }
    return octets.length > 0;
  }
}
