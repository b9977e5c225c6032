package org.openmmp.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;

/**
 * Where hosts of one group differ in what probes saw of them, and since when (rule B2.39).
 *
 * <p>A difference stands once it has lasted for longer than from one probe to the next, so that
 * each host was asked again, and is gone likewise. It holds what was seen last of each host of the
 * groups that are probed, in bounded texts, and nothing else. Safe for any thread.
 */
public final class HostDifferences {
  /** Clocks of one site are kept together; what is less is the network's and the stores' haste. */
  private static final long CLOCKS_DIFFER_MILLIS = 10_000;

  /** A difference that comes and goes is not told more often. */
  private static final long TOLD_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(10);

  /** What was seen of a host is forgotten after so many intervals without another look. */
  private static final int INTERVALS_REMEMBERED = 3;

  private static final int MOST_NAMED = 6;
  private static final int LONGEST = 400;
  private static final long MILLIS = 1000;

  /**
   * To be told once: a difference stands, or is gone.
   *
   * @param services those in which they differ; empty if it is gone
   * @param hosts those that are unlike the others, or unlike the first where there are two
   * @param text in what, for people; safe to print, and bounded
   */
  public record News(
      String group,
      HostTraits.Kind kind,
      List<String> services,
      List<StoreHost> hosts,
      String text) {
    /** Copies the lists. */
    public News {
      services = List.copyOf(services);
      hosts = List.copyOf(hosts);
    }

    /** Whether it is gone. */
    public boolean gone() {
      return hosts.isEmpty();
    }
  }

  /** In what hosts differ, and which of them are the odd ones. */
  record Difference(List<StoreHost> hosts, String text) {
    /** Cuts the text, all of whose parts are safe. */
    Difference {
      text = text.length() > LONGEST ? text.substring(0, LONGEST - 1) + "…" : text;
    }
  }

  private record Seen(HostTraits traits, long atNanos) {}

  /** How one kind stands in one group. */
  private static final class Standing {
    private boolean differs;
    private long sinceNanos;
    private boolean stands;
    private boolean told;
    private @Nullable Long toldNanos;
  }

  /** One group. */
  private static final class Group {
    private final Map<Service, Map<StoreHost, Seen>> seen = new HashMap<>();
    private final Map<String, Map<HostTraits.Kind, Difference>> byService = new TreeMap<>();
    private final Map<HostTraits.Kind, Standing> standings = new EnumMap<>(HostTraits.Kind.class);
  }

  private final Map<String, Group> groups = new HashMap<>();

  /** Forgets all groups but those. */
  public synchronized void keep(Collection<String> names) {
    groups.keySet().retainAll(new HashSet<>(names));
  }

  /**
   * A probe of a host ended.
   *
   * @param traits what it saw; null if the host did not greet
   */
  public synchronized void probed(
      ReplicationGroup group,
      Service service,
      StoreHost host,
      @Nullable HostTraits traits,
      long nowNanos) {
    Map<StoreHost, Seen> seen =
        groups
            .computeIfAbsent(group.name(), any -> new Group())
            .seen
            .computeIfAbsent(service, any -> new HashMap<>());
    if (traits == null) {
      seen.remove(host);
    } else {
      seen.put(host, new Seen(traits, nowNanos));
    }
  }

  /**
   * Compares what was seen of a group's hosts last.
   *
   * @param compared what is to be told of
   * @param intervalNanos from one probe of a host to the next
   * @return what has become news
   */
  public synchronized List<News> look(
      ReplicationGroup group, Set<HostTraits.Kind> compared, long intervalNanos, long nowNanos) {
    Group of = groups.computeIfAbsent(group.name(), any -> new Group());
    of.byService.clear();
    of.seen.forEach(
        (service, seen) -> {
          seen.keySet().retainAll(group.hosts());
          seen.values()
              .removeIf(each -> nowNanos - each.atNanos > INTERVALS_REMEMBERED * intervalNanos);
          Map<StoreHost, HostTraits> inOrder = new LinkedHashMap<>();
          for (StoreHost host : group.hosts()) {
            Seen its = seen.get(host);
            if (its != null) {
              inOrder.put(host, its.traits);
            }
          }
          Map<HostTraits.Kind, Difference> found = between(inOrder);
          found.keySet().retainAll(compared);
          if (!found.isEmpty()) {
            of.byService.put(service.name(), found);
          }
        });
    List<News> news = new ArrayList<>(0);
    for (HostTraits.Kind kind : HostTraits.Kind.values()) {
      News its = settle(group.name(), of, kind, intervalNanos + intervalNanos / 4, nowNanos);
      if (its != null) {
        news.add(its);
      }
    }
    return news;
  }

