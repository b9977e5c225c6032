package org.openmmp.lmtp.netty;

import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.store.StoreKey;
import org.openmmp.lmtp.transaction.RelayStep;
import org.openmmp.transport.ClientOrigin;
import org.openmmp.transport.StoreLink;

/** The connections to stores that one session has now, and the steps that concern them. */
final class SessionStores {
  private final RelayParts parts;
  private final Channel client;
  private final ClientOrigin origin;
  private final MessageFlow flow;
  private final StoreLink.Owner<StoreKey> session;
  private final IdleLinks idle;
  private final Map<StoreKey, StoreLink<StoreKey>> links = new HashMap<>();

  SessionStores(
      RelayParts parts,
      Channel client,
      ClientOrigin origin,
      MessageFlow flow,
      StoreLink.Owner<StoreKey> session) {
    this.parts = parts;
    this.client = client;
    this.origin = origin;
    this.flow = flow;
    this.session = session;
    this.idle = parts.idleAt(client.eventLoop());
  }

  /** Carries a step out if it concerns a store; a connection that has just gone is passed over. */
  boolean carriedOut(RelayStep step) {
    if (step instanceof RelayStep.Connect connect) {
      connect(connect.store());
    } else if (step instanceof RelayStep.Adopt adopt) {
      StoreLink<StoreKey> link = idle.adopt(adopt.store(), session);
      if (link != null) {
        links.put(adopt.store(), link);
      }
    } else if (step instanceof RelayStep.Send send) {
      StoreLink<StoreKey> link = links.get(send.store());
      if (link != null) {
        link.send(send.octets());
      }
    } else if (step instanceof RelayStep.StartStoreTls start) {
      StoreLink<StoreKey> link = links.get(start.store());
      if (link != null) {
        link.startTls(start.store().place().access().greetingTimeout());
      }
    } else if (step instanceof RelayStep.SendBody body) {
      StoreLink<StoreKey> link = links.get(body.store());
      if (link != null) {
        flow.begin(link, body.chunks());
      }
    } else {
      return parted(step);
    }
    return true;
  }

  /** The groups of those that it has now. */
  String groups() {
    return joined(store -> store.place().group().name());
  }

  /** Their hosts. */
  String hosts() {
    return joined(store -> store.place().host().name());
  }

  private String joined(Function<StoreKey, String> name) {
    return links.keySet().stream().map(name).distinct().sorted().collect(Collectors.joining(","));
  }

  /** It is this session's no more; null if it was not. */
  @Nullable StoreLink<StoreKey> forget(StoreKey store) {
    StoreLink<StoreKey> link = links.remove(store);
    if (link != null) {
      flow.stop(link);
    }
    return link;
  }

  private boolean parted(RelayStep step) {
    if (step instanceof RelayStep.Keep keep) {
      StoreLink<StoreKey> link = forget(keep.store());
      if (link == null) {
        idle.stores().forget(keep.store());
      } else {
        idle.keep(link);
      }
    } else if (step instanceof RelayStep.HangUp hangUp) {
      StoreLink<StoreKey> link = forget(hangUp.store());
      if (link == null) {
        idle.close(hangUp.store());
      } else if (hangUp.politely()) {
        link.leave(IdleLinks.quit());
      } else {
        link.breakOff();
      }
    } else {
      return false;
    }
    return true;
  }

  private void connect(StoreKey store) {
    StoreLink<StoreKey> link =
        new StoreLink<>(
            StoreLink.Purpose.DELIVERY,
            parts.target(store.place(), client, origin),
            store,
            session);
    links.put(store, link);
    link.connect(parts.connector(), client.eventLoop());
  }
}
