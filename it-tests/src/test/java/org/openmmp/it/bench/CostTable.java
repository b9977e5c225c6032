package org.openmmp.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * What a run found, as a table in Markdown and as JSON: the median of the rounds of each front end,
 * and the range. Only figures of one table may be compared with each other.
 */
final class CostTable {
  private static final Path JSON = Path.of("target", "benchmark.json");

  private final Map<String, Map<String, Cell>> rows = new LinkedHashMap<>();
  private final Set<String> frontEnds = new LinkedHashSet<>();

  private record Cell(double[] sorted, String doubt) {
    double median() {
      return sorted[sorted.length / 2];
    }

    double most() {
      return sorted[sorted.length - 1];
    }

    private static String text(double value) {
      return String.format(Locale.ROOT, value < 10 ? "%.3f" : "%.1f", value);
    }

    @Override
    public String toString() {
      String range = sorted.length == 1 ? "" : " (" + text(sorted[0]) + "–" + text(most()) + ")";
      return text(median()) + range + (doubt.isEmpty() ? "" : "; " + doubt);
    }
  }

  /**
   * Puts in what the rounds of one front end cost.
   *
   * @param doubt why the figure may be wrong; empty if nothing was seen that speaks for it
   */
  void add(String what, String frontEnd, double[] costs, String doubt) {
    double[] sorted = costs.clone();
    Arrays.sort(sorted);
    frontEnds.add(frontEnd);
    rows.computeIfAbsent(what, first -> new LinkedHashMap<>())
        .put(frontEnd, new Cell(sorted, doubt));
  }

  /** Prints the table, and writes the same as JSON. */
  void tell() throws IOException {
    System.out.println("| work | " + String.join(" | ", frontEnds) + " |");
    System.out.println("|---|" + "---|".repeat(frontEnds.size()));
    StringJoiner json = new StringJoiner(",\n", "[\n", "\n]\n");
    rows.forEach(
        (what, cells) -> {
          StringBuilder line = new StringBuilder("| " + what + " |");
          for (String each : frontEnds) {
            Cell cell = cells.get(each);
            line.append(' ').append(cell == null ? "–" : cell).append(" |");
            if (cell != null) {
              json.add(
                  String.format(
                      Locale.ROOT,
                      "{\"work\":\"%s\",\"frontEnd\":\"%s\",\"median\":%.4f,\"rounds\":%s,"
                          + "\"doubt\":\"%s\"}",
                      what,
                      each,
                      cell.median(),
                      Arrays.toString(cell.sorted()),
                      cell.doubt()));
            }
          }
          System.out.println(line);
        });
    Files.createDirectories(JSON.getParent());
    Files.writeString(JSON, json.toString());
    System.out.println("| the same as JSON is in it-tests/" + JSON + " |");
  }
}
