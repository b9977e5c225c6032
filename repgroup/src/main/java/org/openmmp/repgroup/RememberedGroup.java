package org.openmmp.repgroup;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A group as it is configured now, and its memories, one for each service and kind of client.
 *
 * <p>What the memories hold is one value, replaced by compare-and-set: who is master is a fact of
 * the group, and changes for all services of its writers at once (rule B2.23).
 */
final class RememberedGroup {
  /** Hears of every change, on the thread that makes it. */
  interface Changes {
    /**
     * A memory changed.
     *
     * @param touched the hosts of which something is known that was not before
     */
    void changed(
        GroupMemory memory, GroupHealth before, GroupHealth after, List<StoreHost> touched);

    /**
     * What an attempt's end speaks of: nobody's silence that began while our network was gone is
     * the host's (rule B2.25).
     *
     * @param beganNanos when the attempt began
     */
    AttemptOutcome.Scope scope(AttemptOutcome outcome, AttemptStage stage, long beganNanos);
  }

  private static final GroupHealth[] NONE = {};

  /** A name with sessions at a host, of whatever service. */
  private record Guest(long name, StoreHost host) {}

  private final Map<MemoryKey, GroupMemory> memories = new ConcurrentHashMap<>();

  /** What each memory holds, at its place. */
  private final AtomicReference<List<GroupHealth>> state = new AtomicReference<>(List.of());

  private final Map<Guest, Integer> guests = new ConcurrentHashMap<>();
  private final LatelyEnded endedByStores = new LatelyEnded();
  private final NamedMasters named = new NamedMasters();
  private final SelectionListener listener;
  private final Changes changes;
  private final Supplier<Withdrawn> withdrawn;
  private volatile ReplicationGroup group;
  private volatile boolean siteActive;
  private volatile @Nullable StoreHost preferred;
  private volatile Hearsay hearsay = Hearsay.NONE;

  /** Hosts that had failed and were heard again by us, as of when; for the other front ends. */
  private final Map<Hearsay.Place, Long> recovered = new ConcurrentHashMap<>();

  RememberedGroup(
      ReplicationGroup group,
      SelectionListener listener,
      Changes changes,
      Supplier<Withdrawn> withdrawn) {
    this.group = group;
    this.listener = listener;
    this.changes = changes;
    this.withdrawn = withdrawn;
  }

  ReplicationGroup group() {
    return group;
  }

  /** Where logins begin while no master is known; null: at the first of the list. */
  @Nullable StoreHost preferred() {
    return preferred;
  }

  /** What other front ends say of it. */
  Hearsay hearsay() {
    return hearsay;
  }

  /** Other front ends say so; whoever may be asked because of that is asked. */
  void heard(Hearsay said) {
    Hearsay before = hearsay;
    hearsay = said;
    if (!said.failed().equals(before.failed()) || !said.recovered().equals(before.recovered())) {
      memories.values().forEach(memory -> listener.probeWanted(group, memory.service()));
    }
  }

  boolean siteActive() {
    return siteActive;
  }

  /** The hosts that an administrator has taken out of use. */
  Withdrawn withdrawn() {
    return withdrawn.get();
  }

  /** A session begins; one without a name is not remembered. */
  void guestCame(long name, StoreHost host) {
    if (name != 0) {
      guests.merge(new Guest(name, host), 1, Integer::sum);
    }
  }

  /** A session is over. */
  void guestLeft(long name, StoreHost host) {
    guests.computeIfPresent(new Guest(name, host), (guest, count) -> count == 1 ? null : count - 1);
  }

  /** A store ended the name's session, and not for the asking: he will be back. */
  void endsByStore(long name, long nowNanos) {
    if (name != 0) {
      endedByStores.add(name, nowNanos);
    }
  }

  /** Whether a store ended a session of that name just now (rule B2.28). */
  boolean endedByStore(long name, long nowNanos) {
    return name != 0 && endedByStores.has(name, nowNanos);
  }

  /**
   * Whether the name has a session at the host: a refusal of one that has may be his own limit
   * (rules B2.17, B2.19).
   */
  boolean isGuest(long name, StoreHost host) {
    return name != 0 && guests.containsKey(new Guest(name, host));
  }

  /** A host let a login in, or referred it to another; who contradicts whom is told. */
  void answered(Service service, StoreHost host, @Nullable StoreHost referredTo, long nowNanos) {
    if (referredTo == null) {
      named.serves(host);
      return;
    }
    for (GroupMemory each : memories()) {
      if (each.service().equals(service)) {
        each.change(GroupHealth::whoseHostsRefer, "refers");
      }
    }
    NamedMasters.Contradiction found = named.named(host, referredTo, nowNanos);
    if (found != null) {
      listener.mastersDiffer(
          group, service, found.by(), found.master(), found.otherBy(), found.otherMaster());
    }
  }

  Collection<GroupMemory> memories() {
    return memories.values();
  }

  SelectionListener listener() {
    return listener;
  }

  Changes changes() {
    return changes;
  }

  GroupMemory memory(Service service, ClientKind kind) {
    MemoryKey key = new MemoryKey(service, kind);
    GroupMemory known = memories.get(key);
    return known != null
        ? known
        : memories.computeIfAbsent(key, absent -> new GroupMemory(this, absent, begin(absent)));
  }

  /** What all memories hold, each at its place. */
  List<GroupHealth> state() {
    return Objects.requireNonNull(state.get());
  }

  /** A memory begins, with the affinity that others have found; its place is told. */
  private int begin(MemoryKey key) {
    List<GroupHealth> before;
    List<GroupHealth> after;
    do {
      before = state();
      GroupHealth begun = GroupHealth.empty(key);
      for (GroupHealth other : before) {
        if (other.key().sharesAffinity(key)) {
          begun = begun.following(other.affinity(), other.generation());
        }
      }
      after = new ArrayList<>(before);
      after.add(begun);
    } while (!state.compareAndSet(before, Collections.unmodifiableList(after)));
    return before.size();
  }

