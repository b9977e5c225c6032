package org.openmmp.lmtp.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.openmmp.directory.Directory;
import org.openmmp.lmtp.spool.MessageSpool;
import org.openmmp.lmtp.store.StorePlace;
import org.openmmp.lmtp.transaction.HeardStores;
import org.openmmp.lmtp.transaction.KnownMailboxes;
import org.openmmp.lmtp.transaction.Relay;
import org.openmmp.lmtp.transaction.RelayListener;
import org.openmmp.lmtp.transaction.RelaySettings;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.Routing;
import org.openmmp.transport.ClientOrigin;
import org.openmmp.transport.StoreConnector;
import org.openmmp.transport.StoreTarget;
import org.openmmp.transport.StoreTrust;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the sessions of one relay are made of; on any thread. */
public final class RelayParts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RelayParts.class);
  private static final Duration TROUBLE_PERIOD = Duration.ofSeconds(10);
  private static final long NEVER = Long.MIN_VALUE;

  /**
   * The pure part.
   *
   * @param routing the present routing; read once for each transaction
   */
  public record Core(
      RelaySettings settings,
      StoreSelector selector,
      Supplier<Routing> routing,
      RelayListener listener) {}

  /**
   * How others are reached.
   *
   * @param trust whose certificates are believed
   * @param startTls whether clients may begin TLS
   */
  public record Reach(
      Directory directory, StoreConnector connector, StoreTrust trust, boolean startTls) {}

  private final Core core;
  private final Reach reach;
  private final HeardStores heard = new HeardStores(System.nanoTime());
  private final KnownMailboxes known = new KnownMailboxes();
  private final SpoolWorkers workers = new SpoolWorkers();
  private final AtomicLong troubleToldNanos = new AtomicLong(NEVER);
  private final Map<EventLoop, IdleLinks> idle = new ConcurrentHashMap<>();

  /** Nothing is connected yet. */
  public RelayParts(Core core, Reach reach) {
    this.core = core;
    this.reach = reach;
  }

  RelaySettings settings() {
    return core.settings();
  }

  Directory directory() {
    return reach.directory();
  }

  SpoolWorkers workers() {
    return workers;
  }

  MessageSpool newSpool() {
    return new MessageSpool(settings().config().spool());
  }

  /** Tells the operator why messages are put off: at most every ten seconds, for all of them. */
  void spoolFailed(String why) {
    long now = System.nanoTime();
    long before = troubleToldNanos.get();
    boolean quiet = before != NEVER && now - before < TROUBLE_PERIOD.toNanos();
    if (!why.isEmpty() && !quiet && troubleToldNanos.compareAndSet(before, now)) {
      log.error(
          "messages are put off, for they cannot be kept in {}: {}",
          MessageSpool.directoryOf(settings().config().spool()),
          why);
    }
  }

  /** The connections that this event loop keeps; on that loop. */
  IdleLinks idleAt(EventLoop loop) {
    return idle.computeIfAbsent(loop, each -> new IdleLinks(each, settings().config().pool()));
  }

  /** What the sessions of that event loop share. */
  Relay relayAt(EventLoop loop) {
    return new Relay(
        core.settings(),
        core.selector(),
        core.routing(),
        heard,
        known,
        idleAt(loop).stores(),
        core.listener());
  }

  boolean mayStartTls() {
    return reach.startTls();
  }

  /** Reaches the stores. */
  StoreConnector connector() {
    return reach.connector();
  }

  /** Where a place is. */
  StoreTarget target(StorePlace place, Channel client, ClientOrigin origin) {
    return StoreTarget.of(
        place.host(),
        place.access(),
        reach.trust().of(place.group().name()),
        false,
        () -> StoreTarget.Announcement.of(client, origin, origin.client(), origin.server(), ""));
  }

  /** Closes what is kept; sessions are gone, or about to go. May be called again. */
  @Override
  public void close() {
    for (EventLoop loop : List.copyOf(idle.keySet())) {
      IdleLinks links = idle.remove(loop);
      if (links != null) {
        loop.execute(links::closeAll);
      }
    }
    workers.close();
  }
}
