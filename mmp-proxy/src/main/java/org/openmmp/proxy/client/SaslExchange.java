package org.openmmp.proxy.client;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.wire.LoginOctets;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.SaslBearer;
import org.openmmp.wire.SaslMessage;
import org.openmmp.wire.SaslScram;
import org.openmmp.wire.Secret;
import org.openmmp.wire.StrictBase64;

/**
 * The server's side of one SASL exchange, from the mechanism's name to credentials; the same for
 * every protocol that carries base64 in lines (RFC 4422 section 3).
 *
 * <p>It is told responses until it says {@link Progress#COMPLETE} or why not. Responses are
 * overwritten.
 */
public final class SaslExchange {
  /** What follows from a response. */
  public enum Progress {
    /** The client is sent {@link #challenge} and answers. */
    CHALLENGE,
    /** {@link #credentials} are there. */
    COMPLETE,
    /** The response is none of this mechanism: a syntax error. */
    MALFORMED,
    /** The response is sound and cannot be right: a failed login. */
    REFUSED,
    /** The response is sound and names nobody, though the token may: the mailbox is not known. */
    NAMELESS
  }

  private static final byte[] USER_PROMPT = "VXNlcm5hbWU6".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PASSWORD_PROMPT = "UGFzc3dvcmQ6".getBytes(StandardCharsets.US_ASCII);

  private final Mechanism mechanism;
  private final CertificateIdentity certificate;
  private @Nullable String loginName;
  private @Nullable Credentials credentials;

  /**
   * An exchange that has not begun.
   *
   * @param mechanism any but {@link Mechanism#COMMAND}
   * @param certificate who the client is by its certificate, for {@link Mechanism#EXTERNAL}
   */
  public SaslExchange(Mechanism mechanism, CertificateIdentity certificate) {
    this.mechanism = mechanism;
    this.certificate = certificate;
  }

  /**
   * Begins.
   *
   * @param initialResponse in base64, {@code =} for one of no octets (RFC 4959 section 3); null if
   *     the client sent none
   */
  public Progress start(byte @Nullable [] initialResponse) {
    if (initialResponse == null) {
      return Progress.CHALLENGE;
    }
    boolean ofNoOctets = initialResponse.length == 1 && initialResponse[0] == '=';
    return respond(ofNoOctets ? new byte[0] : initialResponse);
  }

  /** Takes a response in base64. */
  public Progress respond(byte[] base64) {
    byte[] octets = StrictBase64.decode(base64);
    Arrays.fill(base64, (byte) 0);
    if (octets == null) {
      return Progress.MALFORMED;
    }
    Progress progress =
        switch (mechanism) {
          case PLAIN -> complete(SaslMessage.parsePlain(octets));
          case LOGIN -> loginName == null ? onName(octets) : onPassword(loginName, octets);
          case OAUTHBEARER -> complete(SaslBearer.parseOAuthBearer(octets));
          case XOAUTH2 -> complete(SaslBearer.parseXOAuth2(octets));
          case EXTERNAL -> onExternal(octets);
          case SCRAM_SHA_1, SCRAM_SHA_256 -> onScram(octets);
          case COMMAND -> throw new IllegalStateException("a command is no SASL mechanism");
        };
    Arrays.fill(octets, (byte) 0);
    return progress;
  }

  /** The challenge to send, in base64; empty for one of no octets. */
  public byte[] challenge() {
    if (mechanism != Mechanism.LOGIN) {
      return new byte[0];
    }
    return (loginName == null ? USER_PROMPT : PASSWORD_PROMPT).clone();
  }

  /** Who logs in; only after {@link Progress#COMPLETE}. */
  public Credentials credentials() {
    return Objects.requireNonNull(credentials, "the exchange is not complete");
  }

  private Progress onName(byte[] octets) {
    loginName = LoginOctets.name(octets);
    return loginName == null || loginName.isEmpty() ? Progress.MALFORMED : Progress.CHALLENGE;
  }

  private Progress onPassword(String name, byte[] octets) {
    return LoginOctets.isPassword(octets)
        ? complete(new SaslMessage("", name, Secret.taking(octets.clone())))
        : Progress.MALFORMED;
  }

  /** RFC 4422 appendix A: an empty response means the identity that the certificate has. */
  private Progress onExternal(byte[] octets) {
    String authzid = LoginOctets.name(octets);
    if (authzid == null) {
      return Progress.MALFORMED;
    }
    if (!certificate.somebody()) {
      return Progress.REFUSED;
    }
    // Whether another name is one of the certificate's owner is known once that is found.
    boolean itself = authzid.equals(certificate.loginName());
    credentials =
        new Credentials(mechanism, certificate.loginName(), itself ? "" : authzid, Secret.none());
    return Progress.COMPLETE;
  }

  /** The proxy's part of the exchange is its first message; the store has the rest. */
  private Progress onScram(byte[] octets) {
    SaslScram first = SaslScram.parse(octets);
    return first == null
        ? Progress.MALFORMED
        : complete(
            new SaslMessage(first.authzid(), first.authcid(), Secret.taking(octets.clone())));
  }

  /**
   * An empty password is never right, and directories take it for an anonymous bind (RFC 4513
   * section 5.1.2).
   */
  private Progress complete(@Nullable SaslMessage message) {
    if (message == null) {
      return Progress.MALFORMED;
    }
    if (message.authcid().isEmpty()) {
      message.secret().clear();
      return Progress.NAMELESS;
    }
    if (message.secret().isEmpty()) {
      return Progress.REFUSED;
    }
    boolean another = !message.authzid().equals(message.authcid());
    credentials =
        new Credentials(
            mechanism, message.authcid(), another ? message.authzid() : "", message.secret());
    return Progress.COMPLETE;
  }
}
