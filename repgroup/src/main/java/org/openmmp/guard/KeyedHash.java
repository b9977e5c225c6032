package org.openmmp.guard;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.openmmp.wire.Network;
import org.openmmp.wire.Secret;

/**
 * HMAC-SHA-256 (RFC 2104) under a key that only this process has: what is kept of names and
 * passwords tells nobody what they were, and has one size however long they are.
 */
final class KeyedHash {
  private static final String ALGORITHM = "HmacSHA256";

  private final Mac keyed;

  /** A copy for each thread, which is as new behind each hash. */
  private final ThreadLocal<Mac> copies = ThreadLocal.withInitial(this::copy);

  /** Takes at least 16 random octets. */
  KeyedHash(byte[] key) {
    if (key.length < 16) {
      throw new IllegalArgumentException("a key has at least 16 octets");
    }
    try {
      keyed = Mac.getInstance(ALGORITHM);
      keyed.init(new SecretKeySpec(key, ALGORITHM));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  /** Stands for one user; case does not count. */
  UserKey user(String name) {
    Mac mac = copies.get();
    mac.update(StandardCharsets.UTF_8.encode(name.toLowerCase(Locale.ROOT)));
    ByteBuffer hash = ByteBuffer.wrap(mac.doFinal());
    return new UserKey(hash.getLong(), hash.getLong());
  }

  /** Stands for one password of that user. */
  long print(UserKey user, Secret password) {
    byte[] octets = password.copy();
    try {
      Mac mac = copies.get();
      mac.update(ByteBuffer.allocate(16).putLong(user.first()).putLong(user.second()).flip());
      mac.update(octets);
      return ByteBuffer.wrap(mac.doFinal()).getLong();
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  /** Stands for one network of that user. */
  long place(UserKey user, Network network) {
    Mac mac = copies.get();
    mac.update(
        ByteBuffer.allocate(33)
            .putLong(user.first())
            .putLong(user.second())
            .putLong(network.high())
            .putLong(network.low())
            .put((byte) network.prefixLength())
            .flip());
    return ByteBuffer.wrap(mac.doFinal()).getLong();
  }

  private Mac copy() {
    try {
      return (Mac) keyed.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the platform's " + ALGORITHM + " can be copied", e);
    }
  }

  /** A user, as 128 bits of a hash. */
  record UserKey(long first, long second) {}

  /** A user at a network. */
  record Pair(UserKey user, Network network) {}
}
