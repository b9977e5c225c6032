package org.openmmp.lmtp.store;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.LmtpConfig;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.StoreStep;

/**
 * Connections that wait for another transaction (rules B5.10, B5.14): which of them may be used,
 * and which have to go. The one that was used last is used first.
 *
 * <p>Each owes the reply to RSET when it is given back; any other word of the store ends it. It
 * belongs to one event loop and is used there.
 */
public final class IdleStores {
  private LmtpConfig.Pool settings;
  private final Consumer<StoreKey> closing;
  private final Map<StoreHost, Deque<Idle>> byHost = new HashMap<>();

  private record Idle(StoreConversation store, long sinceNanos) {}

  /**
   * Keeps none yet.
   *
   * @param closing closes one, if it is still kept by then; called on any thread
   */
  public IdleStores(LmtpConfig.Pool settings, Consumer<StoreKey> closing) {
    this.settings = settings;
    this.closing = closing;
  }

  /** How long and how many are kept from now on. */
  public void keepBy(LmtpConfig.Pool other) {
    settings = other;
  }

  /** Has one closed if it is still kept by then, on any thread. */
  public Runnable closing(StoreKey key) {
    return () -> closing.accept(key);
  }

  /**
   * Takes a connection back.
   *
   * @return those that have to be closed for it, itself perhaps
   */
  public List<StoreKey> keep(StoreConversation store, long nowNanos) {
    if (settings.idle().isZero()) {
      return List.of(store.key());
    }
    Deque<Idle> idle = byHost.computeIfAbsent(store.place().host(), host -> new ArrayDeque<>());
    idle.addLast(new Idle(store, nowNanos));
    return idle.size() > settings.perHost() ? List.of(idle.removeFirst().store().key()) : List.of();
  }

  /**
   * The store said something.
   *
   * @return what is to be sent, most often nothing; null if the connection has to be closed
   */
  public byte @Nullable [] onOctets(StoreKey key, byte[] octets) {
    Idle speaking = find(key);
    if (speaking == null) {
      return null;
    }
    ByteArrayOutputStream toSend = new ByteArrayOutputStream();
    for (StoreStep event : speaking.store().onOctets(octets)) {
      if (event instanceof StoreStep.Send send) {
        toSend.writeBytes(send.octets());
      } else if (!(event instanceof StoreEvent.Answered answered) || !leavesNothing(answered)) {
        forget(key);
        return null;
      }
    }
    return toSend.toByteArray();
  }

  /** Whether the store stays, and knows nothing of a transaction once all is answered. */
  private static boolean leavesNothing(StoreEvent.Answered answered) {
    boolean reset = answered.command().kind() == StoreCommand.Kind.RSET;
    return answered.reply().code() != LmtpReply.CLOSING
        && (!reset || answered.reply().isPositive());
  }

  /** The connection is no more. */
  public void forget(StoreKey key) {
    Idle gone = find(key);
    if (gone != null) {
      Deque<Idle> idle = Objects.requireNonNull(byHost.get(key.place().host()));
      idle.remove(gone);
      if (idle.isEmpty()) {
        byHost.remove(key.place().host());
      }
    }
  }

  private @Nullable Idle find(StoreKey key) {
    for (Idle each : byHost.getOrDefault(key.place().host(), new ArrayDeque<>())) {
      if (each.store().key().equals(key)) {
        return each;
      }
    }
    return null;
  }

  /**
   * A connection to that place that may be used now, or once RSET is answered; it is the caller's
   * then.
   */
  public @Nullable StoreConversation take(StorePlace place, long nowNanos) {
    Deque<Idle> idle = byHost.get(place.host());
    if (idle == null) {
      return null;
    }
    Idle found = null;
    for (Iterator<Idle> all = idle.descendingIterator(); all.hasNext(); ) {
      Idle each = all.next();
      boolean fits = each.store().place().key().equals(place.key()) && !expired(each, nowNanos);
      if (fits && each.store().settled()) {
        found = each;
        break;
      }
      found = found == null && fits && each.store().resetting() ? each : found;
    }
    if (found == null) {
      return null;
    }
    idle.removeLastOccurrence(found);
    return found.store();
  }

  /** Forgets those that were unused for too long; they are to be closed. */
  public List<StoreKey> expire(long nowNanos) {
    List<StoreKey> expired = new ArrayList<>();
    for (Deque<Idle> idle : byHost.values()) {
      while (!idle.isEmpty() && expired(idle.getFirst(), nowNanos)) {
        expired.add(idle.removeFirst().store().key());
      }
    }
    byHost.values().removeIf(Deque::isEmpty);
    return expired;
  }

  /** Forgets those at places that are not wanted any more; they are to be closed. */
  public List<StoreKey> leave(Predicate<StorePlace> unwanted) {
    List<StoreKey> left = new ArrayList<>();
    for (Deque<Idle> idle : byHost.values()) {
      idle.removeIf(
          each -> {
            boolean leaving = unwanted.test(each.store().place());
            if (leaving) {
              left.add(each.store().key());
            }
            return leaving;
          });
    }
    byHost.values().removeIf(Deque::isEmpty);
    return left;
  }

  private boolean expired(Idle idle, long nowNanos) {
    return nowNanos - idle.sinceNanos() >= settings.idle().toNanos();
  }
}
