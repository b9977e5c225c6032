package org.openmmp.storesim;

import com.unboundid.asn1.ASN1Element;
import com.unboundid.asn1.ASN1OctetString;
import com.unboundid.asn1.ASN1Sequence;
import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.RDN;
import com.unboundid.util.ObjectPair;
import com.unboundid.util.ssl.cert.CertException;
import com.unboundid.util.ssl.cert.PKCS8PrivateKey;
import com.unboundid.util.ssl.cert.PublicKeyAlgorithmIdentifier;
import com.unboundid.util.ssl.cert.SignatureAlgorithmIdentifier;
import com.unboundid.util.ssl.cert.SubjectAlternativeNameExtension;
import com.unboundid.util.ssl.cert.X509Certificate;
import com.unboundid.util.ssl.cert.X509CertificateExtension;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.NetUtil;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/** A certificate that signs itself, and its key, for hosts of one machine; good for a day. */
public final class SimulatedCertificate {
  private static final byte DNS_NAME = (byte) 0x82;
  private static final byte IP_ADDRESS = (byte) 0x87;
  private static final int KEY_BITS = 256;
  private static final Duration LIFE = Duration.ofDays(60);

  private final String certificatePem;
  private final String keyPem;

  private SimulatedCertificate(String certificatePem, String keyPem) {
    this.certificatePem = certificatePem;
    this.keyPem = keyPem;
  }

  /** A certificate for these host names and addresses. */
  public static SimulatedCertificate forHosts(Collection<String> hosts) {
    List<ASN1Element> names = new ArrayList<>();
    for (String host : hosts) {
      byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
      names.add(
          address == null
              ? new ASN1OctetString(DNS_NAME, host)
              : new ASN1OctetString(IP_ADDRESS, address));
    }
    long now = System.currentTimeMillis();
    try {
      ObjectPair<X509Certificate, KeyPair> made =
          X509Certificate.generateSelfSignedCertificate(
              SignatureAlgorithmIdentifier.SHA_256_WITH_ECDSA,
              PublicKeyAlgorithmIdentifier.EC,
              KEY_BITS,
              new DN(new RDN("CN", "simulated store")),
              now - LIFE.toMillis(),
              now + LIFE.toMillis(),
              new X509CertificateExtension(
                  SubjectAlternativeNameExtension.SUBJECT_ALTERNATIVE_NAME_OID,
                  false,
                  new ASN1Sequence(names).encode()));
      return new SimulatedCertificate(
          made.getFirst().toPEMString(),
          new PKCS8PrivateKey(made.getSecond().getPrivate().getEncoded()).toPEMString());
    } catch (CertException e) {
      throw new IllegalStateException("no certificate for " + hosts, e);
    }
  }

  /** A certificate for the hosts of a group, by name and address. */
  public static SimulatedCertificate forHostsOf(ClusterSettings... groups) {
    return forHosts(
        Arrays.stream(groups)
            .flatMap(group -> group.nodes().stream())
            .flatMap(node -> List.of(node.name(), node.hostName(), node.address()).stream())
            .distinct()
            .toList());
  }

  /** For the server's side. */
  public SslContext serverContext() {
    try {
      return SslContextBuilder.forServer(stream(certificatePem), stream(keyPem)).build();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * For a client that shows it.
   *
   * @param authority PEM file that the server's certificate is verified with
   */
  public SSLContext clientContext(Path authority) {
    try {
      SslContext made =
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.JDK)
              .keyManager(stream(certificatePem), stream(keyPem))
              .trustManager(authority.toFile())
              .build();
      return ((JdkSslContext) made).context();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes the certificate as PEM, for those who are to trust it. */
  public Path writeCertificate(Path file) {
    return write(file, certificatePem);
  }

  /** Writes the key as PEM, in PKCS #8. */
  public Path writeKey(Path file) {
    return write(file, keyPem);
  }

  private static Path write(Path file, String pem) {
    try {
      return Files.writeString(file, pem);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ByteArrayInputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
  }
}
