package org.openmmp.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.Service;

/**
 * The meters of one front end (rule B8.3), in one registry of its own.
 *
 * <p>Labels name service, group, host, outcome and phase, all from the program or its
 * configuration: never a user, a client or a name that a peer chose. Meters are resolved once;
 * counting takes no lock and looks nothing up by name in the registry.
 */
public final class Metrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collector = new JvmGcMetrics();
  private final SelectionMeters selection;
  private final DirectoryMeters directory;
  private final KnownNames names;
  private final Map<String, SessionMeters<?, ?>> sessions = new ConcurrentSkipListMap<>();
  private final Map<String, DeliveryMeters<?, ?>> deliveries = new ConcurrentSkipListMap<>();
  private final Map<String, MoveMeters<?>> moves = new ConcurrentSkipListMap<>();
  private final List<Runnable> followers = new CopyOnWriteArrayList<>();
  private final Map<String, MultiGauge> several = new ConcurrentHashMap<>();
  private final IntSupplier mostByThemselves;
  private final Map<GroupMetric, ToDoubleFunction<String>> states =
      new EnumMap<>(GroupMetric.class);
  private volatile Map<String, Map<String, Integer>> movable = Map.of();

  /**
   * Begins to count, the process' own memory, threads and collections included.
   *
   * @param groups the configured groups, whose names and hosts' names become labels
   * @param mostByThemselves up to how many groups there are series of each; of more one series
   *     tells of all
   */
  public Metrics(Collection<ReplicationGroup> groups, IntSupplier mostByThemselves) {
    this.mostByThemselves = mostByThemselves;
    // Prometheus has a name of its own for one, and takes the other for a part of a histogram.
    registry
        .config()
        .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
        .meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
    names = new KnownNames(groups);
    selection = new SelectionMeters(registry, names);
    directory = new DirectoryMeters(registry);
    collector.bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    counter("process.cpu.seconds", "Processor time of this process", Metrics::cpuSeconds);
    gauge(
        "openmmp.processors",
        "Processors that this process may use",
        () -> Runtime.getRuntime().availableProcessors());
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  private static double cpuSeconds() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime() / 1e9
        : Double.NaN;
  }

  /** All meters in Prometheus' text format. */
  public String scrape() {
    int most = mostByThemselves.getAsInt();
    boolean few = names.groups().size() <= most;
    return registry.scrape() + groups(few ? GroupPage.ofEach() : GroupPage.ofMany(most));
  }

  /** Of the meters that name a group those of these groups alone, each by itself. */
  public String scrape(Set<String> groups) {
    return groups(GroupPage.of(groups));
  }

  private String groups(GroupPage page) {
    selection.tell(page);
    sessions.values().forEach(each -> each.tell(page));
    deliveries.values().forEach(each -> each.tell(page));
    for (String group : names.groups()) {
      if (page.alone(group) || page.ofMany()) {
        states.forEach((metric, value) -> page.add(metric, "", group, value.applyAsDouble(group)));
      }
    }
    movable.forEach(
        (group, counts) -> {
          String label = names.group(group);
          page.add(GroupMetric.SESSIONS_MOVABLE, "", label, counts.getOrDefault("", 0));
          counts.forEach(
              (why, count) -> {
                if (!why.isEmpty()) {
                  page.add(GroupMetric.SESSIONS_IMMOVABLE, "", label, "", why, count);
                }
              });
        });
    return page.text();
  }

  /**
   * Logins and the time that they took.
   *
   * @param seconds all of them together
   */
  public record Spent(long count, double seconds) {
    /** No login yet. */
    public static final Spent NOTHING = new Spent(0, 0);
  }

  /** Logins answered up to now, by service and outcome with a space between. */
  public Map<String, Double> logins() {
    Map<String, Double> all = new TreeMap<>();
    for (Counter each : registry.find("openmmp.logins").counters()) {
      all.put(each.getId().getTag("service") + " " + each.getId().getTag("outcome"), each.count());
    }
    return all;
  }

  /** What logins spent their time in up to now, by service and phase with a space between. */
  public Map<String, Spent> phases() {
    Map<String, Spent> all = new TreeMap<>();
    for (Timer each : registry.find("openmmp.login.phase").timers()) {
      all.put(
          each.getId().getTag("service") + " " + each.getId().getTag("phase"),
          new Spent(each.count(), each.totalTime(TimeUnit.SECONDS)));
    }
    return all;
  }

  /** Counts what selection decides. */
  public SelectionListener selection() {
    return selection;
  }

  /** Counts what the directory does. */
  public DirectoryListener directory() {
    return directory;
  }

  /**
   * The meters of one service's sessions; ask once for each service.
   *
   * @param failures why a login may fail
   * @param phases what a login spends its time in
   * @param cause whose doing a failure is; {@code CLIENT}: the user's own
   */
  public <F extends Enum<F>, P extends Enum<P>> SessionMeters<F, P> sessions(
      Service service, Class<F> failures, Class<P> phases, Function<F, ? extends Enum<?>> cause) {
    SessionMeters<F, P> made =
        new SessionMeters<>(registry, service, names, failures, phases, cause);
    sessions.put(service.name(), made);
    followers.add(made::followNames);
    return made;
  }

  /**
   * The meters of a service that delivers; ask once for each service.
   *
   * @param phases what a delivery spends its time in
   * @param answers what may become of a recipient
   */
  public <P extends Enum<P>, A extends Enum<A>> DeliveryMeters<P, A> deliveries(
      Service service, Class<P> phases, Class<A> answers) {
    DeliveryMeters<P, A> made = new DeliveryMeters<>(registry, service, names, phases, answers);
    deliveries.put(service.name(), made);
    followers.add(made::followNames);
    return made;
  }

  /** The services that are counted. */
  public List<String> services() {
    return Stream.of(sessions.keySet(), deliveries.keySet()).flatMap(Set::stream).toList();
  }

  /** The words of login failures that are the user's own, such as a wrong password. */
  public List<String> refusals() {
    return sessions.values().stream()
        .flatMap(each -> each.refusals().stream())
        .distinct()
        .sorted()
        .toList();
  }

  /**
   * What sessions and deliveries have counted so far, as a tree for JSON: sessions by service,
   * logins by service and outcome, phases by service with their number and seconds, recipients by
   * answer, by configured host the sessions that are logged in and connections for deliveries, and
   * by service what became of sessions that are to outlive their store.
   */
  public Map<String, Object> counts() {
    Map<String, Object> open = new LinkedHashMap<>();
    Map<String, Object> logins = new LinkedHashMap<>();
    Map<String, Object> phases = new LinkedHashMap<>();
    Map<String, Long> recipients = new LinkedHashMap<>();
    Map<String, Long> hosts = new TreeMap<>();
    Map<String, Object> moved = new LinkedHashMap<>();
    moves.forEach((service, meters) -> moved.put(service, meters.counts()));
    moved.values().removeIf(Map.of()::equals);
    sessions.forEach(
        (service, meters) -> {
          open.put(service, meters.open());
          logins.put(service, meters.logins());
          phases.put(service, phases(meters.phases()));
          meters.addSessions(hosts);
        });
    deliveries.forEach(
        (service, meters) -> {
          open.put(service, meters.open());
          phases.put(service, phases(meters.phases()));
          meters.addRecipients(recipients);
          meters.addConnections(hosts);
        });
    return Map.of(
        "sessions",
        open,
        "logins",
        logins,
        "phases",
        phases,
        "deliveries",
        recipients,
        "hosts",
        hosts,
        "moves",
        moved);
  }

  private static Map<String, Object> phases(Map<? extends Enum<?>, Timer> timers) {
    Map<String, Object> phases = new LinkedHashMap<>();
    timers.forEach(
        (phase, timer) -> {
          if (timer.count() > 0) {
            phases.put(
                Explanation.word(phase),
                Map.of("count", timer.count(), "seconds", timer.totalTime(TimeUnit.SECONDS)));
          }
        });
    return phases;
  }

  /**
   * Counts clients, and their commands, that are refused before a login is judged; ask once for
   * each service.
   */
  public <E extends Enum<E>> EnumCounters<E> refusals(Service service, Class<E> reasons) {
    return new EnumCounters<>(
        registry,
        "openmmp.clients.refused",
        "Clients turned away, failed handshakes and refused commands",
        Tags.of("service", service.name()),
        "reason",
        reasons);
  }

  /**
   * Counts what becomes of one service's sessions that are to outlive their store.
   *
   * @param reasons why one could not be moved
   * @param waiting how many wait for their turn
   */
  public <E extends Enum<E>> MoveMeters<E> moves(
      Service service, Class<E> reasons, DoubleSupplier waiting) {
    MoveMeters<E> made = new MoveMeters<>(registry, service, reasons, waiting);
    moves.put(service.name(), made);
    return made;
  }

  /**
   * How many sessions could be moved now, from now on.
   *
   * @param groups under an empty word those that could, the others by the word for the reason; the
   *     groups that the configuration does not have count as one
   */
  public void movable(Map<String, Map<String, Integer>> groups) {
    Map<String, Map<String, Integer>> byLabel = new TreeMap<>();
    groups.forEach(
        (group, counts) -> {
          Map<String, Integer> its =
              byLabel.computeIfAbsent(names.group(group), any -> new TreeMap<>());
          counts.forEach((why, count) -> its.merge(why, count, Integer::sum));
        });
    movable = byLabel;
  }

  private MultiGauge several(String name, String help) {
    return several.computeIfAbsent(
        name, each -> MultiGauge.builder(each).description(help).register(registry));
  }

  /** Counts how often something was lacking here; ask once. */
  public <E extends Enum<E>> EnumCounters<E> wants(Class<E> kinds) {
    return new EnumCounters<>(
        registry,
        "openmmp.own.wants",
        "Clients not accepted and stores not connected to because something was lacking here",
        Tags.empty(),
        "want",
        kinds);
  }

  /**
   * A value that is read at each scrape.
   *
   * @param name words between dots, ending in the unit if it has one
   */
  public void gauge(String name, String help, DoubleSupplier value) {
    Gauge.builder(name, value, DoubleSupplier::getAsDouble)
        .description(help)
        .strongReference(true)
        .register(registry);
  }

  /** A value of each of these things that is read at each scrape, in place of those before. */
  public void gauges(
      String name, String help, String label, Map<String, DoubleSupplier> valueOfThing) {
    several(name, help)
        .register(
            valueOfThing.entrySet().stream()
                .map(
                    each ->
                        MultiGauge.Row.of(
                            Tags.of(label, each.getKey()),
                            each.getValue(),
                            DoubleSupplier::getAsDouble))
                .collect(Collectors.<MultiGauge.Row<?>>toList()),
            true);
  }

  /**
   * States of each group, read at each scrape.
   *
   * @param withoutMaster for how long a service has found no master, in seconds
   * @param siteLeft 1 while only the hosts of a standby site are left, which is not active
   * @param waiting logins and deliveries that wait
   * @param givenLess hosts that are given less than the configuration allows
   * @param differing in how many respects hosts differ
   * @param recovery 1 while it is in recovery
   */
  public void states(
      ToDoubleFunction<String> withoutMaster,
      ToDoubleFunction<String> siteLeft,
      ToDoubleFunction<String> waiting,
      ToDoubleFunction<String> givenLess,
      ToDoubleFunction<String> differing,
      ToDoubleFunction<String> recovery) {
    states.put(GroupMetric.GROUP_WITHOUT_MASTER_SECONDS, withoutMaster);
    states.put(GroupMetric.GROUP_ONLY_STANDBY_SITE_LEFT, siteLeft);
    states.put(GroupMetric.GROUP_WAITING, waiting);
    states.put(GroupMetric.GROUP_GIVEN_LESS, givenLess);
    states.put(GroupMetric.GROUP_HOSTS_DIFFER, differing);
    states.put(GroupMetric.GROUP_RECOVERY, recovery);
  }

  /**
   * The configuration has other groups from now on: meters of those that came are there, those of
   * groups and hosts that left are gone, once no session stands for them.
   */
  public void follow(Collection<ReplicationGroup> groups) {
    names.become(groups);
    selection.followNames();
    followers.forEach(Runnable::run);
  }

  /** The directory has these servers from now on: what was told of others is gone. */
  public void followDirectory(Set<String> servers) {
    directory.keepOnly(servers);
  }

  /** Texts that stand in the labels of a gauge that is always 1. */
  public void info(String name, String help, String... labelsAndTexts) {
    Gauge.builder(name, () -> 1)
        .description(help)
        .tags(labelsAndTexts)
        .strongReference(true)
        .register(registry);
  }

  /**
   * A count that only grows, read at each scrape.
   *
   * @param name words between dots
   */
  public void counter(String name, String help, DoubleSupplier value) {
    FunctionCounter.builder(name, value, DoubleSupplier::getAsDouble)
        .description(help)
        .register(registry);
  }

  /** Stops to watch the process and forgets all meters. */
  @Override
  public void close() {
    collector.close();
    registry.close();
  }
}
