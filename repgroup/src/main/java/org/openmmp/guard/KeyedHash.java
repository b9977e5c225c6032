package org.openmmp.guard;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
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

  /** The octets of a number, the first of it first. */
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

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
    byte[] hash = copies.get().doFinal(name.toLowerCase(Locale.ROOT).getBytes(UTF_8));
    return new UserKey((long) LONG.get(hash, 0), (long) LONG.get(hash, Long.BYTES));
  }

  /** Stands for one password of that user. */
  long print(UserKey user, Secret password) {
    byte[] octets = password.copy();
    try {
      Mac mac = copies.get();
      mac.update(octetsOf(user, 0));
      return (long) LONG.get(mac.doFinal(octets), 0);
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  /** Stands for one network of that user. */
  long place(UserKey user, Network network) {
    byte[] octets = octetsOf(user, 2 * Long.BYTES + 1);
    LONG.set(octets, 2 * Long.BYTES, network.high());
    LONG.set(octets, 3 * Long.BYTES, network.low());
    octets[octets.length - 1] = (byte) network.prefixLength();
    return (long) LONG.get(copies.get().doFinal(octets), 0);
  }

  /** With room for so many more behind them. */
  private static byte[] octetsOf(UserKey user, int more) {
    byte[] octets = new byte[2 * Long.BYTES + more];
    LONG.set(octets, 0, user.first());
    LONG.set(octets, Long.BYTES, user.second());
    return octets;
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
