package org.openmmp.it.attack;

import com.unboundid.asn1.ASN1Boolean;
import com.unboundid.asn1.ASN1Element;
import com.unboundid.asn1.ASN1OctetString;
import com.unboundid.asn1.ASN1Sequence;
import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.util.OID;
import com.unboundid.util.ObjectPair;
import com.unboundid.util.ssl.cert.CertException;
import com.unboundid.util.ssl.cert.PublicKeyAlgorithmIdentifier;
import com.unboundid.util.ssl.cert.SignatureAlgorithmIdentifier;
import com.unboundid.util.ssl.cert.X509Certificate;
import com.unboundid.util.ssl.cert.X509CertificateExtension;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Signs certificates of stores and clients; two days old, or expired ones. */
final class TestAuthority {
  private static final String ALTERNATIVE_NAMES = "2.5.29.17";
  private static final String BASIC_CONSTRAINTS = "2.5.29.19";
  private static final byte EMAIL = (byte) 0x81;
  private static final byte DNS_NAME = (byte) 0x82;
  private static final Duration LIFE = Duration.ofDays(4);
  private static final TestAuthority SHARED = new TestAuthority();

  private final X509Certificate certificate;
  private final PrivateKey key;

  private TestAuthority() {
    ObjectPair<X509Certificate, KeyPair> made =
        selfSigned("CN=authority of a test", daysAgo(10), basicConstraints());
    certificate = made.getFirst();
    key = made.getSecond().getPrivate();
  }

  /** The one of this test run. */
  static TestAuthority shared() {
    return SHARED;
  }

  /** Its own certificate. */
  String pem() {
    return certificate.toPEMString() + "\n";
  }

  /** A certificate for host names. */
  TestIdentity host(String... names) {
    return issue("CN=" + names[0], daysAgo(1), alternatives(DNS_NAME, names));
  }

  /** A certificate for a host name that was good until six days ago. */
  TestIdentity expiredHost(String name) {
    return issue("CN=" + name, daysAgo(10), alternatives(DNS_NAME, name));
  }

  /** A client's certificate; without addresses it has no alternative names. */
  TestIdentity client(String subject, String... addresses) {
    return addresses.length == 0
        ? issue(subject, daysAgo(1))
        : issue(subject, daysAgo(1), alternatives(EMAIL, addresses));
  }

  /** A certificate for a host name that no authority signed. */
  static TestIdentity selfSignedHost(String name) {
    ObjectPair<X509Certificate, KeyPair> made =
        selfSigned("CN=" + name, daysAgo(1), alternatives(DNS_NAME, name));
    return new TestIdentity(made.getFirst(), made.getSecond().getPrivate());
  }

  private TestIdentity issue(String subject, Instant from, X509CertificateExtension... extensions) {
    ObjectPair<X509Certificate, KeyPair> raw = selfSigned(subject, from);
    X509Certificate own = raw.getFirst();
    try {
      X509Certificate signed =
          X509Certificate.generateIssuerSignedCertificate(
              SignatureAlgorithmIdentifier.SHA_256_WITH_ECDSA,
              certificate,
              key,
              own.getPublicKeyAlgorithmOID(),
              own.getPublicKeyAlgorithmParameters(),
              own.getEncodedPublicKey(),
              own.getDecodedPublicKey(),
              new DN(subject),
              from.toEpochMilli(),
              from.plus(LIFE).toEpochMilli(),
              extensions);
      return new TestIdentity(signed, raw.getSecond().getPrivate());
    } catch (CertException | LDAPException e) {
      throw new AssertionError(e);
    }
  }

  private static ObjectPair<X509Certificate, KeyPair> selfSigned(
      String subject, Instant from, X509CertificateExtension... extensions) {
    Duration life = from.equals(daysAgo(10)) && extensions.length > 0 ? Duration.ofDays(30) : LIFE;
    try {
      return X509Certificate.generateSelfSignedCertificate(
          SignatureAlgorithmIdentifier.SHA_256_WITH_ECDSA,
          PublicKeyAlgorithmIdentifier.EC,
          256,
          new DN(subject),
          from.toEpochMilli(),
          from.plus(life).toEpochMilli(),
          extensions);
    } catch (CertException | LDAPException e) {
      throw new AssertionError(e);
    }
  }

  /** RFC 5280 section 4.2.1.9: an authority. */
  private static X509CertificateExtension basicConstraints() {
    return new X509CertificateExtension(
        new OID(BASIC_CONSTRAINTS),
        true,
        new ASN1Sequence(ASN1Boolean.UNIVERSAL_BOOLEAN_TRUE_ELEMENT).encode());
  }

  private static X509CertificateExtension alternatives(byte kind, String... names) {
    List<ASN1Element> elements = new ArrayList<>();
    for (String name : names) {
      elements.add(new ASN1OctetString(kind, name));
    }
    return new X509CertificateExtension(
        new OID(ALTERNATIVE_NAMES), false, new ASN1Sequence(elements).encode());
  }

  private static Instant daysAgo(int days) {
    return Instant.now().minus(Duration.ofDays(days));
  }
}
