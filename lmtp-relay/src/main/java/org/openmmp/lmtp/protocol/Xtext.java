package org.openmmp.lmtp.protocol;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The encoding of parameter values (RFC 3461 section 4): {@code +} and two hexadecimal digits for
 * an octet that may not stand there itself.
 */
public final class Xtext {
  private static final String HEX = "0123456789ABCDEF";

  private Xtext() {}

  /**
   * What the text encodes, or null if it is no xtext. Characters beyond ASCII stand for themselves
   * (RFC 6533 section 3); digits may be of any case.
   */
  public static @Nullable String decode(String encoded) {
    StringBuilder decoded = new StringBuilder(encoded.length());
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c == '+') {
        boolean whole = i + 2 < encoded.length();
        int high = whole ? hexValue(encoded.charAt(i + 1)) : -1;
        int low = whole ? hexValue(encoded.charAt(i + 2)) : -1;
        if (high < 0 || low < 0) {
          return null;
        }
        decoded.append((char) (high << 4 | low));
        i += 2;
      } else if (c <= ' ' || c == '=' || c == 0x7f) {
        return null;
      } else {
        decoded.append(c);
      }
    }
    return decoded.toString();
  }

  /** The text as xtext; characters beyond ASCII stand for themselves. */
  public static String encode(String text) {
    StringBuilder encoded = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c == '+' || c == '=' || c == 0x7f) {
        encoded.append('+').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
      } else {
        encoded.append(c);
      }
    }
    return encoded.toString();
  }

  private static int hexValue(char c) {
    return HEX.indexOf(String.valueOf(c).toUpperCase(Locale.ROOT));
  }
}
