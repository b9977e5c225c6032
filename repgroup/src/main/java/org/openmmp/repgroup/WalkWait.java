package org.openmmp.repgroup;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How one walk waits (rules B2.10, B2.28): with a seat among those of its group that wait, a place
 * in the queue of the host that it wants, and a wake-up.
 *
 * <p>Belongs to its walk, and to the walk's thread; the wake-up alone runs on other threads.
 */
final class WalkWait {
  /** When one is told who found no seat among those who wait. */
  static final Duration SLOW_REFUSAL = Duration.ofSeconds(6);

  /** Times are shortened by up to this part, so that not all hear at one moment. */
  private static final double LONGEST_SPREAD = 0.2;

  /** The golden ratio of 64 bits: what follows each other lies far apart. */
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** A rate leaves the logins of a tenth of a second at once: no need to look more often. */
  private static final long SHORTEST_WATCH_NANOS = Duration.ofMillis(10).toNanos();

  private final GroupMemory memory;
  private final SelectorSettings settings;
  private final WalkTerms terms;
  private @Nullable StoreHost slotAwaited;
  private long ticket;
  private long askedNanos;
  private Waiters.@Nullable Waiter waiter;

  /** The one that it had when it asked last. */
  private Waiters.@Nullable Waiter woken;

  private boolean seated;
  private @Nullable Long refusedNanos;

  WalkWait(GroupMemory memory, SelectorSettings settings, WalkTerms terms) {
    this.memory = memory;
    this.settings = settings;
    this.terms = terms;
  }

  /** The host at which its turn has come; null if it has not. */
  @Nullable StoreHost calledTo() {
    return waiter == null ? null : waiter.calledTo();
  }

  /** The walk asks what to do next, and waits no more; whether news has woken it. */
  boolean stops() {
    woken = waiter;
    boolean heard = woken != null && woken.hasHeard();
    takeWakeUpBack();
    return heard;
  }

  /** The walk begins an attempt there: if its turn has come, that is over. */
  void begins(StoreHost host) {
    if (woken != null) {
      woken.took(host);
    }
  }

  /** What the policy has chosen, held to the bounds of those who wait. */
  Choice holds(Choice choice, long nowNanos) {
    askedNanos = nowNanos;
    Choice held = watching(amongThoseWhoWait(choice, nowNanos), nowNanos);
    passPlaceOn(held.kind() == Choice.Kind.WAIT ? held.host() : null);
    return held;
  }

  /**
   * Holds a wait to the bounds of rule B2.28: a seat among those of the group that wait, and a time
   * for its turn at a host. Who finds no seat is told after a while, and not at once, for clients
   * whose refusal is quick come back as quickly.
   */
  private Choice amongThoseWhoWait(Choice choice, long nowNanos) {
    if (choice.kind() != Choice.Kind.WAIT) {
      leaveSeat();
      return choice;
    }
    if (!choice.reason().kind().takesSeat()) {
      return choice;
    }
    Waiters waiters = memory.waiters();
    SelectorSettings.AdmissionTerms admission = settings.admission();
    if (!seated && waiters.sit(terms.caller(), admission.waiting(), nowNanos)) {
      seated = true;
      refusedNanos = null;
    }
    StoreHost full = choice.host();
    if (refusedNanos == null && (!seated || (full != null && terms.caller().name() != 0))) {
      refusedNanos = nowNanos + spread(seated ? admission.patience() : SLOW_REFUSAL);
    }
    Long refused = refusedNanos;
    if (refused == null || (seated && full == null)) {
      return choice;
    }
    if (nowNanos - refused >= 0) {
      return turnedAway(choice, full);
    }
    long until = choice.untilNanos() - refused < 0 ? choice.untilNanos() : refused;
    return new Choice(
        choice.kind(),
        full,
        seated ? choice.reason() : Reason.of(Reason.Kind.NO_ROOM_TO_WAIT),
        until,
        choice.version());
  }

  /**
   * Who looks when the rate of a host leaves it another login goes on looking, as long as it waits
   * there itself.
   */
  private Choice watching(Choice choice, long nowNanos) {
    Waiters.Waiter watcher = waiter;
    StoreHost full = choice.host();
    if (watcher == null) {
      return choice;
    }
    if (full == null || choice.kind() != Choice.Kind.WAIT || !watcher.watches(full)) {
      cancel();
      return choice;
    }
    Admission there = memory.health().host(full).traffic().admission();
    long turn = Math.max(SHORTEST_WATCH_NANOS, there.turnNanos(settings.admission(), nowNanos));
    long until = nowNanos + turn;
    return until - choice.untilNanos() < 0
        ? new Choice(choice.kind(), full, choice.reason(), until, choice.version())
        : choice;
  }

