package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.proxy.store.StoreLoginForm;
import org.openmmp.proxy.store.StoreOctets;
import org.openmmp.proxy.store.StoreTalk;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.wire.ResponseCode;

/**
 * What is said to one IMAP store from its greeting to its answer to the login (rules B3.3, B3.5,
 * B3.12, B3.13).
 *
 * <pre>
 * GREETING → STARTTLS → CAPABILITY → LOGIN
 * GREETING → CAPABILITY → STARTTLS | LOGIN
 * GREETING → LOGIN
 * LOGIN    → CAPABILITY_BEHIND_LOGIN?
 * </pre>
 */
final class ImapStoreWords implements StoreTalk.Words {
  private static final int LONGEST_TAG = 7;

  /** Of most logins; those behind them are made when they are needed. */
  private static final List<String> TAGS = List.of("P0", "P1", "P2", "P3", "P4", "P5", "P6");

  /** The response that is waited for. */
  private enum State {
    GREETING,
    STARTTLS,
    CAPABILITY,
    LOGIN,
    /** Of a CAPABILITY behind an accepted login that brought none (rule B3.3). */
    CAPABILITY_BEHIND_LOGIN
  }

  private static final int MAX_ALERTS = 4;

  private final StoreTalk talk;
  private final StoreLogin login;
  private final StoreOctets octets;
  private State state = State.GREETING;
  private int tags;
  private int tagsSent;
  private boolean insideResponse;
  private String loginTag = "";
  private String capabilityTag = "";
  private final List<String> alerts = new ArrayList<>(0);
  private String capabilities = "";
  private @Nullable StoreAnswer accepted;
  private final ByteArrayOutputStream behindLogin = new ByteArrayOutputStream(0);

  ImapStoreWords(StoreTalk talk, StoreOctets octets) {
    this.talk = talk;
    this.login = talk.login();
    this.octets = octets;
  }

  /** A dialogue with a store that waits for its greeting. */
  static StoreDialogue dialogue(StoreLogin login, StoreCapabilities learnt) {
    return new StoreTalk(login, learnt, ImapStoreWords::new);
  }

  @Override
  public boolean hearNext() {
    ImapResponse response = nextResponse();
    if (response == null) {
      return false;
    }
    if (isEarly(response)) {
      talk.spokeEarly();
      return true;
    }
    switch (state) {
      case GREETING -> onGreeting(response);
      case STARTTLS -> onStartTls(response);
      case CAPABILITY -> onCapability(response);
      case LOGIN -> onLogin(response);
      case CAPABILITY_BEHIND_LOGIN -> onBehindLogin(response);
    }
    return true;
  }

  /**
   * The next response, or null if it is not there yet. Literals inside responses are read over, so
   * that what they hold is never taken for a response.
   */
  private @Nullable ImapResponse nextResponse() {
    for (String line = octets.line(); line != null; line = octets.line()) {
      if (!insideResponse) {
        ImapResponse response = ImapResponse.parse(line);
        // Behind an accepted login every line counts, for it may be the client's.
        if (state != State.CAPABILITY_BEHIND_LOGIN && response.mayHoldLiterals()) {
          expectLiteral(line);
        }
        return response;
      }
      insideResponse = false;
      expectLiteral(line);
    }
    return null;
  }

  private void expectLiteral(String line) {
    int announced = announcedBy(line);
    if (announced >= 0) {
      insideResponse = true;
      octets.expectLiteral(announced);
    }
  }

  /** Size of the literal that a line announces at its end; -1 if none. */
  private static int announcedBy(String line) {
    int open = line.lastIndexOf('{');
    int digits = line.length() - open - 2;
    if (!line.endsWith("}") || open < 0 || digits < 1) {
      return -1;
    }
    int size = 0;
    for (int i = open + 1; i < line.length() - 1; i++) {
      int digit = line.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      size = Math.min(size * 10 + digit, StoreOctets.MAX_OCTETS + 1);
    }
    return size;
  }

  @Override
  public void wasSent() {
    tagsSent = tags;
  }

  /** Whether it answers what is still to be sent: tags can be guessed, and no login was seen. */
  private boolean isEarly(ImapResponse response) {
    if (response.continuation()) {
      return tags > tagsSent;
    }
    return numberOf(response.tag()) > tagsSent;
  }

