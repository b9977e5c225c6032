package org.openmmp.repgroup;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The memory of one group for one service and kind of client, shared by all its walks. */
final class GroupMemory {
  /** How long a group is wanted after a login was turned away (rule B2.9). */
  private static final Duration WANTED = Duration.ofMinutes(1);

  /** What was heard longer ago says nothing of the present, for whoever watches the group. */
  private static final Duration HEARSAY = Duration.ofMinutes(10);

  private final RememberedGroup owner;
  private final MemoryKey key;

  /** Where the group keeps what this memory holds. */
  private final int place;

  private final Waiters waiters = new Waiters();
  private final HedgeBudget hedges = new HedgeBudget();
  private final Map<StoreHost, HostPace> paces = new ConcurrentHashMap<>();
  private volatile @Nullable Long wantedNanos;

  /** When somebody first wanted it, with others since who came within that time of each other. */
  private volatile @Nullable Long wantedSinceNanos;

  GroupMemory(RememberedGroup owner, MemoryKey key, int place) {
    this.owner = owner;
    this.key = key;
    this.place = place;
  }

  int place() {
    return place;
  }

  Service service() {
    return key.service();
  }

  ClientKind kind() {
    return key.kind();
  }

  ReplicationGroup group() {
    return owner.group();
  }

  RememberedGroup owner() {
    return owner;
  }

  /**
   * Since when it has no master: the first of its rounds in a row found none, or the last of its
   * hosts failed. Empty if it may have one, as it may when nothing was heard of any host for long:
   * nobody has come since to find out.
   */
  OptionalLong withoutMasterSince(long nowNanos) {
    ReplicationGroup group = group();
    GroupHealth health = health();
    boolean heard =
        group.hosts().stream()
            .map(host -> health.host(host).last())
            .anyMatch(last -> last != null && nowNanos - last.atNanos() <= HEARSAY.toNanos());
    return heard
        ? health.withoutMasterSince(
            group.hosts(), host -> owner.withdrawn().permits(host, group, owner.siteActive()))
        : OptionalLong.empty();
  }

  SelectionListener listener() {
    return owner.listener();
  }

  Waiters waiters() {
    return waiters;
  }

  /** What second connections there may be. */
  HedgeBudget hedges() {
    return hedges;
  }

  /** How long that host takes; of one that is not in the group nothing is remembered. */
  HostPace pace(StoreHost host, long nowNanos) {
    HostPace known = paces.get(host);
    if (known != null) {
      return known;
    }
    return group().contains(host)
        ? paces.computeIfAbsent(host, first -> new HostPace(nowNanos))
        : new HostPace(nowNanos);
  }

  /** How long all but few of its greetings take; 0 if little is known. */
  long usualGreetingNanos(StoreHost host, long nowNanos) {
    HostPace known = paces.get(host);
    return known == null ? 0 : known.usualGreetingNanos(nowNanos);
  }

  /** Whether several attempts wait for the host's greeting for longer than most do. */
  boolean owesGreetings(StoreHost host, HostHealth seen, long nowNanos) {
    return seen.owesGreetings(host, paces, nowNanos);
  }

  /** The group has these hosts now. */
  void keep(Collection<StoreHost> staying) {
    paces.keySet().retainAll(staying);
  }

  GroupHealth health() {
    return owner.state().get(place);
  }

  /** Everything that a decision made now looks at. */
  Situation situation(GroupHealth seen, SelectorSettings settings, long nowNanos) {
    return new Situation(
        owner.group(),
        settings,
        owner.siteActive(),
        owner.withdrawn(),
        owner.preferred(),
        owner.hintFor(key),
        owner.hearsay(),
        owner.state(),
        seen,
        paces,
        turnedAway(nowNanos) ? wantedSinceNanos : null,
        nowNanos);
  }

  /** Puts {@code after} in the place of {@code before}; false if it is not there any more. */
  boolean replace(GroupHealth before, GroupHealth after, String why) {
    return owner.replace(this, before, after, why);
  }

  /** The host let a login in, or referred it to another host of the group (rule B2.37). */
  void namesMaster(StoreHost host, @Nullable StoreHost to, long nowNanos) {
    owner.answered(service(), host, to, nowNanos);
  }

  /** The memory changed; tells the listener and the walks that wait. */
  void tell(GroupHealth before, GroupHealth after, String why) {
    List<StoreHost> touched = after.touchedSince(before, group().hosts());
    if (touched.size() > 1) {
      touched.sort(Comparator.comparingInt(group().hosts()::indexOf));
    }
    for (int i = 0; i < touched.size(); i++) { // at every step of every login
      tellOfHost(touched.get(i), before, after);
    }
    tellOfGroup(before, after, why);
    if (before.version() != after.version()) {
      waiters.wakeForNews();
      wakeQueues(before, after, touched);
    }
    owner.changes().changed(this, before, after, touched);
  }

  /** Wakes the walks that wait for a place at a host and may have to go elsewhere now. */
  private void wakeQueues(GroupHealth before, GroupHealth after, List<StoreHost> touched) {
    if (!Objects.equals(before.master(), after.master())
        || !Objects.equals(before.masterPause(), after.masterPause())) {
      waiters.wakeQueues();
      return;
    }
    for (int i = 0; i < touched.size(); i++) {
      StoreHost host = touched.get(i);
      if (!Objects.equals(before.host(host).failure(), after.host(host).failure())) {
        waiters.wakeQueue(host);
      }
    }
  }

