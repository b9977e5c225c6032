package org.openmmp.admin;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.openmmp.admin.GroupMetric.Kind;

/**
 * The metrics that name a group, as one scrape writes them: groups that have series of their own,
 * and one series for the rest (rule B8.3). Belongs to one thread.
 */
final class GroupPage {
  /** Stands for all groups that have no series of their own. */
  static final String REST = "rest";

  private final Predicate<String> alone;
  private final int mostNamed;
  private final boolean withRest;
  private final Set<String> named = new HashSet<>();
  private final Map<GroupMetric, StringBuilder> series = new EnumMap<>(GroupMetric.class);

  /** By service and word. */
  private final Map<GroupMetric, Map<String, Map<String, double[]>>> rest =
      new EnumMap<>(GroupMetric.class);

  private GroupPage(Predicate<String> alone, int mostNamed, boolean withRest) {
    this.alone = alone;
    this.mostNamed = mostNamed;
    this.withRest = withRest;
  }

  /** One with every group by itself. */
  static GroupPage ofEach() {
    return new GroupPage(any -> true, 0, false);
  }

  /** One with these groups and nothing of others. */
  static GroupPage of(Set<String> groups) {
    return new GroupPage(groups::contains, 0, false);
  }

  /**
   * One in which one series stands for all groups.
   *
   * @param mostNamed how many groups in trouble are named all the same
   */
  static GroupPage ofMany(int mostNamed) {
    return new GroupPage(KnownNames.OTHER::equals, mostNamed, true);
  }

  /** Whether that group's series are all told, with those that nothing was counted for. */
  boolean alone(String group) {
    return alone.test(group);
  }

  /** Whether one series stands for many groups. */
  boolean ofMany() {
    return withRest;
  }

  /** A value of a group as a whole. */
  void add(GroupMetric metric, String service, String group, double value) {
    add(metric, service, group, "", "", value);
  }

  /** A count of a group as a whole. */
  void add(GroupMetric metric, String service, String group, long count) {
    add(metric, service, group, "", "", (double) count);
  }

  /** A count of a group, as {@link GroupMetric#series} says it. */
  void add(GroupMetric metric, String service, String group, String host, String word, long count) {
    add(metric, service, group, host, word, (double) count);
  }

  /** A value of a group, as {@link GroupMetric#series} says it. */
  void add(
      GroupMetric metric, String service, String group, String host, String word, double value) {
    if (alone.test(group) || inTrouble(metric, group, value)) {
      series
          .computeIfAbsent(metric, any -> new StringBuilder())
          .append(metric.series(service, group, host, word, value));
    } else if (withRest && metric.kind() != Kind.OWN) {
      double[] all =
          rest.computeIfAbsent(metric, any -> new TreeMap<>())
              .computeIfAbsent(service, any -> new TreeMap<>())
              .computeIfAbsent(word, any -> new double[1]);
      all[0] = metric.kind() == Kind.TROUBLE ? Math.max(all[0], value) : all[0] + value;
    }
  }

  private boolean inTrouble(GroupMetric metric, String group, double value) {
    return withRest
        && metric.kind() == Kind.TROUBLE
        && value != 0
        && (named.contains(group) || (named.size() < mostNamed && named.add(group)));
  }

  /** All of it in Prometheus' text format. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (GroupMetric metric : GroupMetric.values()) {
      StringBuilder lines = series.computeIfAbsent(metric, any -> new StringBuilder());
      rest.getOrDefault(metric, Map.of())
          .forEach(
              (service, words) ->
                  words.forEach(
                      (word, value) ->
                          lines.append(metric.series(service, REST, REST, word, value[0]))));
      if (lines.length() > 0) {
        text.append(metric.head()).append(lines);
      }
    }
    return text.toString();
  }
}
