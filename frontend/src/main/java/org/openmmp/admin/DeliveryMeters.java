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
  private final EnumCounters<A> otherGroup;
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
    followNames();
  }

  /** Has meters of the groups that there are now, and none of others. */
  void followNames() {
    Set<String> now = names.groups();
    for (String group : now) {
      Tags its = tags.and("group", group);
      groups.computeIfAbsent(group, name -> answers(registry, its, answers));
      missing.computeIfAbsent(
          group,
          name ->
              SessionMeters.counter(
                  registry,
                  "openmmp.mailboxes.missing",
                  "Mailboxes that a store denies having, though it took mail for them before",
                  its));
    }
    for (String group : List.copyOf(groups.keySet())) {
      if (!now.contains(group)) {
        groups.remove(group);
        missing.remove(group);
        SessionMeters.forget(
            registry, tags.and("group", group), name -> !SessionMeters.OWN.contains(name));
      }
    }
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
    Counter counter = missing.get(group);
    if (counter != null) {
      counter.increment();
    }
  }
}