  private Choice turnedAway(Choice choice, @Nullable StoreHost full) {
    Reason why =
        seated
            ? new Reason(Reason.Kind.NOT_ADMITTED, full == null ? "" : full.name())
            : Reason.of(Reason.Kind.NO_ROOM_TO_WAIT);
    boolean masterless = choice.reason().kind() == Reason.Kind.NO_MASTER_PAUSE;
    leaveSeat();
    memory.listener().turnedAway(memory.group(), memory.service());
    return new Choice(
        masterless ? Choice.Kind.FAIL_NO_MASTER : Choice.Kind.FAIL_NO_STORE,
        null,
        why,
        terms.deadlineNanos(),
        choice.version());
  }

  /** Four to five fifths of that time: no two that wait in a row are told at one moment. */
  private long spread(Duration time) {
    double part = ((terms.id() * GOLDEN) >>> 11) * 0x1p-53;
    return (long) (time.toNanos() * (1 - LONGEST_SPREAD * part));
  }

  private void leaveSeat() {
    if (seated) {
      seated = false;
      memory.waiters().stand(terms.caller());
    }
  }

  /** The walk is over: a free place that it was woken for is for the next one. */
  void passPlaceOn() {
    passPlaceOn(null);
  }

  /** A walk that was woken for a free place and leaves some of it wakes the next one. */
  private void passPlaceOn(@Nullable StoreHost awaitedNow) {
    StoreHost awaited = slotAwaited;
    slotAwaited = awaitedNow;
    // Who goes on waiting there calls the next once it is among those who are called.
    if (awaited != null && !awaited.equals(awaitedNow)) {
      wakeNext(memory, settings, awaited, askedNanos);
      ticket = 0;
    }
  }

  /**
   * Somebody whose turn it is there may go on. Nobody is called to a host whose greeting another
   * waits for: he could but wait as well.
   */
  static void wakeNext(
      GroupMemory memory, SelectorSettings settings, StoreHost host, long nowNanos) {
    if (memory.waiters().anyAtHosts() && mayDial(memory, settings, host, nowNanos)) {
      memory
          .waiters()
          .wakeNext(host, () -> memory.health().host(host).traffic(), settings, nowNanos);
    }
  }

  private static boolean mayDial(
      GroupMemory memory, SelectorSettings settings, StoreHost host, long nowNanos) {
    HostHealth now = memory.health().host(host);
    return (now.confirmed(settings.confirmWindow().toNanos(), nowNanos)
            && !memory.owesGreetings(host, now, nowNanos))
        || now.quiet(settings.probeLimit().toNanos(), nowNanos);
  }

  /** See {@link AttemptWalk#awaitChange}. */
  void awaitChange(Choice choice, Runnable wake) {
    takeWakeUpBack();
    StoreHost full = choice.host();
    if (ticket == 0) {
      ticket = memory.waiters().ticket();
    }
    if (choice.reason().kind() == Reason.Kind.NO_ROOM_TO_WAIT) {
      if (full != null) {
        wakeNext(memory, settings, full, askedNanos);
      }
      return; // it is told by its time
    }
    Waiters.Waiter watcher = waiter;
    boolean back = memory.owner().endedByStore(terms.caller().name(), askedNanos);
    Waiters.Waiter entering = memory.waiters().waiter(terms.caller(), back, full, ticket, wake);
    if (watcher != null) {
      watcher.relievedBy(entering);
    }
    waiter = entering; // before it enters: once it has, the wake-up may run on another thread
    entering.enter();
    GroupHealth now = memory.health();
    if (now.version() != choice.version()) {
      entering.wakeNow();
    } else if (full != null) {
      wakeNext(memory, settings, full, askedNanos);
    }
  }

  /** Takes the wake-up back, if there is one that has not run. */
  void cancel() {
    takeWakeUpBack();
    if (waiter != null) {
      waiter.leavesWatch();
      waiter = null;
    }
  }

  /** The walk waits for nothing any more. */
  void leave() {
    cancel();
    leaveSeat();
  }

  /** Takes the wake-up back; who looks after a host's rate goes on with that. */
  private void takeWakeUpBack() {
    Waiters.Waiter waited = waiter;
    if (waited != null) {
      waited.cancel();
      waiter = waited.watches() ? waited : null;
    }
  }
}
