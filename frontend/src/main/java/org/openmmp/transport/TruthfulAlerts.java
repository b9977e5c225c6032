package org.openmmp.transport;

import io.netty.handler.ssl.OpenSslCertificateException;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Judges clients' certificates as another does, and has the alert say why one is refused (RFC 8446,
 * section 6.2): BoringSSL is told a reason by number, and says {@code internal_error} for most of
 * what Java throws. The JDK's own TLS says {@code certificate_unknown} of clients' certificates,
 * whatever it is.
 */
final class TruthfulAlerts extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager judge;

  private TruthfulAlerts(X509ExtendedTrustManager judge) {
    this.judge = judge;
  }

  /**
   * One that judges as the factory's own does.
   *
   * @throws IllegalArgumentException if that is of no use for TLS
   */
  static TrustManager of(TrustManagerFactory factory) {
    for (TrustManager each : factory.getTrustManagers()) {
      if (each instanceof X509ExtendedTrustManager judge) {
        return new TruthfulAlerts(judge);
      }
    }
    throw new IllegalArgumentException("Java has no way to verify certificates");
  }

  /** The same refusal, with the reason that the alert is to say. */
  static CertificateException told(CertificateException refusal) {
    Throwable cause = refusal.getCause() == null ? refusal : refusal.getCause();
    return new OpenSslCertificateException(
        refusal.getMessage(), cause, TlsFailure.ofRefused(refusal).number());
  }

  private interface Judgement {
    void pass() throws CertificateException;
  }

  private static void pass(Judgement judgement) throws CertificateException {
    try {
      judgement.pass();
    } catch (CertificateException refusal) {
      throw told(refusal);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    pass(() -> judge.checkClientTrusted(chain, type, engine));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    pass(() -> judge.checkClientTrusted(chain, type, socket));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    pass(() -> judge.checkClientTrusted(chain, type));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("these are for clients");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw new CertificateException("these are for clients");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("these are for clients");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return judge.getAcceptedIssuers();
  }
}
