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
 * @param readOnly whether and when a session goes on at a replica (rule B2.11)
 */
public record SelectorSettings(
    GrowingPause coolDown,
    int maxAttemptsPerStore,
    Duration confirmWindow,
    Duration discoveryPatience,
    Duration probeLimit,
    GrowingPause retry,
    Duration waitForStore,
    ReadOnlyFallback readOnly) {

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
        new ReadOnlyFallback(true, Duration.ofSeconds(10), Duration.ofSeconds(3)));
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
        other);
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
        readOnly);
  }
}
