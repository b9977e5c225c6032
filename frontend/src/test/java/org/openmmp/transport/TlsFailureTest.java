package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.internal.tcnative.CertificateVerifier;
import java.io.IOException;
import java.security.cert.CRLReason;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertPathValidatorException.Reason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.PKIXReason;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.repgroup.AttemptOutcome;

/** One classification of failed handshakes, which the log and the alert share (rule B3.21). */
class TlsFailureTest {
  private static CertPathValidatorException path(Reason reason) {
    return path(reason, null);
  }

  private static CertPathValidatorException path(Reason reason, @Nullable Throwable cause) {
    return new CertPathValidatorException("path", cause, null, -1, reason);
  }

  private static CertificateException revoked() {
    return new CertificateRevokedException(
        Date.from(Instant.EPOCH), CRLReason.UNSPECIFIED, new X500Principal("CN=CA"), Map.of());
  }

  /** An exception with these causes, the outermost first. */
  private static <T extends Throwable> T of(T outermost, Throwable... causes) {
    Throwable above = outermost;
    for (Throwable cause : causes) {
      above.initCause(cause);
      above = cause;
    }
    return outermost;
  }

  private static CertificateException refused(Throwable... causes) {
    return of(new CertificateException("PKIX path building failed"), causes);
  }

