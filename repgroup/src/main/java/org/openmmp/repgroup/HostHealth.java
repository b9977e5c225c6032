package org.openmmp.repgroup;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one host of a group for one service.
 *
 * @param traffic the attempts
 * @param turn grows whenever the host let an attempt pass its opening, answered one, or failed
 *     anew: an attempt that fails although the turn is no longer its own says nothing new
 * @param confirmedNanos when it last greeted or answered; null: never
 * @param letInNanos when the last attempt that was let in began; null: none was
 * @param failure null unless it failed, and nothing has outweighed that
 * @param suspectNanos when an attempt that had announced its client failed before a greeting; null
 *     unless a probe is to find out
 * @param role what its last answer showed
 * @param doubts what proven logins met there
 * @param last how its last attempt ended; null: none did
 */
record HostHealth(
    Traffic traffic,
    long turn,
    @Nullable Long confirmedNanos,
    @Nullable Long letInNanos,
    @Nullable Failure failure,
    @Nullable Long suspectNanos,
    Role role,
    Doubts doubts,
    @Nullable AttemptReport last) {

  /** So many attempts in a row that no greeting comes to are enough to find out why. */
  static final int MOST_UNANSWERED = 4;

  /**
   * The attempts at a host.
   *
   * @param places who holds the host's places
   * @param silent those of them that were not greeted yet
   * @param unanswered those of these that began since the host's last word
   * @param started since the memory began
   * @param begunNanos when the last one began; means nothing before the first
   * @param admission how many logins it is given
   */
  record Traffic(
      Places places,
      int silent,
      int unanswered,
      long started,
      long begunNanos,
      Admission admission) {
    /** Begun and not ended. */
    int underWay() {
      return places.taken();
    }

    private Traffic with(Places other) {
      return new Traffic(other, silent, unanswered, started, begunNanos, admission);
    }

    private Traffic with(Admission other) {
      return new Traffic(places, silent, unanswered, started, begunNanos, other);
    }

    /** So many fewer wait for its greeting. */
    private Traffic waitingLess(int by) {
      return new Traffic(
          places,
          Math.max(0, silent - by),
          Math.max(0, unanswered - by),
          started,
          begunNanos,
          admission);
    }

    /** The host said something: those that began before have no part in what it owes from now. */
    private Traffic answered() {
      return unanswered == 0
          ? this
          : new Traffic(places, silent, 0, started, begunNanos, admission);
    }

    /** Whether so many began since the host's last word, and wait for its greeting. */
    boolean manyUnanswered() {
      return unanswered >= MOST_UNANSWERED;
    }

    /** Whether that caller may begin an attempt now. Deliveries know no rate. */
    boolean admits(Caller caller, SelectorSettings settings, long nowNanos) {
      return dueFor(caller, settings, nowNanos)
          && places.free(caller, admission.limit(settings), nowNanos);
    }

    /** Whether the rate leaves an attempt to that caller now. */
    boolean dueFor(Caller caller, SelectorSettings settings, long nowNanos) {
      return caller.name() == 0 || admission.due(settings.admission(), nowNanos);
    }
  }

  /**
   * Failures in a row.
   *
   * @param ground what failed
   * @param unreachable whether no connection to it came about, at the first failure in the row
   * @param inARow at least 1
   * @param sinceNanos as of when the first of them speaks
   * @param was what its answers had shown before
   * @param beganNanos as of when the last of them speaks
   * @param atNanos when the last of them was reported
   * @param coolDownNanos how long from then the host is passed over
   */
  record Failure(
      FailureGround ground,
      boolean unreachable,
      int inARow,
      long sinceNanos,
      Role was,
      long beganNanos,
      long atNanos,
      long coolDownNanos) {
    /** Whether nobody comes as far as a name. */
    boolean closed() {
      return ground == FailureGround.OPENING || ground == FailureGround.NETWORK;
    }

    /** The same without the last, its cool-down over. */
    private Failure before() {
      return new Failure(
          ground, unreachable, inARow - 1, sinceNanos, was, sinceNanos, sinceNanos, 0);
    }

    /** The rest of the cool-down in nanoseconds; 0 or less once it is over. */
    long left(long nowNanos) {
      return coolDownNanos - (nowNanos - atNanos);
    }
  }

  /** The role in its group that a host's answers show. */
  enum Role {
    /** Nothing shows. */
    UNKNOWN,
    /** It let somebody in without a referral. */
    SERVES,
    /** It refers to another host, and lets nobody in. */
    REFERS,
    /** It refers to another host beside an accepted login, and could serve read-only. */
    REPLICA;

    /** Whether it says that another is the master. */
    boolean refers() {
      return this == REFERS || this == REPLICA;
    }
  }

  /** A host that nothing is known of. */
  static final HostHealth UNKNOWN =
      new HostHealth(
          new Traffic(Places.EMPTY, 0, 0, 0, 0, Admission.OPEN),
          0,
          null,
          null,
          null,
          null,
          Role.UNKNOWN,
          Doubts.NONE,
          null);

  /** Whether it is passed over for now. */
  boolean cooling(long nowNanos) {
    return coolDownLeft(nowNanos) > 0;
  }

  /** The rest of the cool-down in nanoseconds; 0 or less once it is over. */
  long coolDownLeft(long nowNanos) {
    return failure == null ? 0 : failure.left(nowNanos);
  }

  /** Whether whatever failed came after its opening: it greets those who connect. */
  boolean greets() {
    return failure == null || !failure.closed();
  }

  /** Whether it greeted or answered within the window and has not failed since. */
  boolean confirmed(long windowNanos, long nowNanos) {
    return failure == null && confirmedNanos != null && nowNanos - confirmedNanos <= windowNanos;
  }

  /**
   * Whether several attempts wait for its greeting, and nothing was heard of it for longer than
   * most of its greetings take: what it last said confirms nothing any more (rule B2.9).
   *
   * @param host whose health this is
   * @param paces what is usual of the hosts; one of which little is known may be slow
   */
  boolean owesGreetings(StoreHost host, Map<StoreHost, HostPace> paces, long nowNanos) {
    Long heard = traffic.manyUnanswered() ? confirmedNanos : null;
    HostPace pace = heard == null ? null : paces.get(host);
    if (heard == null || pace == null) {
      return false;
    }
    long most = pace.mostGreetingsNanos(nowNanos);
    return most > 0 && nowNanos - heard > most;
  }

  /** Whether no attempt younger than the limit still waits for its greeting. */
  boolean quiet(long limitNanos, long nowNanos) {
    return traffic.silent() == 0 || nowNanos - traffic.begunNanos() >= limitNanos;
  }

  /** Whether somebody was let in by an attempt that began then or later. */
  boolean letInSince(long momentNanos) {
    return letInNanos != null && letInNanos - momentNanos >= 0;
  }

  /** An attempt begins. */
  HostHealth dialled(Caller caller, SelectorSettings settings, long nowNanos) {
    Places places = traffic.places().asked(caller, nowNanos).taking(caller);
    Admission before = traffic.admission();
    return with(
        new Traffic(
            places,
            traffic.silent() + 1,
            traffic.unanswered() + 1,
            traffic.started() + 1,
            nowNanos,
            caller.name() == 0 ? before : before.taking(settings.admission(), nowNanos)));
  }

  /** How many logins it is given is another number now. */
  HostHealth with(Admission other) {
    return other.equals(traffic.admission()) ? this : with(traffic.with(other));
  }

  /** It is back, or has become the master: logins begin slowly. */
  HostHealth beginningSlowly(SelectorSettings settings, long nowNanos) {
    return with(traffic.admission().beginning(settings.admission(), traffic.started(), nowNanos));
  }

  /** Somebody waits for a place. */
  HostHealth asked(Caller caller, long nowNanos) {
    Places places = traffic.places().asked(caller, nowNanos);
    return places.equals(traffic.places()) ? this : with(traffic.with(places));
  }

  /** An attempt is not waited for any longer: it was greeted, or it has named its client. */
  HostHealth heard() {
    return with(traffic.waitingLess(1));
  }

  /** An attempt was greeted: that confirms a host which had not failed (rule B2.9). */
  HostHealth greeted(long nowNanos) {
    Long confirmed = failure == null ? Long.valueOf(nowNanos) : confirmedNanos;
    return new HostHealth(
        traffic.answered(), turn, confirmed, letInNanos, failure, suspectNanos, role, doubts, last);
  }

  /** An attempt is under way no longer. */
  HostHealth released(Caller caller, boolean greeted) {
    return with(traffic.with(traffic.places().leaving(caller)).waitingLess(greeted ? 0 : 1));
  }

  /**
   * An attempt, or a probe, that began then came through the opening: whatever failed up to there
   * before is outweighed (rule B2.18).
   */
  HostHealth opened(long beganNanos, long nowNanos) {
    Failure left = failure;
    if (left != null && left.closed() && beganNanos - left.beganNanos() >= 0) {
      left = null;
    }
    Long confirmed = left == null ? Long.valueOf(nowNanos) : confirmedNanos;
    return new HostHealth(
        traffic.answered(), turn + 1, confirmed, letInNanos, left, null, role, doubts, last);
  }

  /**
   * A login was answered as it should be, whatever the answer was.
   *
   * @param proven whether the login counts against a verdict
   * @param shown what the answer shows; null: nothing
   */
  HostHealth answered(long beganNanos, AttemptReport report, boolean proven, @Nullable Role shown) {
    HostHealth open = opened(beganNanos, report.atNanos());
    boolean letIn = report.served();
    Failure left = open.failure();
    if (letIn
        && left != null
        && (left.ground() == FailureGround.ANSWERS || left.ground() == FailureGround.MAILBOXES)
        && (proven || left.left(report.atNanos()) <= 0)
        && beganNanos - left.beganNanos() >= 0) {
      left = null;
    }
    return new HostHealth(
        open.traffic(),
        open.turn(),
        left == null ? Long.valueOf(report.atNanos()) : confirmedNanos,
        report.outcome() == AttemptOutcome.ACCEPTED ? Long.valueOf(beganNanos) : letInNanos,
        left,
        null,
        shown == null ? role : shown,
        letIn ? doubts.afterLettingIn() : doubts,
        report);
  }

  /**
   * An attempt failed that began then: nobody comes through, until somebody does.
   *
   * @param reached whether the host's machine was there: it took the connection
   */
  HostHealth failed(
      FailureGround ground,
      boolean reached,
      long beganNanos,
      AttemptReport report,
      GrowingPause coolDown) {
    boolean noWay = report.outcome() == AttemptOutcome.NETWORK_UNREACHABLE;
    Failure first = failure;
    if (noWay && first != null) {
      return with(report); // what is known of the host itself stays as it is
    }
    int inARow = first == null ? 1 : first.inARow() + 1;
    Failure now =
        new Failure(
            noWay ? FailureGround.NETWORK : ground,
            (noWay || (!reached && report.outcome() == AttemptOutcome.UNREACHABLE))
                && (first == null || first.unreachable()),
            inARow,
            first == null ? beganNanos : first.sinceNanos(),
            first == null ? role : first.was(),
            beganNanos,
            report.atNanos(),
            period(ground, report, inARow, coolDown));
    return new HostHealth(
        traffic,
        turn + 1,
        confirmedNanos,
        letInNanos,
        now,
        null,
        Role.UNKNOWN,
        ground == FailureGround.OPENING ? doubts : Doubts.NONE,
        report);
  }

  /** A verdict is reported by another host's good word, whose own cool-down would be none. */
  private static long period(
      FailureGround ground, AttemptReport report, int inARow, GrowingPause coolDown) {
    AttemptOutcome.CoolDown kind =
        ground == FailureGround.OPENING
            ? report.outcome().coolDown()
            : AttemptOutcome.CoolDown.GROWING;
    return switch (kind) {
      case NONE -> 0;
      case SHORT -> coolDown.nanos(1, report.random());
      case GROWING -> coolDown.nanos(inARow, report.random());
    };
  }

  /**
   * What failed since that moment was our network's (rule B2.25): as if it had not been. A host
   * that had failed before was dialled because its cool-down was over, and that is so again.
   */
  HostHealth acquittedSince(long momentNanos) {
    Failure left = failure;
    if (left == null
        || !left.closed()
        || !left.unreachable()
        || left.beganNanos() - momentNanos < 0) {
      return this;
    }
    boolean fresh = left.sinceNanos() - momentNanos >= 0;
    return new HostHealth(
        traffic,
        turn + 1,
        confirmedNanos,
        letInNanos,
        fresh ? null : left.before(),
        suspectNanos,
        left.was(),
        doubts,
        last);
  }

  /** A session lasted that began then: who is let in is kept (rule B2.20). */
  HostHealth kept(long beganNanos) {
    boolean outweighs =
        failure != null
            && failure.ground() == FailureGround.SESSIONS
            && beganNanos - failure.beganNanos() >= 0;
    return new HostHealth(
        traffic,
        turn,
        confirmedNanos,
        letInNanos,
        outweighs ? null : failure,
        suspectNanos,
        role,
        doubts.afterLasting(beganNanos),
        last);
  }

  /** An attempt that had announced its client was not greeted: a probe is to find out why. */
  HostHealth suspected(AttemptReport report) {
    return new HostHealth(
        traffic, turn, confirmedNanos, letInNanos, failure, report.atNanos(), role, doubts, report);
  }

  /** Who is the master is to be found out anew. */
  HostHealth withoutRole() {
    return role == Role.UNKNOWN
        ? this
        : new HostHealth(
            traffic,
            turn,
            confirmedNanos,
            letInNanos,
            failure,
            suspectNanos,
            Role.UNKNOWN,
            doubts,
            last);
  }

  HostHealth with(Doubts other) {
    return new HostHealth(
        traffic, turn, confirmedNanos, letInNanos, failure, suspectNanos, role, other, last);
  }

  HostHealth with(AttemptReport other) {
    return new HostHealth(
        traffic, turn, confirmedNanos, letInNanos, failure, suspectNanos, role, doubts, other);
  }

  private HostHealth with(Traffic other) {
    return new HostHealth(
        other, turn, confirmedNanos, letInNanos, failure, suspectNanos, role, doubts, last);
  }
}
