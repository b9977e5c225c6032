package org.openmmp.proxy.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.PreAuthConfig;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.text.AddressLiteral;
import org.openmmp.wire.LineFramer;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.Secret;
import org.openmmp.wire.SessionReference;

/**
 * The dialogue with one client before its login, in any protocol of lines with SASL (rules B3.1,
 * B3.2, B3.4, B4.1, B4.4, B6.2).
 *
 * <pre>
 * NOT_AUTHENTICATED → SASL_EXCHANGE → NOT_AUTHENTICATED | LOGGING_IN
 * NOT_AUTHENTICATED → STARTING_TLS → NOT_AUTHENTICATED
 * NOT_AUTHENTICATED → LOGGING_IN → (CHALLENGED → LOGGING_IN)* → NOT_AUTHENTICATED | ACCEPTED
 * any               → CLOSED
 * </pre>
 *
 * <p>The protocol's {@link Commands} read the client's commands and say here what comes of each;
 * its {@link PreAuthReplies} are the words.
 */
public final class PreAuthTalk implements ClientDialogue {
  private enum State {
    NOT_AUTHENTICATED,
    SASL_EXCHANGE,
    STARTING_TLS,
    LOGGING_IN,
    CHALLENGED,
    ACCEPTED,
    CLOSED
  }

  /**
   * The commands of one protocol that a client may give before login. There is a new one once TLS
   * stands, so that nothing from before counts (rule B6.2).
   */
  public interface Commands {
    /** The greeting, whole lines. */
    String greeting();

    /** Reads on and obeys what is complete; false if more octets are needed, or the end came. */
    boolean obeyNext();

    /** Octets of a command that is not complete, beside those that were not read yet. */
    default int held() {
      return 0;
    }

    /** Overwrites those. */
    default void forget() {}
  }

  private static final String LINE_END = "\r\n";

  private final PreAuthConfig config;
  private final StoreCapabilities stores;
  private final PreAuthReplies replies;
  private final BiFunction<PreAuthTalk, LineFramer, Commands> maker;
  private final LineFramer octets;

  /** Its name in our log. */
  private final String session;

  private final SaslTalk sasl;
  private final List<SessionStep> steps = new ArrayList<>(2);
  private final List<String> unsaid = new ArrayList<>(1);
  private ClientFacts client;
  private State state = State.NOT_AUTHENTICATED;
  private ClientClaims claims = ClientClaims.NONE;
  private boolean utf8;
  private String tag = "";
  private int badCommands;
  private int failedLogins;
  private Commands commands;

  /**
   * A dialogue that waits for its opening.
   *
   * @param stores what stores offer
   * @param maker makes the commands of a connection in its present state, which tell the talk what
   *     comes of each, and read them from the octets
   */
  public PreAuthTalk(
      PreAuthConfig config,
      StoreCapabilities stores,
      PreAuthReplies replies,
      BiFunction<PreAuthTalk, LineFramer, Commands> maker,
      ClientFacts client) {
    this.config = config;
    this.stores = stores;
    this.replies = replies;
    this.maker = maker;
    this.client = client;
    this.session = client.sessionId();
    this.octets = new LineFramer(config.lineOctets(), LineFramer.LineEnd.CRLF_OR_LF);
    this.sasl = new SaslTalk(this, replies, octets);
    this.commands = maker.apply(this, octets);
  }

  // ---- what the session does

  @Override
  public List<SessionStep> onOpen() {
    say(commands.greeting());
    return taken();
  }

  @Override
  public List<SessionStep> onBytes(byte[] more) {
    switch (state) {
      case NOT_AUTHENTICATED, SASL_EXCHANGE, CHALLENGED -> {
        octets.add(more);
        advance();
      }
      case LOGGING_IN -> {
        octets.add(more);
        if (octets.buffered() > config.pipelinedOctets()) {
          close(Farewell.PROTOCOL_ABUSE);
        }
      }
      case ACCEPTED -> octets.add(more);
      case STARTING_TLS -> close(Farewell.INJECTION);
      case CLOSED -> {}
    }
    return taken();
  }

  @Override
  public List<SessionStep> onTls(ClientFacts facts) {
    // RFC 9051 section 6.2.1, RFC 2595 section 4 and rule B6.2: nothing from before counts, but for
    // what is counted against the client.
    octets.clear();
    client = facts;
    state = State.NOT_AUTHENTICATED;
    claims = ClientClaims.NONE;
    utf8 = false;
    commands = maker.apply(this, octets);
    return List.of();
  }

  @Override
  public ClientFacts seenAs(ClientFacts own) {
    return claims.appliedTo(own);
  }

  @Override
  public List<SessionStep> challenge(byte[] base64) {
    state = State.CHALLENGED;
    say(replies.challenge(base64));
    advance();
    return taken();
  }