  /** Puts {@code after} in the place of {@code before}; false if it is not there any more. */
  @SuppressWarnings("ReferenceEquality") // a memory is replaced as a whole: the same one is meant
  boolean replace(GroupMemory memory, GroupHealth before, GroupHealth after, String why) {
    boolean movesOthers = after.generation() != before.generation();
    List<GroupHealth> old;
    List<GroupHealth> changed;
    do {
      old = state();
      if (old.get(memory.place()) != before) {
        return false;
      }
      GroupHealth[] all = old.toArray(NONE);
      all[memory.place()] = after;
      if (movesOthers) {
        moveOthers(after, all);
      }
      changed = List.of(all);
    } while (!state.compareAndSet(old, changed));
    if (movesOthers) {
      tell(old, changed, why);
    } else {
      memory.tell(before, after, why); // the others are as they were
    }
    return true;
  }

  private static void moveOthers(GroupHealth mover, GroupHealth[] all) {
    for (int i = 0; i < all.length; i++) {
      if (all[i].key().sharesAffinity(mover.key()) && !all[i].key().equals(mover.key())) {
        all[i] = all[i].following(mover.affinity(), mover.generation()).withNews();
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // a memory is replaced as a whole: the same one is meant
  private void tell(List<GroupHealth> old, List<GroupHealth> changed, String why) {
    for (GroupMemory memory : memories()) {
      int place = memory.place();
      if (place < old.size() && old.get(place) != changed.get(place)) {
        memory.tell(old.get(place), changed.get(place), why);
      }
    }
  }

  /** The affinity of the group's writers, for a kind of client that has one of its own. */
  @Nullable Affinity hintFor(MemoryKey asking) {
    if (asking.kind() == ClientKind.WRITER) {
      return null;
    }
    for (GroupHealth each : state()) {
      if (each.key().kind() == ClientKind.WRITER) {
        return each.affinity();
      }
    }
    return null;
  }

  /** The configuration changed: the affinity of a host that left ends (rule B2.12). */
  void replace(ReplicationGroup other) {
    if (!group.equals(other)) {
      group = other;
      changeAll(health -> health.keeping(other.hosts()), "the configuration changed");
      memories.values().forEach(memory -> memory.keep(other.hosts()));
    }
  }

  /** An administrator opens or closes the standby site (rule B2.15). */
  void activateSite(boolean active) {
    if (siteActive != active) {
      siteActive = active;
      String why = "the standby site was " + (active ? "activated" : "deactivated");
      changeAll(health -> active ? health.withSiteAlerted(false) : leavingSite(health), why);
    }
  }

  /** An administrator ends the affinity, and wants logins to begin at that host (rule B2.12). */
  void prefer(StoreHost host) {
    preferred = host;
    changeAll(health -> health.withAffinity(null), "an administrator prefers " + host.name());
  }

  /** An administrator ends the affinity (rule B2.12). */
  void failback() {
    preferred = null;
    changeAll(health -> health.withAffinity(null), "failback was asked for");
  }

  /** An administrator has taken a host out of use, or put it to use again (rule B2.26). */
  void withdrawalChanged(StoreHost host, String why) {
    if (group.contains(host)) {
      changeAll(health -> health.forgettingRolesBut(host), why);
      memories.values().forEach(memory -> listener.probeWanted(group, memory.service()));
    }
  }

  /** What was learnt of it by attempts of our own. */
  GroupWord word() {
    Affinity master = null;
    List<GroupWord.HostWord> failed = new ArrayList<>();
    List<GroupWord.HostWord> back = new ArrayList<>();
    for (GroupHealth each : state()) {
      if (each.key().kind() == ClientKind.WRITER && each.affinity() != null) {
        master = each.affinity();
      }
      for (StoreHost host : group.hosts()) {
        HostHealth.Failure failure = each.host(host).failure();
        if (failure != null && failure.ground() == FailureGround.OPENING) {
          failed.add(new GroupWord.HostWord(each.key().service(), host, failure.beganNanos()));
        }
      }
    }
    recovered.forEach(
        (place, asOf) -> {
          if (group.contains(place.host())) {
            back.add(new GroupWord.HostWord(place.service(), place.host(), asOf));
          }
        });
    return new GroupWord(
        group.name(),
        master == null ? null : master.host(),
        master == null ? 0 : master.sinceNanos(),
        failed,
        back);
  }

  /** A host failed, or it was heard again, by an attempt of ours. */
  void found(Service service, StoreHost host, HostHealth before, HostHealth after) {
    HostHealth.Failure failure = before.failure();
    Long heard = after.confirmedNanos();
    Hearsay.Place place = new Hearsay.Place(service, host);
    if (after.failure() != null) {
      recovered.remove(place);
    } else if (failure != null
        && failure.ground() == FailureGround.OPENING
        && heard != null
        && heard - failure.beganNanos() > 0) {
      recovered.put(place, heard);
    }
  }

  boolean idle() {
    return memories.values().stream().allMatch(GroupMemory::idle);
  }

  private GroupHealth leavingSite(GroupHealth health) {
    StoreHost master = health.master();
    return master != null && group.standbySite().contains(master)
        ? health.withAffinity(null)
        : health;
  }

  /** What hosts there are to choose from changes: whoever waits for a place at one asks anew. */
  private void changeAll(UnaryOperator<GroupHealth> change, String why) {
    for (GroupMemory memory : memories.values()) {
      memory.change(health -> change.apply(health).withNews(), why);
      memory.waiters().wakeQueues();
    }
  }
}
