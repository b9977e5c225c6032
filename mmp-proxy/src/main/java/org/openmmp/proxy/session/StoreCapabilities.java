package org.openmmp.proxy.session;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.openmmp.repgroup.StoreHost;

/**
 * What clients are offered before login: a configured list, or what every store that has been
 * talked to has, less what this proxy cannot honour (rules B3.3, B4.1).
 *
 * <p>Safe for any thread; reading is one volatile read.
 */
public final class StoreCapabilities {
  /** More hosts than any site has; those over it do not count. */
  private static final int MAX_HOSTS = 4096;

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

  /** How one protocol lists capabilities. */
  public interface Dialect {
    /** The names that are fit for a client, the proxy's own among them, TLS and SASL aside. */
    List<String> forClients(List<String> names);

    /** What stands before a mechanism's name, such as {@code AUTH=}. */
    String mechanismPrefix();
  }

  /**
   * What all stores have in common.
   *
   * @param names fit for a client, without the proxy's own offers of TLS and mechanisms
   * @param mechanisms SASL names that every store has
   * @param learnt whether any store was heard
   */
  public record Common(List<String> names, Set<String> mechanisms, boolean learnt) {}

  private final Dialect dialect;
  private final Map<StoreHost, Listing> offered = new ConcurrentHashMap<>();
  private final boolean learns;
  private volatile Common common;

  private StoreCapabilities(Dialect dialect, List<String> configured) {
    this.dialect = dialect;
    learns = configured.isEmpty();
    common = new Common(dialect.forClients(configured), Set.of(), false);
  }

  /** What stores offer, as it becomes known. */
  public static StoreCapabilities learnt(Dialect dialect) {
    return new StoreCapabilities(dialect, List.of());
  }

  /** Always that list, one name or more; what the proxy cannot honour is left out of it. */
  public static StoreCapabilities configured(Dialect dialect, Listing list) {
    if (list.names().isEmpty()) {
      throw new IllegalArgumentException("a configured list has a name or more");
    }
    return new StoreCapabilities(dialect, list.names());
  }

  /** Forgets the hosts that are not in service any more. */
  public void retain(Collection<StoreHost> inService) {
    if (offered.keySet().retainAll(inService)) {
      combine();
    }
  }

  /** A store's list before login; an empty one says nothing. */
  public void learn(StoreHost host, Listing list) {
    if (!learns || list.equals(offered.get(host)) || list.names().isEmpty()) {
      return;
    }
    if (offered.size() < MAX_HOSTS || offered.containsKey(host)) {
      offered.put(host, list);
      combine();
    }
  }

  /** What holds now. */
  public Common common() {
    return common;
  }

  private synchronized void combine() {
    Set<String> shared = null;
    for (Listing list : offered.values()) {
      if (shared == null) {
        shared = new LinkedHashSet<>(list.names());
      } else {
        shared.retainAll(Set.copyOf(list.names()));
      }
    }
    List<String> names = shared == null ? List.of() : new ArrayList<>(shared);
    Set<String> mechanisms = new LinkedHashSet<>();
    for (String name : names) {
      if (name.startsWith(dialect.mechanismPrefix())) {
        mechanisms.add(name.substring(dialect.mechanismPrefix().length()));
      }
    }
    common = new Common(dialect.forClients(names), Set.copyOf(mechanisms), shared != null);
  }
}
