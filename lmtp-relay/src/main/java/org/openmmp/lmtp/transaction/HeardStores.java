package org.openmmp.lmtp.transaction;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.lmtp.protocol.Extensions;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;

/**
 * What each store last said that it takes, for as long as that may still be so (rule B5.1).
 *
 * <p>It decides whether what one host lacks is refused for good: only if no host of the group that
 * was heard within the last hour has it. It never decides what clients are offered. Safe for any
 * thread.
 */
public final class HeardStores {
  private static final long TRUSTED_NANOS = Duration.ofHours(1).toNanos();

  /** More hosts than any site has; for those over it a refusal is temporary. */
  private static final int MAX_HOSTS = 4096;

  /** The limit is 0 if there is none. */
  private record Heard(boolean smtpUtf8, long maxMessageOctets, long nanos) {
    boolean takes(long octets) {
      return maxMessageOctets == 0 || octets <= maxMessageOctets;
    }
  }

  private final Map<StoreHost, Heard> hosts = new ConcurrentHashMap<>();
  private final long startedNanos;

  /** Nothing was heard yet. */
  public HeardStores(long startedNanos) {
    this.startedNanos = startedNanos;
  }

  /** A store's reply to LHLO. */
  void heard(StoreHost host, Extensions offer, long nowNanos) {
    if (hosts.size() >= MAX_HOSTS && !hosts.containsKey(host)) {
      hosts.values().removeIf(each -> !recent(each.nanos(), nowNanos));
    }
    if (hosts.size() < MAX_HOSTS || hosts.containsKey(host)) {
      long limit = offer.has(Extension.SIZE) ? offer.maxMessageOctets() : 0;
      hosts.put(host, new Heard(offer.has(Extension.SMTPUTF8), limit, nowNanos));
    }
  }

  /**
   * What is said of a message that needs SMTPUTF8 where the host under way lacks it. For the first
   * hour, hosts that have it may not have been heard yet.
   */
  LmtpReply withoutSmtpUtf8(ReplicationGroup group, long nowNanos) {
    boolean another =
        group.hosts().stream()
            .map(hosts::get)
            .anyMatch(each -> each != null && each.smtpUtf8() && recent(each.nanos(), nowNanos));
    return another || recent(startedNanos, nowNanos)
        ? Answers.NO_SMTPUTF8_NOW
        : Answers.NO_SMTPUTF8;
  }

  /** What is said of a message that is longer than the host under way takes. */
  LmtpReply tooLong(ReplicationGroup group, long octets, long nowNanos) {
    boolean another =
        group.hosts().stream()
            .map(hosts::get)
            .anyMatch(each -> each != null && recent(each.nanos(), nowNanos) && each.takes(octets));
    return another ? Answers.TOO_LONG_NOW : Answers.TOO_LONG;
  }

  private static boolean recent(long nanos, long nowNanos) {
    return nowNanos - nanos < TRUSTED_NANOS;
  }
}
