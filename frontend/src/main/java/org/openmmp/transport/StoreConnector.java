package org.openmmp.transport;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Connects to stores.
 *
 * <p>A connection reads nothing by itself (auto-read is off), has no delay on its writes, is kept
 * alive, and is closed when the store ends its data; half-closure begins with the {@link Splice}.
 * On epoll what came before a peer's end is handed up even if nobody asked for it.
 */
public final class StoreConnector {
  private static final int NAMES_REMEMBERED = 65_536;

  private final Transports transports;
  private final SlowAddresses slow = new SlowAddresses();
  private volatile HostResolver resolver;
  private volatile Duration vanished = Duration.ofMinutes(2);
  private volatile List<InetAddress> sources = List.of();
  private final AtomicInteger turn = new AtomicInteger();
  private final Cache<String, Boolean> ownNames =
      Caffeine.newBuilder().maximumSize(NAMES_REMEMBERED).executor(Runnable::run).build();

  /** Connects by these transports to what this resolver finds. */
  public StoreConnector(Transports transports, HostResolver resolver) {
    this.transports = transports;
    this.resolver = resolver;
  }

  /** Asks another resolver from now on. */
  public void resolveBy(HostResolver other) {
    resolver = other;
  }

  /** Connects from these addresses from now on, in turn; none: from those the system chooses. */
  public void connectFrom(List<InetAddress> addresses) {
    sources = List.copyOf(addresses);
  }

  /** Has stores that give no sign of life for so long given up, from now on (rule B2.36). */
  public void giveUpVanished(Duration limit) {
    vanished = limit;
  }

  Duration vanished() {
    return vanished;
  }

  /** All of them, beginning where it is the next connection's turn. */
  private List<InetAddress> sourcesInTurn() {
    List<InetAddress> all = sources;
    if (all.size() < 2) {
      return all;
    }
    int first = Math.floorMod(turn.getAndIncrement(), all.size());
    List<InetAddress> turned = new ArrayList<>(all.subList(first, all.size()));
    turned.addAll(all.subList(0, first));
    return turned;
  }

  /**
   * Connects to a store; every address of its name is tried within the one limit.
   *
   * @param loop the event loop of the session's client; call on it
   * @param handler new, the last of the store's pipeline once the connection stands; it asks for
   *     octets by {@code read()}
   * @param connected is given the connection, under TLS if that is implicit
   * @param failed hears that there is none; exactly one of the two is told, on the loop, unless the
   *     dial is cancelled
   */
  public StoreDial connect(
      EventLoop loop,
      StoreTarget target,
      ChannelHandler handler,
      Consumer<Channel> connected,
      Consumer<ConnectFailure> failed) {
    if (!target.stranger() && ownNames.getIfPresent(target.host()) == null) {
      ownNames.put(target.host(), true);
    }
    StoreDial dial =
        new StoreDial(transports, loop, target, sourcesInTurn(), slow, handler, connected, failed);
    dial.start(resolver);
    return dial;
  }

  /**
   * Whether a host was dialled that the configuration or the directory names so, and not only a
   * referral. Bounded: what is forgotten is a stranger again.
   */
  public boolean knows(String host) {
    return ownNames.getIfPresent(host) != null;
  }
}
