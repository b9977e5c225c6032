package org.openmmp.proxy.client;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.PreAuthLimits;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.proxy.identity.Mechanism;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.wire.LineFramer;
import org.openmmp.wire.Secret;
import org.openmmp.wire.SessionReference;

/**
 * What comes of one client's commands before its login: the state, what is said, and how it ends.
 *
 * <pre>
 * NOT_AUTHENTICATED → SASL_EXCHANGE → NOT_AUTHENTICATED | LOGGING_IN
 * NOT_AUTHENTICATED → STARTING_TLS → NOT_AUTHENTICATED
 * NOT_AUTHENTICATED → LOGGING_IN → (CHALLENGED → LOGGING_IN)* → NOT_AUTHENTICATED | ACCEPTED
 * any               → CLOSED
 * </pre>
 */
public final class PreAuthTalk {
  /** What is waited for. */
  enum State {
    NOT_AUTHENTICATED,
    SASL_EXCHANGE,
    STARTING_TLS,
    LOGGING_IN,
    CHALLENGED,
    ACCEPTED,
    CLOSED
  }

  private static final String LINE_END = "\r\n";

  private final PreAuthLimits limits;
  private final PreAuthReplies replies;
  private final LineFramer octets;
  private final String session;
  private final ClientSteps out = new ClientSteps();
  private State state = State.NOT_AUTHENTICATED;
  private ClientClaims claims = ClientClaims.NONE;
  private boolean utf8;
  private final SaslTalk sasl;
  private String tag = "";
  private int badCommands;
  private int failedLogins;

  PreAuthTalk(PreAuthLimits limits, PreAuthReplies replies, LineFramer octets, String session) {
    this.session = session;
    this.limits = limits;
    this.replies = replies;
    this.octets = octets;
    this.sasl = new SaslTalk(this, replies, octets);
  }

  /** Whole lines for the client, octets as ISO-8859-1. */
  public void say(String lines) {
    out.say(lines);
  }

  /** A command outside the grammar, unknown, or not allowed now; a few end the connection. */
  public void bad(String itsTag, String why) {
    out.say(replies.bad(itsTag, why));
    out.note(new SessionStep.Refused(CommandRefusal.BAD_COMMAND, why));
    if (++badCommands >= limits.badCommands()) {
      close(Farewell.PROTOCOL_ABUSE);
    }
  }

  /** A password, or the wish to send one, where TLS has to come first (rule B3.2). */
  public void needsPrivacy(String itsTag) {
    out.say(replies.privacyRequired(itsTag));
    out.note(new SessionStep.Refused(CommandRefusal.PASSWORD_IN_CLEAR, ""));
  }

  /** What a trusted proxy in front says of its client. */
  public void claimed(ClientClaims said) {
    claims = said;
  }

  /** The client wants its session in UTF-8. */
  public void wantsUtf8() {
    utf8 = true;
  }

  /**
   * A login by the protocol's own command.
   *
   * @param password free of CR, LF and NUL; belongs to the talk from now on
   */
  public void logInByCommand(String itsTag, String loginName, byte[] password) {
    if (loginName.isEmpty() || password.length == 0) {
      Arrays.fill(password, (byte) 0);
      failed(replies.authenticationFailed(itsTag));
    } else {
      Secret secret = Secret.taking(password);
      logIn(itsTag, new Credentials(Mechanism.COMMAND, loginName, "", secret));
    }
  }

  /**
   * A login by SASL.
   *
   * @param mechanismName in any case
   * @param initialResponse in base64, null if there is none; overwritten
   */
  public void authenticate(
      String itsTag,
      String mechanismName,
      byte @Nullable [] initialResponse,
      MechanismOffer offer) {
    Mechanism mechanism = offer.named(mechanismName);
    if (mechanism != null && offer.accepts(mechanism)) {
      SaslExchange begun = new SaslExchange(mechanism, offer.client().certificate());
      state = State.SASL_EXCHANGE;
      sasl.begin(itsTag, begun, initialResponse);
      return;
    }
    if (initialResponse != null) {
      Arrays.fill(initialResponse, (byte) 0);
    }
    if (mechanism == null) {
      out.say(replies.noSuchMechanism(itsTag));
    } else {
      needsPrivacy(itsTag);
    }
  }

