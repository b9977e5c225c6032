package org.openmmp.transport;

import java.io.IOException;
import java.io.InputStream;
import java.net.IDN;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.HostName;

/**
 * Believes a store's certificate if an authority vouches for it and it carries the store's name
 * (RFC 9525): a DNS name or an address among its alternative names. The common name counts for
 * nothing. Names are compared here, for Java's own comparison refuses those with an underscore,
 * which stores have. Safe for any thread.
 */
public final class StoreCertificates extends X509ExtendedTrustManager {
  private static final Integer DNS_NAME = 2;
  private static final Integer ADDRESS = 7;

  /** Who renews in time has done it by then. */
  private static final Duration SOON = Duration.ofDays(14);

  private final X509ExtendedTrustManager chains;

  private StoreCertificates(X509ExtendedTrustManager chains) {
    this.chains = chains;
  }

  /**
   * Reads the authorities.
   *
   * @param caFile certificates in PEM; without it Java's own authorities are believed
   */
  static StoreCertificates of(Optional<Path> caFile) throws GeneralSecurityException, IOException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(caFile.isPresent() ? keyStoreOf(caFile.get()) : null);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager extended) {
        return new StoreCertificates(extended);
      }
    }
    throw new GeneralSecurityException("Java has no way to verify certificates");
  }

  /** Whether a certificate carries the name of a host, or its address if it is one. */
  public static boolean carries(X509Certificate certificate, String host) {
    InetAddress address = AddressLiteral.parse(host);
    String name = address == null ? ascii(host) : null;
    for (List<?> alternative : alternativeNames(certificate)) {
      if (alternative.get(1) instanceof String text
          && (address == null
              ? DNS_NAME.equals(alternative.get(0)) && name != null && matches(text, name)
              : ADDRESS.equals(alternative.get(0)) && address.equals(AddressLiteral.parse(text)))) {
        return true;
      }
    }
    return false;
  }

  /**
   * What certificates of one group's stores should have in common, in words: the organisation that
   * issued it (an authority signs by several of its certificates), the kind of its key, whether it
   * carries the name, and whether its term is near its end. Each host has a certificate of its own:
   * serial numbers, names and dates are not compared.
   *
   * @param name that it should carry
   */
  static List<String> inWords(X509Certificate shown, String name, Instant now) {
    return List.of(
        "issuer " + issuer(shown),
        "key " + kind(shown.getPublicKey()),
        carries(shown, name) ? "the name of the host" : "no name of the host",
        term(shown, now));
  }

  private static String issuer(X509Certificate shown) {
    X500Principal issuer = shown.getIssuerX500Principal();
    if (issuer.equals(shown.getSubjectX500Principal())) {
      return "itself";
    }
    try {
      for (Rdn part : new LdapName(issuer.getName()).getRdns()) {
        if (part.getType().equalsIgnoreCase("O")) {
          return String.valueOf(part.getValue());
        }
      }
    } catch (InvalidNameException unreadable) {
      return issuer.getName();
    }
    return issuer.getName();
  }

  private static String kind(PublicKey key) {
    if (key instanceof RSAKey rsa) {
      return "RSA of " + rsa.getModulus().bitLength() + " bits";
    }
    return key instanceof ECKey ec
        ? "EC of " + ec.getParams().getOrder().bitLength() + " bits"
        : key.getAlgorithm();
  }

  private static String term(X509Certificate shown, Instant now) {
    if (now.isBefore(shown.getNotBefore().toInstant())) {
      return "a term that has not begun";
    }
    Instant end = shown.getNotAfter().toInstant();
    if (!now.isBefore(end)) {
      return "a term that is over";
    }
    return now.plus(SOON).isBefore(end)
        ? "a term of more than " + SOON.toDays() + " days"
        : "a term of less than " + SOON.toDays() + " days";
  }

  /** RFC 9525 section 6.3: a wildcard is all of the first label, and stands for one label. */
  private static boolean matches(String pattern, String name) {
    String folded = HostName.fold(pattern);
    if (!folded.startsWith("*.")) {
      return folded.equals(name);
    }
    String behind = folded.substring(1);
    int dot = name.indexOf('.');
    return dot > 0 && behind.indexOf('.', 1) > 0 && name.substring(dot).equals(behind);
  }

  private static @Nullable String ascii(String host) {
    try {
      return HostName.fold(IDN.toASCII(host));
    } catch (IllegalArgumentException noName) {
      return null;
    }
  }

  private static Collection<List<?>> alternativeNames(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null ? List.of() : names;
    } catch (CertificateParsingException unreadable) {
      return List.of();
    }
  }

  private static KeyStore keyStoreOf(Path file) throws GeneralSecurityException, IOException {
    KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
    authorities.load(null, null);
    try (InputStream in = Files.newInputStream(file)) {
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        authorities.setCertificateEntry("authority" + authorities.size(), each);
      }
    }
    if (authorities.size() == 0) {
      throw new CertificateException("there is no certificate in it");
    }
    return authorities;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
      throws CertificateException {
    try {
      chains.checkServerTrusted(chain, type, engine);
      String host = engine == null ? null : engine.getPeerHost();
      if (host == null || !carries(chain[0], host)) {
        throw new CertificateException("no name matching " + host + " found");
      }
    } catch (CertificateException refusal) {
      throw TruthfulAlerts.told(refusal);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw new CertificateException("a store's name is known to its engine only");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("a store's name is known to its engine only");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("these are for stores");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw new CertificateException("these are for stores");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("these are for stores");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chains.getAcceptedIssuers();
  }
}
