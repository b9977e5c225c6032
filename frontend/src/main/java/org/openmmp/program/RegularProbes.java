package org.openmmp.program;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.GroupProbe;
import org.openmmp.config.StoreService;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.ProbePlace;
import org.openmmp.repgroup.ProbeTarget;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.HostDifferences;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.Referral;
import org.openmmp.routing.StoreAccess;
import org.openmmp.transport.EventLoops;
import org.openmmp.wire.LogLine;
import org.slf4j.event.Level;

/**
 * Asks the hosts of those groups that want it whether they serve, although nobody waits for one
 * (rule B2.38): few in a second, and one question at a time to a host's service, whichever groups
 * list it. What a login is refused for says nothing of the host but what it says of the master; it
 * is told once. All of it runs on one event loop.
 */
final class RegularProbes {
  private static final int MOST_IN_A_SECOND = 50;
  private static final int MOST_UNDER_WAY = 200;
  private static final double JITTER = 0.1;

  /** Who wants it, and how often; the way and the account are the first group's. */
  private record Wanted(GroupProbe probe, StoreAccess access, List<ProbeTarget> targets) {}

  private final SharedRooms rooms;
  private final EventLog log;
  private final EventLoop loop;
  private final Map<ProbePlace, Long> dueNanos = new HashMap<>();
  private final Set<ProbePlace> underWay = new HashSet<>();

  /** Why the last login was refused, where it was. */
  private final Map<ProbePlace, String> refusals = new HashMap<>();

  private final HostDifferences differences;
  private final Map<ReplicationGroup, GroupProbe> compared = new LinkedHashMap<>();
  private @Nullable Settings known;
  private Set<Service> served = Set.of();
  private Map<ProbePlace, Wanted> wanted = Map.of();

  /**
   * None is due yet.
   *
   * @param differences hears what is seen
   */
  RegularProbes(SharedRooms rooms, EventLog log, EventLoop loop, HostDifferences differences) {
    this.differences = differences;
    this.rooms = rooms;
    this.log = log;
    this.loop = loop;
  }

  void begin() {
    EventLoops.regularly(loop, 1, this::look);
  }

  @SuppressWarnings(
      "ReferenceEquality") // settings are replaced as a whole: the same ones are meant
  private void look() {
    Settings now = rooms.now();
    Set<Service> serving = rooms.prober().asked();
    if (known != now || !served.equals(serving)) { // a slow start opens its servers late
      known = now;
      served = serving;
      wanted = wantedBy(now);
      compare(now);
      dueNanos.keySet().retainAll(wanted.keySet());
      refusals.keySet().retainAll(wanted.keySet());
    }
    long nowNanos = System.nanoTime();
    compared.forEach(
        (group, probe) ->
            differences
                .look(group, probe.compare(), probe.interval().toNanos(), nowNanos)
                .forEach(this::tell));
    int begun = 0;
    for (Map.Entry<ProbePlace, Wanted> each : wanted.entrySet()) {
      ProbePlace place = each.getKey();
      long interval = each.getValue().probe.interval().toNanos();
      double random = ThreadLocalRandom.current().nextDouble();
      Long due = dueNanos.get(place);
      if (due == null) { // not all of them at once
        dueNanos.put(place, nowNanos + (long) (interval * random));
      } else if (nowNanos - due >= 0
          && begun < MOST_IN_A_SECOND
          && underWay.size() < MOST_UNDER_WAY
          && isUsed(each.getValue())
          && underWay.add(place)) {
        begun++;
        dueNanos.put(place, nowNanos + (long) (interval * (1 - JITTER + 2 * JITTER * random)));
        ask(place, each.getValue(), nowNanos);
      }
    }
  }

  /** Hosts of the groups that are probed are compared. */
  private void compare(Settings settings) {
    compared.clear();
    Set<String> names = new HashSet<>();
    for (GroupConfig config : settings.config().groups()) {
      ReplicationGroup group = settings.table().named(config.name()).orElse(null);
      if (config.probe().kind() != GroupProbe.Kind.OFF && group != null) {
        compared.put(group, config.probe());
        names.add(group.name());
      }
    }
    differences.keep(names);
  }

  private void tell(HostDifferences.News news) {
    Level level = news.gone() ? Level.INFO : Level.WARN;
    String kind = news.kind().name().toLowerCase(Locale.ROOT);
    LogLine line =
        log.line(level, news.gone() ? "hosts-agree" : "hosts-differ")
            .with("group", news.group())
            .with("kind", kind);
    log.write(
        level,
        news.gone()
            ? line
            : line.with("services", String.join(",", news.services()))
                .with(
                    "hosts",
                    news.hosts().stream().map(StoreHost::name).collect(Collectors.joining(",")))
                .with("why", news.text()));
    rooms
        .news()
        .tell(
            level,
            news.group()
                + (news.gone()
                    ? ": the hosts are alike again in " + kind
                    : ": hosts differ in " + kind + ": " + news.text()));
  }

