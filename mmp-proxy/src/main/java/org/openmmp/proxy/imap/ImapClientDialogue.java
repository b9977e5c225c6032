package org.openmmp.proxy.imap;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.ClientDialogue;
import org.openmmp.proxy.session.ClientFacts;
import org.openmmp.proxy.session.ClientStep;
import org.openmmp.proxy.session.Credentials;
import org.openmmp.proxy.session.Farewell;
import org.openmmp.proxy.session.LoginFailure;
import org.openmmp.proxy.session.SaslExchange;
import org.openmmp.proxy.session.StoreAnswer;
import org.openmmp.wire.LineFramer;

/**
 * The dialogue with one IMAP client before its login (rules B3.1, B3.2, B3.4, B3.10).
 *
 * <pre>
 * NOT_AUTHENTICATED → SASL_EXCHANGE → NOT_AUTHENTICATED | LOGGING_IN
 * NOT_AUTHENTICATED → STARTING_TLS → NOT_AUTHENTICATED
 * NOT_AUTHENTICATED → LOGGING_IN → NOT_AUTHENTICATED | ACCEPTED
 * any               → CLOSED
 * </pre>
 *
 * <p>States and endings are here, the commands in {@link ImapPreAuth}.
 */
final class ImapClientDialogue implements ClientDialogue {
  private enum State {
    NOT_AUTHENTICATED,
    SASL_EXCHANGE,
    STARTING_TLS,
    LOGGING_IN,
    ACCEPTED,
    CLOSED
  }

  private final ImapSettings settings;
  private final ImapClientSteps out = new ImapClientSteps();
  private final LineFramer octets;
  private ImapPreAuth commands;
  private State state = State.NOT_AUTHENTICATED;
  private @Nullable SaslExchange exchange;
  private String tag = "";
  private int badCommands;
  private int failedLogins;

  ImapClientDialogue(ImapSettings settings, ClientFacts client) {
    this.settings = settings;
    this.octets = new LineFramer(settings.limits().lineOctets(), LineFramer.LineEnd.CRLF_OR_LF);
    this.commands = new ImapPreAuth(this, new ImapOffer(client, settings), octets);
  }

  @Override
  public List<ClientStep> onOpen() {
    out.say(ImapReplies.greeting(commands.offer().capabilities(), settings.hostName()));
    return out.taken();
  }

  @Override
  public List<ClientStep> onBytes(byte[] more) {
    switch (state) {
      case NOT_AUTHENTICATED, SASL_EXCHANGE -> {
        octets.add(more);
        advance();
      }
      case LOGGING_IN -> {
        octets.add(more);
        if (octets.buffered() > settings.limits().pipelinedOctets()) {
          close(Farewell.PROTOCOL_ABUSE);
        }
      }
      case ACCEPTED -> octets.add(more);
      case STARTING_TLS -> close(Farewell.INJECTION);
      case CLOSED -> {}
    }
    return out.taken();
  }

  @Override
  public List<ClientStep> onTls(ClientFacts facts) {
    // RFC 9051 section 6.2.1 and rule B6.2: nothing from before counts.
    octets.clear();
    commands = new ImapPreAuth(this, new ImapOffer(facts, settings), octets);
    state = State.NOT_AUTHENTICATED;
    return List.of();
  }

  @Override
  public ClientFacts seenAs(ClientFacts own) {
    return commands.seenAs(own);
  }

  @Override
  public List<ClientStep> refuse(LoginFailure failure, @Nullable StoreAnswer answer) {
    state = State.NOT_AUTHENTICATED;
    String text = ImapReplies.refusal(tag, failure, answer, settings.alertText());
    if (failure == LoginFailure.SHUTTING_DOWN) {
      out.say(text);
      close(Farewell.SHUTTING_DOWN);
    } else {
      failed(text);
      advance();
    }
    return out.taken();
  }

  @Override
  public byte[] accept(StoreAnswer answer) {
    state = State.ACCEPTED;
    return ImapReplies.octets(ImapReplies.accepted(tag, answer));
  }

  @Override
  public byte[] leftOver() {
    return octets.rest();
  }

