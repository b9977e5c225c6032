package org.openmmp.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
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
  private static final String CLIENT = "client";

  private final AtomicLong open = new AtomicLong();
  private final Map<String, PerGroup> groups = new HashMap<>();
  private final PerGroup otherGroup;
  private final Counter begun;
  private final Counter accepted;
  private final EnumCounters<F> failed;
  private final EnumMap<F, Counter> causes;
  private final List<String> refusals = new ArrayList<>();
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
      Class<P> phaseNames,
      Function<F, ? extends Enum<?>> cause) {
    Tags tags = Tags.of("service", service.name());
    gauge(registry, "openmmp.sessions.open", "Clients connected", tags, open);
    begun = counter(registry, "openmmp.sessions", "Clients let in", tags);
    String logins = "openmmp.logins";
    String loginsHelp = "Logins answered, by outcome";
    accepted = counter(registry, logins, loginsHelp, tags.and("outcome", ACCEPTED));
    failed = new EnumCounters<>(registry, logins, loginsHelp, tags, "outcome", failures);
    causes = new EnumMap<>(failures);
    for (F failure : failures.getEnumConstants()) {
      String word = Explanation.word(cause.apply(failure));
      causes.put(
          failure,
          counter(
              registry,
              "openmmp.login.failures",
              "Logins that were not accepted, by whose doing it was",
              tags.and("cause", word)));
      if (word.equals(CLIENT)) {
        refusals.add(Explanation.word(failure));
      }
    }
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
      groups.put(group, new PerGroup(registry, tags.and("group", group), names.hosts(group)));
    }
    otherGroup = new PerGroup(registry, tags.and("group", KnownNames.OTHER), Set.of());
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
   * @param host the host that let it in; empty if none did
   * @param hopsFollowed referrals followed
   * @param readOnly whether it stays on a replica while there is no master
   * @param spentNanos what it spent its time in; only phases that took time
   */
  public void loginEnded(
      @Nullable F failure,
      String group,
      String host,
      int hopsFollowed,
      boolean readOnly,
      Map<P, Long> spentNanos) {
    if (failure != null) {
      failed.count(failure);
      Objects.requireNonNull(causes.get(failure)).increment();
    } else {
      accepted.increment();
      PerGroup meters = of(group);
      meters.relaying.incrementAndGet();
      meters.host(host).loggedIn();
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
   * @param host the host that had let it in; empty if none had
   */
  public void closed(
      @Nullable String acceptedGroup, String host, long bytesToStore, long bytesToClient) {
    open.decrementAndGet();
    if (acceptedGroup != null) {
      PerGroup meters = of(acceptedGroup);
      meters.relaying.decrementAndGet();
      meters.host(host).sessions.decrementAndGet();
    }
    fromClients.increment((double) bytesToStore);
    toClients.increment((double) bytesToClient);
  }

  long open() {
    return open.get();
  }

  /** Logins so far by outcome. */
  Map<String, Long> logins() {
    Map<String, Long> logins = new LinkedHashMap<>();
    logins.put(ACCEPTED, (long) accepted.count());
    logins.putAll(failed.counts());
    return logins;
  }

  Map<P, Timer> phases() {
    return phases;
  }

  /** The words of failures that are the user's own. */
  List<String> refusals() {
    return refusals;
  }

  /** Adds the sessions that are logged in now to those of each host that has any. */
  void addSessions(Map<String, Long> byHost) {
    for (PerGroup group : groups.values()) {
      group.hosts.forEach(
          (host, meters) -> {
            long sessions = meters.sessions.get();
            if (sessions != 0) {
              byHost.merge(host, sessions, Long::sum);
            }
          });
    }
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
    private final Map<String, PerHost> hosts = new HashMap<>();
    private final PerHost otherHost;

    PerGroup(MeterRegistry registry, Tags tags, Set<String> hostNames) {
      hostNames.forEach(host -> hosts.put(host, new PerHost(registry, tags.and("host", host))));
      otherHost = new PerHost(registry, tags.and("host", KnownNames.OTHER));
      gauge(registry, "openmmp.sessions.relaying", "Sessions logged in", tags, relaying);
      readOnly =
          counter(
              registry,
              "openmmp.logins.read.only",
              "Logins that stay on a replica while there is no master",
              tags);
    }

    PerHost host(String name) {
      return hosts.getOrDefault(name, otherHost);
    }
  }

  /** What is counted by the host that let clients in. */
  private static final class PerHost {
    private final AtomicLong sessions = new AtomicLong();
    private final Counter logins;

    PerHost(MeterRegistry registry, Tags tags) {
      gauge(registry, "openmmp.store.sessions", "Sessions logged in at a store", tags, sessions);
      logins = counter(registry, "openmmp.store.logins", "Logins that a store let in", tags);
    }

    void loggedIn() {
      sessions.incrementAndGet();
      logins.increment();
    }
  }
}
