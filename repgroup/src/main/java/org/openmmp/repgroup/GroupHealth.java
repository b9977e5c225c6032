package org.openmmp.repgroup;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one group for one service: immutable, replaced as a whole. The affinity of writers
 * is the group's and the same for all their services (rule B2.23): whoever changes it changes it
 * for all.
 *
 * @param key whose it is
 * @param version grows with every change that a waiting walk could wait for
 * @param generation grows whenever the affinity is set or ended: a login that was accepted
 *     elsewhere displaces the affinity only if nothing of that happened since its attempt began
 * @param hosts health by host; a missing one is unknown
 * @param affinity null if there is none
 * @param token null if no walk searches
 * @param masterPause null unless the last round found no master
 * @param unfollowed the last referral of a login that could not go there; null once a login was
 *     accepted or the affinity changed
 * @param refers whether a host of the group has ever referred to another of its hosts
 * @param named the host that a referral named though it has failed: a probe asks it; null if none
 * @param detour where logins were let in beside the affinity host; null once that serves again
 * @param siteAlerted whether it was announced that only the standby site is left
 */
record GroupHealth(
    MemoryKey key,
    long version,
    long generation,
    Map<StoreHost, HostHealth> hosts,
    @Nullable Affinity affinity,
    @Nullable ProbeToken token,
    @Nullable MasterPause masterPause,
    Round.@Nullable Referred unfollowed,
    boolean refers,
    @Nullable StoreHost named,
    @Nullable Detour detour,
    boolean siteAlerted) {

  /**
   * A host that takes writers beside the affinity host.
   *
   * @param host the host
   * @param rival whether the affinity host has not failed: there may be two masters
   */
  record Detour(StoreHost host, boolean rival) {}

  /** Nothing is known. */
  static GroupHealth empty(MemoryKey key) {
    return new GroupHealth(key, 0, 0, Map.of(), null, null, null, null, false, null, null, false);
  }

  HostHealth host(StoreHost host) {
    return hosts.getOrDefault(host, HostHealth.UNKNOWN);
  }

  /** The affinity's host; null if there is none. */
  @Nullable StoreHost master() {
    return affinity == null ? null : affinity.host();
  }

  /**
   * Since when there is no master: the first round in a row found none, or the last of the hosts
   * that may be used failed. Empty if there may be one.
   */
  OptionalLong withoutMasterSince(List<StoreHost> listed, Predicate<StoreHost> eligible) {
    if (masterPause != null) {
      return OptionalLong.of(masterPause.sinceNanos());
    }
    OptionalLong since = OptionalLong.empty();
    for (StoreHost each : listed) {
      if (!eligible.test(each)) {
        continue;
      }
      HostHealth.Failure failure = host(each).failure();
      if (failure == null) {
        return OptionalLong.empty();
      }
      boolean later = since.isEmpty() || failure.sinceNanos() - since.getAsLong() > 0;
      since = later ? OptionalLong.of(failure.sinceNanos()) : since;
    }
    return since;
  }

  GroupHealth withHost(StoreHost host, HostHealth health) {
    return withHosts(with(hosts, host, health));
  }

  /** The same values by the same keys, but that one; nobody changes it any more. */
  static <K, V> Map<K, V> with(Map<K, V> before, K key, V value) {
    if (before.isEmpty() || (before.size() == 1 && before.containsKey(key))) {
      return Map.of(key, value);
    }
    Map<K, V> changed = new HashMap<>(before);
    changed.put(key, value);
    return Collections.unmodifiableMap(changed);
  }

  /**
   * The hosts of which something is known that was not before, most often one.
   *
   * @param listed the hosts of the group
   */
  @SuppressWarnings("ReferenceEquality") // what is known is replaced as a whole
  List<StoreHost> touchedSince(GroupHealth before, List<StoreHost> listed) {
    if (hosts == before.hosts) {
      return List.of();
    }
    int known = 0;
    int changed = 0;
    StoreHost last = null;
    for (int i = 0; i < listed.size(); i++) { // at every step of every login
      HostHealth health = hosts.get(listed.get(i));
      if (health != null) {
        known++;
        if (health != before.host(listed.get(i))) {
          changed++;
          last = listed.get(i);
        }
      }
    }
    if (last != null && changed == 1 && known == hosts.size()) {
      return List.of(last);
    }
    List<StoreHost> touched = new ArrayList<>(1);
    for (Map.Entry<StoreHost, HostHealth> each : hosts.entrySet()) {
      if (each.getValue() != before.host(each.getKey())) {
        touched.add(each.getKey());
      }
    }
    return touched;
  }

  private GroupHealth withHosts(Map<StoreHost, HostHealth> other) {
    return new GroupHealth(
        key,
        version,
        generation,
        other,
        affinity,
        token,
        masterPause,
        unfollowed,
        refers,
        named,
        detour,
        siteAlerted);
  }

  /** What the others had answered of the master is to be found out anew. */
  GroupHealth forgettingRolesBut(StoreHost host) {
    Map<StoreHost, HostHealth> changed = new HashMap<>(hosts);
    changed.replaceAll((each, health) -> each.equals(host) ? health : health.withoutRole());
    return withHosts(Map.copyOf(changed));
  }

  GroupHealth withToken(@Nullable ProbeToken other) {
    return Objects.equals(token, other)
        ? this
        : new GroupHealth(
            key,
            version,
            generation,
            hosts,
            affinity,
            other,
            masterPause,
            unfollowed,
            refers,
            named,
            detour,
            siteAlerted);
  }

  GroupHealth withMasterPause(@Nullable MasterPause other) {
    return Objects.equals(masterPause, other)
        ? this
        : new GroupHealth(
            key,
            version,
            generation,
            hosts,
            affinity,
            token,
            other,
            unfollowed,
            refers,
            named,
            detour,
            siteAlerted);
  }

  GroupHealth withSiteAlerted(boolean alerted) {
    return alerted == siteAlerted
        ? this
        : new GroupHealth(
            key,
            version,
            generation,
            hosts,
            affinity,
            token,
            masterPause,
            unfollowed,
            refers,
            named,
            detour,
            alerted);
  }

  GroupHealth withUnfollowed(Round.@Nullable Referred other) {
    return Objects.equals(unfollowed, other)
        ? this
        : new GroupHealth(
            key,
            version,
            generation,
            hosts,
            affinity,
            token,
            masterPause,
            other,
            refers,
            named,
            detour,
            siteAlerted);
  }

  /** Its hosts are known to refer. */
  GroupHealth whoseHostsRefer() {
    return refers ? this : referring(true, named);
  }

  /** The last referral named that host, which has failed; null: it named one that has not. */
  GroupHealth naming(@Nullable StoreHost failed) {
    return Objects.equals(named, failed) ? this : referring(refers, failed);
  }

  private GroupHealth referring(boolean any, @Nullable StoreHost toFailed) {
    return new GroupHealth(
        key,
        version,
        generation,
        hosts,
        affinity,
        token,
        masterPause,
        unfollowed,
        any,
        toFailed,
        detour,
        siteAlerted);
  }

  GroupHealth withDetour(@Nullable Detour other) {
    return Objects.equals(detour, other)
        ? this
        : new GroupHealth(
            key,
            version,
            generation,
            hosts,
            affinity,
            token,
            masterPause,
            unfollowed,
            refers,
            named,
            other,
            siteAlerted);
  }

  /** Sets or ends the affinity; either begins a generation. */
  GroupHealth withAffinity(@Nullable Affinity other) {
    return following(other, generation + 1);
  }

  /** The same with the affinity that another service has found, or lost. */
  GroupHealth following(@Nullable Affinity other, long itsGeneration) {
    return new GroupHealth(
        key,
        version,
        itsGeneration,
        hosts,
        other,
        token,
        masterPause,
        null,
        refers,
        named,
        null,
        siteAlerted);
  }

  /** The same with news for those who wait. */
  GroupHealth withNews() {
    return new GroupHealth(
        key,
        version + 1,
        generation,
        hosts,
        affinity,
        token,
        masterPause,
        unfollowed,
        refers,
        named,
        detour,
        siteAlerted);
  }

  /** The same without the hosts that left the group; their affinity ends (rule B2.12). */
  GroupHealth keeping(Collection<StoreHost> staying) {
    Map<StoreHost, HostHealth> kept = new HashMap<>(hosts);
    kept.keySet().retainAll(staying);
    GroupHealth pruned = withHosts(Map.copyOf(kept));
    if (detour != null && !staying.contains(detour.host())) {
      pruned = pruned.withDetour(null);
    }
    return affinity == null || staying.contains(affinity.host())
        ? pruned
        : pruned.withAffinity(null);
  }

  /** Whether the walk may search. */
  boolean searching(long walk) {
    return token != null && token.owner() == walk;
  }

  /**
   * Whether another walk searches and has not used up the patience of the others. A proven login
   * has none with one that is not (rule B2.18).
   */
  boolean heldFrom(long walk, boolean proven, long nowNanos) {
    return token != null
        && token.owner() != walk
        && (token.proven() || !proven)
        && nowNanos - token.endsNanos() < 0;
  }

  /** The walk searches no longer, if it did; those who waited for it have news. */
  GroupHealth releasedBy(long walk) {
    return searching(walk) ? withToken(null).withNews() : this;
  }
}
