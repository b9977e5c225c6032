package org.openmmp.transport;

import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.internal.tcnative.CertificateVerifier;
import java.net.Socket;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.PKIXReason;
import java.security.cert.X509Certificate;
import java.util.Locale;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Judges clients' certificates as another does, and has the alert say why one is refused (RFC 8446,
 * section 6.2): BoringSSL is told a reason by number, and says {@code internal_error} for most of
 * what Java throws. The JDK's own TLS says {@code certificate_unknown} of clients' certificates,
 * whatever it is.
 */
final class TruthfulAlerts extends X509ExtendedTrustManager {
  /** Leads to the alert {@code certificate_unknown}: unacceptable for another reason. */
  private static final int OTHERWISE = CertificateVerifier.X509_V_ERR_UNSUPPORTED_EXTENSION_FEATURE;

  /** Leads to {@code certificate_expired}: expired or not currently valid. */
  private static final int OUT_OF_TIME = CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;

  private static final int DEEPEST_CAUSE = 12;

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
    return new OpenSslCertificateException(refusal.getMessage(), cause, number(refusal));
  }

  private static int number(Throwable refusal) {
    int found = OTHERWISE;
    @Nullable Throwable cause = refusal;
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++, cause = cause.getCause()) {
      int here = numberOfOne(cause);
      // That no path was found is the least that can be said.
      if (here != OTHERWISE
          && (found == OTHERWISE
              || found == CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)) {
        found = here;
      }
    }
    return found;
  }

  private static int numberOfOne(Throwable cause) {
    if (cause instanceof CertificateExpiredException
        || cause instanceof CertificateNotYetValidException) {
      return OUT_OF_TIME;
    }
    if (cause instanceof CertificateRevokedException) {
      return CertificateVerifier.X509_V_ERR_CERT_REVOKED;
    }
    if (cause instanceof CertPathValidatorException path) {
      return numberOf(path.getReason());
    }
    String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    if (cause instanceof CertPathBuilderException
        || text.contains("unable to find valid certification path")) {
      return CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
    }
    if (text.contains("no name matching")) {
      return CertificateVerifier.X509_V_ERR_HOSTNAME_MISMATCH;
    }
    return text.contains("key usage") || text.contains("keyusage")
        ? CertificateVerifier.X509_V_ERR_INVALID_PURPOSE
        : OTHERWISE;
  }

  private static int numberOf(CertPathValidatorException.Reason reason) {
    if (reason == BasicReason.EXPIRED || reason == BasicReason.NOT_YET_VALID) {
      return OUT_OF_TIME;
    }
    if (reason == BasicReason.REVOKED) {
      return CertificateVerifier.X509_V_ERR_CERT_REVOKED;
    }
    if (reason == BasicReason.INVALID_SIGNATURE || reason == BasicReason.ALGORITHM_CONSTRAINED) {
      return CertificateVerifier.X509_V_ERR_CERT_REJECTED;
    }
    return reason == PKIXReason.NO_TRUST_ANCHOR
        ? CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
        : OTHERWISE;
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
