package org.openmmp.proxy.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.openmmp.repgroup.StoreHost;

/**
 * What clients are offered before login: a configured list, or what every store in service has,
 * less what this proxy cannot honour (rules B3.3, B4.1). A store is in service while it is logged
 * in to: the word of one that was not heard while others were is forgotten.
 *
 * <p>Safe for any thread; reading is one volatile read.
 */
public final class StoreCapabilities {
  /** More hosts than any site has; those over it do not count. */
  private static final int MAX_HOSTS = 4096;

  /** How long a store's word outlives it while others are heard. */
  static final Duration WORD_LASTS = Duration.ofMinutes(10);

  private static final long LOOK_AROUND_NANOS = Duration.ofMinutes(1).toNanos();

  /** One store's list before login; equal lists say the same. */
  public interface Listing {
    /** The names in upper case, bounded; empty if the list says nothing. */
    List<String> names();

    /**
     * Whether a capability is there; asked in upper case, and with its arguments where it has any.
     */
    boolean has(String name);

    /** Whether a SASL mechanism of that name is among them. */
    boolean hasMechanism(String saslName);
  }

  /**
   * How one protocol lists capabilities.
   *
   * @param forClients the names that are fit for a client, the proxy's own among them, TLS and SASL
   *     aside
   * @param beforeAnyStore what is taken for granted before any store was heard, as every store has
   *     it
   * @param mechanismPrefix what stands before a mechanism's name, such as {@code AUTH=}
   */
  public record Dialect(
      UnaryOperator<List<String>> forClients,
      List<String> beforeAnyStore,
      String mechanismPrefix) {}

  /**
   * What all stores have in common.
   *
   * @param names fit for a client, without the proxy's own offers of TLS and mechanisms
   * @param mechanisms SASL names that every store has
   * @param learnt whether any store was heard
   */
  public record Common(List<String> names, Set<String> mechanisms, boolean learnt) {}

  private record Word(Listing list, long heardNanos) {}

  private final Dialect dialect;
  private final Map<StoreHost, Word> words = new ConcurrentHashMap<>();
  private final boolean learns;
  private final LongSupplier nanoClock;
  private volatile long lookedAroundNanos;
  private volatile Common common;

  private StoreCapabilities(Dialect dialect, List<String> configured, LongSupplier nanoClock) {
    this.dialect = dialect;
    this.nanoClock = nanoClock;
    learns = configured.isEmpty();
    lookedAroundNanos = nanoClock.getAsLong();
    common =
        new Common(
            dialect.forClients().apply(learns ? dialect.beforeAnyStore() : configured),
            Set.of(),
            false);
  }

  /**
   * What stores offer, as it becomes known.
   *
   * @param nanoClock as {@link System#nanoTime}
   */
  public static StoreCapabilities learnt(Dialect dialect, LongSupplier nanoClock) {
    return new StoreCapabilities(dialect, List.of(), nanoClock);
  }

  /** Always that list, one name or more; what the proxy cannot honour is left out of it. */
  public static StoreCapabilities configured(Dialect dialect, Listing list) {
    if (list.names().isEmpty()) {
      throw new IllegalArgumentException("a configured list has a name or more");
    }
    return new StoreCapabilities(dialect, list.names(), () -> 0);
  }

  /** A store's list before login; an empty one says nothing. */
  public void learn(StoreHost host, Listing list) {
    if (!learns) {
      return;
    }
    Word before = words.get(host);
    Listing known = before != null && before.list().equals(list) ? before.list() : null;
    boolean news = known == null;
    if (news && (list.names().isEmpty() || (before == null && words.size() >= MAX_HOSTS))) {
      return;
    }
    long now = nanoClock.getAsLong();
    words.put(host, new Word(known == null ? list : known, now));
    if (now - lookedAroundNanos > LOOK_AROUND_NANOS) {
      lookedAroundNanos = now;
      news |= words.values().removeIf(word -> now - word.heardNanos() > WORD_LASTS.toNanos());
    }
    if (news) {
      combine();
    }
  }

  /** What holds now. */
  public Common common() {
    return common;
  }

  private synchronized void combine() {
    Set<String> shared = null;
    for (Word word : words.values()) {
      if (shared == null) {
        shared = new LinkedHashSet<>(word.list().names());
      } else {
        shared.retainAll(Set.copyOf(word.list().names()));
      }
    }
    List<String> names = shared == null ? dialect.beforeAnyStore() : new ArrayList<>(shared);
    Set<String> mechanisms = new LinkedHashSet<>();
    for (String name : names) {
      if (name.startsWith(dialect.mechanismPrefix())) {
        mechanisms.add(name.substring(dialect.mechanismPrefix().length()));
      }
    }
    common = new Common(dialect.forClients().apply(names), Set.copyOf(mechanisms), shared != null);
  }
}
