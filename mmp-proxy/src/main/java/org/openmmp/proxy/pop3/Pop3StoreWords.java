package org.openmmp.proxy.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.store.LoginPieces;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.proxy.store.StoreLoginForm;
import org.openmmp.proxy.store.StoreOctets;
import org.openmmp.proxy.store.StoreTalk;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.ResponseCode;

/**
 * What is said to one POP3 store from its greeting to its answer to the login (rules B3.12, B3.13,
 * B4.1 to B4.3).
 *
 * <pre>
 * GREETING → STLS → CAPA → XCLIENT? → UTF8? → LOGIN
 * GREETING → CAPA → STLS | XCLIENT | UTF8 | LOGIN
 * </pre>
 *
 * <p>Each command waits for the reply to the one before.
 */
final class Pop3StoreWords implements StoreTalk.Words {
  /** RFC 5034 section 4: the longest line that may carry an initial response, with its end. */
  private static final int MAX_LINE_WITH_RESPONSE = 255;

  /** The command whose reply is waited for. */
  private enum State {
    GREETING,
    STLS,
    CAPA,
    XCLIENT,
    UTF8,
    LOGIN
  }

  private final StoreTalk talk;
  private final StoreLogin login;
  private final StoreOctets octets;
  private final List<String> lines = new ArrayList<>();
  private @Nullable Pop3Reply first;
  private State state = State.GREETING;
  private boolean takesXclient;

  Pop3StoreWords(StoreTalk talk, StoreOctets octets) {
    this.talk = talk;
    this.login = talk.login();
    this.octets = octets;
  }

  /** A dialogue with a store that waits for its greeting. */
  static StoreDialogue dialogue(StoreLogin login, StoreCapabilities learnt) {
    return new StoreTalk(login, learnt, Pop3StoreWords::new);
  }

  @Override
  public boolean hearNext() {
    Pop3Reply reply = nextReply(state == State.CAPA);
    if (reply == null) {
      return false;
    }
    boolean another = octets.buffered() > 0;
    onReply(reply);
    if (another) {
      // RFC 1939 section 3: a reply answers a command, and that one was not sent yet.
      talk.spokeEarly();
    }
    return true;
  }

  /**
   * The next reply, or null if it is not there yet.
   *
   * @param multiLine whether lines follow if it is {@code +OK} (RFC 1939 section 3)
   */
  private @Nullable Pop3Reply nextReply(boolean multiLine) {
    Pop3Reply whole = null;
    for (String line = octets.line(); line != null; line = whole == null ? octets.line() : null) {
      whole = wholeWith(line, multiLine);
    }
    return whole;
  }

  /** The reply that this line completes; null if more lines follow. */
  private @Nullable Pop3Reply wholeWith(String line, boolean multiLine) {
    Pop3Reply begun = first;
    if (begun == null) {
      Pop3Reply reply = Pop3Reply.parse(line);
      first = multiLine && reply.status() == Pop3Reply.Status.OK ? reply : null;
      return first == null ? reply : null;
    }
    if (line.equals(".")) {
      Pop3Reply whole = begun.with(lines);
      first = null;
      lines.clear();
      return whole;
    }
    lines.add(line.startsWith(".") ? line.substring(1) : line);
    return null;
  }

  @Override
  public String tlsCommand() {
    return "STLS";
  }

  @Override
  public void askForTls() {
    ask(State.STLS, tlsCommand());
  }

  @Override
  public void askForOffer() {
    ask(State.CAPA, "CAPA");
  }

  @Override
  public void logIn(StoreCapabilities.Listing store) {
    if (login.tellClient() && (takesXclient || store.has("XCLIENT"))) {
      ask(State.XCLIENT, xclient(login.client()));
    } else {
      chooseEncoding();
    }
  }

  @Override
  public String leave() {
    return "QUIT";
  }

  @Override
  public byte[] behindLogin(byte[] rest) {
    return rest;
  }

