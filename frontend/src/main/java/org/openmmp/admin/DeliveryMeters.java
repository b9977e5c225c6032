package org.openmmp.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.openmmp.repgroup.Service;

/**
 * The meters of a service that delivers.
 *
 * @param <P> what a delivery spends its time in
 * @param <A> what may become of a recipient
 */
@SuppressWarnings("EnumOrdinal") // arrays: thousands of groups count so
public final class DeliveryMeters<P extends Enum<P>, A extends Enum<A>> {
  private static final List<GroupMetric> FURTHER =
      List.of(
          GroupMetric.MAILBOXES_MISSING,
          GroupMetric.RECIPIENTS_TURNED_AWAY,
          GroupMetric.STORE_FULL);

  private final AtomicLong open = new AtomicLong();
  private final String service;
  private final KnownNames names;
  private final Class<A> answers;

  /** By group: each answer by its ordinal, and behind them what {@link #FURTHER} lists. */
  private final Map<String, AtomicLongArray> groups = new ConcurrentHashMap<>();

  private final AtomicLongArray otherGroup;

  /** By group and host. */
  private final Map<Map.Entry<String, String>, AtomicLong> atStores = new ConcurrentHashMap<>();

  private final AtomicLong atOtherStores = new AtomicLong();
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
    this.names = names;
    this.answers = answers;
    this.service = service.name();
    Tags tags = Tags.of("service", this.service);
    SessionMeters.gauge(registry, "openmmp.sessions.open", "Clients connected", tags, open);
    begun = SessionMeters.counter(registry, "openmmp.sessions", "Clients let in", tags);
    otherGroup = counts();
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
  }

  /** Forgets groups that are no more, and hosts once no connection stands there. */
  void followNames() {
    groups.keySet().removeIf(group -> !names.has(group));
    atStores.keySet().forEach(this::forgetIfLeft);
  }

  /** Tells of each group. */
  void tell(GroupPage page) {
    AtomicLongArray nothing = counts();
    if (page.ofMany()) {
      tell(page, GroupPage.REST, nothing);
      page.add(GroupMetric.STORE_SESSIONS, service, GroupPage.REST, GroupPage.REST, "", 0);
    } else {
      for (String group : names.groups()) {
        if (page.alone(group)) {
          tellUnused(page, group, nothing);
        }
      }
    }
    groups.forEach((group, its) -> tell(page, group, its));
    tell(page, KnownNames.OTHER, otherGroup);
    atStores.forEach((place, count) -> tellAt(page, place.getKey(), place.getValue(), count.get()));
    tellAt(page, KnownNames.OTHER, KnownNames.OTHER, atOtherStores.get());
  }

  private void tellUnused(GroupPage page, String group, AtomicLongArray nothing) {
    if (!groups.containsKey(group)) {
      tell(page, group, nothing);
    }
    for (String host : names.hosts(group)) {
      if (!atStores.containsKey(Map.entry(group, host))) {
        tellAt(page, group, host, 0);
      }
    }
  }

  private void tellAt(GroupPage page, String group, String host, long connections) {
    page.add(GroupMetric.STORE_SESSIONS, service, group, host, "", connections);
  }

  private void tell(GroupPage page, String group, AtomicLongArray its) {
    for (A answer : answers.getEnumConstants()) {
      long count = its.get(answer.ordinal());
      String word = Explanation.word(answer);
      page.add(GroupMetric.RECIPIENTS, service, group, "", word, count);
    }
    if (its != otherGroup) {
      for (int i = 0; i < FURTHER.size(); i++) {
        page.add(FURTHER.get(i), service, group, its.get(answers.getEnumConstants().length + i));
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
    boolean known = names.hosts(group).contains(host);
    AtomicLong counted =
        atStores.compute(
            place,
            (same, count) -> {
              AtomicLong its = count == null && known ? new AtomicLong() : count;
              if (its != null) {
                its.incrementAndGet();
              }
              return its;
            });
    if (counted == null) {
      atOtherStores.incrementAndGet();
    }
    AtomicLong count = counted == null ? atOtherStores : counted;
    return () -> {
      count.decrementAndGet();
      forgetIfLeft(place);
    };
  }

  /** A host that has left the configuration goes with its last connection. */
  private void forgetIfLeft(Map.Entry<String, String> place) {
    atStores.computeIfPresent(
        place,
        (same, count) ->
            count.get() > 0 || names.hosts(place.getKey()).contains(place.getValue())
                ? count
                : null);
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

  private void add(Map<String, Long> byAnswer, AtomicLongArray its) {
    for (A answer : answers.getEnumConstants()) {
      byAnswer.merge(Explanation.word(answer), its.get(answer.ordinal()), Long::sum);
    }
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
    of(group).incrementAndGet(answer.ordinal());
  }

  /** A store denied having a mailbox that it took mail for before. */
  public void mailboxMissing(String group) {
    count(group, GroupMetric.MAILBOXES_MISSING);
  }

  /** A recipient was put off, for too many deliveries wait for the stores of its group. */
  public void turnedAway(String group) {
    count(group, GroupMetric.RECIPIENTS_TURNED_AWAY);
  }

  /** A store turned a new connection away while it answered others. */
  public void storeFull(String group) {
    count(group, GroupMetric.STORE_FULL);
  }

  private void count(String group, GroupMetric further) {
    of(group).incrementAndGet(answers.getEnumConstants().length + FURTHER.indexOf(further));
  }

  private AtomicLongArray counts() {
    return new AtomicLongArray(answers.getEnumConstants().length + FURTHER.size());
  }

  private AtomicLongArray of(String group) {
    AtomicLongArray known = groups.get(group);
    if (known != null || !names.has(group)) {
      return known == null ? otherGroup : known;
    }
    return groups.computeIfAbsent(group, first -> counts());
  }
}