  private Map<ProbePlace, Wanted> wantedBy(Settings settings) {
    Map<ProbePlace, Wanted> all = new LinkedHashMap<>();
    for (GroupConfig config : settings.config().groups()) {
      ReplicationGroup group = settings.table().named(config.name()).orElse(null);
      if (config.probe().kind() == GroupProbe.Kind.OFF || group == null) {
        continue;
      }
      for (StoreService stores : StoreService.values()) {
        Service service = StoreProber.serviceOf(stores);
        StoreAccess access = config.stores(stores);
        for (StoreHost host : served.contains(service) ? group.hosts() : List.<StoreHost>of()) {
          Wanted first =
              all.computeIfAbsent(
                  new ProbePlace(service, host, access.port()),
                  place -> new Wanted(config.probe(), access, new ArrayList<>()));
          if (first.access.under(access.tls()).equals(first.access)
              && first.access.believing(access.trust()).equals(first.access)) {
            first.targets.add(new ProbeTarget(group, service, host));
          }
        }
      }
    }
    return all;
  }

  /** Whether one of the groups would choose the host. */
  private boolean isUsed(Wanted wanted) {
    return wanted.targets.stream()
        .anyMatch(each -> rooms.selector().keeps(each.group(), each.host()));
  }

  private void ask(ProbePlace place, Wanted asked, long began) {
    ProbeTarget target = asked.targets.get(0);
    boolean login =
        asked.probe.kind() == GroupProbe.Kind.LOGIN && !place.service().name().equals("lmtp");
    AtomicBoolean greeted = new AtomicBoolean();
    (login
            ? rooms
                .prober()
                .tryLogin(
                    target,
                    asked.probe.user(),
                    asked.probe.password(),
                    step -> greeted.compareAndSet(false, step.equals("greeted")))
            : rooms.prober().ask(target))
        .whenCompleteAsync(
            (end, mistake) -> {
              underWay.remove(place);
              if (mistake == null && end.isPresent()) {
                ended(place, asked, login && greeted.get(), end.get(), began);
              }
            },
            loop);
  }

  /**
   * A name was said if the store greeted: what comes behind it is no word about the host. What was
   * our own want is no word about the account either (rule B2.22).
   */
  private void ended(
      ProbePlace place, Wanted asked, boolean named, ProbeDialogue.End end, long began) {
    if (end.seen() != null || end.outcome() != AttemptOutcome.ABANDONED) {
      long nowNanos = System.nanoTime();
      for (ProbeTarget each : asked.targets) {
        differences.probed(each.group(), place.service(), place.host(), end.seen(), nowNanos);
      }
    }
    rooms
        .prober()
        .tell(
            asked.targets,
            named ? new ProbeDialogue.End(AttemptOutcome.ACCEPTED, "greeted") : end,
            began);
    if (!named || end.outcome() == AttemptOutcome.ABANDONED) {
      return;
    }
    ProbeTarget target = asked.targets.get(0);
    Referral referral = end.referral();
    if (referral != null || end.greeted()) {
      rooms
          .selector()
          .namesMaster(
              target, referral == null ? null : hostOf(referral, target), System.nanoTime());
    }
    tellRefusal(place, target, end.greeted() || referral != null ? "" : end.reason());
  }

  private static @Nullable StoreHost hostOf(Referral referral, ProbeTarget target) {
    return target.group().hosts().stream()
        .filter(
            each ->
                StoreHost.isName(referral.host()) && each.equals(new StoreHost(referral.host())))
        .findFirst()
        .orElse(null);
  }

  private void tellRefusal(ProbePlace place, ProbeTarget target, String refusal) {
    String before = refusals.getOrDefault(place, "");
    if (refusal.isEmpty()) {
      refusals.remove(place);
    } else {
      refusals.put(place, refusal);
    }
    if (before.isEmpty() == refusal.isEmpty()) {
      return;
    }
    Level level = refusal.isEmpty() ? Level.INFO : Level.WARN;
    log.write(
        level,
        log.line(level, refusal.isEmpty() ? "probe-login-again" : "probe-login-refused")
            .with("group", target.group().name())
            .with("service", place.service().name())
            .with("host", place.host().name())
            .with("why", refusal));
    rooms
        .news()
        .tell(
            level,
            target.group().name()
                + ", "
                + place.service()
                + ": "
                + place.host()
                + (refusal.isEmpty()
                    ? " lets the probe's user in again"
                    : " does not let the probe's user in: " + refusal));
  }
}
