package org.openmmp.directory.ldap;

import com.unboundid.asn1.ASN1OctetString;
import com.unboundid.asn1.ASN1Sequence;
import com.unboundid.ldap.sdk.DN;
import com.unboundid.util.OID;
import com.unboundid.util.ObjectPair;
import com.unboundid.util.ssl.cert.PublicKeyAlgorithmIdentifier;
import com.unboundid.util.ssl.cert.SignatureAlgorithmIdentifier;
import com.unboundid.util.ssl.cert.X509Certificate;
import com.unboundid.util.ssl.cert.X509CertificateExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate that signed itself, for one host name, valid from a given day on. */
final class TestCertificate {
  private static final char[] PASSWORD = "not-used-elsewhere".toCharArray();

  private final X509Certificate certificate;
  private final KeyPair keys;

  private TestCertificate(String host, Instant from) throws Exception {
    ObjectPair<X509Certificate, KeyPair> made =
        X509Certificate.generateSelfSignedCertificate(
            SignatureAlgorithmIdentifier.SHA_256_WITH_ECDSA,
            PublicKeyAlgorithmIdentifier.EC,
            256,
            new DN("CN=" + host),
            from.toEpochMilli(),
            from.plus(Duration.ofDays(2)).toEpochMilli(),
            subjectAlternativeName(host));
    certificate = made.getFirst();
    keys = made.getSecond();
  }

  /** RFC 5280 section 4.2.1.6: one dNSName. */
  private static X509CertificateExtension subjectAlternativeName(String host) {
    ASN1OctetString dnsName = new ASN1OctetString((byte) 0x82, host);
    return new X509CertificateExtension(
        new OID("2.5.29.17"), false, new ASN1Sequence(dnsName).encode());
  }

  static TestCertificate of(String host) throws Exception {
    return new TestCertificate(host, Instant.now().minus(Duration.ofDays(1)));
  }

  static TestCertificate expired(String host) throws Exception {
    return new TestCertificate(host, Instant.now().minus(Duration.ofDays(10)));
  }

  /** Writes it as PEM. */
  Path writeTo(Path directory) throws Exception {
    return Files.writeString(
        Files.createTempFile(directory, "ca", ".pem"), certificate.toPEMString() + "\n");
  }

  SSLContext serverContext() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "server", keys.getPrivate(), PASSWORD, new Certificate[] {certificate.toCertificate()});
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
