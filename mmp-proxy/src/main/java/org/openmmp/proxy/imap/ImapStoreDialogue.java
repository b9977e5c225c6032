package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.LoginPieces;
import org.openmmp.proxy.session.StoreAnswer;
import org.openmmp.proxy.session.StoreCapabilities;
import org.openmmp.proxy.session.StoreDialogue;
import org.openmmp.proxy.session.StoreLogin;
import org.openmmp.proxy.session.StoreLoginForm;
import org.openmmp.proxy.session.StoreProtection;
import org.openmmp.proxy.session.StoreStep;
import org.openmmp.repgroup.AttemptOutcome;

/**
 * The dialogue with one IMAP store from its greeting to its answer to the login (rules B3.3, B3.5,
 * B3.12, B3.13).
 *
 * <pre>
 * GREETING → STARTTLS → TLS_HANDSHAKE → CAPABILITY → LOGIN → ANSWERED
 * GREETING → CAPABILITY → STARTTLS | LOGIN
 * GREETING → LOGIN
 * any      → ANSWERED
 * </pre>
 *
 * <p>A credential is sent after greeting, TLS policy and capabilities were judged, never before.
 */
final class ImapStoreDialogue implements StoreDialogue {
  private enum State {
    GREETING,
    STARTTLS,
    TLS_HANDSHAKE,
    CAPABILITY,
    LOGIN,
    ANSWERED
  }

  private final StoreLogin login;
  private final StoreCapabilities learnt;
  private final StoreProtection protection;
  private final ImapStoreReader octets = new ImapStoreReader();
  private final List<StoreStep> steps = new ArrayList<>(2);
  private State state = State.GREETING;
  private int tags;
  private boolean greeted;
  private @Nullable CapabilityList offered;
  private @Nullable ImapLoginExchange exchange;

  ImapStoreDialogue(StoreLogin login, StoreCapabilities learnt) {
    this.login = login;
    this.learnt = learnt;
    this.protection = new StoreProtection(login.tls());
  }

  @Override
  public List<StoreStep> onBytes(byte[] more) {
    octets.add(more);
    while (state != State.ANSWERED && state != State.TLS_HANDSHAKE) {
      ImapResponse response = octets.next();
      if (response != null) {
        onResponse(response);
      } else if (octets.overLimit()) {
        violated("the store sent too much before its answer");
      } else {
        break;
      }
    }
    return takenSteps();
  }

  @Override
  public List<StoreStep> onTls() {
    // RFC 9051 section 6.2.1: what was known before TLS is forgotten.
    protection.begun();
    octets.clear();
    offered = null;
    secure();
    return takenSteps();
  }

  @Override
  public List<StoreStep> respond(byte[] base64) {
    return Objects.requireNonNull(exchange, "the store did not ask").respond(base64);
  }

  @Override
  public byte[] leftOver() {
    byte[] rest = octets.rest();
    return exchange == null ? rest : exchange.behindLogin(rest);
  }

  @Override
  public byte[] leave() {
    if (!greeted || state == State.TLS_HANDSHAKE) {
      return new byte[0];
    }
    String cancel = exchange != null && exchange.stop() ? "*\r\n" : "";
    return (cancel + nextTag() + " LOGOUT\r\n").getBytes(ISO_8859_1);
  }

  private void onResponse(ImapResponse response) {
    switch (state) {
      case GREETING -> onGreeting(response);
      case STARTTLS -> onStartTls(response);
      case CAPABILITY -> onCapability(response);
      case LOGIN -> onLogin(response);
      case TLS_HANDSHAKE, ANSWERED -> throw new IllegalStateException("nothing is read now");
    }
  }

  private void onGreeting(ImapResponse greeting) {
    if (!greeting.untagged()) {
      violated("the greeting is none");
      return;
    }
    switch (greeting.word()) {
      case OK -> {
        greeted = true;
        steps.add(new StoreStep.Greeted());
        learnFromCode(greeting.text());
        secure();
      }
      case BYE -> answer(ImapLoginAnswers.bye(greeting, AttemptOutcome.REFUSED_GREETING));
      case PREAUTH -> violated("the store greeted with PREAUTH, as nobody knows whom");
      case NO, BAD, CAPABILITY, OTHER -> violated("the greeting is none");
    }
  }

