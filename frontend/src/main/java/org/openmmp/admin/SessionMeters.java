package org.openmmp.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
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
  private static final String RELAYING = "openmmp.sessions.relaying";
  private static final String READ_ONLY = "openmmp.logins.read.only";
  static final String AT_STORE = "openmmp.store.sessions";
  static final String AT_STORE_HELP =
      "Sessions logged in at a store, or connections for deliveries to it";
  private static final String LET_IN = "openmmp.store.logins";

  /** Those that stay as long as a session stands for them. */
  static final Set<String> OWN = Set.of(RELAYING, READ_ONLY, AT_STORE, LET_IN);

  private final Map<String, Counter> ends = new ConcurrentHashMap<>();
  private final AtomicLong open = new AtomicLong();
  private final MeterRegistry registry;
  private final Tags tags;
  private final KnownNames names;
  private final Map<String, PerGroup> groups = new ConcurrentHashMap<>();
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
    this.registry = registry;
    this.names = names;
    tags = Tags.of("service", service.name());
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
    otherGroup = new PerGroup(registry, tags.and("group", KnownNames.OTHER));
    followNames();
  }

  /**
   * Has meters of the groups and hosts that there are now, and none of others without a session.
   */
  void followNames() {
    for (String group : names.groups()) {
      groups.computeIfAbsent(group, name -> new PerGroup(registry, tags.and("group", name)));
    }
    groups.keySet().forEach(group -> groups.computeIfPresent(group, this::followed));
  }

  private @Nullable PerGroup followed(String group, PerGroup meters) {
    Set<String> hosts = names.hosts(group);
    for (String host : hosts) {
      meters.hosts.computeIfAbsent(
          host, name -> new PerHost(registry, meters.tags.and("host", name)));
    }
    for (Map.Entry<String, PerHost> each : List.copyOf(meters.hosts.entrySet())) {
      if (!hosts.contains(each.getKey()) && each.getValue().sessions.get() == 0) {
        meters.hosts.remove(each.getKey());
        forget(registry, meters.tags.and("host", each.getKey()), OWN::contains);
      }
    }
    if (meters.relaying.get() > 0 || names.groups().contains(group)) {
      return meters;
    }
    forget(registry, meters.tags, OWN::contains);
    return null;
  }

  /** Counts sessions in or out; a group or host that has left goes with its last session. */
  private void change(String group, String host, int more) {
    boolean[] counted = new boolean[1];
    groups.computeIfPresent(
        group,
        (name, meters) -> {
          counted[0] = true;
          boolean known = names.hosts(name).contains(host);
          meters.count(host, more);
          return known || more > 0 ? meters : followed(name, meters);
        });
    if (!counted[0]) {
      otherGroup.count(host, more);
    }
  }

  /** Takes meters with all of these tags out of the registry. */
  static void forget(MeterRegistry registry, Tags of, Predicate<String> named) {
    List<Tag> all = of.stream().toList();
    registry.getMeters().stream()
        .filter(meter -> named.test(meter.getId().getName()))
        .filter(meter -> meter.getId().getTags().containsAll(all))
        .forEach(registry::remove);
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
      change(group, host, 1);
      if (readOnly) {
        groups.getOrDefault(group, otherGroup).readOnly.increment();
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

  /** A session that is logged in goes on at another host. */
  public void moved(String fromGroup, String fromHost, String toGroup, String toHost) {
    change(fromGroup, fromHost, -1);
    change(toGroup, toHost, 1);
  }

  /**
   * A client that was let in has gone.
   *
   * @param acceptedGroup the group of its accepted login; null if it never logged in
   * @param host the host that had let it in; empty if none had
   * @param word why it ended, one of a few words if it had logged in
   */
  public void closed(
      @Nullable String acceptedGroup,
      String host,
      String word,
      long bytesToStore,
      long bytesToClient) {
    open.decrementAndGet();
    if (acceptedGroup != null) {
      change(acceptedGroup, host, -1);
      ends.computeIfAbsent(word, this::ended).increment();
    }
    fromClients.increment((double) bytesToStore);
    toClients.increment((double) bytesToClient);
  }

  private Counter ended(String word) {
    return counter(
        registry,
        "openmmp.sessions.ended",
        "Sessions that had logged in, by how they ended",
        tags.and("reason", word));
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
    private final Tags tags;
    private final AtomicLong relaying = new AtomicLong();
    private final Counter readOnly;
    private final Map<String, PerHost> hosts = new ConcurrentHashMap<>();
    private final PerHost otherHost;

    PerGroup(MeterRegistry registry, Tags tags) {
      this.tags = tags;
      otherHost = new PerHost(registry, tags.and("host", KnownNames.OTHER));
      gauge(registry, RELAYING, "Sessions logged in", tags, relaying);
      readOnly =
          counter(
              registry, READ_ONLY, "Logins that stay on a replica while there is no master", tags);
    }

    void count(String host, int more) {
      relaying.addAndGet(more);
      PerHost its = hosts.getOrDefault(host, otherHost);
      its.sessions.addAndGet(more);
      if (more > 0) {
        its.logins.increment();
      }
    }
  }

  /** What is counted by the host that let clients in. */
  private static final class PerHost {
    private final AtomicLong sessions = new AtomicLong();
    private final Counter logins;

    PerHost(MeterRegistry registry, Tags tags) {
      gauge(registry, AT_STORE, AT_STORE_HELP, tags, sessions);
      logins = counter(registry, LET_IN, "Logins that a store let in", tags);
    }
  }
}