  private static CertPathBuilderException noPath() {
    return new CertPathBuilderException("unable to find valid certification path");
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        arguments(refused(path(BasicReason.REVOKED)), TlsFailure.REVOKED),
        arguments(revoked(), TlsFailure.REVOKED),
        arguments(new CertificateExpiredException("x"), TlsFailure.EXPIRED),
        arguments(new CertificateNotYetValidException("x"), TlsFailure.EXPIRED),
        arguments(refused(path(BasicReason.EXPIRED)), TlsFailure.EXPIRED),
        arguments(refused(path(BasicReason.NOT_YET_VALID)), TlsFailure.EXPIRED),
        arguments(
            new CertificateException("No name matching huey found"), TlsFailure.NAME_MISMATCH),
        arguments(
            new CertificateException("No subject alternative names present"),
            TlsFailure.NAME_MISMATCH),
        arguments(refused(path(BasicReason.INVALID_SIGNATURE)), TlsFailure.BAD_SIGNATURE),
        arguments(refused(path(BasicReason.ALGORITHM_CONSTRAINED)), TlsFailure.BAD_SIGNATURE),
        arguments(
            new CertificateException("Extended key usage does not permit use for TLS"),
            TlsFailure.WRONG_PURPOSE),
        arguments(refused(path(PKIXReason.INVALID_KEY_USAGE)), TlsFailure.WRONG_PURPOSE),
        arguments(
            refused(path(BasicReason.UNDETERMINED_REVOCATION_STATUS)),
            TlsFailure.REVOCATION_UNKNOWN),
        arguments(refused(noPath()), TlsFailure.UNKNOWN_ISSUER),
        arguments(refused(path(PKIXReason.NO_TRUST_ANCHOR)), TlsFailure.UNKNOWN_ISSUER),
        arguments(refused(path(PKIXReason.NOT_CA_CERT)), TlsFailure.UNACCEPTABLE),
        arguments(new CertificateException("no"), TlsFailure.UNACCEPTABLE),
        arguments(refused(new IOException("a list cannot be read")), TlsFailure.UNACCEPTABLE),
        // Of several, the one that tells the most, wherever it stands.
        arguments(refused(noPath(), path(BasicReason.REVOKED)), TlsFailure.REVOKED),
        arguments(refused(noPath(), path(BasicReason.UNSPECIFIED, revoked())), TlsFailure.REVOKED),
        arguments(
            refused(path(BasicReason.UNDETERMINED_REVOCATION_STATUS, path(BasicReason.REVOKED))),
            TlsFailure.REVOKED),
        arguments(refused(path(BasicReason.EXPIRED, revoked())), TlsFailure.REVOKED),
        arguments(
            refused(noPath(), path(BasicReason.EXPIRED, new CertificateExpiredException("x"))),
            TlsFailure.EXPIRED),
        arguments(
            refused(noPath(), path(BasicReason.INVALID_SIGNATURE)), TlsFailure.BAD_SIGNATURE));
  }

  /** As the engines wrap it: Netty around BoringSSL by two exceptions, the JDK's by one. */
  private static List<SSLException> wrapped(CertificateException refusal) {
    return List.of(
        of(
            new SSLHandshakeException("General OpenSslEngine problem"),
            new SSLHandshakeException("x"),
            TruthfulAlerts.told(refusal)),
        of(new SSLHandshakeException(refusal.getMessage()), TruthfulAlerts.told(refusal)));
  }

  @ParameterizedTest // B3.21
  @MethodSource("refusals")
  void alertAndLogTellTheSame(CertificateException refusal, TlsFailure expected) {
    assertEquals(expected, TlsFailure.ofRefused(refusal));
    assertEquals(
        expected.number(),
        ((OpenSslCertificateException) TruthfulAlerts.told(refusal)).errorCode());
    wrapped(refusal).forEach(thrown -> assertEquals(expected, TlsFailure.of(thrown)));
  }

  @Test // B3.21
  void logTellsWhatTheAlertToldHoweverDeepTheReasonIs() {
    Throwable[] deep = new Throwable[9];
    for (int i = 0; i < deep.length - 1; i++) {
      deep[i] = new CertificateException("cause " + i);
    }
    deep[deep.length - 1] = path(BasicReason.REVOKED);
    CertificateException refusal = refused(deep);
    assertEquals(TlsFailure.REVOKED, TlsFailure.ofRefused(refusal));
    SSLException thrown = new SSLException("outermost");
    Throwable above = thrown;
    for (int i = 0; i < 5; i++) {
      Throwable wrapper = new SSLException("wrapper " + i);
      above.initCause(wrapper);
      above = wrapper;
    }
    above.initCause(TruthfulAlerts.told(refusal));
    assertEquals(TlsFailure.REVOKED, TlsFailure.of(thrown));
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        arguments(new SSLHandshakeException("no cipher suites in common"), TlsFailure.HANDSHAKE),
        arguments(
            new SSLHandshakeException("Received fatal alert: certificate_unknown"),
            TlsFailure.HANDSHAKE),
        arguments(new SslHandshakeTimeoutException("10 s"), TlsFailure.TIMED_OUT),
        arguments(new IOException("Connection reset by peer"), TlsFailure.CLOSED),
        arguments(of(new SSLException("x"), new IOException("reset")), TlsFailure.CLOSED),
        arguments(of(new SSLHandshakeException("x"), refused(noPath())), TlsFailure.UNKNOWN_ISSUER),
        arguments(new IllegalStateException("x"), TlsFailure.HANDSHAKE));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void failureThatIsNoRefusalOfOursIsToldFromItsCauses(Throwable thrown, TlsFailure expected) {
    assertEquals(expected, TlsFailure.of(thrown));
  }

  @Test
  void numbersAreThoseOfBoringSslAndEachStandsForOneFailure() {
    assertTrue(OpenSsl.isAvailable());
    assertEquals(
        Map.of(
            TlsFailure.REVOKED, CertificateVerifier.X509_V_ERR_CERT_REVOKED,
            TlsFailure.EXPIRED, CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED,
            TlsFailure.NAME_MISMATCH, CertificateVerifier.X509_V_ERR_HOSTNAME_MISMATCH,
            TlsFailure.BAD_SIGNATURE, CertificateVerifier.X509_V_ERR_CERT_REJECTED,
            TlsFailure.WRONG_PURPOSE, CertificateVerifier.X509_V_ERR_INVALID_PURPOSE,
            TlsFailure.REVOCATION_UNKNOWN, CertificateVerifier.X509_V_ERR_DIFFERENT_CRL_SCOPE,
            TlsFailure.UNKNOWN_ISSUER,
                CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            TlsFailure.UNACCEPTABLE, CertificateVerifier.X509_V_ERR_UNSUPPORTED_EXTENSION_FEATURE),
        Stream.of(TlsFailure.values())
            .filter(each -> each.number() >= 0)
            .collect(Collectors.toMap(each -> each, TlsFailure::number)));
    List<Integer> numbers =
        Stream.of(TlsFailure.values()).map(TlsFailure::number).filter(each -> each >= 0).toList();
    assertEquals(numbers.stream().distinct().toList(), numbers);
  }

  @Test // B2.22
  void memoryThatIsLackingHereIsNoFailureOfTheStore() {
    Throwable lacking = of(new DecoderException(), new OutOfMemoryError("direct memory"));
    assertEquals(TlsFailure.OWN_WANT, TlsFailure.of(lacking));
    ConnectFailure failure = ConnectFailure.of(TlsFailure.of(lacking), "huey");
    assertEquals(AttemptOutcome.ABANDONED, failure.outcome());
    assertEquals(AttemptOutcome.ABANDONED, TlsFailure.OWN_WANT.outcome());
    assertEquals(AttemptOutcome.TLS_FAILED, TlsFailure.HANDSHAKE.outcome());
  }
}
