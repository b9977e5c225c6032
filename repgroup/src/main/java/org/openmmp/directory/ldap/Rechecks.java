package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.openmmp.directory.LookupRequest;
import org.openmmp.text.AddressLiteral;
import org.openmmp.wire.Network;

/**
 * Bounds the look-ups that are made only because a remembered answer would refuse somebody (rule
 * B1.10): guessers must not cause load on the directory.
 */
final class Rechecks {
  /** For one client network in one second. */
  static final int FOR_ONE_NETWORK = 10;

  private static final int MOST_NETWORKS = 10_000;

  private final Cache<String, AtomicInteger> ofNetworks;
  private final AtomicInteger ofDeliveries = new AtomicInteger();
  private final int mostOfDeliveries;

  /** How a doubt is dealt with. */
  enum Verdict {
    /** The directory is asked; {@link #left} ends it. */
    ASK,
    /** The remembered answer stands. */
    STANDS,
    /** There is no room to ask, and nothing may be refused without. */
    TURNED_AWAY
  }

  /**
   * None yet.
   *
   * @param connections of the directory, half of which deliveries may have
   */
  Rechecks(int connections, Ticker ticker) {
    mostOfDeliveries = Math.max(1, connections / 2);
    ofNetworks =
        Caffeine.newBuilder()
            .maximumSize(MOST_NETWORKS)
            .expireAfterWrite(Duration.ofSeconds(1))
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  /** One more. */
  Verdict enter(LookupRequest request) {
    if (request.purpose() == LookupRequest.Purpose.DELIVERY) {
      if (ofDeliveries.incrementAndGet() <= mostOfDeliveries) {
        return Verdict.ASK;
      }
      ofDeliveries.decrementAndGet();
      return Verdict.TURNED_AWAY;
    }
    if (request.memory() == LookupRequest.Memory.DOUBTED_BY_KNOWN) {
      return Verdict.ASK;
    }
    InetAddress client = AddressLiteral.parse(request.clientIp());
    String site = client == null ? request.clientIp() : Network.ofSite(client).toString();
    AtomicInteger asked = ofNetworks.get(site, first -> new AtomicInteger());
    return asked.incrementAndGet() <= FOR_ONE_NETWORK ? Verdict.ASK : Verdict.STANDS;
  }

  /** One that was asked is answered. */
  void left(LookupRequest request) {
    if (request.purpose() == LookupRequest.Purpose.DELIVERY) {
      ofDeliveries.decrementAndGet();
    }
  }
}
