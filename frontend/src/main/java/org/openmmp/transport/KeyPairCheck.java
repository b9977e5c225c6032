package org.openmmp.transport;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells a private key that does not belong to its certificate: no TLS library does before the first
 * handshake, and then every client is turned away without a word in the log.
 */
final class KeyPairCheck {
  private static final Pattern PKCS8 =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
  private static final byte[] PROBE = "which key is this?".getBytes(StandardCharsets.US_ASCII);

  private KeyPairCheck() {}

  /**
   * Whether the two certainly do not belong together; what is encrypted or cannot be read is given
   * the benefit of the doubt, for the TLS library says what is wrong with it.
   */
  static boolean differ(Path chain, Path key) {
    try (InputStream certificates = Files.newInputStream(chain)) {
      Matcher pem = PKCS8.matcher(Files.readString(key, StandardCharsets.ISO_8859_1));
      if (!pem.find()) {
        return false;
      }
      byte[] encoded = Base64.getMimeDecoder().decode(pem.group(1));
      PublicKey open =
          CertificateFactory.getInstance("X.509").generateCertificate(certificates).getPublicKey();
      PrivateKey secret =
          KeyFactory.getInstance(open.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(encoded));
      return !verifies(open, secret);
    } catch (InvalidKeySpecException otherAlgorithm) {
      return true;
    } catch (GeneralSecurityException | IOException | IllegalArgumentException unreadable) {
      return false;
    }
  }

  private static boolean verifies(PublicKey open, PrivateKey secret)
      throws GeneralSecurityException {
    String algorithm =
        switch (open.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> open.getAlgorithm();
        };
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(secret);
    signature.update(PROBE);
    byte[] signed = signature.sign();
    signature.initVerify(open);
    signature.update(PROBE);
    return signature.verify(signed);
  }
}
