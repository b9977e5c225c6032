package org.openmmp.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.Service;

/**
 * The meters of a service that delivers.
 *
 * @param <P> what a delivery spends its time in
 * @param <A> what may become of a recipient
 */
public final class DeliveryMeters<P extends Enum<P>, A extends Enum<A>> {
  private final AtomicLong open = new AtomicLong();
  private final MeterRegistry registry;
  private final Tags tags;
  private final KnownNames names;
  private final Class<A> answers;
  private final Map<String, EnumCounters<A>> groups = new ConcurrentHashMap<>();
  private final Map<String, Counter> missing = new ConcurrentHashMap<>();
  private final Map<String, Counter> turnedAway = new ConcurrentHashMap<>();
  private final Map<String, Counter> full = new ConcurrentHashMap<>();
  private final EnumCounters<A> otherGroup;

  /** By group and host. */
  private final Map<Map.Entry<String, String>, AtomicLong> atStores = new ConcurrentHashMap<>();

  private final AtomicLong atOtherStores;
  private final EnumMap<P, Timer> phases;
  private final Counter begun;
  private final Timer transactions;
  private final Counter bytes;
  private final Counter hops;

  DeliveryMeters(
      MeterRegistry registry,
      Service service,
      KnownNames names,
      Class<P> phaseNames,
      Class<A> answers) {
    this.registry = registry;
    this.names = names;
    this.answers = answers;
    tags = Tags.of("service", service.name());
    SessionMeters.gauge(registry, "openmmp.sessions.open", "Clients connected", tags, open);
    begun = SessionMeters.counter(registry, "openmmp.sessions", "Clients let in", tags);
    otherGroup = answers(registry, tags.and("group", KnownNames.OTHER), answers);
    transactions =
        SessionMeters.timer(
            registry, "openmmp.transaction", "Transaction time, from MAIL to the end", tags);
    phases = new EnumMap<>(phaseNames);
    for (P phase : phaseNames.getEnumConstants()) {
      Tags phaseTags = tags.and("phase", Explanation.word(phase));
      phases.put(
          phase,
          SessionMeters.timer(
              registry, "openmmp.delivery.phase", "Time at stores by phase", phaseTags));
    }
    bytes =
        SessionMeters.counter(registry, "openmmp.message.bytes", "Octets of messages taken", tags);
    hops =
        SessionMeters.counter(
            registry, "openmmp.delivery.hops", "Referrals followed by deliveries", tags);
    atOtherStores = gaugeAt(Map.entry(KnownNames.OTHER, KnownNames.OTHER));
    followNames();
  }

  /** Has meters of the groups that there are now, and none of others. */
  void followNames() {
    Set<String> now = names.groups();
    for (String group : now) {
      Tags its = tags.and("group", group);
      names
          .hosts(group)
          .forEach(host -> atStores.computeIfAbsent(Map.entry(group, host), this::gaugeAt));
      groups.computeIfAbsent(group, name -> answers(registry, its, answers));
      missing.computeIfAbsent(
          group,
          name ->
              SessionMeters.counter(
                  registry,
                  "openmmp.mailboxes.missing",
                  "Mailboxes that a store denies having, though it took mail for them before",
                  its));
      turnedAway.computeIfAbsent(
          group,
          name ->
              SessionMeters.counter(
                  registry,
                  "openmmp.recipients.turned.away",
                  "Recipients put off at once, for too many deliveries wait for their group",
                  its));
      full.computeIfAbsent(
          group,
          name ->
              SessionMeters.counter(
                  registry,
                  "openmmp.store.full",
                  "New connections that a store turned away while it answered others",
                  its));
    }
    List.copyOf(atStores.keySet()).forEach(this::forgetIfLeft);
    for (String group : List.copyOf(groups.keySet())) {
      if (!now.contains(group)) {
        groups.remove(group);
        missing.remove(group);
        turnedAway.remove(group);
        full.remove(group);
        SessionMeters.forget(
            registry, tags.and("group", group), name -> !SessionMeters.OWN.contains(name));
      }
    }
  }