  private static @Nullable News settle(
      String name, Group group, HostTraits.Kind kind, long holdNanos, long nowNanos) {
    boolean differs = group.byService.values().stream().anyMatch(found -> found.containsKey(kind));
    Standing standing = group.standings.get(kind);
    if (standing == null) {
      if (!differs) {
        return null;
      }
      standing = new Standing();
      group.standings.put(kind, standing);
    }
    if (standing.differs != differs) {
      standing.differs = differs;
      standing.sinceNanos = nowNanos;
    }
    if (standing.stands != differs && nowNanos - standing.sinceNanos >= holdNanos) {
      standing.stands = differs;
    }
    Long before = standing.toldNanos;
    boolean mayBeTold = !standing.stands || before == null || nowNanos - before >= TOLD_AGAIN_NANOS;
    if (standing.told == standing.stands || !mayBeTold || standing.stands != differs) {
      return null;
    }
    standing.told = standing.stands;
    if (!standing.stands) {
      return new News(name, kind, List.of(), List.of(), "");
    }
    standing.toldNanos = nowNanos;
    List<String> services = new ArrayList<>();
    Set<StoreHost> hosts = new LinkedHashSet<>();
    Map<String, List<String>> texts = new LinkedHashMap<>();
    group.byService.forEach(
        (service, found) -> {
          Difference its = found.get(kind);
          if (its != null) {
            services.add(service);
            hosts.addAll(its.hosts);
            texts.computeIfAbsent(its.text, any -> new ArrayList<>()).add(service);
          }
        });
    List<String> all = new ArrayList<>();
    texts.forEach((text, of) -> all.add(String.join(", ", of) + ": " + text));
    return new News(name, kind, services, List.copyOf(hosts), String.join("; ", all));
  }

  /** In how many kinds hosts of that group differ now. */
  public synchronized int count(String group) {
    Group known = groups.get(group);
    return known == null
        ? 0
        : (int) known.standings.values().stream().filter(each -> each.stands).count();
  }

  /** In what they differ now for that service, for people: by kind; safe to print, and bounded. */
  public synchronized Map<HostTraits.Kind, String> now(String group, String service) {
    Map<HostTraits.Kind, String> all = new EnumMap<>(HostTraits.Kind.class);
    Group known = groups.get(group);
    if (known != null) {
      known
          .byService
          .getOrDefault(service, Map.of())
          .forEach(
              (kind, difference) -> {
                Standing standing = known.standings.get(kind);
                if (standing != null && standing.stands) {
                  all.put(kind, difference.text);
                }
              });
    }
    return all;
  }

  /**
   * In what these differ.
   *
   * @param hosts in the order of their group
   */
  static Map<HostTraits.Kind, Difference> between(Map<StoreHost, HostTraits> hosts) {
    Map<HostTraits.Kind, Difference> all = new EnumMap<>(HostTraits.Kind.class);
    for (HostTraits.Aspect aspect : HostTraits.Aspect.values()) {
      Map<StoreHost, SortedSet<String>> words = new LinkedHashMap<>();
      hosts.forEach(
          (host, traits) -> {
            SortedSet<String> its = traits.words().get(aspect);
            if (its != null) {
              words.put(host, its);
            }
          });
      if (words.values().stream().distinct().count() > 1) {
        all.merge(aspect.kind(), inWords(aspect, words), HostDifferences::both);
      }
    }
    Difference clocks = ofClocks(hosts);
    if (clocks != null) {
      all.put(HostTraits.Kind.CLOCK, clocks);
    }
    return all;
  }

