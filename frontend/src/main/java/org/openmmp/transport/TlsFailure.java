package org.openmmp.transport;

import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXReason;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why a TLS handshake failed, as far as it can be told. */
public enum TlsFailure {
  /** The certificate is for another name. */
  NAME_MISMATCH("the certificate is for another name"),
  /** The certificate is past its time, or before it. */
  EXPIRED("the certificate is not valid at this time"),
  /** No trusted authority has signed the certificate. */
  UNKNOWN_ISSUER("the certificate has no trusted issuer"),
  /** Its authority has revoked the certificate. */
  REVOKED("the certificate is revoked"),
  /** The handshake took longer than it may. */
  TIMED_OUT("the handshake took too long"),
  /** The peer closed during the handshake. */
  CLOSED("closed during the handshake"),
  /** Anything else: not TLS, no common version or cipher, a certificate that is missing. */
  HANDSHAKE("the handshake failed");

  private static final int DEEPEST_CAUSE = 12;

  private final String reason;

  TlsFailure(String reason) {
    this.reason = reason;
  }

  /** One clause for the log; free of anything that the peer said. */
  public String reason() {
    return reason;
  }

  /** Tells which failure an engine's exception stands for. */
  static TlsFailure of(Throwable thrown) {
    TlsFailure found = HANDSHAKE;
    @Nullable Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++, cause = cause.getCause()) {
      TlsFailure here = ofOne(cause);
      if (here != HANDSHAKE && (found == HANDSHAKE || found == CLOSED)) {
        found = here;
      }
    }
    return found;
  }

  private static TlsFailure ofOne(Throwable cause) {
    if (cause instanceof CertificateExpiredException
        || cause instanceof CertificateNotYetValidException) {
      return EXPIRED;
    }
    if (cause instanceof CertPathValidatorException path) {
      return ofReason(path.getReason());
    }
    if (cause instanceof SslHandshakeTimeoutException) {
      return TIMED_OUT;
    }
    if (cause instanceof CertPathBuilderException) {
      return UNKNOWN_ISSUER;
    }
    String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    if (text.contains("no subject alternative") || text.contains("no name matching")) {
      return NAME_MISMATCH;
    }
    if (text.contains("unable to find valid certification path")) {
      return UNKNOWN_ISSUER;
    }
    return cause instanceof IOException && !(cause instanceof SSLException) ? CLOSED : HANDSHAKE;
  }

  private static TlsFailure ofReason(CertPathValidatorException.Reason reason) {
    if (reason == BasicReason.EXPIRED || reason == BasicReason.NOT_YET_VALID) {
      return EXPIRED;
    }
    if (reason == BasicReason.REVOKED) {
      return REVOKED;
    }
    return reason == BasicReason.INVALID_SIGNATURE || reason == PKIXReason.NO_TRUST_ANCHOR
        ? UNKNOWN_ISSUER
        : HANDSHAKE;
  }
}
