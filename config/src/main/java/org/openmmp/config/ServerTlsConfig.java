package org.openmmp.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * TLS towards clients: {@code openmmp.tls}.
 *
 * @param certificate the certificate for every name that {@code sni} does not name; empty: no TLS
 * @param sni further certificates, by the name the client asks for
 * @param clientCaFile PEM certificates that clients' certificates are verified with; there unless
 *     {@code clientAuth} is NONE
 * @param certificateName which field of a client's certificate is its login name (SASL EXTERNAL)
 */
public record ServerTlsConfig(
    Optional<Certificate> certificate,
    List<SniCertificate> sni,
    ClientAuth clientAuth,
    Optional<Path> clientCaFile,
    CertificateName certificateName,
    MinVersion minVersion) {

  /** Copies the list. */
  public ServerTlsConfig {
    sni = List.copyOf(sni);
  }

  /**
   * A certificate with its key.
   *
   * @param chain PEM file: the certificate, then its issuers
   * @param key PEM file, PKCS #8
   * @param keyPassword empty if the key is not encrypted
   */
  public record Certificate(Path chain, Path key, HiddenText keyPassword) {}

  /**
   * A certificate for some names.
   *
   * @param names in lower case, at least one; {@code *.} at the front stands for one label
   */
  public record SniCertificate(List<String> names, Certificate certificate) {
    /** Copies the list. */
    public SniCertificate {
      names = List.copyOf(names);
    }
  }

  /** Whether clients show a certificate. */
  public enum ClientAuth {
    /** They are not asked. */
    NONE,
    /** They are asked and may have none; a bad one is refused. */
    OPTIONAL,
    /** Without a good one there is no connection. */
    REQUIRED
  }

  /** A field of a client's certificate. */
  public enum CertificateName {
    /** The first rfc822Name of the subject's alternative names. */
    EMAIL,
    /** The subject's common name. */
    CN,
    /** The subject's user id. */
    UID
  }

  /** The oldest version spoken; older ones are not to be had. */
  public enum MinVersion {
    /** TLS 1.2 (RFC 5246). */
    TLS_1_2("TLSv1.2"),
    /** TLS 1.3 (RFC 8446). */
    TLS_1_3("TLSv1.3");

    private final String protocol;

    MinVersion(String protocol) {
      this.protocol = protocol;
    }

    /** The name that the Java TLS interfaces have for it. */
    public String protocol() {
      return protocol;
    }
  }
}
