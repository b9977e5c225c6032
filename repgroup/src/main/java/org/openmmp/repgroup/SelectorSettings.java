package org.openmmp.repgroup;

import java.time.Duration;

/**
 * The times and limits of selection for one group and service.
 *
 * @param coolDown how long a failed host is passed over (rule B2.8)
 * @param maxAttemptsPerStore attempts under way to one host at once (rule B2.10), at least 1
 * @param confirmWindow how long after a greeting or an answer a host needs no asking first: logins
 *     within it are not held back (rule B2.9)
 * @param discoveryPatience how long others wait for the answer of a login that searches the master,
 *     once a host greeted it
 * @param probeLimit how long connect and greeting of one attempt may take; others wait no longer
 *     for an attempt that says nothing
 * @param retry the pauses between rounds while there is no master (rule B2.11)
 * @param waitForStore how long a login that finds every host failed waits for one of them to greet
 *     again (rule B2.9)
 * @param admission how many logins a host is given, and how many wait (rule B2.28)
 * @param readOnly whether and when a session goes on at a replica (rule B2.11)
 * @param patience what is done about a host that is late (rules B2.31, B2.33)
 */
public record SelectorSettings(
    GrowingPause coolDown,
    int maxAttemptsPerStore,
    Duration confirmWindow,
    Duration discoveryPatience,
    Duration probeLimit,
    GrowingPause retry,
    Duration waitForStore,
    AdmissionTerms admission,
    ReadOnlyFallback readOnly,
    Patience patience) {

  /** The same for each of so many front ends that begin logins at one store together. */
  public SelectorSettings among(int frontEnds) {
    AdmissionTerms whole = admission;
    return with(
        new AdmissionTerms(
            whole.learn(),
            whole.floor(),
            part(whole.perSecond(), frontEnds),
            part(whole.slowStart(), frontEnds),
            whole.waiting(),
            whole.patience()));
  }

  private static int part(int whole, int of) {
    return whole == 0 ? 0 : 1 + (whole - 1) / of;
  }

  /** Checks the bounds. */
  public SelectorSettings {
    if (maxAttemptsPerStore < 1) {
      throw new IllegalArgumentException("a store takes at least one attempt at a time");
    }
    if (confirmWindow.isNegative()
        || discoveryPatience.isNegative()
        || probeLimit.isNegative()
        || waitForStore.isNegative()) {
      throw new IllegalArgumentException("a time is not negative");
    }
  }

  /**
   * How many logins of a service a host of the group is given, and how many wait for it.
   *
   * @param learn whether fewer are given to a host that answers slowly or refuses temporarily
   * @param floor the fewest under way, and in a second, that are learnt; at least 1
   * @param perSecond the most that begin in a second; 0: as many as come
   * @param slowStart how many begin in the first second at a host that is back, or has become the
   *     master; twice as many in each further one; 0: as many as come
   * @param waiting the most of a group and service that wait, for a host or for a master
   * @param patience how long one waits for its turn at a host
   */
  public record AdmissionTerms(
      boolean learn, int floor, int perSecond, int slowStart, int waiting, Duration patience) {
    /** The documented defaults. */
    public static final AdmissionTerms DEFAULT =
        new AdmissionTerms(true, 8, 0, 50, 10_000, Duration.ofSeconds(25));

    /** Checks the bounds. */
    public AdmissionTerms {
      if (floor < 1 || perSecond < 0 || slowStart < 0 || waiting < 1 || patience.isNegative()) {
        throw new IllegalArgumentException("a host is given a login at least, and one may wait");
      }
    }

    /** Nothing is learnt, and nothing limits the logins of a second. */
    public static AdmissionTerms off() {
      return new AdmissionTerms(false, 1, 0, 0, DEFAULT.waiting(), DEFAULT.patience());
    }
  }

  /**
   * When a session goes on at a replica because no master is reached.
   *
   * @param enabled whether it ever does
   * @param after how long a login looks for a master before
   * @param reserve how long before its deadline it gives up looking even so
   */
  public record ReadOnlyFallback(boolean enabled, Duration after, Duration reserve) {
    /** Never. */
    public static ReadOnlyFallback off() {
      return new ReadOnlyFallback(false, Duration.ZERO, Duration.ZERO);
    }
  }

  /**
   * What a login does about a host that does not greet as soon as it usually does. It ends with the
   * limits for connect and greeting in any case.
   *
   * @param hedgePercent how many of the logins may begin a second connection, in percent; 0: none
   * @param hedgeAfter how long they wait for the first host at the least
   * @param givesUpEarly whether a host that takes ten times as long as it ever does is left
   * @param connectFloor how long a connect may take at the least before that
   * @param greetingFloor the same of a greeting
   */
  public record Patience(
      int hedgePercent,
      Duration hedgeAfter,
      boolean givesUpEarly,
      Duration connectFloor,
      Duration greetingFloor) {

    /** The documented defaults. */
    public static Patience defaults() {
      return new Patience(
          2, Duration.ofMillis(50), true, Duration.ofMillis(1_500), Duration.ofSeconds(1));
    }

    /** Waits for each host until the limits for connect and greeting. */
    public static Patience endless() {
      return new Patience(0, Duration.ZERO, false, Duration.ZERO, Duration.ZERO);
    }

    /** Whether anything is done before the limits. */
    boolean everEnds() {
      return hedgePercent > 0 || givesUpEarly;
    }
  }

  /** The documented defaults, those of a service with read-only fallback. */
  public static SelectorSettings defaults() {
    return new SelectorSettings(
        new GrowingPause(Duration.ofSeconds(5), Duration.ofSeconds(60)),
        64,
        Duration.ofMillis(100),
        Duration.ofSeconds(1),
        Duration.ofSeconds(7),
        new GrowingPause(Duration.ofMillis(500), Duration.ofSeconds(4)),
        Duration.ofSeconds(5),
        AdmissionTerms.DEFAULT,
        new ReadOnlyFallback(true, Duration.ofSeconds(10), Duration.ofSeconds(3)),
        Patience.defaults());
  }

  /** The same but for the read-only fallback. */
  public SelectorSettings with(ReadOnlyFallback other) {
    return new SelectorSettings(
        coolDown,
        maxAttemptsPerStore,
        confirmWindow,
        discoveryPatience,
        probeLimit,
        retry,
        waitForStore,
        admission,
        other,
        patience);
  }

  /** The same but for what is done about a host that is late. */
  public SelectorSettings with(Patience other) {
    return new SelectorSettings(
        coolDown,
        maxAttemptsPerStore,
        confirmWindow,
        discoveryPatience,
        probeLimit,
        retry,
        waitForStore,
        admission,
        readOnly,
        other);
  }

  /** The same but for how many logins a host is given. */
  public SelectorSettings with(AdmissionTerms other) {
    return new SelectorSettings(
        coolDown,
        maxAttemptsPerStore,
        confirmWindow,
        discoveryPatience,
        probeLimit,
        retry,
        waitForStore,
        other,
        readOnly,
        patience);
  }

  /** The same but for the number of attempts under way to one host. */
  public SelectorSettings withMaxAttemptsPerStore(int other) {
    return new SelectorSettings(
        coolDown,
        other,
        confirmWindow,
        discoveryPatience,
        probeLimit,
        retry,
        waitForStore,
        admission,
        readOnly,
        patience);
  }
}
