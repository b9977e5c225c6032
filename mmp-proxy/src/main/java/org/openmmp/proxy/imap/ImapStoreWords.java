package org.openmmp.proxy.imap;

import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.proxy.store.StoreLoginForm;
import org.openmmp.proxy.store.StoreOctets;
import org.openmmp.proxy.store.StoreTalk;
import org.openmmp.repgroup.AttemptOutcome;

/**
 * What is said to one IMAP store from its greeting to its answer to the login (rules B3.3, B3.5,
 * B3.12, B3.13).
 *
 * <pre>
 * GREETING → STARTTLS → CAPABILITY → LOGIN
 * GREETING → CAPABILITY → STARTTLS | LOGIN
 * GREETING → LOGIN
 * </pre>
 */
final class ImapStoreWords implements StoreTalk.Words {
  /** The response that is waited for. */
  private enum State {
    GREETING,
    STARTTLS,
    CAPABILITY,
    LOGIN
  }

  private final StoreTalk talk;
  private final StoreLogin login;
  private final ImapStoreReader reader;
  private State state = State.GREETING;
  private int tags;
  private int tagsSent;
  private @Nullable ImapLoginExchange exchange;

  ImapStoreWords(StoreTalk talk, StoreLogin login, StoreOctets octets) {
    this.talk = talk;
    this.login = login;
    this.reader = new ImapStoreReader(octets);
  }

  /** A dialogue with a store that waits for its greeting. */
  static StoreDialogue dialogue(StoreLogin login, StoreCapabilities learnt) {
    return new StoreTalk(login, learnt, ImapStoreWords::new);
  }

  @Override
  public boolean hearNext() {
    ImapResponse response = reader.next();
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
    }
    return true;
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
    String tag = response.tag();
    return tag.matches("P[0-9]{1,6}") && Integer.parseInt(tag.substring(1)) > tagsSent;
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
    String loginTag = nextTag();
    exchange = new ImapLoginExchange(talk, reader, loginTag, nextTag());
    if (login.tellClient() && store.has("ID")) {
      talk.say(ImapStoreCommands.id(nextTag(), login.client()));
    }
    talk.begin(ImapStoreCommands.logIn(loginTag, form, store));
  }

  @Override
  public String leave() {
    return nextTag() + " LOGOUT";
  }

  @Override
  public byte[] behindLogin(byte[] rest) {
    return exchange == null ? rest : exchange.behindLogin(rest);
  }

  private void onGreeting(ImapResponse greeting) {
    if (!greeting.untagged()) {
      talk.violated("the greeting is none");
      return;
    }
    switch (greeting.word()) {
      case OK -> {
        talk.greeted();
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
      talk.offers(new CapabilityList(response.text()));
    } else if (!isBye(response) && response.tag().equals(lastTag())) {
      learnFromCode(response.text());
      if (!talk.knowsOffer()) {
        talk.offers(new CapabilityList(""));
      }
      talk.secure();
    }
  }

  private void onLogin(ImapResponse response) {
    if (exchange != null) {
      exchange.onResponse(response);
    }
  }

  private void learnFromCode(String text) {
    CapabilityList listed = CapabilityList.inCodeOf(text);
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
    return "P" + tags;
  }
}
