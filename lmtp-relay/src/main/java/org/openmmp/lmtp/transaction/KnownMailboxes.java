package org.openmmp.lmtp.transaction;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;

/**
 * The addresses that groups took mail for: a store that suddenly says that one of them does not
 * exist, though the directory knows it, is not believed for an hour (rule B5.20). A standby whose
 * spool is not mounted would else have everybody's mail returned.
 *
 * <p>Its memory is bounded: an address that was pushed out is one that was never heard of. Safe for
 * any thread.
 */
public final class KnownMailboxes {
  /** How a store's answer about a recipient is to be taken. */
  enum Judgement {
    /** As it is. */
    BELIEVED,
    /** As temporary. */
    DOUBTED,
    /** As temporary, and the host has lost its mailboxes. */
    HOST_FAILED
  }

  private static final long DOUBT_NANOS = Duration.ofHours(1).toNanos();
  private static final int ADDRESSES_IN_A_ROW = 5;
  private static final int WAYS = 4;
  private static final int SETS = 1 << 17;
  private static final int MOST_DOUBTED = 20_000;
  private static final int MOST_HOSTS = 4096;
  private static final int NO_MAILBOX = 550;

  private final AtomicIntegerArray taken = new AtomicIntegerArray(WAYS * SETS);
  private final Map<Long, Long> doubtedSince = new LinkedHashMap<>();
  private final Map<StoreHost, Set<Long>> missingInARow = new HashMap<>();
  private volatile boolean doubts;

  /** Knows none. */
  public KnownMailboxes() {}

  /** The store took a message for that address. */
  void took(ReplicationGroup group, StoreHost host, String address) {
    long key = key(group, address);
    remember(key);
    if (doubts) {
      synchronized (this) {
        doubtedSince.remove(key);
      }
      found(host);
    }
  }

  /**
   * The store said that about the address, in answer to RCPT or to the message.
   *
   * @param certain whether the directory was asked just now: else the mailbox may have moved, and
   *     says nothing of the host
   */
  Judgement answered(
      ReplicationGroup group,
      StoreHost host,
      String address,
      LmtpReply reply,
      boolean certain,
      long nowNanos) {
    if (reply.isPositive()) {
      if (doubts) {
        found(host);
      }
      return Judgement.BELIEVED;
    }
    long key = key(group, address);
    if (!saysNoMailbox(reply) || !remembers(key)) {
      return Judgement.BELIEVED;
    }
    return missing(host, key, certain, nowNanos);
  }

  /** 5.1.x is about the address; a store without such codes has only 550 to say so. */
  static boolean saysNoMailbox(LmtpReply reply) {
    return reply.code() == NO_MAILBOX
        && (reply.status().isEmpty() || reply.status().startsWith("5.1."));
  }

  private synchronized void found(StoreHost host) {
    missingInARow.remove(host);
    doubts = !missingInARow.isEmpty() || !doubtedSince.isEmpty();
  }

  private synchronized Judgement missing(StoreHost host, long key, boolean certain, long nowNanos) {
    doubts = true;
    Long since = doubtedSince.putIfAbsent(key, nowNanos);
    if (since != null && nowNanos - since >= DOUBT_NANOS) {
      doubtedSince.remove(key);
      forget(key);
      return Judgement.BELIEVED;
    }
    if (doubtedSince.size() > MOST_DOUBTED) {
      doubtedSince.remove(doubtedSince.keySet().iterator().next());
    }
    boolean room = missingInARow.size() < MOST_HOSTS || missingInARow.containsKey(host);
    if (!certain || !room) {
      return Judgement.DOUBTED;
    }
    Set<Long> row = missingInARow.computeIfAbsent(host, any -> new LinkedHashSet<>());
    if (row.size() < ADDRESSES_IN_A_ROW) {
      row.add(key);
    }
    return row.size() < ADDRESSES_IN_A_ROW ? Judgement.DOUBTED : Judgement.HOST_FAILED;
  }

  private boolean remembers(long key) {
    return at(key) >= 0;
  }

  private void remember(long key) {
    if (at(key) >= 0) {
      return;
    }
    int first = firstOf(key);
    for (int i = first; i < first + WAYS; i++) {
      if (taken.compareAndSet(i, 0, tag(key))) {
        return;
      }
    }
    taken.set(first + (int) (key >>> 62), tag(key));
  }

  private void forget(long key) {
    int at = at(key);
    if (at >= 0) {
      taken.compareAndSet(at, tag(key), 0);
    }
  }

  private int at(long key) {
    int first = firstOf(key);
    for (int i = first; i < first + WAYS; i++) {
      if (taken.get(i) == tag(key)) {
        return i;
      }
    }
    return -1;
  }

  private static int firstOf(long key) {
    return WAYS * (int) (key & (SETS - 1));
  }

  /** Never 0, which is an empty place. */
  private static int tag(long key) {
    return (int) (key >>> 20) | 1;
  }

  /** FNV-1a: a stranger gains nothing by two addresses of one key. */
  private static long key(ReplicationGroup group, String address) {
    long hash = 0xcbf29ce484222325L;
    for (byte each :
        (group.name() + '\n' + address.toLowerCase(Locale.ROOT)).getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ each) * 0x100000001b3L;
    }
    return hash;
  }
}
