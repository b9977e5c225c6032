package org.openmmp.transport;

import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertPathValidatorException.Reason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.PKIXReason;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;

/**
 * Why a TLS handshake failed, as far as it can be told: for the log, and, where it is this side
 * that refuses a certificate, for the alert.
 *
 * <p>One exception may hold several of them among its causes; the one that stands first here is the
 * one that counts. The numbers are BoringSSL's ({@code X509_V_ERR_…}), which makes an alert of each
 * (RFC 8446 section 6.2); they are written out, for Netty's constants need its native library,
 * which not every machine has.
 */
public enum TlsFailure {
  /** Its authority has revoked the certificate; {@code certificate_revoked}. */
  REVOKED("the certificate is revoked", 23),
  /** The certificate is past its time, or before it; {@code certificate_expired}. */
  EXPIRED("the certificate is not valid at this time", 10),
  /** The certificate is for another name; {@code bad_certificate}. */
  NAME_MISMATCH("the certificate is for another name", 62),
  /** A signature in the chain is false, or of a kind that is not taken; {@code bad_certificate}. */
  BAD_SIGNATURE("the certificate's signature is not its issuer's, or of a kind too weak", 28),
  /** Not for this end of a connection; {@code unsupported_certificate}. */
  WRONG_PURPOSE("the certificate is for another purpose", 26),
  /** No list says whether it is revoked, and one has to; {@code certificate_unknown}. */
  REVOCATION_UNKNOWN("no list that is in date says whether the certificate is revoked", 44),
  /** No trusted authority has signed the certificate; {@code unknown_ca}. */
  UNKNOWN_ISSUER("the certificate has no trusted issuer", 20),
  /** Refused here for a reason that has no name; {@code certificate_unknown}. */
  UNACCEPTABLE("the certificate is not acceptable", 45),
  /** The handshake took longer than it may. */
  TIMED_OUT("the handshake took too long", TlsFailure.NO_NUMBER),
  /** The peer closed during the handshake. */
  CLOSED("closed during the handshake", TlsFailure.NO_NUMBER),
  /** Memory was lacking on this side: it is nobody else's failure (rule B2.22). */
  OWN_WANT("this process had no memory for the handshake", TlsFailure.NO_NUMBER),
  /** Anything else: not TLS, no common version or cipher, a certificate that is missing. */
  HANDSHAKE("the handshake failed", TlsFailure.NO_NUMBER);

  private static final int NO_NUMBER = -1;
  private static final int DEEPEST_CAUSE = 12;

  private final String reason;
  private final int number;

  TlsFailure(String reason, int number) {
    this.reason = reason;
    this.number = number;
  }

  /** One clause for the log; free of anything that the peer said. */
  public String reason() {
    return reason;
  }

  /** By which number BoringSSL knows it; only of what a certificate is refused for. */
  int number() {
    return number;
  }

  /** What an attempt at a store comes to by it. */
  AttemptOutcome outcome() {
    return this == OWN_WANT ? AttemptOutcome.ABANDONED : AttemptOutcome.TLS_FAILED;
  }

  /** Tells which failure an engine's exception stands for. */
  static TlsFailure of(Throwable thrown) {
    TlsFailure found = HANDSHAKE;
    @Nullable Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++, cause = cause.getCause()) {
      TlsFailure alerted = alerted(cause);
      if (alerted != null) {
        return alerted;
      }
      TlsFailure here = ofOne(cause);
      found = here.compareTo(found) < 0 ? here : found;
    }
    return found;
  }

  /** For what a certificate is refused. */
  static TlsFailure ofRefused(CertificateException refusal) {
    TlsFailure found = of(refusal);
    return found.number == NO_NUMBER ? UNACCEPTABLE : found;
  }

  /** What the peer was told; null if this says nothing of it. */
  private static @Nullable TlsFailure alerted(Throwable cause) {
    if (cause instanceof OpenSslCertificateException told) {
      for (TlsFailure each : values()) {
        if (each.number == told.errorCode()) {
          return each;
        }
      }
    }
    return null;
  }

  private static TlsFailure ofOne(Throwable cause) {
    if (cause instanceof CertificateRevokedException) {
      return REVOKED;
    }
    if (cause instanceof CertificateExpiredException
        || cause instanceof CertificateNotYetValidException) {
      return EXPIRED;
    }
    if (cause instanceof CertPathValidatorException path) {
      return ofReason(path.getReason());
    }
    if (cause instanceof OutOfMemoryError) {
      return OWN_WANT;
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
    if (text.contains("key usage") || text.contains("keyusage")) {
      return WRONG_PURPOSE;
    }
    return cause instanceof IOException && !(cause instanceof SSLException) ? CLOSED : HANDSHAKE;
  }

  private static TlsFailure ofReason(Reason reason) {
    if (reason == BasicReason.REVOKED) {
      return REVOKED;
    }
    if (reason == BasicReason.EXPIRED || reason == BasicReason.NOT_YET_VALID) {
      return EXPIRED;
    }
    if (reason == BasicReason.INVALID_SIGNATURE || reason == BasicReason.ALGORITHM_CONSTRAINED) {
      return BAD_SIGNATURE;
    }
    if (reason == PKIXReason.INVALID_KEY_USAGE) {
      return WRONG_PURPOSE;
    }
    if (reason == BasicReason.UNDETERMINED_REVOCATION_STATUS) {
      return REVOCATION_UNKNOWN;
    }
    return reason == PKIXReason.NO_TRUST_ANCHOR ? UNKNOWN_ISSUER : HANDSHAKE;
  }
}