  @Override
  public List<SessionStep> refuse(LoginFailure failure, @Nullable StoreAnswer answer) {
    state = State.NOT_AUTHENTICATED;
    String text = withReference(failure, replies.refusal(tag, failure, answer));
    if (failure == LoginFailure.SHUTTING_DOWN) {
      say(text);
      close(Farewell.SHUTTING_DOWN);
    } else {
      failed(text);
    }
    advance();
    return taken();
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

  @Override
  public byte[] accept(StoreAnswer answer) {
    state = State.ACCEPTED;
    return replies.accepted(tag, answer).getBytes(ISO_8859_1);
  }

  @Override
  public byte[] leftOver() {
    return octets.rest();
  }

  @Override
  public int buffered() {
    return octets.buffered() + commands.held();
  }

  @Override
  public void forget() {
    octets.clear();
    commands.forget();
  }

  @Override
  public byte[] farewell(Farewell why) {
    boolean silent =
        state == State.ACCEPTED || state == State.CLOSED || state == State.STARTING_TLS;
    state = State.CLOSED;
    return (silent ? "" : replies.farewell(why, session)).getBytes(ISO_8859_1);
  }

  private void advance() {
    boolean more = true;
    while (more) {
      more =
          switch (state) {
            case NOT_AUTHENTICATED -> commands.obeyNext();
            case SASL_EXCHANGE -> sasl.readResponse();
            case CHALLENGED -> sasl.readResponseToStore();
            case STARTING_TLS, LOGGING_IN, ACCEPTED, CLOSED -> false;
          };
    }
  }

  // ---- what commands ask

  /** What is known of the client's connection now. */
  public ClientFacts client() {
    return client;
  }

  /** The mechanisms that it may use now. */
  public MechanismOffer offer() {
    return new MechanismOffer(client, config.mechanisms(), stores.common());
  }

  /** Whether whoever is connected may say who its own client is (rule B3.12). */
  public boolean takesClaims() {
    return config
        .trustedProxies()
        .contains(Objects.requireNonNull(AddressLiteral.parse(client.clientIp())));
  }

  // ---- what comes of a command

  /** Whole lines for the client, octets as ISO-8859-1; those in a row become one write. */
  public void say(String lines) {
    if (!lines.isEmpty()) {
      unsaid.add(lines);
    }
  }

  /** A command outside the grammar, unknown, or not allowed now; a few end the connection. */
  public void bad(String itsTag, String why) {
    say(replies.bad(itsTag, why));
    steps.add(new SessionStep.Refused(/* clearPassword= */ false, why));
    if (++badCommands >= config.badCommands()) {
      close(Farewell.PROTOCOL_ABUSE);
    }
  }

  /** A password, or the wish to send one, where TLS has to come first (rule B3.2). */
  public void needsPrivacy(String itsTag) {
    say(replies.privacyRequired(itsTag));
    steps.add(new SessionStep.Refused(/* clearPassword= */ true, ""));
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
  public void authenticate(String itsTag, String mechanismName, byte @Nullable [] initialResponse) {
    MechanismOffer offer = offer();
    Mechanism mechanism = offer.named(mechanismName);
    if (mechanism != null && offer.accepts(mechanism)) {
      SaslExchange begun = new SaslExchange(mechanism, client.certificate());
      state = State.SASL_EXCHANGE;
      sasl.begin(itsTag, begun, initialResponse);
      return;
    }
    if (initialResponse != null) {
      Arrays.fill(initialResponse, (byte) 0);
    }
    if (mechanism == null) {
      say(replies.noSuchMechanism(itsTag));
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
    say(replies.beginTls(itsTag));
    state = State.STARTING_TLS;
    want(SessionStep.Simple.START_TLS);
  }

  /** The client takes its leave. */
  public void logOut(String itsTag) {
    say(replies.loggedOut(itsTag));
    end("logout");
  }

  /** Ends the connection with the protocol's words. */
  public void close(Farewell why) {
    say(replies.farewell(why, session));
    end(why.cause());
  }

  /** The exchange with the proxy is over, with or without credentials. */
  void endExchange() {
    state = State.NOT_AUTHENTICATED;
  }

  /** The client's response to its store. */
  void respond(byte[] base64) {
    state = State.LOGGING_IN;
    want(new SessionStep.Respond(base64));
  }

  /** The client ends a login that its store had begun to answer; that counts as a failed one. */
  void giveUp(String answer) {
    state = State.NOT_AUTHENTICATED;
    want(SessionStep.Simple.GIVE_UP);
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
    want(new SessionStep.LogIn(credentials.inUtf8(utf8)));
  }

  /** A login that failed, with its answer; a few end the connection. */
  void failed(String answer) {
    say(answer);
    if (++failedLogins >= config.failedLogins()) {
      close(Farewell.TOO_MANY_FAILURES);
    }
  }

  private void end(String reason) {
    state = State.CLOSED;
    octets.clear();
    want(new SessionStep.Close(reason));
  }

  /** What was said before goes out first. */
  private void want(SessionStep step) {
    flush();
    steps.add(step);
  }

  private void flush() {
    if (!unsaid.isEmpty()) {
      String lines = unsaid.size() == 1 ? unsaid.get(0) : String.join("", unsaid);
      steps.add(new SessionStep.Write(lines.getBytes(ISO_8859_1)));
      unsaid.clear();
    }
  }

  /** All steps so far, once. */
  private List<SessionStep> taken() {
    flush();
    List<SessionStep> taken = List.copyOf(steps);
    steps.clear();
    return taken;
  }
}
