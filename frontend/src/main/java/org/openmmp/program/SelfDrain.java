package org.openmmp.program;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.openmmp.admin.AdminPage;
import org.openmmp.config.DrainConfig;
import org.openmmp.guard.Farewell;
import org.openmmp.transport.SessionFacts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Sends the clients of this front end away before it ends (rule B8.1): it accepts them for a while
 * still, then no more, tells sessions goodbye at safe points, and cuts at the limit those that are
 * left.
 */
final class SelfDrain {
  private static final Logger log = LoggerFactory.getLogger(SelfDrain.class);

  /** How long clients may take to hear the last words. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private final SharedRooms rooms;
  private final List<FrontEndServer> servers;
  private final CountDownLatch closed;

  /**
   * A drain that has not begun.
   *
   * @param closed whether the program was closed meanwhile, which ends the drain
   */
  SelfDrain(SharedRooms rooms, List<FrontEndServer> servers, CountDownLatch closed) {
    this.rooms = rooms;
    this.servers = servers;
    this.closed = closed;
  }

  /**
   * The page by which an administrator has the front end drained.
   *
   * @param draining whether that was begun already
   * @param drain begins and ends it; blocks
   */
  static AdminPage page(SharedRooms rooms, BooleanSupplier draining, Runnable drain) {
    return AdminPage.acting(
        "/api/v1/drain-self",
        "Has this front end take no more clients, end its sessions at safe points, and stop",
        List.of(),
        query -> begin(rooms, draining, drain));
  }

  private static AdminPage.Answer begin(
      SharedRooms rooms, BooleanSupplier draining, Runnable drain) {
    if (draining.getAsBoolean()) {
      return AdminPage.Answer.not(AdminPage.Answer.Kind.REFUSED, "this front end is draining");
    }
    DrainConfig settings = rooms.now().config().drain();
    int count = rooms.sessions().count();
    new Thread(drain, "drain-self").start();
    return AdminPage.Answer.done(
        "this front end says that it is not ready, accepts clients for "
            + lead(settings).toSeconds()
            + " s more, and ends after "
            + settings.limit().toSeconds()
            + " s at the latest; clients connected now: "
            + count,
        Map.of("sessions", count, "limitSeconds", settings.limit().toSeconds()));
  }

  private static Duration lead(DrainConfig settings) {
    return settings.lead().compareTo(settings.limit()) < 0 ? settings.lead() : settings.limit();
  }

  /**
   * Drains; blocks until no session is left or the limit is over, or the program was closed.
   *
   * @param supervisor hears how long that may take
   * @param stopListening gives the administrators' listener to another front end
   */
  void run(Supervisor supervisor, Runnable stopListening) {
    DrainConfig settings = rooms.now().config().drain();
    Duration lead = lead(settings);
    Duration then = settings.limit().minus(lead);
    log.info(
        "draining sessions={} lead={} s limit={} s",
        rooms.sessions().count(),
        lead.toSeconds(),
        settings.limit().toSeconds());
    supervisor.stopping(settings.limit());
    servers.forEach(FrontEndServer::stepAside);
    if (closedWithin(lead)) {
      return;
    }
    rooms.news().tell(Level.WARN, "this front end is going down and takes no new clients");
    servers.forEach(FrontEndServer::stopAccepting);
    stopListening.run();
    log.info("accepting no more sessions={}", rooms.sessions().count());
    Goodbyes goodbyes =
        new Goodbyes(
            rooms.sessions(),
            rooms.transports().loops().next(),
            () -> SelfDrain::leaves,
            () -> {},
            Farewell.SHUTTING_DOWN,
            settings.spread(),
            then);
    goodbyes.begin();
    rooms.sessions().awaitNone(then);
    goodbyes.stop();
    rooms.sessions().endAll();
    rooms.sessions().awaitNone(LAST_WORDS);
  }

  /** Who has not logged in goes on until he has: nobody is sent away between greeting and login. */
  static Goodbyes.Turn leaves(SessionFacts facts) {
    return facts.user().isEmpty() && !facts.service().equals("lmtp")
        ? Goodbyes.Turn.LATER
        : Goodbyes.Turn.NOW;
  }

  private boolean closedWithin(Duration time) {
    try {
      return closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
