package org.openmmp.proxy.netty;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.session.MoveStep;
import org.openmmp.proxy.session.MoveStep.Line;
import org.openmmp.proxy.session.ObservedSession;
import org.openmmp.proxy.session.Protocol;
import org.openmmp.proxy.session.SessionMove;
import org.openmmp.proxy.session.Stranded;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Survival;
import org.openmmp.transport.Octets;
import org.openmmp.transport.SessionLoop;
import org.openmmp.transport.Splice;
import org.openmmp.transport.SpliceEnd;
import org.openmmp.transport.StoreConnector;
import org.openmmp.transport.StoreLink;
import org.openmmp.transport.StoreTarget;

/**
 * Carries out the steps of a session's move to another store: waits for its turn, has the session
 * log in, asks on a second connection where that is needed, and exchanges the store under the
 * splice (rules B9.3 to B9.5). One for each session that is followed. On its event loop.
 */
final class MoveDriver implements Splice.Mover {
  /** What a new store may take for all answers; the login before has a limit of its own. */
  private static final Duration PROOF_LIMIT = Duration.ofSeconds(30);

  /** What a store may take for one answer, where nothing else is to be done first. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** The pause before a new store is looked for doubles up to this, as two to that power. */
  private static final int MOST_DOUBLED = 3;

  /** A session whose stores end it this often within so long is theirs to end. */
  private static final int MOST_MOVES = 3;

  /** A session of whose mailboxes so many in a row did not become movable is asked for no more. */
  private static final int MOST_IN_VAIN = 3;

  private static final long MOVES_COUNT_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final byte[] NOTHING = new byte[0];

  /** What the session does for its move. */
  interface Session {
    /**
     * Logs in for its user, at that host first; {@link #carried} or {@link #notCarried} is told.
     */
    void logIn(@Nullable StoreHost first);

    /**
     * It is at that store now.
     *
     * @param tookNanos since its former store was lost, or was asked to let it go
     */
    void wentOn(LoginAttempt at, boolean hadToLeave, long tookNanos);

    /** Our login there is not wanted any more. */
    void gaveUp();

    /** It is at the store where it was, and stays for that reason. */
    void stays(Stranded why);

    /** Its store's end is its own, for that reason. */
    void doesNotOutlive(Stranded why);

    /** It ends. */
    void ends(Stranded why);

    /** Where it is; the name of a host. */
    String host();
  }

  /**
   * What does not change in a session's moves.
   *
   * @param group where it waits for its turn
   * @param offered the capabilities that the client was offered behind its login
   * @param target where an attempt goes
   */
  record Terms(
      Protocol protocol,
      StoreConnector connector,
      Function<LoginAttempt, StoreTarget> target,
      MoveRoom room,
      String group,
      Survival survival,
      String offered) {}

  private final Terms terms;
  private final ObservedSession observed;
  private final Session session;
  private final SessionLoop loop;
  private final EventLoop eventLoop;
  private final MoveLinks links;
  private final Runnable wake = this::wake;
  private @Nullable Splice splice;
  private @Nullable SessionMove move;
  private byte[] early = NOTHING;

  /** Whether the session has lost its store and its move has not begun. */
  private boolean storeless;

  /** Whether it waits for its turn. */
  private boolean queued;

  private boolean planned;
  private boolean primes;

  /** Whether it is to leave its store once that is answered, and where to. */
  private boolean leavesPrimed;

  private @Nullable StoreHost leavesTo;

  /** Whether what there is to ask of the selected mailbox was asked. */
  private boolean primed;

  private int primedInVain;
  private @Nullable StoreHost first;
  private @Nullable Future<?> limit;
  private long beganNanos;

  /** How many new stores were to be logged in at in this move, and why the last one was not it. */
  private int storesTried;

  private @Nullable LoginAttempt lastTried;

  /** Whether it is at its new store, though its client has heard nothing of it. */
  private boolean arrived;

