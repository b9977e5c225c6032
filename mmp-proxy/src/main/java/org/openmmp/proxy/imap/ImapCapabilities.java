package org.openmmp.proxy.imap;

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
 * talked to has, less what this proxy cannot honour (rule B3.3).
 *
 * <p>Safe for any thread; reading is one volatile read.
 */
public final class ImapCapabilities {
  /** More hosts than any site has; those over it do not count. */
  private static final int MAX_HOSTS = 4096;

  /**
   * What the proxy answers for itself, or what would lead a client past it: it follows referrals
   * and hides them, and a session that is no longer authenticated (RFC 8437) is beyond its reach.
   */
  private static final Set<String> NEVER_PASSED_ON =
      Set.of("STARTTLS", "LOGINDISABLED", "LOGIN-REFERRALS", "UNAUTHENTICATE", "XCLIENT");

  /** Offered whatever the stores have, for the proxy itself answers them. */
  private static final List<String> OF_THE_PROXY = List.of("SASL-IR", "ID");

  private final Map<StoreHost, CapabilityList> offered = new ConcurrentHashMap<>();
  private final boolean learns;
  private volatile Common common;

  /**
   * What all stores have in common.
   *
   * @param names fit for a client, without the proxy's own offers of TLS and mechanisms
   * @param mechanisms SASL names that every store has
   * @param learnt whether any store was heard
   */
  record Common(List<String> names, Set<String> mechanisms, boolean learnt) {}

  private ImapCapabilities(List<String> configured) {
    learns = configured.isEmpty();
    common =
        new Common(
            forClients(new CapabilityList(String.join(" ", configured)).names()), Set.of(), false);
  }

  /** What stores offer, as it becomes known. */
  public static ImapCapabilities learnt() {
    return new ImapCapabilities(List.of());
  }

  /** Always that list, one name or more; what the proxy cannot honour is left out of it. */
  public static ImapCapabilities configured(List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("a configured list has a name or more");
    }
    return new ImapCapabilities(names);
  }

  /** Forgets the hosts that are not in service any more. */
  public void retain(Collection<StoreHost> inService) {
    if (offered.keySet().retainAll(inService)) {
      combine();
    }
  }

  /** A store's list before login; an empty one says nothing. */
  void learn(StoreHost host, CapabilityList list) {
    if (!learns || list.line().isBlank() || list.equals(offered.get(host))) {
      return;
    }
    if (offered.size() < MAX_HOSTS || offered.containsKey(host)) {
      offered.put(host, list);
      combine();
    }
  }

  Common common() {
    return common;
  }

  private synchronized void combine() {
    Set<String> shared = null;
    for (CapabilityList list : offered.values()) {
      if (shared == null) {
        shared = new LinkedHashSet<>(list.names());
      } else {
        shared.retainAll(Set.copyOf(list.names()));
      }
    }
    List<String> names = shared == null ? List.of() : new ArrayList<>(shared);
    Set<String> mechanisms = new LinkedHashSet<>();
    for (String name : names) {
      if (name.startsWith("AUTH=")) {
        mechanisms.add(name.substring("AUTH=".length()));
      }
    }
    common = new Common(forClients(names), Set.copyOf(mechanisms), shared != null);
  }

  private static List<String> forClients(List<String> names) {
    Set<String> fit = new LinkedHashSet<>();
    if (!names.contains("IMAP4REV2") || names.contains("IMAP4REV1")) {
      fit.add("IMAP4rev1");
    }
    for (String name : names) {
      if (name.equals("IMAP4REV2")) {
        fit.add("IMAP4rev2");
      } else if (!name.equals("IMAP4REV1")
          && !name.startsWith("AUTH=")
          && !NEVER_PASSED_ON.contains(name)) {
        fit.add(name);
      }
    }
    fit.addAll(OF_THE_PROXY);
    return List.copyOf(fit);
  }
}
