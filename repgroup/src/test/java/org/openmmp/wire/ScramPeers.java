package org.openmmp.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The arithmetic of both sides of one SCRAM exchange (RFC 5802 section 3). */
public final class ScramPeers {
  private static final int ITERATIONS = 4096;

  private final String hash;
  private final String header;
  private final String firstBare;
  private final String nonces;
  private final byte[] salt;

  /**
   * An exchange.
   *
   * @param hash {@code SHA-1} or {@code SHA-256}
   * @param header the GS2 header, such as {@code n,,}
   * @param user as it stands in the message
   */
  public ScramPeers(
      String hash, String header, String user, String nonce, String serverNonce, byte[] salt) {
    this.hash = hash;
    this.header = header;
    this.firstBare = "n=" + user + ",r=" + nonce;
    this.nonces = nonce + serverNonce;
    this.salt = salt.clone();
  }

  /** The client's first message. */
  public String clientFirst() {
    return header + firstBare;
  }

  /** The server's answer to it. */
  public String serverFirst() {
    return "r=" + nonces + ",s=" + base64(salt) + ",i=" + ITERATIONS;
  }

  /** The client's last message, which proves that password. */
  public String clientFinal(String password) {
    byte[] key = clientKey(password);
    byte[] proof = hmac(digest(key), authMessage());
    for (int i = 0; i < proof.length; i++) {
      proof[i] ^= key[i];
    }
    return withoutProof() + ",p=" + base64(proof);
  }

  /** The server's last message, by which it shows that it knew the password. */
  public String serverFinal(String password) {
    byte[] serverKey = hmac(salted(password), "Server Key");
    return "v=" + base64(hmac(serverKey, authMessage()));
  }

  private String withoutProof() {
    return "c=" + base64(header.getBytes(UTF_8)) + ",r=" + nonces;
  }

  private String authMessage() {
    return firstBare + "," + serverFirst() + "," + withoutProof();
  }

  private byte[] clientKey(String password) {
    return hmac(salted(password), "Client Key");
  }

  /** PBKDF2 with one block (RFC 5802 section 2.2). */
  private byte[] salted(String password) {
    byte[] key = password.getBytes(UTF_8);
    byte[] start = Arrays.copyOf(salt, salt.length + 4);
    start[start.length - 1] = 1;
    byte[] last = hmac(key, start);
    byte[] sum = last.clone();
    for (int i = 1; i < ITERATIONS; i++) {
      last = hmac(key, last);
      for (int at = 0; at < sum.length; at++) {
        sum[at] ^= last[at];
      }
    }
    return sum;
  }

  private byte[] hmac(byte[] key, String text) {
    return hmac(key, text.getBytes(UTF_8));
  }

  private byte[] hmac(byte[] key, byte[] octets) {
    try {
      String algorithm = "Hmac" + hash.replace("-", "");
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key, algorithm));
      return mac.doFinal(octets);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] digest(byte[] octets) {
    try {
      return MessageDigest.getInstance(hash).digest(octets);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base64(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }
}
