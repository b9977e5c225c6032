package org.openmmp.lmtp.netty;

import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.store.StoreConversation;
import org.openmmp.lmtp.transaction.RelayStep;
import org.openmmp.transport.ClientOrigin;

/** The connections to stores that one session has now, and the steps that concern them. */
final class SessionStores {
  private final RelayParts parts;
  private final Channel client;
  private final ClientOrigin origin;
  private final MessageFlow flow;
  private final DeliveryLinkOwner session;
  private final IdleLinks idle;
  private final Map<StoreConversation, DeliveryLink> links = new HashMap<>();

  SessionStores(
      RelayParts parts,
      Channel client,
      ClientOrigin origin,
      MessageFlow flow,
      DeliveryLinkOwner session) {
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
      DeliveryLink link = idle.adopt(adopt.store(), session);
      if (link != null) {
        links.put(adopt.store(), link);
      }
    } else if (step instanceof RelayStep.Send send) {
      DeliveryLink link = links.get(send.store());
      if (link != null) {
        link.send(send.octets());
      }
    } else if (step instanceof RelayStep.StartStoreTls start) {
      DeliveryLink link = links.get(start.store());
      if (link != null) {
        link.startTls();
      }
    } else if (step instanceof RelayStep.SendBody body) {
      DeliveryLink link = links.get(body.store());
      if (link != null) {
        flow.begin(link, body.chunks());
      }
    } else {
      return parted(step);
    }
    return true;
  }

  /** It is this session's no more; null if it was not. */
  @Nullable DeliveryLink forget(StoreConversation store) {
    DeliveryLink link = links.remove(store);
    if (link != null) {
      flow.stop(link);
    }
    return link;
  }

  private boolean parted(RelayStep step) {
    if (step instanceof RelayStep.Keep keep) {
      DeliveryLink link = forget(keep.store());
      if (link != null) {
        idle.keep(link);
      }
    } else if (step instanceof RelayStep.HangUp hangUp) {
      DeliveryLink link = forget(hangUp.store());
      if (link != null) {
        link.hangUp(hangUp.politely());
      }
    } else {
      return false;
    }
    return true;
  }

  private void connect(StoreConversation store) {
    DeliveryLink link =
        new DeliveryLink(store, parts.target(store.place(), client, origin), session);
    links.put(store, link);
    parts.connect(link, client.eventLoop());
  }
}
