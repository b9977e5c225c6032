package org.openmmp.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.LookupResult.Freshness;
import org.openmmp.directory.LookupResult.Kind;

/** Counts what the directory does. */
final class DirectoryMeters implements DirectoryListener {
  private static final String UP = "openmmp.directory.server.up";
  private static final String BEHIND = "openmmp.directory.server.behind";

  private final MeterRegistry registry;
  private final EnumCounters<Kind> results;
  private final EnumCounters<Freshness> sources;
  private final Timer asked;
  private final Counter turnedAway;
  private final Map<String, AtomicInteger> servers = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> behindOthers = new ConcurrentHashMap<>();

  DirectoryMeters(MeterRegistry registry) {
    this.registry = registry;
    results =
        new EnumCounters<>(
            registry,
            "openmmp.directory.results",
            "Look-ups answered, by result",
            Tags.empty(),
            "result",
            Kind.class);
    sources =
        new EnumCounters<>(
            registry,
            "openmmp.directory.lookups",
            "Look-ups answered, by where the answer came from",
            Tags.empty(),
            "source",
            Freshness.class);
    asked =
        SessionMeters.timer(
            registry, "openmmp.directory", "Time of look-ups that no cache answered", Tags.empty());
    turnedAway =
        SessionMeters.counter(
            registry,
            "openmmp.directory.turned.away",
            "Look-ups and binds turned away because too many waited",
            Tags.empty());
  }

  @Override
  public void onLookup(Kind kind, Freshness freshness, long nanos) {
    results.count(kind);
    sources.count(freshness);
    if (freshness == Freshness.LOOKED_UP) {
      asked.record(nanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void onServerState(String server, boolean up) {
    servers
        .computeIfAbsent(server, name -> register(UP, "Whether a directory server answers", name))
        .set(up ? 1 : 0);
    behind(server);
  }

  @Override
  public void onServerBehind(String server, boolean behind) {
    behind(server).set(behind ? 1 : 0);
  }

  /** There from the first word of a server, so that an alert on it can end. */
  private AtomicInteger behind(String server) {
    return behindOthers.computeIfAbsent(
        server, name -> register(BEHIND, "Whether a directory server misses names it had", name));
  }

  @Override
  public void onTurnedAway() {
    turnedAway.increment();
  }

  /** Tells nothing any more of other servers than these. */
  void keepOnly(Set<String> names) {
    Set<String> gone = new HashSet<>(servers.keySet());
    gone.addAll(behindOthers.keySet());
    gone.removeAll(names);
    for (String server : gone) {
      servers.remove(server);
      behindOthers.remove(server);
      registry.getMeters().stream()
          .filter(meter -> server.equals(meter.getId().getTag("server")))
          .forEach(registry::remove);
    }
  }

  private AtomicInteger register(String gauge, String what, String server) {
    AtomicInteger state = new AtomicInteger();
    Gauge.builder(gauge, state, AtomicInteger::get)
        .description(what)
        .tags(Tags.of("server", server))
        .strongReference(true)
        .register(registry);
    return state;
  }
}
