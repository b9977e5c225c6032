package org.openmmp.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
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
import java.util.concurrent.atomic.AtomicLongArray;
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

  /** Stands for groups for which nobody came yet. */
  private static final PerGroup NOBODY = new PerGroup();

  private final Map<String, Counter> ends = new ConcurrentHashMap<>();
  private final AtomicLong open = new AtomicLong();
  private final MeterRegistry registry;
  private final Tags tags;
  private final String service;
  private final KnownNames names;
  private final Map<String, PerGroup> groups = new ConcurrentHashMap<>();
  private final PerGroup otherGroup = new PerGroup();
  private final Counter begun;
  private final Counter accepted;
  private final EnumCounters<F> failed;
  private final EnumMap<F, Counter> causes;
  private final List<String> refusals = new ArrayList<>();
  private final P[] inOrder;
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
    this.service = service.name();
    tags = Tags.of("service", this.service);
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
    inOrder = phaseNames.getEnumConstants();
    phases = new EnumMap<>(phaseNames);
    for (P phase : inOrder) {
      Tags phaseTags = tags.and("phase", Explanation.word(phase));
      phases.put(phase, timer(registry, "openmmp.login.phase", "Login time by phase", phaseTags));
    }
    hops = counter(registry, "openmmp.referral.hops", "Referrals followed by logins", tags);
    String bytes = "openmmp.bytes";
    String bytesHelp = "Octets relayed after login";
    fromClients = counter(registry, bytes, bytesHelp, tags.and("direction", "to-store"));
    toClients = counter(registry, bytes, bytesHelp, tags.and("direction", "to-client"));
  }

  /** Forgets groups and hosts that are no more, once no session stands for them. */
  void followNames() {
    groups.keySet().forEach(group -> groups.computeIfPresent(group, this::followed));
  }

  private @Nullable PerGroup followed(String group, PerGroup meters) {
    Set<String> hosts = names.hosts(group);
    meters
        .hosts
        .entrySet()
        .removeIf(each -> !hosts.contains(each.getKey()) && each.getValue().get(0) == 0);
    return meters.relaying.get() > 0 || names.has(group) ? meters : null;
  }

  /** Counts sessions in or out; a group or host that has left goes with its last session. */
  private PerGroup change(String group, String host, int more) {
    PerGroup[] counted = {otherGroup};
    groups.compute(
        group,
        (name, known) -> {
          PerGroup meters = known == null && more > 0 && names.has(name) ? new PerGroup() : known;
          if (meters == null) {
            return null;
          }
          counted[0] = meters;
          boolean listed = names.hosts(name).contains(host);
          meters.count(host, listed, more);
          return listed || more > 0 ? meters : followed(name, meters);
        });
    if (counted[0] == otherGroup) {
      otherGroup.count(host, false, more);
    }
    return counted[0];
  }

  /** Tells of each group. */
  void tell(GroupPage page) {
    if (page.ofMany()) {
      NOBODY.tell(page, service, GroupPage.REST, Set.of(GroupPage.REST));
    } else {
      for (String group : names.groups()) {
        if (page.alone(group) && !groups.containsKey(group)) {
          NOBODY.tell(page, service, group, names.hosts(group));
        }
      }
    }
    groups.forEach((group, meters) -> meters.tell(page, service, group, names.hosts(group)));
    otherGroup.tell(page, service, KnownNames.OTHER, Set.of());
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
      PerGroup its = change(group, host, 1);
      if (readOnly) {
        its.readOnly.incrementAndGet();
      }
    }
    if (hopsFollowed > 0) {
      hops.increment(hopsFollowed);
    }
    long sum = 0;
    for (P phase : inOrder) {
      Long nanos = spentNanos.get(phase);
      if (nanos != null) {
        Objects.requireNonNull(phases.get(phase)).record(nanos, TimeUnit.NANOSECONDS);
        sum += nanos;
      }
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
            long sessions = meters.get(0);
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
    private final AtomicLong relaying = new AtomicLong();
    private final AtomicLong readOnly = new AtomicLong();

    /** By host: sessions, logins. */
    private final Map<String, AtomicLongArray> hosts = new ConcurrentHashMap<>(4);

    /** Counts at that host, or among those that the group does not list. */
    void count(String host, boolean listed, int more) {
      relaying.addAndGet(more);
      AtomicLongArray known = hosts.get(host); // it may have been listed when the session began
      AtomicLongArray its =
          known != null
              ? known
              : hosts.computeIfAbsent(
                  listed ? host : KnownNames.OTHER, any -> new AtomicLongArray(2));
      its.addAndGet(0, more);
      if (more > 0) {
        its.incrementAndGet(1);
      }
    }

    void tell(GroupPage page, String service, String group, Set<String> listed) {
      page.add(GroupMetric.SESSIONS_RELAYING, service, group, relaying.get());
      page.add(GroupMetric.LOGINS_READ_ONLY, service, group, readOnly.get());
      if (page.alone(group) || this == NOBODY) {
        for (String host : listed) {
          if (!hosts.containsKey(host)) {
            page.add(GroupMetric.STORE_SESSIONS, service, group, host, "", 0);
            page.add(GroupMetric.STORE_LOGINS, service, group, host, "", 0);
          }
        }
      }
      hosts.forEach(
          (host, its) -> {
            page.add(GroupMetric.STORE_SESSIONS, service, group, host, "", its.get(0));
            page.add(GroupMetric.STORE_LOGINS, service, group, host, "", its.get(1));
          });
    }
  }
}