  private static Difference both(Difference one, Difference other) {
    Set<StoreHost> hosts = new LinkedHashSet<>(one.hosts);
    hosts.addAll(other.hosts);
    return new Difference(List.copyOf(hosts), one.text + "; " + other.text);
  }

  /** Each odd one, against what most have, or the first where as many have something else. */
  private static Difference inWords(
      HostTraits.Aspect aspect, Map<StoreHost, SortedSet<String>> words) {
    SortedSet<String> usual = new TreeSet<>();
    long most = 0;
    for (SortedSet<String> each : words.values()) {
      long have = Collections.frequency(words.values(), each);
      if (have > most) {
        most = have;
        usual = each;
      }
    }
    List<StoreHost> odd = new ArrayList<>();
    List<String> told = new ArrayList<>();
    for (Map.Entry<StoreHost, SortedSet<String>> each : words.entrySet()) {
      if (!each.getValue().equals(usual)) {
        odd.add(each.getKey());
        if (told.size() < MOST_NAMED) {
          told.add(each.getKey() + " " + against(aspect, each.getValue(), usual));
        }
      }
    }
    if (odd.size() > told.size()) {
      told.add("and " + (odd.size() - told.size()) + " more hosts");
    }
    return new Difference(List.copyOf(odd), String.join("; ", told));
  }

  private static String against(
      HostTraits.Aspect aspect, SortedSet<String> its, SortedSet<String> usual) {
    SortedSet<String> more = new TreeSet<>(its);
    more.removeAll(usual);
    SortedSet<String> less = new TreeSet<>(usual);
    less.removeAll(its);
    if (aspect.kind() != HostTraits.Kind.CAPABILITIES) {
      return (aspect.kind() == HostTraits.Kind.GREETING ? "greets with " : "shows ")
          + named(more)
          + (less.isEmpty() ? "" : " instead of " + named(less));
    }
    List<String> both = new ArrayList<>(2);
    if (!less.isEmpty()) {
      both.add("lacks " + named(less));
    }
    if (!more.isEmpty()) {
      both.add("has " + named(more) + " besides");
    }
    return String.join(" and ", both) + " " + aspect.where();
  }

  private static String named(SortedSet<String> words) {
    if (words.isEmpty()) {
      return "none";
    }
    List<String> some = words.stream().limit(MOST_NAMED).toList();
    int more = words.size() - some.size();
    return String.join(", ", some) + (more == 0 ? "" : " and " + more + " more");
  }

  private static @Nullable Difference ofClocks(Map<StoreHost, HostTraits> hosts) {
    Map<StoreHost, HostTraits> telling = new LinkedHashMap<>(hosts);
    telling.values().removeIf(each -> each.told() == null);
    if (telling.size() < 2) {
      return null;
    }
    List<Long> sorted = telling.values().stream().map(HostTraits::aheadMillis).sorted().toList();
    long middle = sorted.get((sorted.size() - 1) / 2);
    HostTraits usual =
        telling.size() == 2
            ? telling.values().iterator().next()
            : telling.values().stream()
                .filter(each -> each.aheadMillis() == middle)
                .findFirst()
                .orElseThrow();
    List<StoreHost> odd = new ArrayList<>();
    List<String> told = new ArrayList<>();
    for (Map.Entry<StoreHost, HostTraits> each : telling.entrySet()) {
      long apart = apart(each.getValue(), usual);
      if (Math.abs(apart) > CLOCKS_DIFFER_MILLIS) {
        odd.add(each.getKey());
        if (told.size() < MOST_NAMED) {
          told.add(
              "the clock of "
                  + each.getKey()
                  + " is about "
                  + Math.abs(apart) / MILLIS
                  + (apart > 0 ? " s ahead" : " s behind"));
        }
      }
    }
    return odd.isEmpty() ? null : new Difference(List.copyOf(odd), String.join("; ", told));
  }

  /**
   * By how much one is ahead of the other at the least; negative: behind; 0: perhaps not at all.
   */
  private static long apart(HostTraits one, HostTraits other) {
    long ahead = one.aheadMillis() - other.aheadMillis() - other.unsureMillis();
    long behind = one.aheadMillis() + one.unsureMillis() - other.aheadMillis();
    return ahead > 0 ? ahead : Math.min(0, behind);
  }
}
