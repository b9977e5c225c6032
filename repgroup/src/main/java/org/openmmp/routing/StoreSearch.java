package org.openmmp.routing;

import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.repgroup.AttemptWalk;
import org.openmmp.repgroup.Caller;
import org.openmmp.repgroup.Choice;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.HedgeResult;
import org.openmmp.repgroup.ReferralTrust;
import org.openmmp.repgroup.ReferralTrust.Kind;
import org.openmmp.repgroup.ReferralTrust.Verdict;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.Stay;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.repgroup.StoreSelector;

/**
 * The search for the store of one login or delivery: a walk over the hosts of a group, and the
 * referrals that lead it from host to host and perhaps to another group (rules B2.4 to B2.11, B3.5
 * to B3.9, B5.5, B5.6). It knows no protocol.
 *
 * <p>{@link #begin} a walk, ask {@link #next}, tell what came of the host, and ask again. While no
 * walk is under way nothing that is told of a host is taken note of. A search belongs to one thread
 * at a time; the clock is the caller's.
 */
public final class StoreSearch {
  /**
   * The last referral that was followed.
   *
   * @param host the target; null: any host of its group
   */
  private record Followed(@Nullable StoreHost host, int port, String user) {
    boolean leadsTo(StoreHost other) {
      return host == null || host.equals(other);
    }
  }

  private final StoreSelector selector;
  private final Supplier<Routing> present;
  private final Routing found;
  private final Service service;
  private final ClientKind kind;
  private final Caller caller;
  private ReplicationGroup group;
  private @Nullable AttemptWalk walk;
  private long deadlineNanos;
  private boolean patient;

  /** The hosts of this round that have referred to another. */
  private final Set<StoreHost> visited = new HashSet<>();

  /** How the connection to the host that referred last was protected. */
  private TlsPolicy floor = TlsPolicy.OFF;

  private @Nullable Followed followed;
  private boolean amongStrangers;
  private int hopsOfRound;
  private int hops;

  /**
   * A search that has not begun.
   *
   * @param present where mail hosts lead now: the selector's hosts are those of now too
   * @param found where they led when the group was found
   * @param service what is searched for; affinity and health are kept for it
   * @param kind how the client goes about referrals and failover
   * @param caller whose trouble stays his own
   * @param group where the directory says that the mailbox is
   */
  public StoreSearch(
      StoreSelector selector,
      Supplier<Routing> present,
      Routing found,
      Service service,
      ClientKind kind,
      Caller caller,
      ReplicationGroup group) {
    this.selector = selector;
    this.present = present;
    this.found = found;
    this.service = service;
    this.kind = kind;
    this.caller = caller;
    this.group = group;
  }

  /**
   * Begins a walk that waits as long as it has where the group has no master.
   *
   * @param first the host to begin with; null: the one that the policy prefers
   * @param deadline when the search fails if it has not succeeded
   */
  public void begin(@Nullable StoreHost first, long deadline, long nowNanos) {
    begin(first, true, deadline, nowNanos);
  }

  /**
   * Begins a walk.
   *
   * @param first the host to begin with; null: the one that the policy prefers
   * @param patience whether it waits as long as it has where the group has no master (rule B5.17)
   * @param deadline when the search fails if it has not succeeded
   */
  public void begin(@Nullable StoreHost first, boolean patience, long deadline, long nowNanos) {
    patient = patience;
    deadlineNanos = deadline;
    walk = selector.walkFrom(group, service, kind, caller, first, patient, deadline, nowNanos);
  }

  /** Of now, unless the group has left the configuration meanwhile. */
  private Routing routing() {
    Routing now = present.get();
    return group.implicit() || now.table().named(group.name()).isPresent() ? now : found;
  }

  /** Whether a store is still looked for; then the search has until {@link #deadlineNanos}. */
  public boolean underWay() {
    return walk != null;
  }

  public long deadlineNanos() {
    return deadlineNanos;
  }

  /** The group that is searched, which a referral may have changed. */
  public ReplicationGroup group() {
    return group;
  }

  /** Referrals that were followed. */
  public int hops() {
    return hops;
  }

