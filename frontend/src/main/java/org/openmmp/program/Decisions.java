package org.openmmp.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What administrators decided that is to hold over a restart, kept in a file of a line each: a word
 * and a name, such as {@code standby-site-active cluster1}. On any thread.
 */
final class Decisions {
  /** The group's standby site may be used (rule B2.15). */
  static final String SITE_ACTIVE = "standby-site-active";

  private static final Logger log = LoggerFactory.getLogger(Decisions.class);
  private static final String HEADER = "# What administrators decided; written by openmmp.";
  private static final String LINE = "[a-z-]+ \\S+";

  private final Supplier<Optional<Path>> where;

  /**
   * Those in that file.
   *
   * @param where the file that is used now; empty: nothing is kept
   */
  Decisions(Supplier<Optional<Path>> where) {
    this.where = where;
  }

  /** The names that were decided about so; a file that cannot be read is told, and holds none. */
  synchronized List<String> all(String word) {
    return read().stream()
        .filter(line -> line.startsWith(word + " "))
        .map(line -> line.substring(word.length() + 1))
        .toList();
  }

  /**
   * Keeps one decision, or forgets it.
   *
   * @param name without white space
   * @return why it will not hold over a restart; empty if it will
   */
  synchronized String keep(String word, String name, boolean decided) {
    Optional<Path> file = where.get();
    if (file.isEmpty()) {
      return "openmmp.state-file is null";
    }
    Path path = file.get();
    SortedSet<String> lines = read();
    String line = word + " " + name;
    if (decided ? !lines.add(line) : !lines.remove(line)) {
      return "";
    }
    Path next = path.resolveSibling(path.getFileName() + ".new");
    try {
      List<String> written = new ArrayList<>(List.of(HEADER));
      written.addAll(lines);
      Files.write(
          next,
          written,
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE,
          StandardOpenOption.DSYNC);
      Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return "";
    } catch (IOException e) {
      log.warn("openmmp.state-file {} cannot be written: {}", path, String.valueOf(e));
      return "openmmp.state-file " + path + " cannot be written";
    }
  }

  private SortedSet<String> read() {
    SortedSet<String> lines = new TreeSet<>();
    Optional<Path> file = where.get();
    if (file.isEmpty() || !Files.exists(file.get())) {
      return lines;
    }
    try {
      for (String line : Files.readAllLines(file.get())) {
        if (line.matches(LINE)) {
          lines.add(line);
        } else if (!line.isEmpty() && !line.startsWith("#")) {
          log.error(
              "openmmp.state-file {} has a line that is none of this program's and is passed over:"
                  + " look with status at what is active",
              file.get());
        }
      }
    } catch (IOException e) {
      log.error(
          "openmmp.state-file {} cannot be read, so nothing of it holds: {}",
          file.get(),
          String.valueOf(e));
    }
    return lines;
  }
}
