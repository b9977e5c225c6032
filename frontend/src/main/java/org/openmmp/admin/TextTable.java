package org.openmmp.admin;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Tables for people: columns as wide as they need to be. */
public final class TextTable {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private TextTable() {}

  /** A line each for the headings and the rows, which have as many fields. */
  public static List<String> lines(List<String> headings, Stream<List<String>> body) {
    List<List<String>> rows = Stream.concat(Stream.of(headings), body).toList();
    int[] widths = new int[headings.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append("  ").append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length()));
    }
    return line.toString().stripTrailing();
  }

  /** In the two largest units; what has begun counts as whole seconds. */
  public static String inWords(long nanos) {
    Duration time = Duration.ofSeconds((nanos + NANOS_PER_SECOND - 1) / NANOS_PER_SECOND);
    if (time.toDays() > 0) {
      return time.toDays() + "d " + time.toHoursPart() + "h";
    }
    if (time.toHours() > 0) {
      return time.toHours() + "h " + time.toMinutesPart() + "m";
    }
    return time.toMinutes() > 0
        ? time.toMinutes() + "m " + time.toSecondsPart() + "s"
        : time.toSeconds() + "s";
  }
}
