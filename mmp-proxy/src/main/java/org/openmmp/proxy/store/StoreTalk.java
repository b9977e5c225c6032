package org.openmmp.proxy.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.HostTraits;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.StoreProtection;
import org.openmmp.routing.StoreStep;
import org.openmmp.routing.TlsPolicy;

/**
 * The dialogue with one store from its greeting to its answer to the login, as far as it is the
 * same in every protocol of lines with SASL: reading on, TLS as the policy asks, one login in
 * pieces, and the end (rules B2.3, B3.12, B3.13).
 *
 * <pre>
 * TALKING → TLS_HANDSHAKE → TALKING
 * TALKING → HELD? → TALKING
 * TALKING | HELD → ANSWERED
 * </pre>
 *
 * <p>What is said, and what the store's responses mean, is up to the protocol's {@link Words}. A
 * credential is sent after greeting, TLS policy and capabilities were judged, never before.
 */
public final class StoreTalk implements StoreDialogue, ProbeDialogue {
  private enum State {
    TALKING,
    TLS_HANDSHAKE,
    /** Where the login would begin: whatever the store says now, nobody asked for it. */
    HELD,
    ANSWERED
  }

  private final StoreLogin login;
  private final StoreCapabilities learnt;
  private final StoreProtection protection;
  private final StoreOctets octets = new StoreOctets();
  private final List<StoreStep> steps = new ArrayList<>(2);
  private final Words words;
  private final boolean probing;
  private final boolean trying;

  /** Kept by probes alone: logins compare nothing. */
  private @Nullable HostTraits seen;

  private boolean secured;
  private State state = State.TALKING;
  private boolean greeted;
  private boolean holding;
  private StoreCapabilities.@Nullable Listing offered;
  private @Nullable LoginPieces pieces;

  /**
   * A dialogue that waits for the greeting.
   *
   * @param learnt told what the store offers
   * @param maker makes the words, which tell the talk what comes of each response, and read
   *     responses from the octets
   */
  public StoreTalk(
      StoreLogin login, StoreCapabilities learnt, BiFunction<StoreTalk, StoreOctets, Words> maker) {
    this(login, learnt, maker, false, false);
  }

  private StoreTalk(
      StoreLogin login,
      StoreCapabilities learnt,
      BiFunction<StoreTalk, StoreOctets, Words> maker,
      boolean probing,
      boolean trying) {
    this.probing = probing;
    this.trying = trying;
    this.login = login;
    this.learnt = learnt;
    this.protection = new StoreProtection(login.tls());
    this.words = maker.apply(this, octets);
    if (probing) {
      seen = HostTraits.NONE;
      secured = login.tls() == TlsPolicy.IMPLICIT;
    }
  }

  /**
   * A dialogue that ends where the login would begin, so that a probe judges greeting, TLS and
   * capabilities exactly as a login does (rule B2.9).
   *
   * @param learnt told what the store offers
   */
  public static ProbeDialogue probe(
      StoreHost host,
      TlsPolicy tls,
      StoreCapabilities learnt,
      BiFunction<StoreTalk, StoreOctets, Words> maker) {
    return new StoreTalk(StoreLogin.ofNobody(host, tls), learnt, maker, true, false);
  }

  /**
   * A dialogue that ends with the store's answer to a login, whose session nobody takes over (rule
   * B8.4).
   *
   * @param learnt told what the store offers
   */
  public static ProbeDialogue trial(
      StoreLogin login, StoreCapabilities learnt, BiFunction<StoreTalk, StoreOctets, Words> maker) {
    return new StoreTalk(login, learnt, maker, true, true);
  }

  @Override
  public List<StoreStep> onBytes(byte[] more) {
    octets.add(more);
    words.wasSent();
    if (state == State.HELD) {
      violated("the store spoke before it was asked");
    }
    hear();
    return taken();
  }

  private void hear() {
    boolean heard = true;
    while (heard && state == State.TALKING) {
      heard = words.hearNext();
    }
    if (!heard && octets.overLimit()) {
      violated("the store sent too much before its answer");
    }
  }

  @Override
  public void hold() {
    holding = true;
  }

  @Override
  public List<StoreStep> logIn() {
    holding = false;
    if (state == State.HELD) {
      state = State.TALKING;
      beginLogin();
      hear();
    }
    return taken();
  }

