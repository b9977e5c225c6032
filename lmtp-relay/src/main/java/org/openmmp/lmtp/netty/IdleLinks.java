package org.openmmp.lmtp.netty;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.LmtpConfig;
import org.openmmp.lmtp.store.IdleStores;
import org.openmmp.lmtp.store.StoreConversation;
import org.openmmp.repgroup.AttemptOutcome;

/** The connections to stores that one event loop keeps between transactions. */
final class IdleLinks implements DeliveryLinkOwner {
  private final EventLoop loop;
  private final IdleStores stores;
  private final Duration idle;
  private final Map<StoreConversation, DeliveryLink> links = new HashMap<>();
  private boolean expiring;

  IdleLinks(EventLoop loop, LmtpConfig.Pool settings) {
    this.loop = loop;
    this.stores = new IdleStores(settings);
    this.idle = settings.idle();
  }

  /** Which of them may be used. */
  IdleStores stores() {
    return stores;
  }

  /** Takes a connection back. */
  void keep(DeliveryLink link) {
    link.passTo(this);
    links.put(link.conversation(), link);
    stores.keep(link.conversation(), System.nanoTime()).forEach(this::close);
    expireLater();
  }

  /** Gives one that was taken out of {@link #stores} to a session; null if it has just gone. */
  @Nullable DeliveryLink adopt(StoreConversation conversation, DeliveryLinkOwner session) {
    DeliveryLink link = links.remove(conversation);
    if (link != null) {
      link.passTo(session);
    }
    return link;
  }

  /** Closes all of them. */
  void closeAll() {
    for (DeliveryLink link : links.values()) {
      stores.forget(link.conversation());
      link.hangUp(true);
    }
    links.clear();
  }

  @Override
  public void connected(DeliveryLink link) {
    throw new IllegalStateException("a connection was kept before it stood");
  }

  @Override
  public void received(DeliveryLink link, byte[] octets) {
    byte[] answer = stores.onOctets(link.conversation(), octets);
    if (answer == null) {
      close(link.conversation());
    } else if (answer.length > 0) {
      link.send(answer);
    }
  }

  @Override
  public void secured(DeliveryLink link) {
    throw new IllegalStateException("a connection was kept before it was secured");
  }

  @Override
  public void lost(DeliveryLink link, AttemptOutcome outcome, String reason) {
    stores.forget(link.conversation());
    links.remove(link.conversation());
  }

  @Override
  public void writable(DeliveryLink link) {
    // Nothing waits to be written to a connection that is kept.
  }

  private void close(StoreConversation conversation) {
    DeliveryLink link = links.remove(conversation);
    if (link != null) {
      link.hangUp(true);
    }
  }

  private void expireLater() {
    if (!expiring && !links.isEmpty()) {
      expiring = true;
      loop.schedule(this::expire, idle.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void expire() {
    expiring = false;
    stores.expire(System.nanoTime()).forEach(this::close);
    expireLater();
  }
}
