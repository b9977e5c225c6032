package org.openmmp.repgroup;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one group for one service: immutable, replaced as a whole.
 *
 * @param version grows with every change that a waiting walk could wait for
 * @param generation grows whenever the affinity is set, renewed or ended: a login that was accepted
 *     elsewhere displaces the affinity only if nothing of that happened since its attempt began
 * @param hosts health by host; what is missing is unknown
 * @param affinity null if there is none
 * @param token null if no walk searches
 * @param masterPause null unless the last round found no master
 * @param unfollowed the last referral of a login that could not go there; null once a login was
 *     accepted or the affinity changed
 * @param siteAlerted whether it was announced that only the standby site is left
 */
record GroupHealth(
    long version,
    long generation,
    Map<StoreHost, HostHealth> hosts,
    @Nullable Affinity affinity,
    @Nullable ProbeToken token,
    @Nullable MasterPause masterPause,
    Round.@Nullable Referred unfollowed,
    boolean siteAlerted) {

  /** Nothing is known. */
  static final GroupHealth EMPTY = new GroupHealth(0, 0, Map.of(), null, null, null, null, false);

  HostHealth host(StoreHost host) {
    return hosts.getOrDefault(host, HostHealth.UNKNOWN);
  }

  GroupHealth withHost(StoreHost host, HostHealth health) {
    Map<StoreHost, HostHealth> changed = new HashMap<>(hosts);
    changed.put(host, health);
    return new GroupHealth(
        version,
        generation,
        Map.copyOf(changed),
        affinity,
        token,
        masterPause,
        unfollowed,
        siteAlerted);
  }

  GroupHealth withToken(@Nullable ProbeToken other) {
    return Objects.equals(token, other)
        ? this
        : new GroupHealth(
            version, generation, hosts, affinity, other, masterPause, unfollowed, siteAlerted);
  }

  GroupHealth withMasterPause(@Nullable MasterPause other) {
    return new GroupHealth(
        version, generation, hosts, affinity, token, other, unfollowed, siteAlerted);
  }

  GroupHealth withSiteAlerted(boolean alerted) {
    return alerted == siteAlerted
        ? this
        : new GroupHealth(
            version, generation, hosts, affinity, token, masterPause, unfollowed, alerted);
  }

  GroupHealth withUnfollowed(Round.@Nullable Referred other) {
    return new GroupHealth(
        version, generation, hosts, affinity, token, masterPause, other, siteAlerted);
  }

  /** Sets, renews or ends the affinity; all of that begins a generation. */
  GroupHealth withAffinity(@Nullable Affinity other) {
    return new GroupHealth(
        version, generation + 1, hosts, other, token, masterPause, null, siteAlerted);
  }

  /** The same with news for those who wait. */
  GroupHealth withNews() {
    return new GroupHealth(
        version + 1, generation, hosts, affinity, token, masterPause, unfollowed, siteAlerted);
  }

  /** The same without the hosts that left the group; their affinity ends (rule B2.12). */
  GroupHealth keeping(Collection<StoreHost> staying) {
    Map<StoreHost, HostHealth> kept = new HashMap<>(hosts);
    kept.keySet().retainAll(staying);
    GroupHealth pruned =
        new GroupHealth(
            version,
            generation,
            Map.copyOf(kept),
            affinity,
            token,
            masterPause,
            unfollowed,
            siteAlerted);
    return affinity == null || staying.contains(affinity.host())
        ? pruned
        : pruned.withAffinity(null);
  }

  /** Whether the walk may search. */
  boolean searching(long walk) {
    return token != null && token.owner() == walk;
  }

  /** Whether another walk searches and has not used up the patience of the others. */
  boolean heldFrom(long walk, long nowNanos) {
    return token != null && token.owner() != walk && nowNanos - token.endsNanos() < 0;
  }

  /** The walk searches no longer, if it did; those who waited for it have news. */
  GroupHealth releasedBy(long walk) {
    return searching(walk) ? withToken(null).withNews() : this;
  }
}