  private void tellOfGroup(GroupHealth before, GroupHealth after, String why) {
    ReplicationGroup group = group();
    SelectionListener listener = listener();
    StoreHost to = after.master();
    if (!Objects.equals(before.master(), to)) {
      listener.affinityChanged(group, service(), before.master(), to, why);
    }
    GroupHealth.Detour detour = after.detour();
    if (detour != null && to != null && !detour.equals(before.detour())) {
      listener.servedElsewhere(group, service(), to, detour.host(), detour.rival());
    }
    MasterPause pause = after.masterPause();
    if (pause != null && pause.rounds() > 0 && !pause.equals(before.masterPause())) {
      listener.noMaster(group, service(), Duration.ofNanos(pause.lengthNanos()));
    }
    if (after.siteAlerted() && !before.siteAlerted()) {
      listener.onlyStandbySiteLeft(group, service(), group.standbySite());
    }
  }

  private void tellOfHost(StoreHost host, GroupHealth before, GroupHealth after) {
    HostHealth then = before.host(host);
    HostHealth now = after.host(host);
    HostHealth.Failure failure = now.failure();
    if (Objects.equals(then.failure(), failure)) {
      return;
    }
    owner.found(service(), host, then, now);
    ReplicationGroup group = group();
    if (failure == null) {
      listener().recovered(group, service(), host);
      return;
    }
    AttemptReport last = now.last();
    if (last == null) {
      return;
    }
    boolean groupServes =
        group.hosts().stream()
            .anyMatch(
                other ->
                    !group.standbySite().contains(other) && after.host(other).failure() == null);
    listener()
        .coolDownBegan(
            group,
            service(),
            host,
            new SelectionListener.CoolDownNews(
                last.outcome(),
                last.reason(),
                failure.inARow(),
                Duration.ofNanos(failure.coolDownNanos()),
                groupServes));
  }

  /** Changes the memory, again and again until nobody comes between. */
  @SuppressWarnings("ReferenceEquality") // a memory is replaced as a whole: the same one is meant
  void change(UnaryOperator<GroupHealth> change, String why) {
    GroupHealth before;
    GroupHealth after;
    do {
      before = health();
      after = change.apply(before);
    } while (after != before && !replace(before, after, why));
  }

  /** Somebody waits for a host to greet, or was turned away because none did. */
  void want(long nowNanos) {
    if (!turnedAway(nowNanos)) {
      wantedSinceNanos = nowNanos;
    }
    wantedNanos = nowNanos;
    listener().probeWanted(group(), service());
  }

  /** The hosts that a probe should ask for their greeting now. */
  List<StoreHost> wantedProbes(SelectorSettings settings, long nowNanos) {
    return ProbeRules.wanted(situation(health(), settings, nowNanos), turnedAway(nowNanos));
  }

  /** When that was heard of a host which a probe has to find out about. */
  OptionalLong askedToProbe(StoreHost host, long nowNanos) {
    return owner.hearsay().asksToProbe(service(), host, health().host(host), nowNanos);
  }

  /** Whether a login waits for a greeting, or was turned away for lack of one not long ago. */
  private boolean turnedAway(long nowNanos) {
    Long since = wantedNanos;
    return since != null && nowNanos - since <= WANTED.toNanos();
  }

  /** Whether its hosts are probed for the record alone: all have failed, and nobody waits. */
  boolean unhurried(SelectorSettings settings, long nowNanos) {
    return !turnedAway(nowNanos) && situation(health(), settings, nowNanos).everyHostFailed();
  }

  /** A probe that began then ended. */
  void probed(SelectorSettings settings, StoreHost host, AttemptReport report, long beganNanos) {
    change(
        seen ->
            ProbeRules.probed(
                situation(seen, settings, report.atNanos()), host, report, beganNanos),
        "a probe");
  }

  /** The host does not know mailboxes that the group took mail for. */
  void mailboxesLost(SelectorSettings settings, StoreHost host, long nowNanos, double random) {
    change(
        seen -> OutcomeRules.mailboxesLost(situation(seen, settings, nowNanos), host, random),
        "a store has lost its mailboxes");
    if (health().host(host).doubts().standing(nowNanos) != null) {
      listener().probeWanted(group(), service());
    }
  }

  /** Whether nothing speaks against sessions lasting at the host. */
  boolean keepsItsGuests(StoreHost host) {
    HostHealth known = health().host(host);
    return known.greets() && known.failure() == null && known.doubts().thrownOut().isEmpty();
  }

  /** A session at the host has lasted. */
  void guestLasted(SelectorSettings settings, StoreHost host, long beganNanos, long nowNanos) {
    change(
        seen -> OutcomeRules.lasted(situation(seen, settings, nowNanos), host, beganNanos),
        "a session lasted");
  }

  /** A store threw a user out right after it had let him in. */
  void guestThrownOut(SelectorSettings settings, StoreHost host, Doubts.Doubt doubt) {
    change(
        seen -> OutcomeRules.thrownOut(situation(seen, settings, doubt.atNanos()), host, doubt),
        "a store throws out whom it lets in");
    if (health().host(host).doubts().standing(doubt.atNanos()) != null) {
      listener().probeWanted(group(), service());
    }
  }

  /** How many wait, for whatever it is. */
  int waiting() {
    int all = waiters.waiting();
    for (StoreHost host : group().hosts()) {
      all += waiters.waiting(host);
    }
    return all;
  }

  /** How many of its hosts are given fewer logins than the configuration allows. */
  long givenLess() {
    return health().hosts().values().stream()
        .filter(host -> host.traffic().admission().learntLess())
        .count();
  }

  /** Whether it could be forgotten: nothing is under way and nobody waits. */
  boolean idle() {
    GroupHealth now = health();
    return waiters.waiting() == 0
        && now.token() == null
        && now.hosts().values().stream().allMatch(host -> host.traffic().underWay() == 0);
  }
}
