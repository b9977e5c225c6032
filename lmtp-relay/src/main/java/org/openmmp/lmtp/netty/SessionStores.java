package org.openmmp.lmtp.netty;

import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.store.StoreConversation;
import org.openmmp.lmtp.transaction.RelayStep;
import org.openmmp.transport.ClientOrigin;
import org.openmmp.transport.StoreLink;

/** The connections to stores that one session has now, and the steps that concern them. */
final class SessionStores {
  private final RelayParts parts;
  private final Channel client;
  private final ClientOrigin origin;
  private final MessageFlow flow;
  private final StoreLink.Owner<StoreConversation> session;
  private final IdleLinks idle;
  private final Map<StoreConversation, StoreLink<StoreConversation>> links = new HashMap<>();

  SessionStores(
      RelayParts parts,
      Channel client,
      ClientOrigin origin,
      MessageFlow flow,
      StoreLink.Owner<StoreConversation> session) {
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
      StoreLink<StoreConversation> link = idle.adopt(adopt.store(), session);
      if (link != null) {
        links.put(adopt.store(), link);
      }
    } else if (step instanceof RelayStep.Send send) {
      StoreLink<StoreConversation> link = links.get(send.store());
      if (link != null) {
        link.send(send.octets());
      }
    } else if (step instanceof RelayStep.StartStoreTls start) {
      StoreLink<StoreConversation> link = links.get(start.store());
      if (link != null) {
        link.startTls(start.store().place().access().greetingTimeout());
      }
    } else if (step instanceof RelayStep.SendBody body) {
      StoreLink<StoreConversation> link = links.get(body.store());
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

  private String joined(Function<StoreConversation, String> name) {
    return links.keySet().stream().map(name).distinct().sorted().collect(Collectors.joining(","));
  }

  /** It is this session's no more; null if it was not. */
  @Nullable StoreLink<StoreConversation> forget(StoreConversation store) {
    StoreLink<StoreConversation> link = links.remove(store);
    if (link != null) {
      flow.stop(link);
    }
    return link;
  }

  private boolean parted(RelayStep step) {
    if (step instanceof RelayStep.Keep keep) {
      StoreLink<StoreConversation> link = forget(keep.store());
      if (link != null) {
        idle.keep(link);
      }
    } else if (step instanceof RelayStep.HangUp hangUp) {
      StoreLink<StoreConversation> link = forget(hangUp.store());
      if (link != null) {
        if (hangUp.politely()) {
          link.leave(IdleLinks.quit());
        } else {
          link.breakOff();
        }
      }
    } else {
      return false;
    }
    return true;
  }

  private void connect(StoreConversation store) {
    StoreLink<StoreConversation> link =
        new StoreLink<>(
            StoreLink.Purpose.DELIVERY,
            parts.target(store.place(), client, origin),
            store,
            session);
    links.put(store, link);
    link.connect(parts.connector(), client.eventLoop());
  }
}
