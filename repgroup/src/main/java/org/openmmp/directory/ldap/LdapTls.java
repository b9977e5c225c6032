package org.openmmp.directory.ldap;

import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.util.ssl.HostNameSSLSocketVerifier;
import com.unboundid.util.ssl.SSLSocketVerifier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Whom the LDAP client trusts: the certificates of a PEM file, or the system's (rule B1.6). */
final class LdapTls {
  private LdapTls() {}

  /**
   * A TLS context that verifies the chain; the name is verified by each connection's options.
   *
   * @throws IllegalArgumentException if the file cannot be read or has no certificate in it
   */
  static SSLContext context(Optional<Path> caFile) {
    try {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(caFile.isPresent() ? trusted(caFile.get()) : null);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException(
          "the directory's certificates cannot be read from " + describe(caFile) + ": " + e, e);
    }
  }

  /**
   * Verifies what the trust store alone does not: that the certificate has the server's name, and
   * that it is valid today even where it is itself a trusted one (the JDK asks no dates of those).
   */
  static SSLSocketVerifier peerVerifier() {
    return new SSLSocketVerifier() {
      private final HostNameSSLSocketVerifier names = new HostNameSSLSocketVerifier(true);

      @Override
      public void verifySSLSocket(String host, int port, SSLSocket socket) throws LDAPException {
        try {
          // A session asked for without it would hide why the handshake failed.
          socket.startHandshake();
          names.verifySSLSocket(host, port, socket);
        } catch (IOException e) {
          throw unverified(e);
        } catch (LDAPException otherName) {
          throw unverified(new CertificateException("host name does not match"));
        }
        try {
          for (Certificate certificate : socket.getSession().getPeerCertificates()) {
            ((X509Certificate) certificate).checkValidity();
          }
        } catch (CertificateException | SSLPeerUnverifiedException e) {
          throw unverified(e);
        }
      }
    };
  }

  private static LDAPException unverified(Exception why) {
    return new LDAPException(ResultCode.CONNECT_ERROR, why.getMessage(), why);
  }

  private static @Nullable KeyStore trusted(Path caFile)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream pem = Files.newInputStream(caFile)) {
      int number = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        store.setCertificateEntry("ca-" + number++, certificate);
      }
    }
    if (store.size() == 0) {
      throw new GeneralSecurityException("no certificate in it");
    }
    return store;
  }

  private static String describe(Optional<Path> caFile) {
    return caFile.map(Path::toString).orElse("the system's trust store");
  }
}
