package org.openmmp.config;

import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Refuses keys that nothing has read, each with the nearest one that there is. A key of an earlier
 * release that has no effect any more is a notice: an upgrade does not end a start.
 */
final class UnknownKeys {
  /** Keys of earlier releases, with what took their place. */
  private static final Map<String, String> RETIRED =
      Map.of(
          "openmmp.lmtp.extensions",
          "clients are offered all that the relay can do, whatever a store has");

  private final List<Section> sections;

  /** Where each key stands first, of all sections: thousands of groups have the same few keys. */
  private final Map<String, String> everywhere = new LinkedHashMap<>();

  UnknownKeys(List<Section> sections) {
    this.sections = List.copyOf(sections);
  }

  /** Goes over all sections, once they were read. */
  void refuse() {
    for (Section section : sections) {
      if (!section.namesAreChosen()) {
        section.known().forEach(key -> everywhere.putIfAbsent(key, section.at(key)));
      }
    }
    for (Section section : sections) {
      for (Map.Entry<String, ConfigValue> entry : section.own().entrySet()) {
        String retired = RETIRED.get(section.at(entry.getKey()));
        if (retired != null) {
          section.notice(
              entry.getValue(),
              section.at(entry.getKey()) + " has no effect any more and can go: " + retired);
        } else if (!section.known().contains(entry.getKey())) {
          String key = ConfigUtil.quoteString(entry.getKey());
          section.problem(
              entry.getValue(),
              section.at(bare(key)),
              "an unknown key",
              nearest(section, entry.getKey())
                  .map(near -> "a known key; the nearest is " + near)
                  .orElse("a known key of " + section.path()));
        }
      }
    }
  }

  private static String bare(String quoted) {
    String inner = quoted.substring(1, quoted.length() - 1);
    return inner.matches("[\\w-]+") ? inner : quoted;
  }

  /** The nearest key of the same section, else the same or nearly the same key of another. */
  private Optional<String> nearest(Section section, String key) {
    int tolerance = Math.max(1, key.length() / 3);
    Optional<String> here =
        section.known().stream()
            .filter(known -> Nearness.distance(known, key) <= tolerance)
            .min(Comparator.comparingInt(known -> Nearness.distance(known, key)))
            .map(section::at);
    return here.or(
        () ->
            everywhere.entrySet().stream()
                .filter(known -> Nearness.distance(known.getKey(), key) <= 1)
                .map(Map.Entry::getValue)
                .findFirst());
  }
}
