package org.openmmp.repgroup;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the store for each login: stay with the group's last successful master while it accepts;
 * when it fails, let one login walk the list and follow referrals while the others wait for its
 * answer; pass over for a while what failed; and never ask a silent host twice at once.
 *
 * <p>Safe for any thread and blocks none. Memory is kept in the process, for each group, service
 * and kind of client (rule B2.7).
 */
public final class StoreSelector {
  /** Implicit groups that are remembered without need; mail hosts come from outside. */
  private static final int MOST_IMPLICIT_GROUPS = 4096;

  private final BiFunction<ReplicationGroup, Service, SelectorSettings> settings;
  private final Map<String, RememberedGroup> groups = new ConcurrentHashMap<>();
  private final SelectionListener listener;
  private final OurNetwork network;
  private final Set<MemoryKey> served = ConcurrentHashMap.newKeySet();
  private final AtomicLong walks = new AtomicLong();
  private volatile GroupTable table = GroupTable.of(List.of());
  private final AtomicReference<Withdrawn> withdrawn = new AtomicReference<>(Withdrawn.NONE);

  /** A selector with the same settings for all groups and services. */
  public StoreSelector(SelectorSettings settings, SelectionListener listener) {
    this((group, service) -> settings, listener);
  }

  /**
   * A selector. Give it the configured groups by {@link #replaceTable} before the first walk.
   *
   * @param settings asked at the begin of each walk
   * @param listener told of everything that happens
   */
  public StoreSelector(
      BiFunction<ReplicationGroup, Service, SelectorSettings> settings,
      SelectionListener listener) {
    this.settings = settings;
    this.listener = listener;
    this.network = new OurNetwork(groups.values(), listener);
  }

  /**
   * Tells that walks of such clients will come: from now on the configured groups are in the
   * snapshot before the first of them. A service has one kind of clients at a time.
   */
  public void serve(Service service, ClientKind kind) {
    served.removeIf(other -> other.service().equals(service) && other.kind() != kind);
    served.add(new MemoryKey(service, kind));
  }

  /**
   * Begins a walk. A {@link ClientKind#SINGLE} client walks to the group's first host; give its
   * mail host to {@link #walkFrom} where the group has more.
   *
   * @param caller who walks
   * @param deadlineNanos when the walk fails if it has not succeeded, on the clock of {@code
   *     nowNanos}
   */
  public AttemptWalk walk(
      ReplicationGroup group,
      Service service,
      ClientKind kind,
      Caller caller,
      long deadlineNanos,
      long nowNanos) {
    return walkFrom(group, service, kind, caller, null, true, deadlineNanos, nowNanos);
  }

  /**
   * Begins a walk at a host that a store outside the group referred to, or at the mail host.
   *
   * @param first null: wherever the policy prefers
   * @param patient whether it waits as long as it has where the group has no master, and not only
   *     as long as a store that comes back is waited for (rule B5.17)
   */
  public AttemptWalk walkFrom(
      ReplicationGroup group,
      Service service,
      ClientKind kind,
      Caller caller,
      @Nullable StoreHost first,
      boolean patient,
      long deadlineNanos,
      long nowNanos) {
    GroupMemory memory = remembered(group).memory(service, kind);
    WalkTerms terms =
        new WalkTerms(
            walks.incrementAndGet(), kind, caller, patient, first, nowNanos, deadlineNanos);
    SelectorSettings own = settings.apply(memory.group(), service);
    memory.hedges().loginBegan(own.patience().hedgePercent());
    return new AttemptWalk(memory, own, terms);
  }

  /**
   * The order in which a login would try the hosts now, and why, without taking anything (rule
   * B8.4); hosts that are passed over stand at the end.
   */
  public List<Candidate> explain(
      ReplicationGroup group, Service service, ClientKind kind, long nowNanos) {
    return explainFrom(group, service, kind, null, nowNanos);
  }

