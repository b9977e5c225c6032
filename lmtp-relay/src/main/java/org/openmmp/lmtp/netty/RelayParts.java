package org.openmmp.lmtp.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.function.Supplier;
import org.openmmp.directory.Directory;
import org.openmmp.lmtp.spool.MessageSpool;
import org.openmmp.lmtp.store.StorePlace;
import org.openmmp.lmtp.transaction.Relay;
import org.openmmp.lmtp.transaction.RelayListener;
import org.openmmp.lmtp.transaction.RelaySettings;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.Routing;
import org.openmmp.transport.ClientOrigin;
import org.openmmp.transport.StoreConnector;
import org.openmmp.transport.StoreTarget;
import org.openmmp.transport.StoreTrust;

/** What sessions of the relay are made of under one configuration; on any thread. */
public final class RelayParts {
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
   * @param trust whose certificates are believed now
   * @param startTls whether clients may begin TLS
   */
  public record Reach(
      Directory directory,
      StoreConnector connector,
      Supplier<StoreTrust> trust,
      boolean startTls) {}

  private final RelayMemory memory;
  private final Core core;
  private final Reach reach;

  /** Of what outlives them, and of the settings. */
  public RelayParts(RelayMemory memory, Core core, Reach reach) {
    this.memory = memory;
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
    return memory.workers();
  }

  MessageSpool newSpool() {
    return new MessageSpool(settings().config().spool());
  }

  /** Tells the operator why messages are put off: at most every ten seconds, for all of them. */
  void spoolFailed(String why) {
    memory.spoolFailed(MessageSpool.directoryOf(settings().config().spool()), why);
  }

  /** The connections that this event loop keeps; on that loop. */
  IdleLinks idleAt(EventLoop loop) {
    return memory.idleAt(loop, settings().config().pool());
  }

  /** What the sessions of that event loop share. */
  Relay relayAt(EventLoop loop) {
    return new Relay(
        core.settings(),
        core.selector(),
        core.routing(),
        memory.heard(),
        memory.known(),
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
        reach.trust().get().of(place.access()),
        false,
        () -> StoreTarget.Announcement.of(client, origin, origin.client(), origin.server(), ""));
  }
}