  @Override
  public List<StoreStep> onTls() {
    // RFC 9051 section 6.2.1, RFC 2595 section 4: what was known before TLS is forgotten.
    state = State.TALKING;
    secured = true;
    protection.begun();
    octets.clear();
    offered = null;
    secure();
    return taken();
  }

  @Override
  public List<StoreStep> respond(byte[] base64) {
    return begun().respond(base64);
  }

  @Override
  public byte[] leftOver() {
    return words.behindLogin(octets.rest());
  }

  @Override
  public byte[] leave() {
    if (!greeted || state == State.TLS_HANDSHAKE) {
      return new byte[0];
    }
    String cancel = pieces != null && pieces.inExchange() ? "*\r\n" : "";
    endLogin();
    return (cancel + words.leave() + "\r\n").getBytes(ISO_8859_1);
  }

  /** Who logs in, and how. */
  public StoreLogin login() {
    return login;
  }

  @Override
  public HostTraits seen() {
    return seen == null ? HostTraits.NONE : seen;
  }

  /**
   * The store's greeting was a good one.
   *
   * @param text behind what the protocol has in front of it
   */
  public void greeted(String text) {
    greeted = true;
    if (seen != null) {
      seen = seen.greeted(text, login.host().name());
    }
    steps.add(StoreStep.Simple.GREETED);
  }

  /** What the store offers, as the connection is now. */
  public void offers(StoreCapabilities.Listing list) {
    offered = list;
    if (seen != null) {
      seen =
          seen.offering(
              secured
                  ? HostTraits.Aspect.OFFERED_UNDER_TLS
                  : HostTraits.Aspect.OFFERED_IN_THE_CLEAR,
              list.names());
    }
  }

  /** Whether that is known. */
  public boolean knowsOffer() {
    return offered != null;
  }

  /** What it offers, once that is known. */
  public StoreCapabilities.Listing offered() {
    return Objects.requireNonNull(offered, "what the store offers is known");
  }

  /** Goes on as far as policy and knowledge allow: to TLS, to the capabilities, to the login. */
  public void secure() {
    StoreCapabilities.Listing known = offered;
    switch (protection.next(known != null, known != null && known.has(words.tlsCommand()))) {
      case BEGIN_TLS -> words.askForTls();
      case ASK -> words.askForOffer();
      case GO_ON -> {
        learnt.learn(login.host(), offered());
        if (probing && !trying) {
          fail(AttemptOutcome.ACCEPTED, "greeted");
        } else if (holding) {
          state = State.HELD;
          steps.add(StoreStep.Simple.READY);
        } else {
          beginLogin();
        }
      }
      case FAIL -> noTls("offers no ");
    }
  }

  private void beginLogin() {
    steps.add(StoreStep.Simple.NAMED);
    words.logIn(offered());
  }

  /** The store agreed to begin TLS, or refused. */
  public void tlsAnswered(boolean agreed) {
    if (!agreed && protection.mayDoWithout()) {
      secure();
    } else if (!agreed) {
      noTls("refused ");
    } else if (octets.buffered() > 0) {
      fail(
          AttemptOutcome.TLS_FAILED,
          "plain text was waiting behind the answer to " + words.tlsCommand());
    } else {
      state = State.TLS_HANDSHAKE;
      steps.add(StoreStep.Simple.START_TLS);
    }
  }

  /** Sends a line, octets as ISO-8859-1, that holds no secret. */
  public void say(String line) {
    int length = line.length();
    byte[] octets = new byte[length + 2];
    for (int i = 0; i < length; i++) {
      char c = line.charAt(i);
      octets[i] = c <= 0xff ? (byte) c : (byte) '?';
    }
    octets[length] = '\r';
    octets[length + 1] = '\n';
    send(octets);
  }

  /** What is said in one go is one step, for each packet costs a store and this program more. */
  private void send(byte[] more) {
    int last = steps.size() - 1;
    if (last >= 0 && steps.get(last) instanceof StoreStep.Send before) {
      byte[] first = before.octets();
      byte[] both = Arrays.copyOf(first, first.length + more.length);
      System.arraycopy(more, 0, both, first.length, more.length);
      Arrays.fill(first, (byte) 0);
      Arrays.fill(more, (byte) 0);
      steps.set(last, new StoreStep.Send(both));
    } else {
      steps.add(new StoreStep.Send(more));
    }
  }