  /** The same for a walk that begins at that host, if there is one. */
  public List<Candidate> explainFrom(
      ReplicationGroup group,
      Service service,
      ClientKind kind,
      @Nullable StoreHost first,
      long nowNanos) {
    GroupMemory memory = remembered(group).memory(service, kind);
    SelectorSettings own = settings.apply(memory.group(), service);
    Situation situation = memory.situation(memory.health(), own, nowNanos);
    WalkTerms terms = new WalkTerms(0, kind, Caller.UNKNOWN, true, first, nowNanos, nowNanos);
    return CandidateOrder.of(situation, terms, null);
  }

  /**
   * The hosts of a group whose greeting somebody waits for, or was turned away for lack of within
   * the last minute (rule B2.9), and all of a configured group while all have failed; one answer
   * may serve for several groups.
   */
  public List<ProbeTarget> wantedProbes(ReplicationGroup group, Service service, long nowNanos) {
    RememberedGroup remembered = groups.get(group.name());
    if (remembered == null) {
      return List.of();
    }
    SelectorSettings own = settings.apply(remembered.group(), service);
    return remembered.memories().stream()
        .filter(memory -> memory.service().equals(service))
        .flatMap(memory -> memory.wantedProbes(own, nowNanos).stream())
        .distinct()
        .map(host -> new ProbeTarget(remembered.group(), service, host))
        .toList();
  }

  /** Whether the hosts of a group are probed though nobody waits for them. */
  public boolean probesUnhurried(ReplicationGroup group, Service service, long nowNanos) {
    RememberedGroup remembered = groups.get(group.name());
    return remembered != null
        && remembered.memories().stream()
            .filter(memory -> memory.service().equals(service))
            .allMatch(
                memory -> memory.unhurried(settings.apply(remembered.group(), service), nowNanos));
  }

  /**
   * When another front end was heard to say something of that host which a probe has to find out
   * about: it asks at once, if it has not begun since.
   */
  public OptionalLong askedToProbe(ProbeTarget target, long nowNanos) {
    RememberedGroup remembered = groups.get(target.group().name());
    return remembered == null || remembered.hearsay().equals(Hearsay.NONE)
        ? OptionalLong.empty()
        : remembered.memories().stream()
            .filter(memory -> memory.service().equals(target.service()))
            .map(memory -> memory.askedToProbe(target.host(), nowNanos))
            .filter(OptionalLong::isPresent)
            .findAny()
            .orElse(OptionalLong.empty());
  }

  /**
   * A probe ended; told once for each target that its answer serves for.
   *
   * @param outcome {@link AttemptOutcome#GREETED}, or what failed
   * @param reason the outcome in words; no secret
   * @param beganNanos when the probe began: it speaks as of then (rule B2.18)
   * @param random in [0,1), for jitter
   */
  public void probed(
      ProbeTarget target,
      AttemptOutcome outcome,
      String reason,
      long beganNanos,
      long nowNanos,
      double random) {
    AttemptOutcome.Scope scope = network.scope(outcome, AttemptStage.GREETING, beganNanos);
    AttemptReport report = new AttemptReport(outcome, scope, null, false, reason, nowNanos, random);
    RememberedGroup group = groups.get(target.group().name());
    if (group != null && group.group().contains(target.host())) {
      if (!group.group().implicit()) { // a probe may come before the first login
        served.stream()
            .filter(key -> key.service().equals(target.service()))
            .forEach(key -> group.memory(key.service(), key.kind()));
      }
      for (GroupMemory memory : group.memories()) {
        if (memory.service().equals(target.service())) {
          SelectorSettings own = settings.apply(memory.group(), memory.service());
          memory.probed(own, target.host(), report, beganNanos);
        }
      }
    }
  }

  /**
   * A host said of itself to a login that nobody keeps whether it is the master (rule B2.37).
   *
   * @param master the host of the group that it named; null if it named none
   */
  public void namesMaster(ProbeTarget target, @Nullable StoreHost master, long nowNanos) {
    RememberedGroup group = groups.get(target.group().name());
    if (group != null) {
      group.answered(target.service(), target.host(), master, nowNanos);
    }
  }

  /**
   * A host does not know several mailboxes in a row that its group took mail for. If another host
   * of the group greets, it has failed for the service (rule B5.20).
   *
   * @param random in [0,1), for jitter
   */
  public void mailboxesLost(
      ReplicationGroup given, Service service, StoreHost host, long nowNanos, double random) {
    for (GroupMemory memory : remembered(given).memories()) {
      if (memory.service().equals(service)) {
        SelectorSettings own = settings.apply(memory.group(), service);
        memory.mailboxesLost(own, host, nowNanos, random);
      }
    }
  }

