package org.openmmp.shared;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.openmmp.wire.Secret;

/**
 * Seals what is shared with the site's key (AES-256 in GCM), so that the engine and who else
 * reaches it reads none of it, changes none of it, and moves none of it to another place. On any
 * thread.
 */
public final class Seal {
  private static final byte FORM = 1;
  private static final int NONCE_OCTETS = 12;
  private static final int TAG_OCTETS = 16;
  private static final String MAC = "HmacSHA256";

  private final SecretKey key;
  private final byte[] site;
  private final SecureRandom random = new SecureRandom();

  /**
   * A seal.
   *
   * @param secret the same on every front end of the site
   * @param site what is sealed for one site opens for none other
   */
  Seal(Secret secret, String site) {
    key = new SecretKeySpec(derived(secret, "openmmp shared seal"), "AES");
    this.site = site.getBytes(StandardCharsets.UTF_8);
  }

  /** Another key of 32 octets that the same secret and purpose always give. */
  public static byte[] derived(Secret secret, String purpose) {
    byte[] octets = secret.copy();
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(octets, MAC));
      return mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + MAC, e);
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  /**
   * Seals it.
   *
   * @param place where it is to stand: it opens nowhere else
   */
  byte[] close(String place, byte[] plain) {
    byte[] nonce = new byte[NONCE_OCTETS];
    random.nextBytes(nonce);
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, place).doFinal(plain);
      return ByteBuffer.allocate(1 + NONCE_OCTETS + sealed.length)
          .put(FORM)
          .put(nonce)
          .put(sealed)
          .array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has AES in GCM", e);
    }
  }

  /** Opens what was sealed for that place; empty if it is anything else. */
  Optional<byte[]> open(String place, byte[] sealed) {
    if (sealed.length < 1 + NONCE_OCTETS + TAG_OCTETS || sealed[0] != FORM) {
      return Optional.empty();
    }
    byte[] nonce = Arrays.copyOfRange(sealed, 1, 1 + NONCE_OCTETS);
    try {
      return Optional.of(
          cipher(Cipher.DECRYPT_MODE, nonce, place)
              .doFinal(sealed, 1 + NONCE_OCTETS, sealed.length - 1 - NONCE_OCTETS));
    } catch (GeneralSecurityException forged) {
      return Optional.empty();
    }
  }

  private Cipher cipher(int mode, byte[] nonce, String place) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_OCTETS * Byte.SIZE, nonce));
    cipher.updateAAD(site);
    cipher.updateAAD(new byte[1]);
    cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