  /** Goes on as far as policy and knowledge allow: to TLS, to the capabilities, to the login. */
  private void secure() {
    CapabilityList known = offered;
    switch (protection.next(known != null, known != null && known.has("STARTTLS"))) {
      case BEGIN_TLS -> ask(State.STARTTLS, "STARTTLS");
      case ASK -> ask(State.CAPABILITY, "CAPABILITY");
      case LOG_IN -> logIn(Objects.requireNonNull(known, "what the store offers is known"));
      case FAIL ->
          fail(AttemptOutcome.TLS_FAILED, "the store offers no STARTTLS, and TLS is required");
    }
  }

  private void onStartTls(ImapResponse response) {
    if (isBye(response) || !response.tag().equals(lastTag())) {
      return;
    }
    if (response.word() == ImapResponse.Word.OK) {
      if (octets.buffered() > 0) {
        fail(AttemptOutcome.TLS_FAILED, "plain text was waiting behind the answer to STARTTLS");
        return;
      }
      state = State.TLS_HANDSHAKE;
      steps.add(new StoreStep.StartTls());
    } else if (protection.mayDoWithout()) {
      secure();
    } else {
      fail(AttemptOutcome.TLS_FAILED, "the store refused STARTTLS, and TLS is required");
    }
  }

  private void ask(State answerAwaited, String command) {
    state = answerAwaited;
    send(nextTag() + ' ' + command + "\r\n");
  }

  private void onCapability(ImapResponse response) {
    if (response.untagged() && response.word() == ImapResponse.Word.CAPABILITY) {
      offered = new CapabilityList(response.text());
    } else if (!isBye(response) && response.tag().equals(lastTag())) {
      learnFromCode(response.text());
      offered = offered == null ? new CapabilityList("") : offered;
      secure();
    }
  }

  private void logIn(CapabilityList store) {
    learnt.learn(login.host(), store);
    StoreLoginForm form = StoreLoginForm.of(login, store, !store.has("LOGINDISABLED"));
    if (!form.unusable().isEmpty()) {
      // Another host may have what this one lacks, and nobody's password is wrong.
      fail(AttemptOutcome.TEMPORARY_FAILURE, form.unusable());
      return;
    }
    LoginPieces begun = ImapStoreCommands.logIn(nextTag(), form, store);
    exchange = new ImapLoginExchange(begun, lastTag(), nextTag());
    state = State.LOGIN;
    if (login.tellClient() && store.has("ID")) {
      send(ImapStoreCommands.id(nextTag(), login.client()));
    }
    steps.add(new StoreStep.Send(begun.first()));
  }

  private void onLogin(ImapResponse response) {
    ImapLoginExchange underWay = Objects.requireNonNull(exchange, "no login was sent");
    StoreAnswer answer = underWay.onResponse(response, steps);
    if (answer != null) {
      answer(answer);
    } else if (underWay.loggedIn()) {
      octets.readVerbatim();
    }
  }

  private void learnFromCode(String text) {
    CapabilityList listed = CapabilityList.inCodeOf(text);
    offered = listed == null ? offered : listed;
  }

  private boolean isBye(ImapResponse response) {
    boolean bye = response.untagged() && response.word() == ImapResponse.Word.BYE;
    if (bye) {
      answer(ImapLoginAnswers.bye(response, AttemptOutcome.UNREACHABLE));
    }
    return bye;
  }

  private void violated(String how) {
    fail(AttemptOutcome.PROTOCOL_VIOLATION, how);
  }

  private void fail(AttemptOutcome outcome, String reason) {
    answer(StoreAnswer.failed(outcome, reason));
  }

  private void answer(StoreAnswer answer) {
    state = State.ANSWERED;
    if (exchange != null) {
      exchange.stop();
    }
    steps.add(new StoreStep.Answered(answer));
  }

  private void send(String text) {
    steps.add(new StoreStep.Send(text.getBytes(ISO_8859_1)));
  }

  private String nextTag() {
    tags++;
    return lastTag();
  }

  private String lastTag() {
    return "P" + tags;
  }

  private List<StoreStep> takenSteps() {
    List<StoreStep> all = List.copyOf(steps);
    steps.clear();
    return all;
  }
}