  @Override
  public int buffered() {
    return octets.buffered();
  }

  @Override
  public byte[] farewell(Farewell why) {
    boolean silent =
        state == State.ACCEPTED || state == State.CLOSED || state == State.STARTING_TLS;
    state = State.CLOSED;
    return silent ? new byte[0] : ImapReplies.octets(ImapReplies.farewell(why));
  }

  void say(String response) {
    out.say(response);
  }

  /** A command outside the grammar, unknown, or not allowed now; a few end the connection. */
  void bad(String badTag, String why) {
    out.say(ImapReplies.tagged(badTag.isEmpty() ? "*" : badTag, "BAD " + why));
    if (++badCommands >= settings.limits().badCommands()) {
      close(Farewell.PROTOCOL_ABUSE);
    }
  }

  /** A login that failed, with its tagged response; a few end the connection. */
  void failed(String response) {
    out.say(response);
    if (++failedLogins >= settings.limits().failedLogins()) {
      close(Farewell.TOO_MANY_FAILURES);
    }
  }

  void logIn(String itsTag, Credentials credentials) {
    if (commands.endsHere()) {
      credentials.secret().clear();
      failed(ImapReplies.tagged(itsTag, ImapReplies.PROXY_LOOP));
      return;
    }
    tag = itsTag;
    state = State.LOGGING_IN;
    out.add(new ClientStep.LogIn(credentials));
  }

  /** Begins TLS, unless plain text already waits behind the command (T1). */
  void startTls(String itsTag) {
    if (octets.buffered() > 0) {
      close(Farewell.INJECTION);
      return;
    }
    out.say(ImapReplies.tagged(itsTag, "OK Begin TLS negotiation now."));
    state = State.STARTING_TLS;
    out.add(new ClientStep.StartTls());
  }

  void logOut(String itsTag) {
    out.say("* BYE Logging out.\r\n" + ImapReplies.tagged(itsTag, "OK Logged out."));
    end("logout");
  }

  void close(Farewell why) {
    out.say(ImapReplies.farewell(why));
    end(why.name().toLowerCase(Locale.ROOT));
  }

  void beginExchange(String itsTag, SaslExchange begun, byte @Nullable [] initialResponse) {
    tag = itsTag;
    exchange = begun;
    state = State.SASL_EXCHANGE;
    follow(begun, begun.start(initialResponse));
  }

  private void advance() {
    boolean more = true;
    while (more) {
      more =
          switch (state) {
            case NOT_AUTHENTICATED -> commands.obeyNext();
            case SASL_EXCHANGE -> readResponse();
            case STARTING_TLS, LOGGING_IN, ACCEPTED, CLOSED -> false;
          };
    }
  }

  private boolean readResponse() {
    byte[] line = octets.line();
    if (line == null) {
      if (octets.tooLong()) {
        close(Farewell.PROTOCOL_ABUSE);
      }
      return false;
    }
    SaslExchange underWay = Objects.requireNonNull(exchange, "no exchange is under way");
    if (line.length == 1 && line[0] == '*') {
      endExchange();
      out.say(ImapReplies.tagged(tag, "BAD Authentication cancelled."));
    } else {
      follow(underWay, underWay.respond(line));
    }
    return true;
  }

  private void follow(SaslExchange underWay, SaslExchange.Progress progress) {
    switch (progress) {
      case CHALLENGE -> out.say(ImapReplies.goAhead(underWay.challenge()));
      case COMPLETE -> {
        endExchange();
        logIn(tag, underWay.credentials());
      }
      case MALFORMED -> {
        endExchange();
        bad(tag, "Invalid response for this mechanism.");
      }
      case REFUSED -> {
        endExchange();
        failed(ImapReplies.tagged(tag, ImapReplies.AUTHENTICATION_FAILED));
      }
    }
  }

  private void endExchange() {
    exchange = null;
    state = State.NOT_AUTHENTICATED;
  }

  private void end(String reason) {
    state = State.CLOSED;
    octets.clear();
    out.add(new ClientStep.Close(reason));
  }
}
