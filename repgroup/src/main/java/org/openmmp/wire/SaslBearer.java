package org.openmmp.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The messages of the SASL mechanisms that carry a bearer token: OAUTHBEARER (RFC 7628 section
 * 3.1), {@code n,a=user,} and pairs behind it, and XOAUTH2, a {@code user} pair and the others.
 *
 * <p>Both have {@code key=value} pairs, each ended by one 0x01 and the list by another, with the
 * token in the {@code auth} pair.
 */
public final class SaslBearer {
  private static final byte SEPARATOR = 1;
  private static final byte[] AUTH = "auth=".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SCHEME = "bearer ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] USER = "user=".getBytes(StandardCharsets.US_ASCII);

  private SaslBearer() {}

  /**
   * Reads a decoded message of OAUTHBEARER. The authorization identity is the login name, for the
   * token names its user to the store only.
   *
   * @return null if it is malformed or asks for channel binding; with an empty name if it has none
   */
  public static @Nullable SaslMessage parseOAuthBearer(byte[] octets) {
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
    Secret token = token(octets, gs2End + 2);
    return token == null ? null : new SaslMessage("", name, token);
  }

  /**
   * Reads a decoded message of XOAUTH2.
   *
   * @return null if it is malformed; with an empty name if it has none
   */
  public static @Nullable SaslMessage parseXOAuth2(byte[] octets) {
    String user = leadingUser(octets);
    if (user == null) {
      return null;
    }
    Secret token = token(octets, 0);
    return token == null ? null : new SaslMessage("", user, token);
  }

  /**
   * The message of OAUTHBEARER in base64; the secret is read, not cleared, and the caller
   * overwrites the text.
   */
  public static byte[] oauthBearer(String name, Secret token) {
    String saslName = name.replace("=", "=3D").replace(",", "=2C");
    return base64("n,a=" + saslName + ",", token);
  }

  /** The message of XOAUTH2 in base64, likewise. */
  public static byte[] xoauth2(String name, Secret token) {
    return base64("user=" + name, token);
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

  /** The token of the one {@code auth} pair, or null if the list or the pair is malformed. */
  private static @Nullable Secret token(byte[] octets, int from) {
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
  private static @Nullable String leadingUser(byte[] octets) {
    int end = endOfPair(octets, 0);
    return startsWith(octets, 0, end, USER)
        ? LoginOctets.name(Arrays.copyOfRange(octets, USER.length, end))
        : "";
  }

  /** {@code head}, the {@code auth} pair and the end of the list, in base64. */
  private static byte[] base64(String head, Secret token) {
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
