package org.openmmp.repgroup;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The memory of one group for one service and kind of client, shared by all its walks. */
final class GroupMemory {
  /** How long a group is wanted after a login was turned away (rule B2.9). */
  private static final Duration WANTED = Duration.ofMinutes(1);

  private final RememberedGroup owner;
  private final Service service;
  private final ClientKind kind;
  private final SelectionNews news;
  private final Waiters waiters = new Waiters();
  private volatile @Nullable Long wantedNanos;
  private final AtomicReference<GroupHealth> health = new AtomicReference<>(GroupHealth.EMPTY);

  GroupMemory(RememberedGroup owner, Service service, ClientKind kind, SelectionListener listener) {
    this.owner = owner;
    this.service = service;
    this.kind = kind;
    this.news = new SelectionNews(listener, service);
  }

  Service service() {
    return service;
  }

  ClientKind kind() {
    return kind;
  }

  ReplicationGroup group() {
    return owner.group();
  }

  SelectionListener listener() {
    return news.listener();
  }

  Waiters waiters() {
    return waiters;
  }

  GroupHealth health() {
    return Objects.requireNonNull(health.get());
  }

  /** What a decision made now looks at. */
  Situation situation(GroupHealth seen, SelectorSettings settings, long nowNanos) {
    Situation own =
        new Situation(owner.group(), settings, owner.siteActive(), null, seen, nowNanos);
    return own.affinityServes() || own.group().hosts().size() == 1
        ? own
        : new Situation(
            own.group(), settings, own.siteActive(), owner.hintFor(this), seen, nowNanos);
  }

  /** Puts {@code after} in the place of {@code before}; false if it is not there any more. */
  boolean replace(GroupHealth before, GroupHealth after, String why) {
    if (!health.compareAndSet(before, after)) {
      return false;
    }
    news.tell(owner.group(), before, after, why);
    if (before.version() != after.version()) {
      waiters.wakeAll();
    }
    return true;
  }

  /** Changes the memory, again and again until nobody comes between. */
  void change(UnaryOperator<GroupHealth> change, String why) {
    GroupHealth before;
    do {
      before = health();
    } while (!replace(before, change.apply(before), why));
  }

  /** Somebody waits for a host to greet, or was turned away because none did. */
  void want(long nowNanos) {
    wantedNanos = nowNanos;
    listener().probeWanted(group(), service);
  }

  /** The hosts that a probe should ask for their greeting now. */
  List<StoreHost> wantedProbes(SelectorSettings settings, long nowNanos) {
    Long since = wantedNanos;
    if (since == null || nowNanos - since > WANTED.toNanos()) {
      return List.of();
    }
    Situation now = situation(health(), settings, nowNanos);
    return group().hosts().stream().filter(host -> now.eligible(host) && now.failed(host)).toList();
  }

  /** A probe that began then ended. */
  void probed(SelectorSettings settings, StoreHost host, AttemptReport report, long beganNanos) {
    change(
        seen ->
            OutcomeRules.probed(
                situation(seen, settings, report.nowNanos()), host, report, beganNanos),
        "probe");
  }

  /** Whether nothing speaks against sessions lasting at the host. */
  boolean keepsItsGuests(StoreHost host) {
    return health().host(host).failure() == null;
  }

  /** A session at the host has lasted. */
  void guestLasted(StoreHost host, long beganNanos, long nowNanos) {}

  /** A session at the host is over. */
  void guestLeft(
      StoreHost host, Caller caller, boolean thrownOut, long beganNanos, long nowNanos) {}

  /** Whether it could be forgotten: nothing is under way and nobody waits. */
  boolean idle() {
    GroupHealth now = health();
    return waiters.waiting() == 0
        && now.token() == null
        && now.hosts().values().stream().allMatch(host -> host.traffic().underWay() == 0);
  }
}