  /**
   * How a host of the group is reached: never with less protection than the hosts that led there,
   * and at the port that a followed referral named for it.
   */
  public StoreAccess accessTo(StoreHost host) {
    StoreAccess access = routing().accessTo(group).noWeakerThan(floor);
    Followed last = followed;
    return last != null && last.leadsTo(host) && last.port() != 0
        ? access.atPort(last.port())
        : access;
  }

  /** The name to log in with there: the referral's for the host it names, if that is configured. */
  public String storeName(StoreHost host, String ofDirectory) {
    Followed last = followed;
    return last != null && last.leadsTo(host) && !last.user().isEmpty() ? last.user() : ofDirectory;
  }

  /** Whether the hosts tried now stand in no configured group and are trusted by a pattern. */
  public boolean amongStrangers() {
    return amongStrangers;
  }

  /**
   * What to do next: attempt a host, wait, or give up. A wait begins a new round, in which hosts
   * may be asked and referred to again.
   *
   * @throws IllegalStateException while an attempt is under way, and if no walk is
   */
  public Choice next(long nowNanos) {
    Choice choice = walk().next(nowNanos);
    if (choice.kind() == Choice.Kind.WAIT) {
      visited.clear();
      hopsOfRound = 0;
    }
    return choice;
  }

  /** Has that one woken, on any thread, when something changes that the choice waits for. */
  public void awaitChange(Choice choice, Runnable wake) {
    if (walk != null) {
      walk.awaitChange(choice, wake);
    }
  }

  /** The host under way came so far. */
  public void reached(AttemptStage stage, long nowNanos) {
    if (walk != null) {
      walk.reached(stage, nowNanos);
    }
  }

  /**
   * When to look whether the host under way is late: {@link #mayLeave}, then {@link #hedge}, then
   * this again. Hosts that hear of the client before they greet are waited for as long as they may.
   */
  public long lookNanos(StoreAccess access, long nowNanos) {
    Duration connect = access.connectTimeout();
    Duration greeting = access.greetingTimeout();
    return walk == null || access.stageOnceConnected() == AttemptStage.ANNOUNCED
        ? nowNanos + connect.plus(greeting).toNanos()
        : walk.lookNanos(connect, greeting, nowNanos);
  }

  /**
   * The host to begin a second connection to, because the one under way is late (rule B2.31); null:
   * none. It is {@linkplain #hedgeEnded told} what comes of it, unless the walk goes on there.
   */
  public @Nullable StoreHost hedge(long nowNanos) {
    return walk == null ? null : walk.hedge(nowNanos);
  }

  /** What came of the second connection, if there is one. */
  public void hedgeEnded(HedgeResult result) {
    if (walk != null) {
      walk.hedgeEnded(result);
    }
  }

  /** The attempt under way goes on over the second connection, which has come so far. */
  public void goesOnWarm(AttemptStage reached, long nowNanos) {
    walk().goesOnWarm(reached, nowNanos);
  }

  /**
   * Whether to leave the host under way before its time.
   *
   * @param warm whether the second connection stands where a login would begin
   */
  public boolean mayLeave(boolean warm, StoreAccess access, long nowNanos) {
    return walk != null
        && walk.mayLeave(warm, access.connectTimeout(), access.greetingTimeout(), nowNanos);
  }

  /**
   * When to {@link #leave} the host under way, whatever stands beside it, because the group is
   * known to be without a master and the search has no patience (rule B5.17); null: not before its
   * time.
   */
  public @Nullable Long leavesNanos() {
    return walk == null ? null : walk.leavesNanos();
  }

  /** Leaves it, which says nothing of it. */
  public void leave(String reason, long nowNanos, double random) {
    walk().leave(reason, nowNanos, random);
  }

  /** A connection that was kept is used for the host under way. */
  public void keptConnection(long nowNanos) {
    if (walk != null) {
      walk.onKeptConnection(nowNanos);
    }
  }

  /** The host under way has answered, and waits for the client. */
  public void waitsForClient(long nowNanos) {
    walk().waitsForClient(nowNanos);
  }

  /** So much of the time of the host under way was ours: nobody read what it said. */
  public void wasLate(long nanos) {
    if (walk != null) {
      walk.wasLate(nanos);
    }
  }

