package org.openmmp.lmtp.netty;

import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.LmtpConfig;
import org.openmmp.lmtp.store.IdleStores;
import org.openmmp.lmtp.store.StoreKey;
import org.openmmp.lmtp.store.StorePlace;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.transport.StoreLink;

/** The connections to stores that one event loop keeps between transactions. */
final class IdleLinks implements StoreLink.Owner<StoreKey> {
  private final EventLoop loop;
  private final IdleStores stores;
  private Duration idle;
  private final Map<StoreKey, StoreLink<StoreKey>> links = new HashMap<>();
  private boolean expiring;

  IdleLinks(EventLoop loop, LmtpConfig.Pool settings) {
    this.loop = loop;
    this.stores = new IdleStores(settings, key -> loop.execute(() -> leave(key)));
    this.idle = settings.idle();
  }

  /** How long and how many are kept from now on. */
  void keepBy(LmtpConfig.Pool settings) {
    stores.keepBy(settings);
    idle = settings.idle();
  }

  /** How the relay takes leave of a store; not within a message. */
  static byte[] quit() {
    return "QUIT\r\n".getBytes(StandardCharsets.US_ASCII);
  }

  /** Which of them may be used. */
  IdleStores stores() {
    return stores;
  }

  /** Takes a connection that {@link #stores} keep from its session. */
  void keep(StoreLink<StoreKey> link) {
    link.passTo(this);
    links.put(link.key(), link);
    expireLater();
  }

  /** Gives one that was taken out of {@link #stores} to a session; null if it has just gone. */
  @Nullable StoreLink<StoreKey> adopt(StoreKey key, StoreLink.Owner<StoreKey> session) {
    StoreLink<StoreKey> link = links.remove(key);
    if (link != null) {
      link.passTo(session);
    }
    return link;
  }

  /** Closes those at places that are not wanted any more. */
  void leave(Predicate<StorePlace> unwanted) {
    stores.leave(unwanted).forEach(this::close);
  }

  /** Closes all of them. */
  void closeAll() {
    for (StoreLink<StoreKey> link : links.values()) {
      stores.forget(link.key());
      link.leave(quit());
    }
    links.clear();
  }

  @Override
  public void connected(StoreLink<StoreKey> link) {
    throw new IllegalStateException("a connection was kept before it stood");
  }

  @Override
  public void received(StoreLink<StoreKey> link, byte[] octets) {
    byte[] answer = stores.onOctets(link.key(), octets);
    if (answer == null) {
      close(link.key());
    } else if (answer.length > 0) {
      link.send(answer);
    }
  }

  @Override
  public void secured(StoreLink<StoreKey> link) {
    throw new IllegalStateException("a connection was kept before it was secured");
  }

  @Override
  public void lost(StoreLink<StoreKey> link, AttemptOutcome outcome, String reason) {
    stores.forget(link.key());
    links.remove(link.key());
  }

  private void leave(StoreKey key) {
    stores.forget(key);
    close(key);
  }

  /** Closes one that is not kept any more. */
  void close(StoreKey key) {
    StoreLink<StoreKey> link = links.remove(key);
    if (link != null) {
      link.leave(quit());
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