  /** Begins TLS, unless plain text already waits behind the command (T1). */
  public void startTls(String itsTag) {
    if (octets.buffered() > 0) {
      close(Farewell.INJECTION);
      return;
    }
    out.say(replies.beginTls(itsTag));
    state = State.STARTING_TLS;
    out.add(new SessionStep.StartTls());
  }

  /** The client takes its leave. */
  public void logOut(String itsTag) {
    out.say(replies.loggedOut(itsTag));
    end("logout");
  }

  /** Ends the connection with the protocol's words. */
  public void close(Farewell why) {
    out.say(replies.farewell(why));
    end(why.name().toLowerCase(Locale.ROOT));
  }

  State state() {
    return state;
  }

  ClientClaims claims() {
    return claims;
  }

  /** All steps so far, once. */
  List<SessionStep> taken() {
    return out.taken();
  }

  /** TLS stands; what is counted against the client stays. */
  void beginAnew() {
    state = State.NOT_AUTHENTICATED;
    claims = ClientClaims.NONE;
    utf8 = false;
  }

  void refuse(LoginFailure failure, @Nullable StoreAnswer answer) {
    state = State.NOT_AUTHENTICATED;
    String text = withReference(failure, replies.refusal(tag, failure, answer));
    if (failure == LoginFailure.SHUTTING_DOWN) {
      out.say(text);
      close(Farewell.SHUTTING_DOWN);
    } else {
      failed(text);
    }
  }

  /** What fails for now leads to its line in the log, unless it is told in a store's words. */
  private String withReference(LoginFailure failure, String text) {
    boolean ours = failure.temporary() && text.equals(replies.refusal(tag, failure, null));
    return ours
        ? text.substring(0, text.length() - LINE_END.length())
            + SessionReference.behindWords(session)
            + LINE_END
        : text;
  }

  String accept(StoreAnswer answer) {
    state = State.ACCEPTED;
    return replies.accepted(tag, answer);
  }

  String farewell(Farewell why) {
    boolean silent =
        state == State.ACCEPTED || state == State.CLOSED || state == State.STARTING_TLS;
    state = State.CLOSED;
    return silent ? "" : replies.farewell(why);
  }

  /** The store of the login under way asks the client. */
  void challenge(byte[] base64) {
    state = State.CHALLENGED;
    out.say(replies.challenge(base64));
  }

  /** What is read next as the protocol's SASL lines. */
  SaslTalk sasl() {
    return sasl;
  }

  /** The exchange with the proxy is over, with or without credentials. */
  void endExchange() {
    state = State.NOT_AUTHENTICATED;
  }

  /** The client's response to its store. */
  void respond(byte[] base64) {
    state = State.LOGGING_IN;
    out.add(new SessionStep.Respond(base64));
  }

  /** The client ends a login that its store had begun to answer; that counts as a failed one. */
  void giveUp(String answer) {
    state = State.NOT_AUTHENTICATED;
    out.add(new SessionStep.GiveUp());
    failed(answer);
  }

  void logIn(String itsTag, Credentials credentials) {
    if (claims.endsHere()) {
      credentials.secret().clear();
      failed(replies.proxyLoop(itsTag));
      return;
    }
    tag = itsTag;
    state = State.LOGGING_IN;
    out.add(new SessionStep.LogIn(credentials.inUtf8(utf8)));
  }

  /** A login that failed, with its answer; a few end the connection. */
  void failed(String answer) {
    out.say(answer);
    if (++failedLogins >= limits.failedLogins()) {
      close(Farewell.TOO_MANY_FAILURES);
    }
  }

  private void end(String reason) {
    state = State.CLOSED;
    octets.clear();
    out.add(new SessionStep.Close(reason));
  }
}