  /** Takes a new configuration over; walks under way go on by it (rule B2.12). */
  public void replaceTable(GroupTable other) {
    table = other;
    withdrawn.updateAndGet(Withdrawn::afterReload);
    groups
        .values()
        .removeIf(
            group -> !group.group().implicit() && other.named(group.group().name()).isEmpty());
    other.groups().forEach(this::remembered);
  }

  /** Ends the group's affinity for all services; sessions under way are not moved (B2.12). */
  public void failback(ReplicationGroup group) {
    remembered(group).failback();
  }

  /**
   * Ends the group's affinity and has logins begin at that host while no master is known, until
   * {@link #failback}; a referral outweighs it (B2.12).
   */
  public void prefer(ReplicationGroup group, StoreHost host) {
    remembered(group).prefer(host);
  }

  /**
   * What this process has learnt of its configured groups, for other front ends of its site;
   * nothing while its own network is gone (rule B2.25).
   */
  public List<GroupWord> words() {
    List<GroupWord> all = new ArrayList<>();
    if (network.isGone()) {
      return all;
    }
    for (ReplicationGroup each : table.groups()) {
      RememberedGroup known = groups.get(each.name());
      GroupWord word = known == null ? null : known.word();
      if (word != null && !word.isEmpty()) {
        all.add(word);
      }
    }
    return all;
  }

  /**
   * Other front ends of the site say so, and nothing else; what they said before is over (rule
   * B2.18). Groups and hosts that are not configured here are passed over.
   *
   * @param words of all others, their times by the clock of {@code nowNanos}
   */
  public void heard(List<GroupWord> words, long nowNanos) {
    Map<String, List<GroupWord>> byGroup = new HashMap<>();
    for (GroupWord each : words) {
      table
          .named(each.group())
          .ifPresent(
              group -> byGroup.computeIfAbsent(group.name(), first -> new ArrayList<>()).add(each));
    }
    for (RememberedGroup group : groups.values()) {
      List<GroupWord> said = byGroup.getOrDefault(group.group().name(), List.of());
      if (!said.isEmpty() || !group.hearsay().equals(Hearsay.NONE)) {
        group.heard(Hearsay.of(said, group.hearsay(), nowNanos));
      }
    }
  }

  /** For how long a service of that group has found no master; 0 if all have one. */
  public long withoutMasterNanos(String group, long nowNanos) {
    RememberedGroup known = groups.get(group);
    return known == null
        ? 0
        : known.memories().stream()
            .map(memory -> memory.withoutMasterSince(nowNanos))
            .filter(OptionalLong::isPresent)
            .mapToLong(since -> nowNanos - since.getAsLong())
            .max()
            .orElse(0);
  }

  /** How many logins and deliveries of that group wait: for a turn, a store or a master. */
  public long waiting(String group) {
    RememberedGroup known = groups.get(group);
    return known == null ? 0 : known.memories().stream().mapToLong(GroupMemory::waiting).sum();
  }

  /** At how many hosts of that group, by service, what is given to them was learnt to be less. */
  public long givenLess(String group) {
    RememberedGroup known = groups.get(group);
    return known == null ? 0 : known.memories().stream().mapToLong(GroupMemory::givenLess).sum();
  }

  /** Whether a service of that group has only its standby site left, which is not active. */
  public boolean onlyStandbySiteLeft(String group) {
    RememberedGroup known = groups.get(group);
    return known != null && known.memories().stream().anyMatch(each -> each.health().siteAlerted());
  }

  /** Lets the hosts of the group's standby site be used from now on (rule B2.15). */
  public void activateStandbySite(ReplicationGroup group) {
    remembered(group).activateSite(true);
  }

  /** Lets the hosts of the group's standby site be used no longer (rule B2.15). */
  public void deactivateStandbySite(ReplicationGroup group) {
    remembered(group).activateSite(false);
  }

