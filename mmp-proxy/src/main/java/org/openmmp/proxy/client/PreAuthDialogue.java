package org.openmmp.proxy.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.PreAuthLimits;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.wire.LineFramer;

/**
 * The dialogue with one client before its login, in any protocol of lines with SASL (rules B3.1,
 * B3.2, B3.4, B4.1, B4.4, B6.2).
 *
 * <p>Events come in here. The protocol's {@link PreAuthCommands} read the commands, its {@link
 * PreAuthReplies} are the words, and what comes of a command is in {@link PreAuthTalk}.
 */
public final class PreAuthDialogue implements ClientDialogue {
  private final PreAuthLimits limits;
  private final PreAuthCommands.Maker maker;
  private final LineFramer octets;
  private final PreAuthTalk talk;
  private PreAuthCommands commands;

  /** A dialogue that waits for its opening. */
  public PreAuthDialogue(
      PreAuthLimits limits,
      PreAuthReplies replies,
      PreAuthCommands.Maker maker,
      ClientFacts client) {
    this.limits = limits;
    this.maker = maker;
    this.octets = new LineFramer(limits.lineOctets(), LineFramer.LineEnd.CRLF_OR_LF);
    this.talk = new PreAuthTalk(limits, replies, octets, client.sessionId());
    this.commands = maker.commands(talk, client, octets);
  }

  @Override
  public List<SessionStep> onOpen() {
    talk.say(commands.greeting());
    return talk.taken();
  }

  @Override
  public List<SessionStep> onBytes(byte[] more) {
    switch (talk.state()) {
      case NOT_AUTHENTICATED, SASL_EXCHANGE, CHALLENGED -> {
        octets.add(more);
        advance();
      }
      case LOGGING_IN -> {
        octets.add(more);
        if (octets.buffered() > limits.pipelinedOctets()) {
          talk.close(Farewell.PROTOCOL_ABUSE);
        }
      }
      case ACCEPTED -> octets.add(more);
      case STARTING_TLS -> talk.close(Farewell.INJECTION);
      case CLOSED -> {}
    }
    return talk.taken();
  }

  @Override
  public List<SessionStep> onTls(ClientFacts facts) {
    // RFC 9051 section 6.2.1, RFC 2595 section 4 and rule B6.2: nothing from before counts.
    octets.clear();
    talk.beginAnew();
    commands = maker.commands(talk, facts, octets);
    return List.of();
  }

  @Override
  public ClientFacts seenAs(ClientFacts own) {
    return talk.claims().appliedTo(own);
  }

  @Override
  public List<SessionStep> challenge(byte[] base64) {
    talk.challenge(base64);
    advance();
    return talk.taken();
  }

  @Override
  public List<SessionStep> refuse(LoginFailure failure, @Nullable StoreAnswer answer) {
    talk.refuse(failure, answer);
    advance();
    return talk.taken();
  }

  @Override
  public byte[] accept(StoreAnswer answer) {
    return talk.accept(answer).getBytes(ISO_8859_1);
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
    return talk.farewell(why).getBytes(ISO_8859_1);
  }

  private void advance() {
    boolean more = true;
    while (more) {
      more =
          switch (talk.state()) {
            case NOT_AUTHENTICATED -> commands.obeyNext();
            case SASL_EXCHANGE -> talk.sasl().readResponse();
            case CHALLENGED -> talk.sasl().readResponseToStore();
            case STARTING_TLS, LOGGING_IN, ACCEPTED, CLOSED -> false;
          };
    }
  }
}