  /**
   * How the attempt under way ended, if not by a referral.
   *
   * @param reason one sentence, for log and explain
   * @param random in [0,1), for jitter
   */
  public void report(AttemptOutcome outcome, String reason, long nowNanos, double random) {
    if (walk != null) {
      walk.report(outcome, null, false, reason, nowNanos, random);
    }
  }

  /** The host under way let the user in although it knows of a master (rule B2.11). */
  public void acceptedReadOnly(String reason, long nowNanos, double random) {
    walk().report(AttemptOutcome.ACCEPTED, null, true, reason, nowNanos, random);
  }

  /**
   * A host that has not the protection which only this search's referrals ask for lacks what this
   * login needs; it serves those whose group asks less (rule B3.7).
   */
  public AttemptOutcome asMeantForAll(AttemptOutcome met) {
    StoreAccess own = routing().accessTo(group);
    return met == AttemptOutcome.TLS_FAILED && !own.noWeakerThan(floor).equals(own)
        ? AttemptOutcome.TEMPORARY_FAILURE
        : met;
  }

  /** What a host's referral is worth. */
  public Verdict judge(StoreHost from, Referral referral) {
    visited.add(from);
    Routing routing = routing();
    return routing
        .trust()
        .judge(
            routing.table(),
            group,
            new ReferralTrust.Claim(from, visited, referral.host(), referral.port(), hopsOfRound),
            target -> routing.accessTo(target).port());
  }

  /**
   * The host under way refers to another.
   *
   * @param to what it leads to, if it may be followed; null: nobody that is new
   */
  public void referred(
      @Nullable Verdict to, boolean loggedIn, String reason, long nowNanos, double random) {
    if (walk != null) {
      walk.report(
          AttemptOutcome.REFERRED,
          to == null ? null : targetOf(to),
          loggedIn,
          reason,
          nowNanos,
          random);
    }
  }

  /**
   * The host that it leads to; of a whole group the first that this one has not stands for all.
   * Null if the two have the same hosts: no host of this group was named.
   */
  private @Nullable StoreHost targetOf(Verdict verdict) {
    StoreHost host = verdict.host();
    return host == null
        ? groupOf(verdict).hosts().stream()
            .filter(each -> !group.contains(each))
            .findFirst()
            .orElse(null)
        : host;
  }

  private static ReplicationGroup groupOf(Verdict verdict) {
    return Objects.requireNonNull(verdict.group(), "a followed verdict has one");
  }

  /**
   * Follows that referral: within the group the walk goes on, into another one a new walk begins,
   * for the mailbox lives there and not where the directory says (rule B3.6).
   *
   * @param referring how the connection to the host that gave it was protected
   */
  public void follow(TlsPolicy referring, Referral referral, Verdict verdict, long nowNanos) {
    hops++;
    hopsOfRound++;
    floor = referring;
    followed =
        new Followed(
            verdict.host(), verdict.port(), routing().referralsUser() ? referral.user() : "");
    if (verdict.kind() != Kind.IN_GROUP) {
      amongStrangers = verdict.kind() == Kind.TRUSTED;
      abandon(nowNanos); // who waits for its word in the group that it leaves waits no longer
      group = groupOf(verdict);
      begin(verdict.host(), patient, deadlineNanos, nowNanos);
    }
  }

  /** Ends the walk, whose login cannot go where it was just referred to; later ones begin there. */
  public void leaveReferral(long nowNanos) {
    walk().leaveReferral(nowNanos);
  }

  /**
   * The session that begins at the store which accepted.
   *
   * @throws IllegalStateException if none did
   */
  public Stay handOver(long nowNanos) {
    return walk().handOver(nowNanos);
  }

  /**
   * Ends the walk and gives back what it holds; says nothing of the host under way. May be called
   * again, and another walk may begin.
   */
  public void abandon(long nowNanos) {
    if (walk != null) {
      walk.abandon(nowNanos);
      walk = null;
    }
  }

  private AttemptWalk walk() {
    AttemptWalk current = walk;
    if (current == null) {
      throw new IllegalStateException("no walk is under way");
    }
    return current;
  }
}