  private void onReply(Pop3Reply reply) {
    boolean ok = reply.status() == Pop3Reply.Status.OK;
    if (state != State.LOGIN && !ok && reply.status() != Pop3Reply.Status.ERR) {
      talk.violated("the store's reply is none");
      return;
    }
    switch (state) {
      case GREETING -> onGreeting(ok, reply.text());
      case STLS -> talk.tlsAnswered(ok);
      case CAPA -> {
        // A store without CAPA has none of what it would list.
        talk.offers(Pop3Capabilities.of(reply.lines()));
        talk.secure();
      }
      // A store that takes no word about the client logs it in nevertheless.
      case XCLIENT -> chooseEncoding();
      case UTF8 -> onUtf8(ok);
      case LOGIN -> onLogin(reply);
    }
  }

  private void onGreeting(boolean ok, String text) {
    if (!ok) {
      talk.answer(Pop3LoginAnswers.refusedGreeting(text));
      return;
    }
    talk.greeted(text);
    // Dovecot says in its greeting that it trusts us, and never lists it.
    takesXclient = ResponseCode.split(text).has("XCLIENT");
    talk.secure();
  }

  private void chooseEncoding() {
    if (login.credentials().utf8()) {
      ask(State.UTF8, "UTF8");
    } else {
      sendLogin();
    }
  }

  private void onUtf8(boolean ok) {
    if (ok) {
      sendLogin();
    } else {
      talk.fail(AttemptOutcome.TEMPORARY_FAILURE, "the store has no UTF8, which the client wants");
    }
  }

  private void sendLogin() {
    StoreCapabilities.Listing store = talk.offered();
    StoreLoginForm form = talk.form(store, store.names().isEmpty() || store.has("USER"));
    if (form != null) {
      state = State.LOGIN;
      talk.begin(pieces(form));
    }
  }

  private void onLogin(Pop3Reply reply) {
    switch (reply.status()) {
      case OK -> onAccepted(reply.text());
      case ERR -> talk.answer(Pop3LoginAnswers.refused(reply.text()));
      case CHALLENGE -> {
        if (talk.begun().sasl()) {
          talk.onMore(reply.text().getBytes(ISO_8859_1));
        } else {
          talk.violated("the store asks for what no command has");
        }
      }
      case NONE -> talk.violated("the store's reply is none");
    }
  }

  /** The reply to USER asks for PASS; the last one is the answer. */
  private void onAccepted(String text) {
    if (talk.begun().inExchange()) {
      talk.violated("the store accepted a login before it was told of it");
    } else if (!talk.sendNext()) {
      talk.answer(Pop3LoginAnswers.accepted(text));
    }
  }

  private void ask(State answerAwaited, String command) {
    state = answerAwaited;
    talk.say(command);
  }

  /** Tells the store who the client is (rule B3.12), in the form that Dovecot takes. */
  private static String xclient(ClientFacts client) {
    // A proxy that reads 1 is the last that may stand there: one more than may stand behind us.
    return "XCLIENT ADDR="
        + client.clientIp()
        + " PORT="
        + client.clientPort()
        + " SESSION="
        + client.sessionId()
        + " TTL="
        + (client.proxyTtl() + 1);
  }

  /** The login in the form that the store takes. */
  private static LoginPieces pieces(StoreLoginForm form) {
    if (form.mechanism() == Mechanism.COMMAND) {
      byte[] password = form.commandSecret().copy();
      List<byte[]> pieces =
          List.of(line("USER ", form.commandName().getBytes(UTF_8)), line("PASS ", password));
      Arrays.fill(password, (byte) 0);
      return LoginPieces.ofCommand(pieces);
    }
    String command = "AUTH " + form.mechanism().saslName();
    int length = command.length() + 1 + form.message().length + 2;
    return LoginPieces.ofSasl(command, form, length <= MAX_LINE_WITH_RESPONSE);
  }

  private static byte[] line(String head, byte[] argument) {
    byte[] start = head.getBytes(UTF_8);
    byte[] line = Arrays.copyOf(start, start.length + argument.length + 2);
    System.arraycopy(argument, 0, line, start.length, argument.length);
    line[line.length - 2] = '\r';
    line[line.length - 1] = '\n';
    return line;
  }
}