  /**
   * A connection for deliveries to a store stands.
   *
   * @return to be run once, when it does no more
   */
  public Runnable connected(String group, String host) {
    Map.Entry<String, String> place = Map.entry(group, host);
    AtomicLong count = atStores.getOrDefault(place, atOtherStores);
    count.incrementAndGet();
    return () -> {
      count.decrementAndGet();
      forgetIfLeft(place);
    };
  }

  /** A host that has left the configuration goes with its last connection. */
  private void forgetIfLeft(Map.Entry<String, String> place) {
    atStores.computeIfPresent(
        place,
        (same, count) -> {
          if (count.get() > 0 || names.hosts(place.getKey()).contains(place.getValue())) {
            return count;
          }
          SessionMeters.forget(registry, tagsOf(place), SessionMeters.AT_STORE::equals);
          return null;
        });
  }

  private Tags tagsOf(Map.Entry<String, String> place) {
    return tags.and("group", place.getKey(), "host", place.getValue());
  }

  private AtomicLong gaugeAt(Map.Entry<String, String> place) {
    AtomicLong count = new AtomicLong();
    SessionMeters.gauge(
        registry, SessionMeters.AT_STORE, SessionMeters.AT_STORE_HELP, tagsOf(place), count);
    return count;
  }

  /** Adds the connections for deliveries to the sessions at each host that has any. */
  void addConnections(Map<String, Long> byHost) {
    atStores.forEach(
        (place, count) -> {
          if (count.get() != 0) {
            byHost.merge(place.getValue(), count.get(), Long::sum);
          }
        });
  }

  private static <A extends Enum<A>> EnumCounters<A> answers(
      MeterRegistry registry, Tags tags, Class<A> answers) {
    return new EnumCounters<>(
        registry, "openmmp.recipients", "Recipients by last answer", tags, "answer", answers);
  }

  long open() {
    return open.get();
  }

  Map<P, Timer> phases() {
    return phases;
  }

  /** Adds the recipients of all groups to those of each answer. */
  void addRecipients(Map<String, Long> byAnswer) {
    groups.values().forEach(group -> add(byAnswer, group));
    add(byAnswer, otherGroup);
  }

  private static void add(Map<String, Long> byAnswer, EnumCounters<?> answers) {
    answers.counts().forEach((answer, count) -> byAnswer.merge(answer, count, Long::sum));
  }

  /** A client was let in. */
  public void opened() {
    open.incrementAndGet();
    begun.increment();
  }

  /** A client that was let in has gone. */
  public void closed() {
    open.decrementAndGet();
  }

  /** A transaction has ended. */
  public void transactionEnded(long octets, long nanos) {
    bytes.increment((double) octets);
    transactions.record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * A group's part in a transaction has ended.
   *
   * @param hopsFollowed referrals followed
   * @param spentNanos what it spent its time in; only phases that took time
   */
  public void deliveryEnded(int hopsFollowed, Map<P, Long> spentNanos) {
    hops.increment(hopsFollowed);
    spentNanos.forEach(
        (phase, nanos) ->
            Objects.requireNonNull(phases.get(phase)).record(nanos, TimeUnit.NANOSECONDS));
  }

  /**
   * Nothing more becomes of a recipient.
   *
   * @param group the group it was routed to, empty if it came to none
   */
  public void recipientEnded(String group, A answer) {
    groups.getOrDefault(group, otherGroup).count(answer);
  }

  /** A store denied having a mailbox that it took mail for before. */
  public void mailboxMissing(String group) {
    count(missing.get(group));
  }

  /** A recipient was put off, for too many deliveries wait for the stores of its group. */
  public void turnedAway(String group) {
    count(turnedAway.get(group));
  }

  /** A store turned a new connection away while it answered others. */
  public void storeFull(String group) {
    count(full.get(group));
  }

  private static void count(@Nullable Counter counter) {
    if (counter != null) {
      counter.increment();
    }
  }
}
