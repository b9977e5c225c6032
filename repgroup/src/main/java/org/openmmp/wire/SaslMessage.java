package org.openmmp.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one SASL message says: who logs in, as whom, and with what. PLAIN says just that.
 *
 * @param authzid authorization identity, empty if none was given
 * @param authcid authentication identity
 * @param secret password or token; the owner of the message clears it
 */
public record SaslMessage(String authzid, String authcid, Secret secret) {
  /**
   * Reads a decoded message of PLAIN (RFC 4616 section 2): {@code [authzid] NUL authcid NUL
   * passwd}.
   *
   * @return null if it is malformed or its parts are not what {@link LoginOctets} allows; the
   *     password may be empty
   */
  public static @Nullable SaslMessage parsePlain(byte[] octets) {
    int first = indexOfNul(octets, 0);
    int second = first < 0 ? -1 : indexOfNul(octets, first + 1);
    if (second < 0) {
      return null;
    }
    String authzid = LoginOctets.name(Arrays.copyOfRange(octets, 0, first));
    String authcid = LoginOctets.name(Arrays.copyOfRange(octets, first + 1, second));
    byte[] password = Arrays.copyOfRange(octets, second + 1, octets.length);
    if (authzid == null
        || authcid == null
        || authcid.isEmpty()
        || !LoginOctets.isPassword(password)) {
      Arrays.fill(password, (byte) 0);
      return null;
    }
    return new SaslMessage(authzid, authcid, Secret.taking(password));
  }

  /**
   * A message of PLAIN in base64; the secret is read, not cleared, and the caller overwrites the
   * text.
   */
  public static byte[] plain(String authzid, String authcid, Secret secret) {
    byte[] asWhom = authzid.getBytes(StandardCharsets.UTF_8);
    byte[] who = authcid.getBytes(StandardCharsets.UTF_8);
    byte[] password = secret.copy();
    byte[] message = new byte[asWhom.length + who.length + password.length + 2];
    System.arraycopy(asWhom, 0, message, 0, asWhom.length);
    System.arraycopy(who, 0, message, asWhom.length + 1, who.length);
    System.arraycopy(password, 0, message, asWhom.length + who.length + 2, password.length);
    Arrays.fill(password, (byte) 0);
    return StrictBase64.encodeAndClear(message);
  }

  private static int indexOfNul(byte[] octets, int from) {
    for (int i = from; i < octets.length; i++) {
      if (octets[i] == 0) {
        return i;
      }
    }
    return -1;
  }
}
