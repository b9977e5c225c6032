package org.openmmp.transport;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * By which authorities clients' certificates are verified, and which of them were revoked.
 *
 * <p>Once there is a list of revoked certificates, a certificate is taken only if a list of its
 * issuer that is not out of date says nothing against it; none is asked for over the network.
 */
record ClientTrust(List<X509Certificate> authorities, List<X509CRL> revocations) {

  /**
   * Reads both; lists may also stand beside the authorities.
   *
   * @throws IOException if one cannot be read or used; the message names it
   */
  static ClientTrust read(Path authorities, Optional<Path> revocations) throws IOException {
    PemFile trusted = PemFile.read(authorities);
    List<X509CRL> lists = new ArrayList<>(trusted.revocations());
    if (revocations.isPresent()) {
      List<X509CRL> own = PemFile.read(revocations.get()).revocations();
      if (own.isEmpty()) {
        throw new IOException(
            revocations.get() + " has no list of revoked certificates in PEM (X509 CRL)");
      }
      lists.addAll(own);
    }
    ClientTrust trust = new ClientTrust(trusted.certificates(), lists);
    for (X509CRL list : lists) {
      trust.seeSigned(list);
    }
    return trust;
  }

  private void seeSigned(X509CRL list) throws IOException {
    if (authorities.stream().noneMatch(authority -> signed(authority, list))) {
      throw new IOException(
          "a list of revoked certificates is by "
              + list.getIssuerX500Principal().getName()
              + ", and no authority of client-ca-file has signed it");
    }
  }

  private static boolean signed(X509Certificate authority, X509CRL list) {
    try {
      list.verify(authority.getPublicKey());
      return authority.getSubjectX500Principal().equals(list.getIssuerX500Principal());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /**
   * Until when the last list of each authority serves, by the authority's name; empty for one
   * without a list. Nothing at all if there is no list.
   */
  Map<String, Optional<Instant>> ends() {
    Map<String, Optional<Instant>> ends = new TreeMap<>();
    if (revocations.isEmpty()) {
      return ends;
    }
    for (X509Certificate authority : authorities) {
      ends.put(
          authority.getSubjectX500Principal().getName(),
          revocations.stream()
              .filter(list -> signed(authority, list))
              .map(ClientTrust::end)
              .max(Comparator.naturalOrder()));
    }
    return ends;
  }

  /** One that does not say until when serves for ever. */
  private static Instant end(X509CRL list) {
    return list.getNextUpdate() == null ? Instant.MAX : list.getNextUpdate().toInstant();
  }

  /** For a TLS library. */
  TrustManagerFactory factory() throws IOException {
    try {
      KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
      anchors.load(null, null);
      for (int i = 0; i < authorities.size(); i++) {
        anchors.setCertificateEntry("authority" + i, authorities.get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      if (revocations.isEmpty()) {
        factory.init(anchors);
        return factory;
      }
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(revocations)));
      PKIXRevocationChecker checker =
          (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
      checker.setOptions(
          EnumSet.of(
              PKIXRevocationChecker.Option.PREFER_CRLS,
              PKIXRevocationChecker.Option.NO_FALLBACK,
              PKIXRevocationChecker.Option.ONLY_END_ENTITY));
      parameters.addCertPathChecker(checker);
      factory.init(new CertPathTrustManagerParameters(parameters));
      return factory;
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot use client-ca-file: " + e.getMessage(), e);
    }
  }
}
