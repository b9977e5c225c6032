package org.openmmp.it.attack;

import com.unboundid.util.ssl.cert.CertException;
import com.unboundid.util.ssl.cert.PKCS8PrivateKey;
import com.unboundid.util.ssl.cert.X509Certificate;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** A certificate with its key. */
record TestIdentity(X509Certificate certificate, PrivateKey key) {
  private static final char[] NO_SECRET = "of no use elsewhere".toCharArray();

  /** The certificate. */
  String certificatePem() {
    return certificate.toPEMString() + "\n";
  }

  /** The key, in PKCS #8. */
  String keyPem() {
    try {
      return new PKCS8PrivateKey(key.getEncoded()).toPEMString() + "\n";
    } catch (CertException e) {
      throw new AssertionError(e);
    }
  }

  /** For either side of a connection; believes whatever the other side shows. */
  SSLContext context() {
    return context(this);
  }

  /** For a client that shows no certificate and believes whatever the server shows. */
  static SSLContext anonymous() {
    return context(null);
  }

  private static SSLContext context(@Nullable TestIdentity shown) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      if (shown != null) {
        Certificate[] chain = {shown.certificate().toCertificate()};
        store.setKeyEntry("own", shown.key(), NO_SECRET, chain);
      }
      keys.init(store, NO_SECRET);
      context.init(keys.getKeyManagers(), new TrustManager[] {new Credulous()}, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Credulous implements X509TrustManager {
    @Override
    public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String authType)
        throws CertificateException {}

    @Override
    public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String authType)
        throws CertificateException {}

    @Override
    public java.security.cert.X509Certificate[] getAcceptedIssuers() {
      return new java.security.cert.X509Certificate[0];
    }
  }
}
