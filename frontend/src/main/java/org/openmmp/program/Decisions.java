package org.openmmp.program;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What administrators decided that is to hold over a restart, kept in a file of a line each: a word
 * and what it is about, such as {@code standby-site-active cluster1}. A line that cannot be used is
 * told once, and the others hold. On any thread.
 */
final class Decisions {
  /** The group's standby site may be used (rule B2.15). */
  static final String SITE_ACTIVE = "standby-site-active";

  /** Host and group: logins begin there while no master is known (rule B2.12). */
  static final String PREFERRED = "preferred";

  /** The host is drained, or is never chosen (rule B2.26). */
  static final String DRAINED = "drained";

  static final String RETIRED = "retired";

  /** Until when, or {@link #NO_END}, and the network or user (rule B8.5). */
  static final String BLOCKED = "blocked";

  static final String NO_END = "-";

  /** The group is being restored (rule B2.27). */
  static final String GROUP_RECOVERY = "group-in-recovery";

  /** The domain is being restored. */
  static final String DOMAIN_RECOVERY = "domain-in-recovery";

  /** How far the orders of the site were carried out. */
  static final String SITE_ORDER = "site-order-done";

  private static final Logger log = LoggerFactory.getLogger(Decisions.class);
  private static final String HEADER = "# What administrators decided; written by openmmp.";
  private static final String LINE = "[a-z-]+ [^\\s\\p{Cntrl}\\ufffd][^\\p{Cntrl}\\ufffd]*";

  private final Supplier<Optional<Path>> where;
  private final Set<String> told = new HashSet<>();

  /**
   * Those in that file.
   *
   * @param where the file that is used now; empty: nothing is kept
   */
  Decisions(Supplier<Optional<Path>> where) {
    this.where = where;
  }

  /** What was decided about so; a file that cannot be read is told, and holds nothing. */
  synchronized List<String> all(String word) {
    return read().stream()
        .filter(line -> line.startsWith(word + " "))
        .map(line -> line.substring(word.length() + 1))
        .toList();
  }

  /**
   * Keeps one decision, or forgets it.
   *
   * @return why it will not hold over a restart; empty if it will
   */
  String keep(String word, String what, boolean decided) {
    return replace(word, what::equals, decided ? what : "");
  }

  /**
   * Puts a decision in the place of others.
   *
   * @param former those that were decided about so and are forgotten
   * @param next in one line; empty: none
   * @return why it will not hold over a restart; empty if it will
   */
  synchronized String replace(String word, Predicate<String> former, String next) {
    Optional<Path> file = where.get();
    if (file.isEmpty()) {
      return "openmmp.state-file is null";
    }
    Path path = file.get();
    SortedSet<String> before = read();
    SortedSet<String> lines = new TreeSet<>(before);
    lines.removeIf(
        line -> line.startsWith(word + " ") && former.test(line.substring(word.length() + 1)));
    String line = word + " " + next;
    if (!next.isEmpty() && !line.matches(LINE)) {
      return "it cannot be written as one line";
    }
    if (!next.isEmpty()) {
      lines.add(line);
    }
    if (lines.equals(before)) {
      return "";
    }
    try {
      write(lines, path);
      return "";
    } catch (IOException e) {
      log.warn("openmmp.state-file {} cannot be written: {}", path, String.valueOf(e));
      return "openmmp.state-file " + path + " cannot be written";
    }
  }

  /** What an answer says behind a decision that will not hold. */
  static String lostWords(String why) {
    return why.isEmpty() ? "" : "\nthis will not hold over a restart: " + why;
  }

  /** Names of users are nobody else's business. */
  private static void write(SortedSet<String> lines, Path path) throws IOException {
    Path next = path.resolveSibling(path.getFileName() + ".new");
    List<String> written = new ArrayList<>(List.of(HEADER));
    written.addAll(lines);
    Files.deleteIfExists(next);
    Files.createFile(
        next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
    Files.write(next, written, StandardOpenOption.WRITE, StandardOpenOption.DSYNC);
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** A line does not hold here. */
  synchronized void passedOver(String word, String what, String why) {
    if (told.add(word + " " + what)) {
      log.error("openmmp.state-file: \"{} {}\" is passed over: {}", word, what, why);
    }
  }

  private SortedSet<String> read() {
    SortedSet<String> lines = new TreeSet<>();
    Optional<Path> file = where.get();
    if (file.isEmpty() || !Files.exists(file.get())) {
      return lines;
    }
    Path path = file.get();
    try {
      String text = new String(Files.readAllBytes(path), UTF_8);
      int number = 0;
      for (String line : text.split("\\R", -1)) {
        number++;
        if (line.matches(LINE)) {
          lines.add(line);
        } else if (!line.isEmpty() && !line.startsWith("#") && told.add(number + " " + line)) {
          log.error(
              "openmmp.state-file {}:{}: the line is none of this program's and is passed over:"
                  + " look with status and blocks at what holds",
              path,
              number);
        }
      }
    } catch (IOException e) {
      if (told.add(path.toString())) {
        log.error(
            "openmmp.state-file {} cannot be read, so nothing of it holds: {}",
            path,
            String.valueOf(e));
      }
    }
    return lines;
  }
}