  /**
   * In which form the credentials go to the store; null if they cannot, and the attempt is over.
   *
   * @param takesCommand whether the store takes the protocol's own command on this connection
   */
  public @Nullable StoreLoginForm form(StoreCapabilities.Listing store, boolean takesCommand) {
    StoreLoginForm form = StoreLoginForm.of(login, store, takesCommand);
    if (form.unusable().isEmpty()) {
      return form;
    }
    // Another host may have what this one lacks, and nobody's password is wrong.
    answer(StoreAnswer.lackingMechanism(form.unusable()));
    return null;
  }

  /** Begins the login; its pieces belong to the talk from now on. */
  public void begin(LoginPieces sent) {
    pieces = sent;
    send(sent.first());
  }

  /** The store asks for more of the login. */
  public void onMore(byte[] challenge) {
    StoreAnswer end = begun().onMore(challenge, steps);
    if (end != null) {
      answer(end);
    }
  }

  /** The store took a piece of the login that is no SASL: sends the next; false if that was all. */
  public boolean sendNext() {
    byte[] more = begun().sasl() ? null : begun().next();
    if (more != null) {
      steps.add(new StoreStep.Send(more));
    }
    return more != null;
  }

  /** The login that is under way. */
  public LoginPieces begun() {
    return Objects.requireNonNull(pieces, "no login was sent");
  }

  /** The store broke its protocol. */
  public void violated(String how) {
    fail(AttemptOutcome.PROTOCOL_VIOLATION, how);
  }

  /** The store replied to what is still to be sent, which is taken back, if the talk goes on. */
  public void spokeEarly() {
    if (state != State.ANSWERED) {
      for (StoreStep step : steps) {
        if (step instanceof StoreStep.Send send) {
          Arrays.fill(send.octets(), (byte) 0);
        }
      }
      steps.removeIf(step -> step instanceof StoreStep.Send || step instanceof Challenge);
      violated("the store replied before it was asked");
    }
  }

  /** The attempt is over without an answer in words. */
  public void fail(AttemptOutcome outcome, String reason) {
    answer(StoreAnswer.failed(outcome, reason));
  }

  /** The attempt is over. */
  public void answer(StoreAnswer answer) {
    state = State.ANSWERED;
    endLogin();
    StoreAnswer meant = login.meaningFor(answer);
    if (seen != null && trying && answer.outcome() == AttemptOutcome.ACCEPTED) {
      List<String> names = words.offeredBehind(answer);
      if (!names.isEmpty()) {
        seen = seen.offering(HostTraits.Aspect.OFFERED_BEHIND_LOGIN, names);
      }
    }
    steps.add(
        trying
            ? new End(meant.outcome(), meant.reason(), meant.referral())
            : probing ? endOf(meant) : new Answered(meant));
  }

  /** A store that refers everybody by its greeting is there. */
  private static End endOf(StoreAnswer answer) {
    boolean refers = answer.outcome() == AttemptOutcome.REFERRED;
    return new End(refers ? AttemptOutcome.ACCEPTED : answer.outcome(), answer.reason());
  }

  /** Sends no more of the login, and overwrites what was not sent. */
  public void endLogin() {
    if (pieces != null) {
      pieces.clear();
    }
  }

  private void noTls(String how) {
    fail(
        AttemptOutcome.TLS_FAILED,
        "the store " + how + words.tlsCommand() + ", and TLS is required");
  }

  private List<StoreStep> taken() {
    List<StoreStep> all = List.copyOf(steps);
    steps.clear();
    return all;
  }

  /** What one protocol says to a store until its login is answered, and how it hears the store. */
  public interface Words {
    /** Hears the next response, and tells the talk of it; false if it is not there yet. */
    boolean hearNext();

    /** All that was said before is on its way to the store: what it answers now, it was asked. */
    default void wasSent() {}

    /** The command that begins TLS, which is the name of its capability too. */
    String tlsCommand();

    /** Asks the store to begin TLS; {@link #tlsAnswered} follows. */
    void askForTls();

    /** Asks what the store offers; {@link #offers} and {@link #secure} follow. */
    void askForOffer();

    /** The connection is as it has to be: goes on to the login. */
    void logIn(StoreCapabilities.Listing store);

    /** The capabilities in the answer to an accepted login; empty if it has none. */
    default List<String> offeredBehind(StoreAnswer accepted) {
      return List.of();
    }

    /** The command that takes leave, without line end. */
    String leave();

    /**
     * What belongs to the client of all that came behind the answer to an accepted login.
     *
     * @param rest what was not read
     */
    byte[] behindLogin(byte[] rest);
  }
}