  private Stranded lastFailure = Stranded.STORE_LOST;
  private int recentMoves;
  private long recentSinceNanos;

  MoveDriver(
      Terms terms,
      ObservedSession observed,
      Session session,
      SessionLoop loop,
      EventLoop eventLoop) {
    this.terms = terms;
    this.observed = observed;
    this.session = session;
    this.loop = loop;
    this.eventLoop = eventLoop;
    this.links = new MoveLinks(terms, loop, eventLoop, () -> move, this::obey);
  }

  /** The session is spliced now. */
  void joined(Splice made) {
    splice = made;
    made.mayMoveBy(this);
    observed.tellOfPriming(this::primeSoon);
  }

  /** Why the session could not be moved now; null if it could. */
  @Nullable Stranded stranded() {
    return move != null || storeless ? null : observed.stranded();
  }

  /** A mailbox was selected, and its store did not tell how new it is. */
  private void primeSoon() {
    primed = false;
    loop.runLater(this::prime);
  }

  /** At a quiet time: has asked what has to be known for the session to be movable. */
  void prime() {
    if (!primed
        && primedInVain < MOST_IN_VAIN
        && isFree()
        && observed.stranded() == Stranded.MODSEQ_UNKNOWN) {
      primes = true;
      first = StoreHost.isName(session.host()) ? new StoreHost(session.host()) : null;
      await();
    }
  }

  private boolean isFree() {
    return move == null && !storeless && !queued && !primes && !planned && goesOn();
  }

  private boolean goesOn() {
    return splice != null && splice.goesOn();
  }

  /**
   * The session is to leave its store, which lives, once nothing is open.
   *
   * @param to the host to go to first; null: the one that the policy prefers
   * @return whether it may come to that; else the session stays, and {@link Session#stays} is not
   *     told
   */
  boolean leave(@Nullable StoreHost to) {
    if (move != null && move.waiting()) {
      leaveWhereItWaits(to);
      return true;
    }
    if (storeless || planned || (move != null && !primes)) {
      return true; // it is on its way
    }
    if (!goesOn()) {
      return false;
    }
    Stranded why = observed.stranded();
    if (why != null && !passes(why)) {
      return false;
    }
    if (why == Stranded.MODSEQ_UNKNOWN) {
      primed = false;
      prime();
      leavesPrimed = primes;
      leavesTo = to;
      return primes;
    }
    if (primes) {
      abandon();
    }
    planned = true;
    first = to;
    await();
    return true;
  }

  /** Its client, which is quiet, has heard nothing of that store: another one can prove as well. */
  private void leaveWhereItWaits(@Nullable StoreHost to) {
    lastTried = null;
    obey(its -> its.lost(Line.MAIN));
    first = to;
  }

  /** Whether that is a matter of the session's next moments. */
  private static boolean passes(Stranded why) {
    return switch (why) {
      case COMMAND_OPEN, RESPONSE_OPEN, MODSEQ_UNKNOWN, EXPUNGES_WAIT -> true;
      default -> false;
    };
  }

  /** The session is over. */
  void end() {
    abandon();
    splice = null;
  }

  private Splice splice() {
    if (splice == null) {
      throw new IllegalStateException("the session is over");
    }
    return splice;
  }

  // ---- what the splice tells

  @Override
  public boolean mayOutlive(SpliceEnd.Reason how) {
    long now = loop.nowNanos();
    if (now - recentSinceNanos > MOVES_COUNT_NANOS) {
      recentSinceNanos = now;
      recentMoves = 0;
    }
    Stranded why = observed.stranded();
    if (why == null && recentMoves >= MOST_MOVES) {
      why = Stranded.ENDED_TOO_OFTEN;
    }
    if (why != null && why != Stranded.LEAVING) {
      session.doesNotOutlive(why);
    }
    return why == null;
  }

