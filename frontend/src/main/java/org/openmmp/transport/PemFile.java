package org.openmmp.transport;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The blocks of a PEM file (RFC 7468), in order.
 *
 * @param file where they stand
 */
record PemFile(Path file, List<Block> blocks) {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

  /**
   * One block.
   *
   * @param label what stands behind BEGIN
   * @param text between the two lines, headers included
   */
  record Block(String label, String text) {
    /** Without the octets, which may be a key. */
    @Override
    public String toString() {
      return label;
    }
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read; the message names it
   */
  static PemFile read(Path file) throws IOException {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new IOException("cannot read " + file + ": " + e.getMessage(), e);
    }
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      blocks.add(new Block(matcher.group(1), matcher.group(2)));
    }
    return new PemFile(file, blocks);
  }

  /**
   * What a block's base64 stands for.
   *
   * @throws IOException if it is none; the message names the file
   */
  byte[] octets(Block block) throws IOException {
    try {
      return Base64.getDecoder().decode(block.text().replaceAll("\\s", ""));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " has a " + block.label() + " that is no base64", e);
    }
  }

  /**
   * All certificates.
   *
   * @throws IOException if there is none, or one is unsound; the message names the file
   */
  List<X509Certificate> certificates() throws IOException {
    List<X509Certificate> all = new ArrayList<>();
    for (Block block : blocks) {
      if (block.label().equals("CERTIFICATE")
          || block.label().equals("X509 CERTIFICATE")
          || block.label().equals("TRUSTED CERTIFICATE")) {
        try {
          all.add(
              (X509Certificate)
                  factory().generateCertificate(new ByteArrayInputStream(octets(block))));
        } catch (CertificateException e) {
          throw new IOException(file + " has an unsound certificate: " + e.getMessage(), e);
        }
      }
    }
    if (all.isEmpty()) {
      throw new IOException(file + " has no certificate");
    }
    return all;
  }

  /**
   * All lists of revoked certificates.
   *
   * @throws IOException if one is unsound; the message names the file
   */
  List<X509CRL> revocations() throws IOException {
    List<X509CRL> all = new ArrayList<>();
    for (Block block : blocks) {
      if (block.label().equals("X509 CRL")) {
        try {
          all.add((X509CRL) factory().generateCRL(new ByteArrayInputStream(octets(block))));
        } catch (CRLException e) {
          throw new IOException(
              file + " has an unsound list of revoked certificates: " + e.getMessage(), e);
        }
      }
    }
    return all;
  }

  private static CertificateFactory factory() {
    try {
      return CertificateFactory.getInstance("X.509");
    } catch (CertificateException e) {
      throw new IllegalStateException("every Java has X.509", e);
    }
  }
}
