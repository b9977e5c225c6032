package org.openmmp.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.Service;

/**
 * The meters of one service's sessions.
 *
 * @param <F> why a login may fail
 * @param <P> what a login spends its time in
 */
public final class SessionMeters<F extends Enum<F>, P extends Enum<P>> {
  private static final String ACCEPTED = "accepted";

  private final AtomicLong open = new AtomicLong();
  private final Map<String, PerGroup> groups = new HashMap<>();
  private final PerGroup otherGroup;
  private final Counter begun;
  private final Counter accepted;
  private final EnumCounters<F> failed;
  private final EnumMap<P, Timer> phases;
  private final Timer whole;
  private final Counter hops;
  private final Counter fromClients;
  private final Counter toClients;

  SessionMeters(
      MeterRegistry registry,
      Service service,
      KnownNames names,
      Class<F> failures,
      Class<P> phaseNames) {
    Tags tags = Tags.of("service", service.name());
    gauge(registry, "openmmp.sessions.open", "Clients connected", tags, open);
    begun = counter(registry, "openmmp.sessions", "Clients let in", tags);
    String logins = "openmmp.logins";
    String loginsHelp = "Logins answered, by outcome";
    accepted = counter(registry, logins, loginsHelp, tags.and("outcome", ACCEPTED));
    failed = new EnumCounters<>(registry, logins, loginsHelp, tags, "outcome", failures);
    whole = timer(registry, "openmmp.login", "Login time, from the command to the answer", tags);
    phases = new EnumMap<>(phaseNames);
    for (P phase : phaseNames.getEnumConstants()) {
      Tags phaseTags = tags.and("phase", Explanation.word(phase));
      phases.put(phase, timer(registry, "openmmp.login.phase", "Login time by phase", phaseTags));
    }
    hops = counter(registry, "openmmp.referral.hops", "Referrals followed by logins", tags);
    String bytes = "openmmp.bytes";
    String bytesHelp = "Octets relayed after login";
    fromClients = counter(registry, bytes, bytesHelp, tags.and("direction", "to-store"));
    toClients = counter(registry, bytes, bytesHelp, tags.and("direction", "to-client"));
    for (String group : names.groups()) {
      groups.put(group, new PerGroup(registry, tags.and("group", group)));
    }
    otherGroup = new PerGroup(registry, tags.and("group", KnownNames.OTHER));
  }

  /** A client was let in. */
  public void opened() {
    open.incrementAndGet();
    begun.increment();
  }

  /**
   * A login was answered.
   *
   * @param failure null if it was accepted
   * @param group the group it was routed to, empty if it came to none
   * @param hopsFollowed referrals followed
   * @param readOnly whether it stays on a replica while there is no master
   * @param spentNanos what it spent its time in; only phases that took time
   */
  public void loginEnded(
      @Nullable F failure,
      String group,
      int hopsFollowed,
      boolean readOnly,
      Map<P, Long> spentNanos) {
    if (failure != null) {
      failed.count(failure);
    } else {
      accepted.increment();
      PerGroup meters = of(group);
      meters.relaying.incrementAndGet();
      if (readOnly) {
        meters.readOnly.increment();
      }
    }
    if (hopsFollowed > 0) {
      hops.increment(hopsFollowed);
    }
    long sum = 0;
    for (Map.Entry<P, Long> phase : spentNanos.entrySet()) {
      Objects.requireNonNull(phases.get(phase.getKey()))
          .record(phase.getValue(), TimeUnit.NANOSECONDS);
      sum += phase.getValue();
    }
    whole.record(sum, TimeUnit.NANOSECONDS);
  }

  /**
   * A client that was let in has gone.
   *
   * @param acceptedGroup the group of its accepted login; null if it never logged in
   */
  public void closed(@Nullable String acceptedGroup, long bytesToStore, long bytesToClient) {
    open.decrementAndGet();
    if (acceptedGroup != null) {
      of(acceptedGroup).relaying.decrementAndGet();
    }
    fromClients.increment((double) bytesToStore);
    toClients.increment((double) bytesToClient);
  }

  private PerGroup of(String group) {
    return groups.getOrDefault(group, otherGroup);
  }

  /** Buckets from a cached login on a fast network to the login deadline. */
  static Timer timer(MeterRegistry registry, String name, String help, Tags tags) {
    return Timer.builder(name)
        .description(help)
        .tags(tags)
        .serviceLevelObjectives(
            Duration.ofMillis(1),
            Duration.ofMillis(3),
            Duration.ofMillis(10),
            Duration.ofMillis(30),
            Duration.ofMillis(100),
            Duration.ofMillis(300),
            Duration.ofSeconds(1),
            Duration.ofSeconds(3),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30))
        .register(registry);
  }

  static Counter counter(MeterRegistry registry, String name, String help, Tags tags) {
    return Counter.builder(name).description(help).tags(tags).register(registry);
  }

  static void gauge(MeterRegistry registry, String name, String help, Tags tags, AtomicLong value) {
    Gauge.builder(name, value, AtomicLong::get)
        .description(help)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  /** What is counted by group. */
  private static final class PerGroup {
    private final AtomicLong relaying = new AtomicLong();
    private final Counter readOnly;

    PerGroup(MeterRegistry registry, Tags tags) {
      gauge(registry, "openmmp.sessions.relaying", "Sessions logged in", tags, relaying);
      readOnly =
          counter(
              registry,
              "openmmp.logins.read.only",
              "Logins that stay on a replica while there is no master",
              tags);
    }
  }
}
