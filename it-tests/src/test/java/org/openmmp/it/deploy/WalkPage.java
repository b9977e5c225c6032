package org.openmmp.it.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A page that says what to write and what to run on which machine, in numbered sections. */
final class WalkPage {
  private static final Pattern MACHINES = Pattern.compile("(?i)\\bon \\*\\*");
  private static final Pattern MACHINE = Pattern.compile("\\*\\*(\\w+)\\*\\*");
  private static final Pattern FILE = Pattern.compile("`(/etc/\\S+)` on \\*\\*");
  private static final Pattern LINKED = Pattern.compile(": \\[\\S+]\\((\\S+)\\)\\.$");

  private final Path page;
  private final List<String> lines;

  /**
   * Something to do.
   *
   * @param machines where
   * @param file what to write there; empty: run the lines instead
   */
  record Step(List<String> machines, String file, List<String> lines) {}

  WalkPage(Path page) {
    this.page = page;
    lines = lines(page);
  }

  /** The steps of a section, in order. */
  List<Step> section(int number) {
    int from = heading("## " + number + ". ");
    int to = from + 1;
    while (to < lines.size() && !lines.get(to).startsWith("## ")) {
      to++;
    }
    List<Step> steps = new ArrayList<>();
    for (int at = from + 1; at < to; at++) {
      String line = lines.get(at);
      Matcher linked = LINKED.matcher(line);
      if (MACHINES.matcher(line).find() && (line.endsWith(":") || linked.find())) {
        steps.add(step(line, line.endsWith(":") ? block(at + 1) : lines(linked(linked))));
      }
    }
    return steps;
  }

  private static Step step(String line, List<String> content) {
    Matcher file = FILE.matcher(line);
    return new Step(
        MACHINE.matcher(line).results().map((MatchResult each) -> each.group(1)).toList(),
        file.find() ? file.group(1) : "",
        content);
  }

  private Path linked(Matcher link) {
    return page.resolveSibling(link.group(1));
  }

  private int heading(String beginning) {
    for (int at = 0; at < lines.size(); at++) {
      if (lines.get(at).startsWith(beginning)) {
        return at;
      }
    }
    throw new AssertionError(page + " has no section " + beginning);
  }

  /** What stands fenced or indented below a line. */
  private List<String> block(int from) {
    int at = from;
    while (lines.get(at).isEmpty()) {
      at++;
    }
    List<String> block = new ArrayList<>();
    if (lines.get(at).startsWith("```")) {
      for (at++; !lines.get(at).startsWith("```"); at++) {
        block.add(lines.get(at));
      }
    } else {
      for (; at < lines.size() && lines.get(at).startsWith("    "); at++) {
        block.add(lines.get(at).strip());
      }
    }
    if (block.isEmpty()) {
      throw new AssertionError(page + " has nothing below line " + from);
    }
    return block;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