  /**
   * No login begins at the host any more while another host of its group takes over (rule B2.26); a
   * second time, the others are asked anew whether they do.
   */
  public void drain(StoreHost host, long nowNanos) {
    withdraw(host, all -> all.draining(host, nowNanos), "was drained");
  }

  /**
   * No login begins at the host until {@link #replaceTable} or {@link #putToUse}, not even where
   * there is no other.
   */
  public void retire(StoreHost host) {
    withdraw(host, all -> all.retiring(host), "was retired");
  }

  /** The host was drained or retired, and is so no longer; who is master stays so. */
  public void putToUse(StoreHost host) {
    withdraw(host, all -> all.without(host), "was put to use again");
  }

  private void withdraw(StoreHost host, UnaryOperator<Withdrawn> change, String how) {
    withdrawn.updateAndGet(change);
    groups.values().forEach(group -> group.withdrawalChanged(host, host + " " + how));
  }

  /**
   * Whether a connection to a host may be kept for later: the group, as it is configured now, leads
   * there, and no administrator has taken the host or its site out of use.
   */
  public boolean keeps(ReplicationGroup group, StoreHost host) {
    ReplicationGroup current = table.groupOf(group.name()).group();
    Withdrawn out = Objects.requireNonNull(withdrawn.get());
    return current != null
        && current.name().equals(group.name())
        && current.contains(host)
        && out.drainedSince(host) == null
        && !out.retired().contains(host)
        && (!current.standbySite().contains(host) || remembered(current).siteActive());
  }

  /**
   * The groups in which no host would be left in use if that one were retired; those of a standby
   * site that is not active are not in use.
   */
  public List<ReplicationGroup> needing(StoreHost host) {
    Withdrawn then = Objects.requireNonNull(withdrawn.get()).retiring(host);
    return table.groups().stream()
        .filter(
            group ->
                group.contains(host)
                    && group.hosts().stream()
                        .allMatch(
                            each ->
                                then.retired().contains(each)
                                    || (group.standbySite().contains(each)
                                        && !remembered(group).siteActive())))
        .toList();
  }

  /**
   * All that is remembered, by group and service: of configured groups for each service that is
   * served, of others once they were used.
   */
  public List<GroupSnapshot> snapshot(long nowNanos) {
    List<GroupSnapshot> all = new ArrayList<>();
    GroupTable configured = table;
    for (RememberedGroup group : groups.values()) {
      if (!group.group().implicit()) {
        if (configured.named(group.group().name()).isEmpty()) {
          continue; // it left, and a login under way still goes there
        }
        served.forEach(key -> group.memory(key.service(), key.kind()));
      }
      for (GroupMemory memory : group.memories()) {
        SelectorSettings own = settings.apply(group.group(), memory.service());
        all.add(GroupSnapshot.of(memory, memory.situation(memory.health(), own, nowNanos)));
      }
    }
    all.sort(
        Comparator.comparing(GroupSnapshot::group)
            .thenComparing(snapshot -> snapshot.service().name())
            .thenComparing(GroupSnapshot::kind));
    return all;
  }

  /**
   * The hosts that have failed for one service of one group, and not answered it since: no login of
   * that goes there but to find out (rule B2.5). Quick while there are none.
   */
  public Set<StoreHost> failed() {
    Set<StoreHost> all = new HashSet<>();
    for (RememberedGroup group : groups.values()) {
      for (GroupHealth health : group.state()) {
        for (Map.Entry<StoreHost, HostHealth> each : health.hosts().entrySet()) {
          if (each.getValue().failure() != null && group.group().contains(each.getKey())) {
            all.add(each.getKey());
          }
        }
      }
    }
    return all;
  }

  private RememberedGroup remembered(ReplicationGroup given) {
    ReplicationGroup current = table.named(given.name()).orElse(given);
    if (current.implicit() && groups.size() >= MOST_IMPLICIT_GROUPS) {
      groups.values().removeIf(group -> group.group().implicit() && group.idle());
    }
    RememberedGroup group =
        groups.computeIfAbsent(
            current.name(),
            name -> new RememberedGroup(current, listener, network, withdrawn::get));
    group.replace(current);
    return group;
  }
}
