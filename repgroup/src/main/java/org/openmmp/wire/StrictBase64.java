package org.openmmp.wire;

import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Base64 as RFC 4648 section 4 has it and nothing more: no white space, padding complete, unused
 * bits zero (section 3.5), so that every value has one form only.
 */
public final class StrictBase64 {
  private static final byte[] VALUES = new byte[128];

  static {
    Arrays.fill(VALUES, (byte) -1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < alphabet.length(); i++) {
      VALUES[alphabet.charAt(i)] = (byte) i;
    }
  }

  private StrictBase64() {}

  /** The octets that the text stands for, or null if it is no base64. No octets for no text. */
  public static byte @Nullable [] decode(byte[] text) {
    int length = text.length;
    if (length % 4 != 0) {
      return null;
    }
    int padding = 0;
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=') {
      padding++;
    }
    byte[] octets = new byte[length / 4 * 3 - padding];
    int bits = 0;
    int held = 0;
    int at = 0;
    for (int i = 0; i < length - padding; i++) {
      int value = text[i] < 0 ? -1 : VALUES[text[i]];
      if (value < 0) {
        Arrays.fill(octets, (byte) 0);
        return null;
      }
      held = held << 6 | value;
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        octets[at++] = (byte) (held >> bits);
        held &= (1 << bits) - 1;
      }
    }
    return held == 0 ? octets : null;
  }

  /** The text for the octets, in one line with padding. */
  public static byte[] encode(byte[] octets) {
    return Base64.getEncoder().encode(octets);
  }

  /** The text for the octets, which are overwritten: for what holds a secret. */
  static byte[] encodeAndClear(byte[] octets) {
    byte[] text = encode(octets);
    Arrays.fill(octets, (byte) 0);
    return text;
  }
}
