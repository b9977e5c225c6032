package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Which passwords were right a moment ago: successes only, each as a hash under a random key that
 * lives as long as this process (rule B1.8).
 */
final class ProvenPasswords {
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;
  private final Cache<String, byte[]> hashes;
  private final boolean remembers;

  /**
   * Draws the key.
   *
   * @param size users at most
   * @param timeToLive of one success; zero: nothing is remembered
   */
  ProvenPasswords(int size, Duration timeToLive, Ticker ticker) {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    key = new SecretKeySpec(random, ALGORITHM);
    remembers = size > 0 && !timeToLive.isZero();
    hashes =
        Caffeine.newBuilder()
            .maximumSize(size)
            .expireAfterWrite(timeToLive)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  /** Whether this password was right for this user and entry. */
  boolean isProven(String login, String entryDn, byte[] password) {
    byte[] known = hashes.getIfPresent(login);
    return known != null && MessageDigest.isEqual(known, hash(entryDn, password));
  }

  /** Remembers a success. */
  void prove(String login, String entryDn, byte[] password) {
    if (remembers) {
      hashes.put(login, hash(entryDn, password));
    }
  }

  /** Drops one user. */
  void forget(String login) {
    hashes.invalidate(login);
  }

  /** Drops all users. */
  void forgetAll() {
    hashes.invalidateAll();
  }

  private byte[] hash(String entryDn, byte[] password) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(entryDn.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      return mac.doFinal(password);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }
}
