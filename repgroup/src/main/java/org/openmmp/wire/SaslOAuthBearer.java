package org.openmmp.wire;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The message of SASL OAUTHBEARER (RFC 7628 section 3.1): {@code n,a=user,}, then pairs with the
 * token among them.
 */
public final class SaslOAuthBearer {
  private SaslOAuthBearer() {}

  /**
   * Reads a decoded message. The authorization identity is the login name, for the token names its
   * user to the store only.
   *
   * @return null if it is malformed or asks for channel binding; with an empty name if it has none
   */
  public static @Nullable SaslMessage parse(byte[] octets) {
    int gs2End = endOfHeader(octets);
    // GS2 header (RFC 5801 section 4): no channel binding ("n", "y"), then a=authzid.
    if (gs2End < 2
        || (octets[0] != 'n' && octets[0] != 'y')
        || octets[1] != ','
        || octets[gs2End + 1] != 1
        || !(gs2End == 2 || (gs2End >= 4 && octets[2] == 'a' && octets[3] == '='))) {
      return null;
    }
    String encoded = LoginOctets.name(Arrays.copyOfRange(octets, Math.min(gs2End, 4), gs2End));
    String name = encoded == null ? null : unescape(encoded);
    if (name == null) {
      return null;
    }
    Secret token = BearerPairs.token(octets, gs2End + 2);
    return token == null ? null : new SaslMessage("", name, token);
  }

  /** The message in base64; the secret is read, not cleared, and the caller overwrites the text. */
  public static byte[] base64(String name, Secret token) {
    String saslName = name.replace("=", "=3D").replace(",", "=2C");
    return BearerPairs.base64("n,a=" + saslName + ",", token);
  }

  /** The position of the second comma if an octet follows it, else -1. */
  private static int endOfHeader(byte[] octets) {
    for (int i = 2; i < octets.length - 1; i++) {
      if (octets[i] == ',') {
        return i;
      }
    }
    return -1;
  }

  /** Undoes the saslname form of RFC 5801 section 4: only {@code =2C} and {@code =3D} are there. */
  private static @Nullable String unescape(String saslName) {
    if (saslName.indexOf('=') < 0) {
      return saslName;
    }
    StringBuilder name = new StringBuilder(saslName.length());
    for (int i = 0; i < saslName.length(); i++) {
      char c = saslName.charAt(i);
      if (c != '=') {
        name.append(c);
      } else if (saslName.startsWith("=2C", i)) {
        name.append(',');
        i += 2;
      } else if (saslName.startsWith("=3D", i)) {
        name.append('=');
        i += 2;
      } else {
        return null;
      }
    }
    return name.toString();
  }
}
