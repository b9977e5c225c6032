package org.openmmp.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.openmmp.directory.CertificateField;
import org.openmmp.directory.CertificateMapping;
import org.openmmp.wire.Secret;

/**
 * TLS towards clients: {@code openmmp.tls}.
 *
 * @param certificate the certificate for every name that {@code sni} does not name; empty: no TLS
 * @param sni further certificates, by the name the client asks for
 * @param clientCaFile PEM certificates that clients' certificates are verified with; there unless
 *     {@code clientAuth} is NONE
 * @param clientCrlFile PEM lists of revoked certificates; those that stand in {@code clientCaFile}
 *     count too
 * @param certificateMap whom a client's certificate stands for (SASL EXTERNAL): the first entry
 *     counts whose issuer it has, and all of whose fields; at least one entry
 * @param toClients versions and cipher suites with clients
 * @param toStores the same with stores
 */
public record ServerTlsConfig(
    Optional<Certificate> certificate,
    List<SniCertificate> sni,
    ClientAuth clientAuth,
    Optional<Path> clientCaFile,
    Optional<Path> clientCrlFile,
    List<CertificateMapping> certificateMap,
    Profile toClients,
    Profile toStores) {

  /** Copies the lists. */
  public ServerTlsConfig {
    sni = List.copyOf(sni);
    certificateMap = List.copyOf(certificateMap);
  }

  /** With one version for both sides, and the usual cipher suites. */
  public ServerTlsConfig(
      Optional<Certificate> certificate,
      List<SniCertificate> sni,
      ClientAuth clientAuth,
      Optional<Path> clientCaFile,
      Optional<Path> clientCrlFile,
      List<CertificateMapping> certificateMap,
      MinVersion minVersion) {
    this(
        certificate,
        sni,
        clientAuth,
        clientCaFile,
        clientCrlFile,
        certificateMap,
        new Profile(minVersion, List.of()),
        Profile.USUAL);
  }

  /**
   * What is spoken on one side.
   *
   * @param minVersion the oldest version
   * @param cipherSuites by their registered names, first the preferred; empty: those with forward
   *     secrecy and authenticated encryption
   */
  public record Profile(MinVersion minVersion, List<String> cipherSuites) {
    /** TLS 1.2 and later, with the usual cipher suites. */
    public static final Profile USUAL = new Profile(MinVersion.TLS_1_2, List.of());

    /** Copies the list. */
    public Profile {
      cipherSuites = List.copyOf(cipherSuites);
    }
  }

  /**
   * A certificate with its key.
   *
   * @param chain PEM file: the certificate, then its issuers
   * @param key PEM file: PKCS #8, PKCS #1 or SEC 1
   * @param keyPassword empty if the key is not encrypted
   */
  public record Certificate(Path chain, Path key, Secret keyPassword) {}

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

  /** The short names of those fields that may be a login name. */
  enum CertificateName {
    EMAIL(CertificateField.SAN_EMAIL),
    UPN(CertificateField.SAN_UPN),
    DNS(CertificateField.SAN_DNS),
    CN(CertificateField.SUBJECT_CN),
    UID(CertificateField.SUBJECT_UID),
    SUBJECT_EMAIL(CertificateField.SUBJECT_EMAIL);

    private final CertificateField field;

    CertificateName(CertificateField field) {
      this.field = field;
    }

    CertificateField field() {
      return field;
    }
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