  @Override
  public void parted() {
    if (move != null && !primes) {
      loop.runLater(() -> obey(list -> list.lost(Line.OLD)));
      return;
    }
    abandon();
    storeless = true;
    beganNanos = loop.nowNanos();
    recentMoves++;
    loop.runLater(this::begin);
  }

  @Override
  public void clientSent(byte[] octets) {
    terms.room().hurry(terms.group(), wake);
    SessionMove present = move;
    if (present == null) {
      early = Octets.joined(early, octets);
      return;
    }
    boolean waited = present.waiting();
    obey(its -> its.clientSent(octets));
    if (waited && present.equals(move) && !present.waiting()) {
      readOn();
    }
  }

  /** The new store, which nobody listened to while the client was quiet, is asked again. */
  private void readOn() {
    beganNanos = loop.nowNanos();
    stopLimit();
    limit = eventLoop.schedule(this::tookTooLong, ANSWER_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
    StoreLink<LoginAttempt> main = links.main();
    if (main != null) {
      main.channel().read();
    }
  }

  @Override
  public void storeSent(byte[] octets) {
    obey(its -> its.received(Line.OLD, octets));
  }

  @Override
  public void ends() {
    if (move != null || storeless) {
      abandon();
      session.gaveUp();
    }
  }

  // ---- the turn and the login

  private void await() {
    queued = true;
    terms.room().await(terms.group(), terms.survival().movesPerSecond(), wake);
  }

  private void wake() {
    loop.runLater(this::onTurn);
  }

  private void onTurn() {
    if (!queued || splice == null) {
      return;
    }
    queued = false;
    if (primes) {
      SessionMove priming =
          observed.stranded() == Stranded.MODSEQ_UNKNOWN ? observed.priming() : null;
      if (priming == null) {
        primeNoMore(); // not now
      } else {
        primed = true;
        primedInVain++;
        move = priming;
        obey(SessionMove::begin);
      }
    } else if (planned && move == null) {
      leaveIfSafe();
    } else if (move != null) {
      if (waitedTooLong()) {
        strand(Stranded.WAITED_TOO_LONG);
      } else {
        session.logIn(first);
      }
    }
  }

  /**
   * Whether a session without a store has waited for all of its time; its turn is its goodbye's.
   */
  private boolean waitedTooLong() {
    return !planned && loop.nowNanos() - beganNanos >= terms.survival().longestWait().toNanos();
  }

  private void leaveIfSafe() {
    if (!planned || move != null || !goesOn()) {
      return;
    }
    Stranded why = observed.stranded();
    boolean quiet = observed.safe() && !observed.isAsking();
    if (why == null && quiet) {
      splice().divert();
      begin();
    } else if (!quiet && (why == null || passes(why))) {
      splice().atSafePoint(this::leaveIfSafe);
    } else {
      StoreHost to = first;
      abandon();
      if (why != Stranded.MODSEQ_UNKNOWN || !leave(to)) {
        session.stays(why == null ? Stranded.COMMAND_OPEN : why);
      }
    }
  }

  private void begin() {
    if (!goesOn() || move != null) {
      return;
    }
    storeless = false;
    storesTried = 0;
    lastTried = null;
    lastFailure = Stranded.STORE_LOST;
    beganNanos = loop.nowNanos();
    move = observed.move(terms.offered(), planned);
    obey(SessionMove::begin);
    byte[] said = early;
    early = NOTHING;
    if (said.length > 0) {
      obey(its -> its.clientSent(said));
    }
  }

  /** The store that is left has been asked, as rule B9.4 wants it, and says nothing. */
  private void oldIsSilent() {
    if (move != null && planned) {
      splice().part(NOTHING);
      obey(its -> its.lost(Line.OLD));
    }
  }

  private void stopLimit() {
    if (limit != null) {
      limit.cancel(false);
      limit = null;
    }
  }

  /** Our login was let in, on that connection. */
  void carried(StoreLink<LoginAttempt> link, SessionStep.Carried how) {
    String host = link.key().host().name();
    if (move == null || (primes != host.equals(session.host()) && (primes || planned))) {
      // It is where it was, or for a question elsewhere.
      link.leave(link.key().dialogue().leave());
      session.gaveUp();
      lastFailure = Stranded.NO_STORE;
      obey(its -> its.lost(primes ? Line.SIDE : Line.MAIN));
      return;
    }
    stopLimit();
    limit = eventLoop.schedule(this::tookTooLong, PROOF_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
    if (!primes) {
      lastTried = link.key();
    }
    links.carried(link, how, primes ? Line.SIDE : Line.MAIN);
  }

  /** Our login came to nothing. */
  void notCarried(SessionStep.NotCarried why) {
    if (move == null) {
      return;
    }
    Stranded meant = meaning(why);
    if (primes || planned) {
      lastFailure = meant;
      obey(its -> its.lost(primes ? Line.SIDE : Line.MAIN));
      return;
    }
    if (meant != Stranded.NO_STORE) {
      strand(meant);
    } else if (waitedTooLong()) {
      strand(Stranded.NO_STORE);
    } else {
      pauseThenAwait(RETRY_NANOS + (long) (loop.random() * RETRY_NANOS));
    }
  }

  private static Stranded meaning(SessionStep.NotCarried why) {
    if (why.administrator()) {
      return Stranded.LOGIN_REFUSED;
    }
    return switch (why.why()) {
      case BAD_CREDENTIALS, USER_UNAVAILABLE, BLOCKED -> Stranded.ACCOUNT;
      case MECHANISM_UNAVAILABLE, REFUSED_BY_STORE -> Stranded.LOGIN_REFUSED;
      case DIRECTORY_DOWN,
          IN_RECOVERY,
          MAILBOX_BUSY,
          NO_MASTER,
          NO_STORE_ANSWERED,
          NO_TRUSTED_STORE,
          OVER_LIMIT,
          SHUTTING_DOWN ->
          Stranded.NO_STORE;
    };
  }

  private void tookTooLong() {
    if (move != null && !move.waiting()) {
      lastFailure = Stranded.TOO_SLOW;
      obey(its -> its.lost(primes ? Line.SIDE : Line.MAIN));
    }
  }

  /**
   * The new store was lost before the client had heard a word of it, and the old one is gone:
   * another host is asked, for as long as the session may wait.
   */
  private void tryElsewhere() {
    LoginAttempt former = lastTried;
    first = former == null ? null : otherThan(former);
    planned = false;
    stopLimit();
    links.leaveAll();
    if (arrived) {
      arrived = false;
      beganNanos = loop.nowNanos(); // it was moved, and has lost another store
    }
    session.gaveUp();
    if (waitedTooLong()) {
      strand(lastFailure);
    } else {
      long pause = RETRY_NANOS << Math.min(storesTried - 2, MOST_DOUBLED);
      pauseThenAwait(pause / 2 + (long) (loop.random() * pause));
    }
  }

  /** The host of the group behind that one, to begin with; null if there is no other. */
  private static @Nullable StoreHost otherThan(LoginAttempt lost) {
    List<StoreHost> hosts = lost.group().hosts();
    int next = (hosts.indexOf(lost.host()) + 1) % hosts.size();
    return hosts.get(next).equals(lost.host()) ? null : hosts.get(next);
  }

  private void pauseThenAwait(long nanos) {
    limit = eventLoop.schedule(this::await, nanos, TimeUnit.NANOSECONDS);
  }

  // ---- the steps

  private void obey(Function<SessionMove, List<MoveStep>> event) {
    SessionMove present = move;
    if (present == null) {
      return;
    }
    for (MoveStep step : event.apply(present)) {
      if (!present.equals(move)) {
        return; // it is over
      }
      carryOut(step);
    }
    if (present.equals(move) && present.waiting()) {
      arrive();
      splice().readOn();
    }
  }

  /** It is at its new store now, and has left the other one. */
  private void arrive() {
    StoreLink<LoginAttempt> main = links.main();
    if (!arrived && main != null) {
      arrived = true;
      session.wentOn(main.key(), !planned, loop.nowNanos() - beganNanos);
    }
  }

  private void carryOut(MoveStep step) {
    if (step instanceof MoveStep.Need need) {
      need(need.line());
    } else if (step instanceof MoveStep.Send send) {
      send(send.line(), send.octets());
    } else if (step instanceof MoveStep.Tell tell) {
      splice().tell(tell.octets());
    } else if (step instanceof MoveStep.Leave leave) {
      leave(leave.line(), leave.lastWords());
    } else if (step instanceof MoveStep.GoOn goOn) {
      goOn(goOn);
    } else if (step instanceof MoveStep.Bye bye) {
      strand(bye.why());
    } else if (step == MoveStep.Simple.PRIMED) {
      if (observed.stranded() != Stranded.MODSEQ_UNKNOWN) {
        primedInVain = 0;
      }
      primeNoMore();
    }
  }

  /** It was asked, or could not be: who is to leave behind that leaves, or stays. */
  private void primeNoMore() {
    boolean leaves = leavesPrimed;
    StoreHost to = leavesTo;
    abandon();
    Stranded why = observed.stranded();
    if (leaves && (why == Stranded.MODSEQ_UNKNOWN || !leave(to))) {
      session.stays(why == null ? Stranded.COMMAND_OPEN : why);
    }
  }

  private void need(Line line) {
    if (primes) {
      session.logIn(first);
    } else if (line == Line.SIDE) {
      links.dialSide();
    } else if (++storesTried > 1) {
      tryElsewhere();
    } else if (planned) {
      stopLimit();
      session.logIn(first); // its turn has come already
    } else {
      await();
    }
  }

  private void send(Line line, byte[] octets) {
    if (line == Line.OLD) {
      stopLimit();
      limit = eventLoop.schedule(this::oldIsSilent, ANSWER_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
      splice().ask(octets);
      return;
    }
    links.send(line, octets);
  }

  private void leave(Line line, byte[] words) {
    if (line == Line.OLD) {
      splice().part(words);
      return;
    }
    if (line == Line.MAIN && links.main() == null) {
      session.gaveUp(); // its login is under way
    }
    links.leave(line, words);
  }

  private void goOn(MoveStep.GoOn step) {
    SessionMove over = move;
    boolean known = arrived;
    boolean mine = planned;
    StoreLink<LoginAttempt> next = links.takeMain();
    long took = loop.nowNanos() - beganNanos;
    abandon();
    if (step.with() == Line.MAIN && next != null) {
      next.silence();
      splice().goOn(next.channel(), step.toClient(), step.toStore(), step.fromStore());
      if (!known) {
        session.wentOn(next.key(), !mine, took);
      }
      return;
    }
    if (next != null) {
      next.leave(NOTHING);
    }
    session.gaveUp();
    splice().goOn(null, step.toClient(), step.toStore(), step.fromStore());
    Stranded why = over == null ? null : over.staysBecause();
    session.stays(why == null || why == Stranded.STORE_LOST ? lastFailure : why);
  }

  private void strand(Stranded why) {
    abandon();
    session.gaveUp();
    session.ends(why);
  }

  /** Nothing of a move is under way any more. */
  private void abandon() {
    if (queued) {
      queued = false;
      terms.room().leave(terms.group(), wake);
    }
    stopLimit();
    links.leaveAll();
    lastTried = null;
    arrived = false;
    move = null;
    planned = false;
    storeless = false;
    leavesPrimed = false;
    leavesTo = null;
    first = null;
    if (primes) {
      primes = false;
      session.gaveUp();
    }
  }
}
