package org.openmmp.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.wire.Secret;

/**
 * A certificate with its private key, seen to belong together.
 *
 * <p>Keys are read in PKCS #8, encrypted or not, and in the older forms that certificate clients
 * write: PKCS #1 for RSA and SEC 1 for elliptic curves. RSA and EC keys serve; whatever else is
 * refused with the reason here, since a TLS library would do so at each handshake and in silence.
 *
 * @param chain the certificate, then its issuers
 */
record ServerKey(List<X509Certificate> chain, PrivateKey key) {
  private static final byte[] PROBE = "which key is this?".getBytes(StandardCharsets.US_ASCII);
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;
  private static final byte[] VERSION_0 = {2, 1, 0};
  private static final String INTO_PKCS8 =
      "; \"openssl pkcs8 -topk8\" turns it into a form that is";

  /**
   * Reads both.
   *
   * @throws IOException if one cannot be used, or they do not belong together; the message names
   *     the file and the reason
   */
  static ServerKey read(ServerTlsConfig.Certificate config) throws IOException {
    List<X509Certificate> chain = PemFile.read(config.chain()).certificates();
    PublicKey open = chain.get(0).getPublicKey();
    String algorithm = open.getAlgorithm();
    if (!algorithm.equals("RSA") && !algorithm.equals("EC")) {
      throw new IOException(
          config.chain()
              + " is for a key of the kind "
              + algorithm
              + "; RSA and EC keys can be used, and mail clients know no other");
    }
    PrivateKey key = key(PemFile.read(config.key()), open, config.keyPassword());
    if (!belongs(open, key)) {
      throw stranger(config.key(), config.chain());
    }
    return new ServerKey(chain, key);
  }

  private static IOException stranger(Path key, Path chain) {
    return new IOException("the key " + key + " does not belong to " + chain);
  }

  private static PrivateKey key(PemFile pem, PublicKey open, Secret password) throws IOException {
    for (PemFile.Block block : pem.blocks()) {
      switch (block.label()) {
        case "PRIVATE KEY" -> {
          return of(pem.file(), open, pem.octets(block));
        }
        case "ENCRYPTED PRIVATE KEY" -> {
          return of(pem.file(), open, decrypted(pem, block, password));
        }
        case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> {
          if (block.text().contains("Proc-Type")) {
            throw new IOException(
                "the key " + pem.file() + " is encrypted in a form that is not read" + INTO_PKCS8);
          }
          String kind = block.label().startsWith("RSA") ? "RSA" : "EC";
          if (!open.getAlgorithm().equals(kind)) {
            throw new IOException(
                "the key "
                    + pem.file()
                    + " is of the kind "
                    + kind
                    + ", and its certificate is for "
                    + open.getAlgorithm());
          }
          return of(pem.file(), open, asPkcs8(open, pem.octets(block)));
        }
        case "OPENSSH PRIVATE KEY", "DSA PRIVATE KEY" ->
            throw new IOException(
                "the key " + pem.file() + " is a " + block.label() + ", which is not for TLS here");
        default -> {
          continue; // parameters of a curve, certificates in the same file
        }
      }
    }
    throw new IOException(pem.file() + " has no private key in PEM");
  }

  private static PrivateKey of(Path file, PublicKey open, byte[] pkcs8) throws IOException {
    try {
      return KeyFactory.getInstance(open.getAlgorithm())
          .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (InvalidKeySpecException e) {
      throw new IOException(
          "the key "
              + file
              + " is none of the kind "
              + open.getAlgorithm()
              + ", for which its certificate is: it does not belong to it, or is unsound",
          e);
    } catch (GeneralSecurityException e) {
      throw new IOException("the key " + file + " cannot be used: " + e.getMessage(), e);
    } finally {
      Arrays.fill(pkcs8, (byte) 0);
    }
  }

  private static char[] chars(Secret password) {
    CharBuffer decoded = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(password.copy()));
    char[] chars = new char[decoded.remaining()];
    decoded.get(chars);
    return chars;
  }

  private static byte[] decrypted(PemFile pem, PemFile.Block block, Secret password)
      throws IOException {
    if (password.isEmpty()) {
      throw new IOException(
          "the key " + pem.file() + " is encrypted, and there is no key-password");
    }
    PBEKeySpec secret = new PBEKeySpec(chars(password));
    try {
      EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(pem.octets(block));
      AlgorithmParameters parameters = info.getAlgParameters();
      String algorithm =
          info.getAlgName().equals("PBES2") || info.getAlgName().equals("1.2.840.113549.1.5.13")
              ? parameters.toString()
              : info.getAlgName();
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(algorithm).generateSecret(secret),
          parameters);
      return info.getKeySpec(cipher).getEncoded();
    } catch (InvalidKeySpecException | InvalidKeyException e) {
      throw new IOException("the key-password is not that of the key " + pem.file(), e);
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "the key " + pem.file() + " is encrypted in a form that is not read" + INTO_PKCS8, e);
    } finally {
      secret.clearPassword();
    }
  }

  /** The older form within PKCS #8, with the algorithm and curve that the certificate tells. */
  private static byte[] asPkcs8(PublicKey open, byte[] older) {
    byte[] info = open.getEncoded();
    int algorithm = contentAt(info, 0);
    int end = contentAt(info, algorithm) + length(info, algorithm);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes(VERSION_0);
    content.write(info, algorithm, end - algorithm);
    content.writeBytes(element(OCTET_STRING, older));
    return element(SEQUENCE, content.toByteArray());
  }

  /** Where the content of the DER element at {@code at} begins. */
  private static int contentAt(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    return at + 2 + (first < 0x80 ? 0 : (first & 0x7f));
  }

  /** How long that content is. */
  private static int length(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = 0; i < (first & 0x7f); i++) {
      length = (length << 8) | (der[at + 2 + i] & 0xff);
    }
    return length;
  }

  private static byte[] element(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else {
      int octets = content.length > 0xffff ? 3 : content.length > 0xff ? 2 : 1;
      out.write(0x80 | octets);
      for (int i = octets - 1; i >= 0; i--) {
        out.write(content.length >> (8 * i));
      }
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static boolean belongs(PublicKey open, PrivateKey secret) {
    try {
      Signature signature =
          Signature.getInstance(
              open.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
      signature.initSign(secret);
      signature.update(PROBE);
      byte[] signed = signature.sign();
      signature.initVerify(open);
      signature.update(PROBE);
      return signature.verify(signed);
    } catch (GeneralSecurityException otherCurve) {
      return false;
    }
  }
}
