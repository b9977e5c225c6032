package org.openmmp.transport;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.config.ServerTlsConfig.Certificate;
import org.openmmp.wire.Secret;

/**
 * A certificate authority for tests, with certificates of every kind, good and bad, as PEM files.
 */
public final class TestCertificates {
  private static final Duration LIFE = Duration.ofDays(2);

  private final Path directory;
  private final X509Bundle authority;
  private int issued;

  private TestCertificates(Path directory, X509Bundle authority) {
    this.directory = directory;
    this.authority = authority;
  }

  /** A new authority whose files go into a directory. */
  public static TestCertificates in(Path directory) throws Exception {
    X509Bundle authority =
        builder("CN=OpenMMP test authority").setIsCertificateAuthority(true).buildSelfSigned();
    TestCertificates certificates = new TestCertificates(directory, authority);
    Files.writeString(certificates.authorityFile(), authority.getCertificatePEM());
    return certificates;
  }

  private static CertificateBuilder builder(String subject) {
    return new CertificateBuilder()
        .ecp256()
        .subject(subject)
        .notBefore(Instant.now().minus(LIFE))
        .notAfter(Instant.now().plus(LIFE));
  }

  /** The file that whoever trusts this authority is given. */
  public Path authorityFile() {
    return directory.resolve("authority.pem");
  }

  /** A good server certificate for host names and addresses. */
  public Certificate server(String... names) throws Exception {
    return write(named(names).buildIssuedBy(authority));
  }

  /** A server certificate whose common name is the only one that it has. */
  public Certificate commonNameOnly(String name) throws Exception {
    return write(builder("CN=" + name).addExtendedKeyUsageServerAuth().buildIssuedBy(authority));
  }

  /** A server certificate past its time. */
  public Certificate expired(String name) throws Exception {
    return write(
        named(name)
            .notBefore(Instant.now().minus(LIFE).minus(LIFE))
            .notAfter(Instant.now().minus(LIFE))
            .buildIssuedBy(authority));
  }

  /** A server certificate that nobody but itself has signed. */
  public Certificate selfSigned(String name) throws Exception {
    return write(named(name).setIsCertificateAuthority(true).buildSelfSigned());
  }

  /** A client's certificate with an e-mail address. */
  public Certificate client(String mail) throws Exception {
    return write(
        builder("CN=" + mail)
            .addSanRfc822Name(mail)
            .addExtendedKeyUsageClientAuth()
            .buildIssuedBy(authority));
  }

  private static CertificateBuilder named(String... names) {
    CertificateBuilder builder = builder("CN=" + names[0]).addExtendedKeyUsageServerAuth();
    for (String name : names) {
      if (name.indexOf('_') >= 0 || name.indexOf('*') >= 0) {
        builder.addExtensionOctetString("2.5.29.17", false, dnsName(name));
      } else if (NetUtil.createByteArrayFromIpAddressString(name) == null) {
        builder.addSanDnsName(name);
      } else {
        builder.addSanIpAddress(name);
      }
    }
    return builder;
  }

  /** An extension with one DNS name in DER, for names that the builder refuses. */
  public static byte[] dnsName(String name) {
    byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
    byte[] der = new byte[ascii.length + 4];
    der[0] = 0x30;
    der[1] = (byte) (ascii.length + 2);
    der[2] = (byte) 0x82;
    der[3] = (byte) ascii.length;
    System.arraycopy(ascii, 0, der, 4, ascii.length);
    return der;
  }

  private Certificate write(X509Bundle bundle) throws Exception {
    issued++;
    Path chain = directory.resolve("certificate" + issued + ".pem");
    Path key = directory.resolve("key" + issued + ".pem");
    Files.writeString(chain, bundle.getCertificatePathPEM());
    Files.writeString(key, bundle.getPrivateKeyPEM());
    return new Certificate(chain, key, Secret.none());
  }

  /** A front end's TLS settings with one certificate and no client certificates. */
  public static ServerTlsConfig settings(Certificate certificate) {
    return new ServerTlsConfig(
        Optional.of(certificate),
        List.of(),
        ServerTlsConfig.ClientAuth.NONE,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        ServerTlsConfig.MinVersion.TLS_1_2);
  }
}
