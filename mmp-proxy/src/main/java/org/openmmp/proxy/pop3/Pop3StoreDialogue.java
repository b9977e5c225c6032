package org.openmmp.proxy.pop3;

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
import org.openmmp.wire.ResponseCode;

/**
 * The dialogue with one POP3 store from its greeting to its answer to the login (rules B3.12,
 * B3.13, B4.1 to B4.3).
 *
 * <pre>
 * GREETING → STLS → TLS_HANDSHAKE → CAPA → XCLIENT? → UTF8? → LOGIN → ANSWERED
 * GREETING → CAPA → STLS | XCLIENT | UTF8 | LOGIN
 * any      → ANSWERED
 * </pre>
 *
 * <p>A credential is sent after greeting, TLS policy and capabilities were judged, never before.
 * Each command waits for the reply to the one before.
 */
final class Pop3StoreDialogue implements StoreDialogue {
  private enum State {
    GREETING,
    STLS,
    TLS_HANDSHAKE,
    CAPA,
    XCLIENT,
    UTF8,
    LOGIN,
    ANSWERED
  }

  private final StoreLogin login;
  private final StoreCapabilities learnt;
  private final StoreProtection protection;
  private final Pop3StoreReader octets = new Pop3StoreReader();
  private final List<StoreStep> steps = new ArrayList<>(2);
  private State state = State.GREETING;
  private boolean greeted;
  private boolean takesXclient;
  private @Nullable Pop3CapabilityList offered;
  private @Nullable Pop3LoginExchange exchange;

  Pop3StoreDialogue(StoreLogin login, StoreCapabilities learnt) {
    this.login = login;
    this.learnt = learnt;
    this.protection = new StoreProtection(login.tls());
  }

  @Override
  public List<StoreStep> onBytes(byte[] more) {
    octets.add(more);
    while (state != State.ANSWERED && state != State.TLS_HANDSHAKE) {
      Pop3Reply reply = octets.next(state == State.CAPA);
      if (reply != null) {
        boolean another = octets.buffered() > 0;
        onReply(reply);
        if (another && state != State.ANSWERED) {
          // RFC 1939 section 3: a reply answers a command, and that one was not sent yet.
          StoreStep.withdraw(steps);
          violated("the store replied before it was asked");
        }
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
    // RFC 2595 section 4: what was known before TLS is forgotten.
    protection.begun();
    octets.clear();
    offered = null;
    secure();
    return takenSteps();
  }

  @Override
  public List<StoreStep> respond(byte[] base64) {
    return Objects.requireNonNull(exchange, "no login was sent").respond(base64);
  }

  @Override
  public byte[] leftOver() {
    return octets.rest();
  }

  @Override
  public byte[] leave() {
    if (!greeted || state == State.TLS_HANDSHAKE) {
      return new byte[0];
    }
    String cancel = exchange != null && exchange.stop() ? "*\r\n" : "";
    return (cancel + "QUIT\r\n").getBytes(ISO_8859_1);
  }

  private void onReply(Pop3Reply reply) {
    boolean ok = reply.status() == Pop3Reply.Status.OK;
    if (state != State.LOGIN && !ok && reply.status() != Pop3Reply.Status.ERR) {
      violated("the store's reply is none");
      return;
    }
    switch (state) {
      case GREETING -> onGreeting(ok, reply.text());
      case STLS -> onStls(ok);
      case CAPA -> {
        // A store without CAPA has none of what it would list.
        offered = Pop3CapabilityList.of(reply.lines());
        secure();
      }
      // A store that takes no word about the client logs it in nevertheless.
      case XCLIENT -> chooseEncoding();
      case UTF8 -> onUtf8(ok);
      case LOGIN -> onLogin(reply);
      case TLS_HANDSHAKE, ANSWERED -> throw new IllegalStateException("nothing is read now");
    }
  }

  private void onGreeting(boolean ok, String text) {
    if (!ok) {
      answer(Pop3LoginAnswers.refusedGreeting(text));
      return;
    }
    greeted = true;
    steps.add(new StoreStep.Greeted());
    // Dovecot says in its greeting that it trusts us, and never lists it.
    takesXclient = ResponseCode.split(text).has("XCLIENT");
    secure();
  }

  /** Goes on as far as policy and knowledge allow: to TLS, to the capabilities, to the login. */
  private void secure() {
    Pop3CapabilityList known = offered;
    switch (protection.next(known != null, known != null && known.has("STLS"))) {
      case BEGIN_TLS -> ask(State.STLS, "STLS");
      case ASK -> ask(State.CAPA, "CAPA");
      case LOG_IN -> tellClient(Objects.requireNonNull(known, "what the store offers is known"));
      case FAIL -> fail(AttemptOutcome.TLS_FAILED, "the store offers no STLS, and TLS is required");
    }
  }

  private void onStls(boolean ok) {
    if (!ok && protection.mayDoWithout()) {
      secure();
    } else if (!ok) {
      fail(AttemptOutcome.TLS_FAILED, "the store refused STLS, and TLS is required");
    } else if (octets.buffered() > 0) {
      fail(AttemptOutcome.TLS_FAILED, "plain text was waiting behind the answer to STLS");
    } else {
      state = State.TLS_HANDSHAKE;
      steps.add(new StoreStep.StartTls());
    }
  }

  private void tellClient(Pop3CapabilityList store) {
    learnt.learn(login.host(), store);
    if (login.tellClient() && (takesXclient || store.has("XCLIENT"))) {
      ask(State.XCLIENT, Pop3StoreCommands.xclient(login.client()));
    } else {
      chooseEncoding();
    }
  }

  private void chooseEncoding() {
    if (login.credentials().utf8()) {
      ask(State.UTF8, "UTF8");
    } else {
      logIn();
    }
  }

  private void onUtf8(boolean ok) {
    if (ok) {
      logIn();
    } else {
      fail(AttemptOutcome.TEMPORARY_FAILURE, "the store has no UTF8, which the client wants");
    }
  }

  private void logIn() {
    Pop3CapabilityList store = Objects.requireNonNull(offered, "what the store offers is known");
    boolean takesUser = store.names().isEmpty() || store.has("USER");
    StoreLoginForm form = StoreLoginForm.of(login, store, takesUser);
    if (!form.unusable().isEmpty()) {
      // Another host may have what this one lacks, and nobody's password is wrong.
      fail(AttemptOutcome.TEMPORARY_FAILURE, form.unusable());
      return;
    }
    LoginPieces begun = Pop3StoreCommands.logIn(form);
    exchange = new Pop3LoginExchange(begun);
    state = State.LOGIN;
    steps.add(new StoreStep.Send(begun.first()));
  }

  private void onLogin(Pop3Reply reply) {
    StoreAnswer answer =
        Objects.requireNonNull(exchange, "no login was sent").onReply(reply, steps);
    if (answer != null) {
      answer(answer);
    }
  }

  private void ask(State answerAwaited, String command) {
    state = answerAwaited;
    steps.add(new StoreStep.Send((command + "\r\n").getBytes(ISO_8859_1)));
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

  private List<StoreStep> takenSteps() {
    List<StoreStep> all = List.copyOf(steps);
    steps.clear();
    return all;
  }
}
