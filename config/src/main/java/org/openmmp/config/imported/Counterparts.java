package org.openmmp.config.imported;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The table of what another product's settings are called here. */
public final class Counterparts {
  private final List<Row> rows = new ArrayList<>();

  private Counterparts(String product) {
    String name = product + ".table";
    try (InputStream table = Counterparts.class.getResourceAsStream(name)) {
      if (table == null) {
        throw new IllegalArgumentException(name);
      }
      String text = new String(table.readAllBytes(), StandardCharsets.UTF_8);
      text.lines().filter(line -> !line.startsWith("#")).map(Row::of).forEach(rows::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Some of its settings that become the same.
   *
   * @param names in lower case; {@code x.*} for all of a block; {@code =} for a default of that
   *     product that has to be written here
   * @param conversion what is done with the value, and its arguments; {@code none}: there is no
   *     counterpart
   * @param keys below {@code openmmp}
   * @param remark why there is no counterpart, or what else there is to know; may be empty
   */
  public record Row(List<String> names, List<String> conversion, List<String> keys, String remark) {
    private static Row of(String line) {
      String[] cells = line.split("\\|", -1);
      if (cells.length != 4) {
        throw new IllegalArgumentException(line);
      }
      return new Row(words(cells[0]), words(cells[1]), words(cells[2]), cells[3].strip());
    }

    private static List<String> words(String cell) {
      return List.of(cell.strip().split("\\s+"));
    }

    /** What the keys are for one service: POP3 has a word of its own for STARTTLS. */
    List<String> keysFor(String service) {
      return keys.stream()
          .map(key -> key.replace("{service}", service))
          .map(key -> key.equals("pop3.starttls") ? "pop3.stls" : key)
          .toList();
    }

    /** Whether it is about settings, and not a default. */
    public boolean ofSettings() {
      return !names.get(0).equals("=");
    }

    private boolean has(String name) {
      return names.stream()
          .anyMatch(
              each ->
                  each.endsWith(".*")
                      ? name.startsWith(each.substring(0, each.length() - 1))
                      : each.equals(name));
    }
  }

  /** The table of a product: {@code mmp}, {@code dovecot}, {@code nginx}, {@code perdition}. */
  public static Counterparts of(String product) {
    return new Counterparts(product);
  }

  /** All of it, in its order. */
  public List<Row> rows() {
    return List.copyOf(rows);
  }

  /** What a setting becomes. */
  public Optional<Row> find(String name) {
    String folded = name.toLowerCase(Locale.ROOT);
    return rows.stream().filter(row -> row.ofSettings() && row.has(folded)).findFirst();
  }
}
