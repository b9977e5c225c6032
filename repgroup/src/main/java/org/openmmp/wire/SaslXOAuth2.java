package org.openmmp.wire;

import org.jspecify.annotations.Nullable;

/** The message of SASL XOAUTH2: a {@code user} pair, then the {@code auth} pair with the token. */
public final class SaslXOAuth2 {
  private SaslXOAuth2() {}

  /**
   * Reads a decoded message.
   *
   * @return null if it is malformed; with an empty name if it has none
   */
  public static @Nullable SaslMessage parse(byte[] octets) {
    String user = BearerPairs.leadingUser(octets);
    if (user == null) {
      return null;
    }
    Secret token = BearerPairs.token(octets, 0);
    return token == null ? null : new SaslMessage("", user, token);
  }

  /** The message in base64; the secret is read, not cleared, and the caller overwrites the text. */
  public static byte[] base64(String name, Secret token) {
    return BearerPairs.base64("user=" + name, token);
  }
}
