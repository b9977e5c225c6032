package org.openmmp.storesim.session;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.openmmp.storesim.Accounts;
import org.openmmp.wire.Secret;

/**
 * What a client presents to log in.
 *
 * @param authcid whose password or token it is
 * @param user who is to be logged in
 * @param token whether the secret is a token
 */
public record LoginProof(String authcid, String user, Secret secret, boolean token) {
  /** The SASL mechanisms that are understood. */
  public static final List<String> MECHANISMS = List.of("PLAIN", "OAUTHBEARER", "XOAUTH2");

  private static final byte CONTROL_A = 1;

  /** A user's own password, as octets in ISO-8859-1; the name as well. */
  public static LoginProof password(String user, String password) {
    String name = new String(user.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    Secret secret = Secret.taking(password.getBytes(StandardCharsets.ISO_8859_1));
    return new LoginProof(name, name, secret, false);
  }

  /**
   * Decodes the client's only message in one of the mechanisms.
   *
   * @throws CommandSyntaxException if it is none
   */
  public static LoginProof decode(String mechanism, String base64) {
    byte[] message;
    try {
      message = base64.equals("=") ? new byte[0] : Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new CommandSyntaxException("Not base64");
    }
    return mechanism.equals("PLAIN") ? plain(message) : bearer(message);
  }

  /** Whether it is good for its user. */
  boolean isGoodAt(Accounts accounts) {
    if (token) {
      return accounts.acceptsToken(user, secret);
    }
    return user.equals(authcid)
        ? accounts.accepts(user, secret)
        : accounts.acceptsAdmin(authcid, secret, user);
  }

  /** RFC 4616 section 2. */
  private static LoginProof plain(byte[] message) {
    int first = indexOf(message, (byte) 0, 0);
    int second = indexOf(message, (byte) 0, first + 1);
    if (first < 0 || second < 0) {
      throw new CommandSyntaxException("Not a PLAIN message");
    }
    String authzid = text(message, 0, first);
    String authcid = text(message, first + 1, second);
    Secret password = Secret.taking(Arrays.copyOfRange(message, second + 1, message.length));
    return new LoginProof(authcid, authzid.isEmpty() ? authcid : authzid, password, false);
  }

  /** RFC 7628 section 3.1, and the older form with {@code user=}. */
  private static LoginProof bearer(byte[] message) {
    String user = "";
    Secret token = Secret.none();
    int start = 0;
    while (start < message.length) {
      int end = indexOf(message, CONTROL_A, start);
      end = end < 0 ? message.length : end;
      String pair = text(message, start, end);
      if (pair.startsWith("user=")) {
        user = pair.substring(5);
      } else if (pair.startsWith("n,a=")) {
        user = pair.substring(4, pair.indexOf(',', 4) < 0 ? pair.length() : pair.indexOf(',', 4));
      } else if (pair.startsWith("auth=Bearer ")) {
        token = Secret.taking(Arrays.copyOfRange(message, start + 12, end));
      }
      start = end + 1;
    }
    user = user.replace("=2C", ",").replace("=3D", "=");
    return new LoginProof(user, user, token, true);
  }

  private static int indexOf(byte[] message, byte wanted, int from) {
    for (int i = from; i < message.length && from >= 0; i++) {
      if (message[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static String text(byte[] message, int from, int to) {
    return new String(message, from, to - from, StandardCharsets.UTF_8);
  }
}
