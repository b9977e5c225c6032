package org.openmmp.proxy.netty;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.session.MoveStep;
import org.openmmp.proxy.session.MoveStep.Line;
import org.openmmp.proxy.session.SessionMove;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.StoreStep;
import org.openmmp.transport.SessionLoop;
import org.openmmp.transport.StoreLink;

/**
 * The connections to a new store that a session's move has: the one on which the session's login
 * was let in, and a second one, which is dialled and logged in here. Tells the move what comes of
 * them. On its event loop.
 */
final class MoveLinks implements StoreLink.Owner<LoginAttempt> {
  private static final byte[] NOTHING = new byte[0];

  private final MoveDriver.Terms terms;
  private final SessionLoop loop;
  private final EventLoop eventLoop;
  private final Supplier<@Nullable SessionMove> move;
  private final Consumer<Function<SessionMove, List<MoveStep>>> tell;
  private @Nullable StoreLink<LoginAttempt> main;
  private @Nullable StoreLogin mainLogin;
  private @Nullable StoreLink<LoginAttempt> side;
  private boolean sideIn;

  /**
   * No connection so far.
   *
   * @param move the one under way; null if none is
   * @param tell tells it an event
   */
  MoveLinks(
      MoveDriver.Terms terms,
      SessionLoop loop,
      EventLoop eventLoop,
      Supplier<@Nullable SessionMove> move,
      Consumer<Function<SessionMove, List<MoveStep>>> tell) {
    this.terms = terms;
    this.loop = loop;
    this.eventLoop = eventLoop;
    this.move = move;
    this.tell = tell;
  }

  /** The one that is to become the session's; null if there is none. */
  @Nullable StoreLink<LoginAttempt> main() {
    return main;
  }

  /** Our login was let in there. */
  void carried(StoreLink<LoginAttempt> link, SessionStep.Carried how, Line line) {
    if (line == Line.SIDE) {
      side = link;
      sideIn = true;
    } else {
      main = link;
      mainLogin = how.login();
    }
    byte[] leftOver = link.key().dialogue().leftOver();
    link.goOnFor(this);
    String offered = terms.protocol().offered(how.answer());
    tell.accept(its -> its.loggedIn(line, offered, leftOver));
  }

  void send(Line line, byte[] octets) {
    StoreLink<LoginAttempt> link = line == Line.MAIN ? main : side;
    if (link != null) {
      link.send(octets);
    }
  }

  /** Leaves that connection, in these words. */
  void leave(Line line, byte[] words) {
    StoreLink<LoginAttempt> link = line == Line.MAIN ? main : side;
    if (line == Line.MAIN) {
      main = null;
    } else {
      side = null;
      sideIn = false;
    }
    if (link != null) {
      link.leave(words);
    }
  }

  /** Leaves both without a word. */
  void leaveAll() {
    leave(Line.MAIN, NOTHING);
    leave(Line.SIDE, NOTHING);
    mainLogin = null;
  }

  /** The one that becomes the session's is not of the move any more; null if there is none. */
  @Nullable StoreLink<LoginAttempt> takeMain() {
    StoreLink<LoginAttempt> taken = main;
    main = null;
    return taken;
  }

  /** Dials the store of the first one again. */
  void dialSide() {
    StoreLink<LoginAttempt> beside = main;
    StoreLogin login = mainLogin;
    if (beside == null || login == null) {
      tell.accept(its -> its.lost(Line.SIDE));
      return;
    }
    LoginAttempt same = beside.key();
    LoginAttempt attempt =
        new LoginAttempt(
            same.host(),
            same.group(),
            same.access(),
            same.stranger(),
            same.why(),
            same.client(),
            terms.protocol().withStore(login));
    StoreLink<LoginAttempt> link =
        new StoreLink<>(StoreLink.Purpose.LOGIN, terms.target().apply(attempt), attempt, this);
    side = link;
    sideIn = false;
    link.connect(terms.connector(), eventLoop);
  }

  @Override
  public void connected(StoreLink<LoginAttempt> link) {}

  @Override
  public void secured(StoreLink<LoginAttempt> link) {
    talk(link, link.key().dialogue().onTls());
  }

  @Override
  public void received(StoreLink<LoginAttempt> link, byte[] octets) {
    if (link.equals(main)) {
      tell.accept(its -> its.received(Line.MAIN, octets));
    } else if (link.equals(side) && sideIn) {
      tell.accept(its -> its.received(Line.SIDE, octets));
    } else if (link.equals(side)) {
      talk(link, link.key().dialogue().onBytes(octets));
    }
  }

  @Override
  public boolean readsOn(StoreLink<LoginAttempt> link) {
    SessionMove present = move.get();
    return present == null || !link.equals(main) || !present.waiting();
  }

  @Override
  public void lost(StoreLink<LoginAttempt> link, AttemptOutcome outcome, String reason) {
    if (link.equals(main)) {
      tell.accept(its -> its.lost(Line.MAIN));
    } else if (link.equals(side)) {
      tell.accept(its -> its.lost(Line.SIDE));
    }
  }

  @Override
  public void failed(StoreLink<LoginAttempt> link, Throwable bug) {
    loop.failed(bug);
  }

  /** What the login on the second connection wants done. */
  private void talk(StoreLink<LoginAttempt> link, List<StoreStep> steps) {
    for (StoreStep step : steps) {
      if (link.isSilent()) {
        return;
      } else if (step instanceof StoreStep.Send send) {
        link.sendSecret(send.octets());
      } else if (step == StoreStep.Simple.START_TLS) {
        link.startTls(link.key().access().greetingTimeout());
      } else if (step instanceof StoreDialogue.Answered last) {
        boolean in = last.answer().outcome() == AttemptOutcome.ACCEPTED;
        sideIn = in;
        String offered = terms.protocol().offered(last.answer());
        byte[] leftOver = in ? link.key().dialogue().leftOver() : NOTHING;
        tell.accept(its -> in ? its.loggedIn(Line.SIDE, offered, leftOver) : its.lost(Line.SIDE));
      }
    }
  }
}
