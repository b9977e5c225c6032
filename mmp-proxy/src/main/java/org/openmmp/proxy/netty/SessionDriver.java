package org.openmmp.proxy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.session.FrontEnd;
import org.openmmp.proxy.session.FrontEndSession;
import org.openmmp.proxy.session.LoginReport;
import org.openmmp.proxy.session.ObservedSession;
import org.openmmp.proxy.session.Stranded;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.repgroup.Stay;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.StoreStep;
import org.openmmp.transport.BehindPending;
import org.openmmp.transport.ClientArrivals;
import org.openmmp.transport.ClientSession;
import org.openmmp.transport.Octets;
import org.openmmp.transport.SessionFacts;
import org.openmmp.transport.SessionLoop;
import org.openmmp.transport.Splice;
import org.openmmp.transport.SpliceEnd;
import org.openmmp.transport.StoreLink;
import org.openmmp.transport.StoreLoss;
import org.openmmp.transport.TracedSession;
import org.openmmp.wire.SafePoints;

/**
 * Carries out the steps of one session: starts look-ups, dials and timers, writes to the client,
 * and tells the session what came of it. The only place where time passes for a session.
 */
final class SessionDriver
    implements ClientSession, StoreLink.Owner<LoginAttempt>, StoreLoss, MoveDriver.Session {
  /** How long a store may take to answer a question of ours (rule B9.4). */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** A store that answered is left alone for so long. */
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final SessionParts parts;
  private final ClientArrivals.Arrival arrival;
  private final Channel client;
  private final FrontEndSession session;
  private final SessionLoop loop;
  private long lateWhenDialled;
  private @Nullable StoreLink<LoginAttempt> store;
  private @Nullable StoreLink<LoginAttempt> warm;
  private @Nullable Splice splice;
  private @Nullable MoveDriver mover;
  private @Nullable Farewell farewell;
  private @Nullable TracedSession traced;
  private boolean clientAtEnd;
  private boolean asked;
  private long askedNanos;

  /** Written on its event loop only. */
  private volatile int moves;

  SessionDriver(SessionParts parts, ClientArrivals.Arrival arrival, FrontEndSession session) {
    this.parts = parts;
    this.arrival = arrival;
    this.client = arrival.channel();
    this.session = session;
    this.loop = new SessionLoop(client, this::tick, this::endsByTick);
  }

  @Override
  public void open() {
    traced = arrival.traced();
    carryOut(session.onOpen(parts.certificateOf(client, arrival.origin()), loop.nowNanos()));
  }

  @Override
  public void secured() {
    carryOut(session.onClientTls(parts.certificateOf(client, arrival.origin()), loop.nowNanos()));
  }

  @Override
  public void clientSent(ByteBuf sent) {
    byte[] octets = Octets.takenFrom(sent);
    List<SessionStep> steps = session.onClientBytes(octets, loop.nowNanos());
    Arrays.fill(octets, (byte) 0);
    carryOut(steps);
    if (!arrival.mayHold(session.heldOctets())) {
      endNow(Farewell.OVER_LIMIT);
    }
  }

  /**
   * Reads on if the session wants more and the client takes what is written to it: who sends
   * commands and reads no answers is not read either.
   */
  @Override
  public void readMore() {
    if (!session.wantsClientBytes()) {
      return;
    }
    if (clientAtEnd) {
      clientGone("the client closed the connection");
      BehindPending.closeInTime(client);
    } else if (client.isWritable()) {
      client.read();
    }
  }

  /**
   * The client sends no more. What it has sent is served first, to its login and beyond; once the
   * session waits for another command, there will be none. It may be gone, too, so that it stays no
   * longer than its place is needed by nobody else.
   */
  @Override
  public void clientFinished() {
    if (splice != null) {
      return; // it hears of that by itself
    }
    clientAtEnd = true;
    session.onClientFinished();
    arrival.mayBeGone(() -> loop.run(this::makeRoom));
    readMore();
  }

  @Override
  public void clientGone(String reason) {
    if (splice == null) {
      carryOut(session.onClientClosed(reason, loop.nowNanos()));
    }
  }

  private void makeRoom() {
    if (splice == null) {
      clientGone("the client had ended its sending, and others had no place");
      client.close();
    }
  }

  @Override
  public void connected(StoreLink<LoginAttempt> link) {
    trace(link);
    progressed(link.key(), link.key().access().stageOnceConnected());
  }

  private void trace(StoreLink<LoginAttempt> link) {
    if (traced != null && link.stands()) {
      traced.usesStore(link.channel(), link.key().host().name());
    }
  }

  @Override
  public void secured(StoreLink<LoginAttempt> link) {
    obey(link, link.key().dialogue().onTls());
  }

  @Override
  public void received(StoreLink<LoginAttempt> link, byte[] octets) {
    obey(link, link.key().dialogue().onBytes(octets));
  }

  @Override
  public void lost(StoreLink<LoginAttempt> link, AttemptOutcome outcome, String reason) {
    storeAnswered(link.key(), StoreAnswer.failed(outcome, reason));
  }

  @Override
  public void failed(StoreLink<LoginAttempt> link, Throwable bug) {
    loop.failed(bug);
  }

  /** Does what the dialogue with a store wants done. */
  private void obey(StoreLink<LoginAttempt> link, List<StoreStep> steps) {
    LoginAttempt attempt = link.key();
    for (int i = 0; i < steps.size(); i++) {
      StoreStep step = steps.get(i);
      if (link.isSilent()) {
        return;
      } else if (step instanceof StoreStep.Send send) {
        link.sendSecret(send.octets());
      } else if (step == StoreStep.Simple.GREETED) {
        progressed(attempt, AttemptStage.OPENING);
      } else if (step == StoreStep.Simple.NAMED) {
        progressed(attempt, AttemptStage.NAMED);
      } else if (step == StoreStep.Simple.START_TLS) {
        link.startTls(attempt.access().greetingTimeout());
      } else if (step == StoreStep.Simple.READY) {
        carryOut(session.onReady(attempt, loop.nowNanos(), loop.random()));
      } else if (step instanceof StoreDialogue.Challenge challenge) {
        carryOut(session.onChallenge(attempt, challenge.base64(), loop.nowNanos(), loop.random()));
      } else if (step instanceof StoreDialogue.Answered last) {
        link.silence();
        storeAnswered(attempt, last.answer());
      }
    }
  }

  private void progressed(LoginAttempt attempt, AttemptStage reached) {
    session.wasLate(attempt, loop.lateNanos() - lateWhenDialled);
    List<SessionStep> steps = session.onProgress(attempt, reached, loop.nowNanos());
    if (steps.isEmpty()) {
      moveTimer();
    } else {
      carryOut(steps);
    }
  }

  private void storeAnswered(LoginAttempt attempt, StoreAnswer answer) {
    session.wasLate(attempt, loop.lateNanos() - lateWhenDialled);
    carryOut(session.onStoreAnswer(attempt, answer, loop.nowNanos(), loop.random()));
  }

  @Override
  public SessionFacts facts() {
    LoginReport login = session.acceptedLogin();
    return arrival.facts(
        parts.frontEnd().protocol().service().name(),
        login == null ? "" : login.user(),
        login == null ? "" : login.entry(),
        login == null ? "" : login.group(),
        login == null ? "" : login.host(),
        splice == null ? 0 : splice.octetsToStore(),
        splice == null ? 0 : splice.octetsToClient());
  }

  @Override
  public void endAtSafePoint(Farewell why) {
    loop.end(() -> leaveOrEnd(why));
  }

  /** A session that can leave a store that lives does so, and is not ended. */
  private void leaveOrEnd(Farewell why) {
    if (splice == null) {
      return;
    }
    farewell = why;
    if (why == Farewell.DRAINED && mover != null) {
      leaveFor(null);
    } else {
      splice.endAtSafePoint(lastWords(why));
    }
  }

  @Override
  public void moveTo(@Nullable StoreHost host) {
    loop.run(() -> leaveFor(host));
  }

  @Override
  public int moves() {
    return moves;
  }

  private void leaveFor(@Nullable StoreHost host) {
    if (mover != null && !mover.leave(host)) {
      stays(Objects.requireNonNullElse(mover.stranded(), Stranded.NOT_FOLLOWED));
    }
  }

  @Override
  public @Nullable String stranded() {
    if (mover == null) {
      return null;
    }
    mover.prime();
    Stranded why = mover.stranded();
    return why == null ? "" : why.cause();
  }

  @Override
  public void look(Duration clientVanished, Duration storeVanished) {
    if (splice != null) {
      splice.look(clientVanished, storeVanished);
    }
  }

  @Override
  public void doubtStore(boolean itsTurn) {
    long now = loop.nowNanos();
    boolean mayAsk = itsTurn && (!asked || now - askedNanos > PAUSE_NANOS);
    if (splice != null && splice.askStore(mayAsk, PATIENCE_NANOS, this::storeIsSilent)) {
      asked = true;
      askedNanos = now;
    }
  }

  /** The session's own store did not answer the session's own question, or gives it no place. */
  void storeIsSilent() {
    if (splice == null || !splice.outlivesStore()) {
      end(Farewell.STORE_SILENT);
    }
  }

  /** Ends the session, spliced or not. */
  @Override
  public void end(Farewell why) {
    loop.end(() -> endNow(why));
  }

  private void endNow(Farewell why) {
    if (splice != null) {
      farewell = why;
      splice.end(lastWords(why));
    } else {
      carryOut(session.end(why, loop.nowNanos()));
    }
  }

  private byte[] lastWords(Farewell why) {
    return parts.frontEnd().protocol().lastWords(why, arrival.id());
  }

  private void carryOut(List<SessionStep> steps) {
    for (int i = 0; i < steps.size(); i++) { // at every step of every login
      carryOut(steps.get(i));
    }
    moveTimer();
    readMore();
  }

  private void carryOut(SessionStep step) {
    if (step instanceof SessionStep.Write write) {
      Octets.tell(client, write.octets());
    } else if (step instanceof SessionStep.LookUp lookUp) {
      lookUp(lookUp);
    } else if (step instanceof SessionStep.Dial dial) {
      lateWhenDialled = loop.lateNanos();
      dial(dial.attempt());
    } else if (step instanceof SessionStep.HandOver handOver) {
      handOver(handOver);
    } else if (step instanceof SessionStep.Carried carried) {
      carried(carried);
    } else if (step instanceof SessionStep.NotCarried not) {
      loop.tickNoMore();
      if (mover != null) {
        mover.notCarried(not);
      }
    } else if (step instanceof SessionStep.Respond respond) {
      StoreLink<LoginAttempt> asking =
          Objects.requireNonNull(store, "a response follows a challenge");
      obey(asking, asking.key().dialogue().respond(respond.base64()));
    } else if (step instanceof SessionStep.Warm beside) {
      StoreLink<LoginAttempt> link = linkTo(beside.attempt());
      warm = link;
      link.connect(parts.connector(), client.eventLoop());
    } else if (step == SessionStep.Simple.HANG_UP) {
      leave(store);
      store = null;
    } else if (step == SessionStep.Simple.LEAVE_WARM) {
      leave(warm);
      warm = null;
    } else if (step instanceof SessionStep.Await await) {
      // Whoever wakes is in the middle of a change: never go on upon its stack.
      await.registration().accept(() -> loop.runLater(this::wake));
    } else if (step == SessionStep.Simple.START_TLS) {
      arrival.startTls();
    } else if (step instanceof SessionStep.Bind bind) {
      bind(bind);
    } else if (step instanceof SessionStep.Close) {
      BehindPending.closeInTime(client);
    }
  }

  private void lookUp(SessionStep.LookUp step) {
    parts.frontEnd().directory().lookUp(step.request()).thenAccept(found -> answered(step, found));
  }

  private void answered(SessionStep.LookUp step, LookupResult found) {
    loop.run(
        () -> {
          if (traced != null) {
            traced.named(identityOf(step.request()), found.entryDn());
          }
          carryOut(step.reply().answered(found, loop.nowNanos()));
        });
  }

  private String identityOf(LookupRequest request) {
    return parts.frontEnd().directory().identityOf(request.loginName(), request.defaultDomain());
  }

  private void bind(SessionStep.Bind step) {
    byte[] password = step.password().copy();
    parts
        .frontEnd()
        .directory()
        .bind(step.user(), password)
        .thenAccept(
            result -> {
              Arrays.fill(password, (byte) 0);
              answered(step.reply(), result);
            });
  }

  /** The directory answers on a thread of its own. */
  private <T> void answered(SessionStep.Reply<T> reply, T answer) {
    loop.run(() -> carryOut(reply.answered(answer, loop.nowNanos())));
  }

  private void dial(LoginAttempt attempt) {
    StoreLink<LoginAttempt> warmed = warm;
    if (warmed != null && warmed.key().equals(attempt)) {
      warm = null;
      store = warmed;
      trace(warmed);
      obey(warmed, attempt.dialogue().logIn());
    } else {
      StoreLink<LoginAttempt> link = linkTo(attempt);
      store = link;
      link.connect(parts.connector(), client.eventLoop());
    }
  }

  private StoreLink<LoginAttempt> linkTo(LoginAttempt attempt) {
    return new StoreLink<>(
        StoreLink.Purpose.LOGIN, parts.target(attempt, client, arrival.origin()), attempt, this);
  }

  private void wake() {
    carryOut(session.onWake(loop.nowNanos()));
  }

  private void handOver(SessionStep.HandOver step) {
    StoreLink<LoginAttempt> joined =
        Objects.requireNonNull(store, "a hand-over follows an attempt");
    store = null;
    loop.tickNoMore();
    arrival.servedAt(joined.key().host().name());
    LoginReport login = traced == null ? null : session.acceptedLogin();
    if (traced != null && login != null) {
      traced.loggedIn(login.user(), login.entry());
    }
    byte[] fromStore = joined.key().dialogue().leftOver();
    ObservedSession observed = observed(joined.key());
    SafePoints safePoints = observed == null ? parts.frontEnd().protocol().safePoints() : observed;
    if (step.toStore().length > 0) {
      safePoints.client().sent(ByteBuffer.wrap(step.toStore()));
    }
    if (fromStore.length > 0) {
      safePoints.store().sent(ByteBuffer.wrap(fromStore));
    }
    splice =
        Splice.join(
            client,
            joined.channel(),
            step.toStore(),
            Octets.joined(step.toClient(), fromStore),
            safePoints,
            parts.splice(),
            this::relayEnded);
    splice.tellOfLossBy(this);
    if (observed != null) {
      mover = new MoveDriver(terms(joined.key(), step), observed, this, loop, client.eventLoop());
      mover.joined(splice);
    }
    if (session.wantsToLast()) {
      client
          .eventLoop()
          .schedule(
              () -> session.onLasted(loop.nowNanos()),
              Stay.LASTING.toNanos(),
              TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void lost(SpliceEnd.Reason how) {
    if (whoEnded(how) == Stay.End.BY_STORE) {
      session.onStoreLost(loop.nowNanos());
    }
  }

  /** A store that throws out whom it has just let in is found out by that, and at once (B2.20). */
  @Override
  public long holdNanos() {
    long now = loop.nowNanos();
    return session.hasLasted(now) ? arrival.holdAfterLoss(now) : 0;
  }

  @Override
  public byte[] words() {
    return lastWords(mover == null ? Farewell.DRAINED : Farewell.STORE_LOST);
  }

  /** Follows the session closely where it is to outlive its store; else null. */
  private @Nullable ObservedSession observed(LoginAttempt at) {
    return at.access().survival().on() && !at.stranger()
        ? parts.frontEnd().protocol().observed(parts.moves().key(), at.access().survival()::hides)
        : null;
  }

  private MoveDriver.Terms terms(LoginAttempt at, SessionStep.HandOver step) {
    FrontEnd frontEnd = parts.frontEnd();
    String offered = frontEnd.protocol().offered(step.answer()).intern();
    if (!parts.moves().suffices(offered)) {
      String lacking = frontEnd.protocol().lacking(offered);
      if (lacking.isEmpty()) {
        parts.moves().foundSufficient(offered);
      } else {
        frontEnd.listener().lacks(frontEnd.protocol().service(), at, lacking);
      }
    }
    return new MoveDriver.Terms(
        frontEnd.protocol(),
        parts.connector(),
        attempt -> parts.target(attempt, client, arrival.origin()),
        parts.moves(),
        at.group().name(),
        at.access().survival(),
        offered);
  }

  private void carried(SessionStep.Carried step) {
    StoreLink<LoginAttempt> link = Objects.requireNonNull(store, "a login follows an attempt");
    store = null;
    loop.tickNoMore();
    if (mover == null) {
      link.leave(link.key().dialogue().leave());
    } else {
      mover.carried(link, step);
    }
  }

  @Override
  public void logIn(@Nullable StoreHost first) {
    carryOut(session.goOnAt(first, loop.nowNanos()));
  }

  @Override
  public void wentOn(LoginAttempt at, boolean hadToLeave, long tookNanos) {
    farewell = null;
    int before = moves;
    moves = before + 1;
    session.wentOn(hadToLeave, tookNanos, loop.nowNanos());
    arrival.movedTo(at.host().name());
  }

  @Override
  public void gaveUp() {
    loop.tickNoMore();
    carryOut(session.staysOrEnds(loop.nowNanos()));
  }

  @Override
  public void stays(Stranded why) {
    session.stranded(why, true);
    if (farewell != null && splice != null) {
      splice.endAtSafePoint(lastWords(farewell));
    }
  }

  @Override
  public void doesNotOutlive(Stranded why) {
    session.stranded(why, false);
  }

  @Override
  public void ends(Stranded why) {
    doesNotOutlive(why);
    if (splice != null) {
      farewell = Farewell.STORE_LOST;
      splice.end(lastWords(farewell));
    }
  }

  @Override
  public String host() {
    LoginReport login = session.acceptedLogin();
    return login == null ? "" : login.host();
  }

  private void relayEnded(SpliceEnd end) {
    if (mover != null) {
      mover.end();
      gaveUp();
    }
    session.onRelayEnd(
        whoEnded(end.reason()),
        end.octetsToStore(),
        end.octetsToClient(),
        end.reason() == SpliceEnd.Reason.ENDED && farewell != null
            ? farewell.cause()
            : end.reason().name().toLowerCase(Locale.ROOT).replace('_', '-'),
        loop.nowNanos());
  }

  private Stay.End whoEnded(SpliceEnd.Reason first) {
    return switch (first) {
      case STORE_CLOSED, STORE_RESET, STORE_VANISHED ->
          splice != null && splice.safePoints().clientMayBeLeaving()
              ? Stay.End.BY_CLIENT
              : Stay.End.BY_STORE;
      case CLIENT_CLOSED, CLIENT_RESET, CLIENT_VANISHED -> Stay.End.BY_CLIENT;
      case IDLE, ENDED -> Stay.End.BY_US;
    };
  }

  private static void leave(@Nullable StoreLink<LoginAttempt> link) {
    if (link != null) {
      link.leave(link.key().dialogue().leave());
    }
  }

  private void moveTimer() {
    if (session.hasDeadline()) {
      loop.tickAt(session.deadlineNanos());
    } else {
      loop.tickNoMore();
    }
  }

  private boolean endsByTick() {
    return session.endsByDeadline(loop.nowNanos());
  }

  private void tick() {
    StoreLink<LoginAttempt> silent = store;
    if (silent != null) {
      session.wasLate(silent.key(), loop.lateNanos() - lateWhenDialled);
    }
    carryOut(session.onTick(loop.nowNanos(), loop.random()));
  }
}