  /** The number of a tag of ours; 0 of any other. */
  private static int numberOf(String tag) {
    if (tag.length() < 2 || tag.length() > LONGEST_TAG || tag.charAt(0) != 'P') {
      return 0;
    }
    int number = 0;
    for (int i = 1; i < tag.length(); i++) {
      int digit = tag.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  @Override
  public String tlsCommand() {
    return "STARTTLS";
  }

  @Override
  public void askForTls() {
    ask(State.STARTTLS, tlsCommand());
  }

  @Override
  public void askForOffer() {
    ask(State.CAPABILITY, "CAPABILITY");
  }

  @Override
  public void logIn(StoreCapabilities.Listing store) {
    StoreLoginForm form = talk.form(store, !store.has("LOGINDISABLED"));
    if (form == null) {
      return;
    }
    state = State.LOGIN;
    loginTag = nextTag();
    capabilityTag = nextTag();
    if (login.tellClient() && store.has("ID")) {
      talk.say(ImapStoreCommands.id(nextTag(), login.client()));
    }
    talk.begin(ImapStoreCommands.logIn(loginTag, form, store));
  }

  @Override
  public List<String> offeredBehind(StoreAnswer accepted) {
    return new ImapCapabilities(ImapCapabilities.inAnswer(accepted)).names();
  }

  @Override
  public String leave() {
    return nextTag() + " LOGOUT";
  }

  @Override
  public byte[] behindLogin(byte[] rest) {
    behindLogin.writeBytes(rest);
    byte[] all = behindLogin.toByteArray();
    behindLogin.reset();
    return all;
  }

  private void onGreeting(ImapResponse greeting) {
    if (!greeting.untagged()) {
      talk.violated("the greeting is none");
      return;
    }
    switch (greeting.word()) {
      case OK -> {
        talk.greeted(greeting.text());
        learnFromCode(greeting.text());
        talk.secure();
      }
      case BYE -> talk.answer(ImapLoginAnswers.bye(greeting, AttemptOutcome.REFUSED_GREETING));
      case PREAUTH -> talk.violated("the store greeted with PREAUTH, as nobody knows whom");
      case NO, BAD, CAPABILITY, OTHER -> talk.violated("the greeting is none");
    }
  }

  private void onStartTls(ImapResponse response) {
    if (!isBye(response) && response.tag().equals(lastTag())) {
      talk.tlsAnswered(response.word() == ImapResponse.Word.OK);
    }
  }

  private void onCapability(ImapResponse response) {
    if (response.untagged() && response.word() == ImapResponse.Word.CAPABILITY) {
      talk.offers(new ImapCapabilities(response.text()));
    } else if (!isBye(response) && response.tag().equals(lastTag())) {
      learnFromCode(response.text());
      if (!talk.knowsOffer()) {
        talk.offers(new ImapCapabilities(""));
      }
      talk.secure();
    }
  }

  private void onLogin(ImapResponse response) {
    if (response.continuation()) {
      String line = response.line();
      talk.onMore(line.substring(Math.min(2, line.length())).getBytes(ISO_8859_1));
    } else if (response.untagged()) {
      onUntagged(response);
    } else if (response.tag().equals(loginTag)) {
      onTagged(response);
    }
  }

  /** Only what may pass reaches the client: capabilities and alerts (B4). */
  private void onUntagged(ImapResponse response) {
    switch (response.word()) {
      case CAPABILITY -> capabilities = shown(response);
      case BYE -> talk.answer(ImapLoginAnswers.bye(response, AttemptOutcome.UNREACHABLE));
      case OK, NO, BAD -> {
        if (ResponseCode.isIn(response.text(), "ALERT")
            && !ResponseCode.isIn(response.text(), "REFERRAL")
            && alerts.size() < MAX_ALERTS) {
          alerts.add(response.line());
        }
      }
      case PREAUTH, OTHER -> {}
    }
  }

  private void onTagged(ImapResponse response) {
    ImapResponse told =
        login.survival().on()
            ? ImapCapabilities.codeWithout(response, login.survival()::hides)
            : response;
    StoreAnswer answer = ImapLoginAnswers.tagged(told, alerts, untagged());
    if (response.word() != ImapResponse.Word.OK
        || !capabilities.isEmpty()
        || ResponseCode.isIn(response.text(), "CAPABILITY")) {
      talk.answer(answer);
      return;
    }
    accepted = answer;
    talk.endLogin();
    state = State.CAPABILITY_BEHIND_LOGIN;
    talk.say(capabilityTag + " CAPABILITY");
  }

  /** Whatever is no answer of the store to that CAPABILITY belongs to the client. */
  private void onBehindLogin(ImapResponse response) {
    if (response.tag().equals(capabilityTag)) {
      StoreAnswer before = Objects.requireNonNull(accepted, "the login was accepted");
      talk.answer(
          new StoreAnswer(
              before.outcome(),
              before.referral(),
              untagged(),
              before.finalResponse(),
              before.reason()));
    } else if (response.untagged() && response.word() == ImapResponse.Word.CAPABILITY) {
      capabilities = shown(response);
    } else {
      behindLogin.writeBytes((response.line() + "\r\n").getBytes(ISO_8859_1));
    }
  }

  private List<String> untagged() {
    if (alerts.isEmpty()) {
      return capabilities.isEmpty() ? List.of() : List.of(capabilities);
    }
    List<String> lines = new ArrayList<>(2);
    // Other alerts belong to a refusal.
    alerts.stream()
        .filter(alert -> ImapResponse.parse(alert).word() == ImapResponse.Word.OK)
        .forEach(lines::add);
    if (!capabilities.isEmpty()) {
      lines.add(capabilities);
    }
    return lines;
  }

  /** The store's list, less what would keep the client's session from being moved (rule B9.3). */
  private String shown(ImapResponse list) {
    return login.survival().on()
        ? "* CAPABILITY " + ImapCapabilities.without(list.text(), login.survival()::hides)
        : list.line();
  }

  private void learnFromCode(String text) {
    ImapCapabilities listed = ImapCapabilities.inCodeOf(text);
    if (listed != null) {
      talk.offers(listed);
    }
  }

  private boolean isBye(ImapResponse response) {
    boolean bye = response.untagged() && response.word() == ImapResponse.Word.BYE;
    if (bye) {
      talk.answer(ImapLoginAnswers.bye(response, AttemptOutcome.UNREACHABLE));
    }
    return bye;
  }

  private void ask(State answerAwaited, String command) {
    state = answerAwaited;
    talk.say(nextTag() + ' ' + command);
  }

  private String nextTag() {
    tags++;
    return lastTag();
  }

  private String lastTag() {
    return tags < TAGS.size() ? TAGS.get(tags) : "P" + tags;
  }
}
