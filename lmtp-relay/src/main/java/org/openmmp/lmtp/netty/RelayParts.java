package org.openmmp.lmtp.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.openmmp.directory.Directory;
import org.openmmp.lmtp.spool.MessageSpool;
import org.openmmp.lmtp.store.StorePlace;
import org.openmmp.lmtp.transaction.Relay;
import org.openmmp.lmtp.transaction.RelayListener;
import org.openmmp.lmtp.transaction.RelaySettings;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.Routing;
import org.openmmp.routing.StoreAccess;
import org.openmmp.transport.ClientOrigin;
import org.openmmp.transport.StoreConnector;
import org.openmmp.transport.StoreTarget;
import org.openmmp.transport.StoreTls;

/**
 * What sessions of the relay are made of under one configuration. On any thread.
 *
 * @param memory what outlives the configuration
 * @param routing the present routing; read once for each transaction
 * @param tls to stores that are reached so, as it is now
 * @param mayStartTls whether clients may begin TLS
 */
public record RelayParts(
    RelayMemory memory,
    RelaySettings settings,
    StoreSelector selector,
    Supplier<Routing> routing,
    RelayListener listener,
    Directory directory,
    StoreConnector connector,
    Function<StoreAccess, StoreTls> tls,
    boolean mayStartTls) {
  Executor workers() {
    return memory.workers();
  }

  SpoolWriter newSpool(EventLoop loop, Runnable grown, Consumer<String> failing) {
    var spool = settings.config().spool();
    return new SpoolWriter(
        new MessageSpool(spool), spool.memoryOctets(), loop, workers(), grown, failing);
  }

  /** Tells the operator why messages are put off. */
  void spoolFailed(String why) {
    memory.spoolFailed(MessageSpool.directoryOf(settings.config().spool()), why);
  }

  /** The connections that this event loop keeps; on that loop. */
  IdleLinks idleAt(EventLoop loop) {
    return memory.idleAt(loop, settings.config().pool());
  }

  /** What the sessions of that event loop share. */
  Relay relayAt(EventLoop loop) {
    return new Relay(
        settings,
        selector,
        routing,
        memory.heard(),
        memory.known(),
        memory.bulkheads(),
        memory.capacity(),
        idleAt(loop).stores(),
        listener);
  }

  /** Where a place is. */
  StoreTarget target(StorePlace place, Channel client, ClientOrigin origin) {
    return StoreTarget.of(
        place.host(),
        place.access(),
        tls.apply(place.access()),
        false,
        () -> StoreTarget.Announcement.of(client, origin, origin.client(), origin.server(), ""));
  }
}
