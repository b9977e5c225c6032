package org.openmmp.config.imported;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openmmp.config.imported.ImportedText.Fault;
import org.openmmp.config.imported.ImportedText.Option;
import org.openmmp.config.imported.ImportedText.Skipped;

/**
 * Reads {@code msconfig set name "value"} out of lines as they are typed at a shell, with or
 * without its prompt, or at the prompt of {@code msconfig} itself.
 *
 * <p>Quoting is the shell's (POSIX.1 shell command language, section 2.2). {@code # msconfig …} is
 * a command at a prompt; any other line that begins with {@code #} is a comment.
 */
final class CommandParser {
  private static final Pattern COMMAND =
      Pattern.compile(
          "^\\s*(?:\\S*[#$%>]\\s+)?(?:sudo\\s+)?(?:[\\w./-]*/)?msconfig(?:[>#]\\s*|\\s+)(.*)$",
          Pattern.DOTALL);

  private final String[] lines;
  private final List<Option> options = new ArrayList<>();
  private final List<Skipped> skipped = new ArrayList<>();
  private final List<Fault> faults = new ArrayList<>();
  private int next;

  CommandParser(String text) {
    lines = text.split("\\R", -1);
  }

  ImportedText parse() {
    while (next < lines.length) {
      int line = next + 1;
      String text = lines[next++];
      Matcher command = COMMAND.matcher(text);
      if (command.matches()) {
        command(line, command.group(1));
      } else if (!text.isBlank() && !text.strip().startsWith("#")) {
        skipped.add(new Skipped(line, text.strip().split("\\s+", 2)[0]));
      }
    }
    return new ImportedText(options, skipped, faults);
  }

  private void command(int line, String rest) {
    ShellWords words = ShellWords.of(rest);
    String text = rest;
    while (words.open() && next < lines.length) {
      text = text + "\n" + lines[next++];
      words = ShellWords.of(text);
    }
    if (words.open()) {
      next = line;
      faults.add(new Fault(line, "a quote that is not closed", "one that is closed"));
      return;
    }
    List<ShellWords.Word> all =
        words.words().stream().filter(word -> !word.text().startsWith("-")).toList();
    if (all.isEmpty() || !all.get(0).text().equals("set")) {
      skipped.add(new Skipped(line, "msconfig" + (all.isEmpty() ? "" : " " + all.get(0).text())));
    } else if (all.size() < 2 || all.size() > 3) {
      faults.add(
          new Fault(
              line,
              "msconfig set with " + (all.size() - 1) + " words behind it",
              "a name and at most one value, which is quoted if it has spaces"));
    } else {
      Optional<ShellWords.Word> value = all.stream().skip(2).findFirst();
      boolean computed = value.isPresent() && value.get().computed();
      options.add(
          new Option(
              line,
              all.get(1).text(),
              value.filter(word -> !word.computed()).map(ShellWords.Word::text),
              computed));
    }
    words.rest().ifPresent(more -> followUp(line, more));
  }

  /** What stands behind {@code ;} or {@code &&} on the same line. */
  private void followUp(int line, String text) {
    Matcher command = COMMAND.matcher(text);
    if (command.matches()) {
      command(line, command.group(1));
    } else if (!text.isBlank()) {
      skipped.add(new Skipped(line, text.strip().split("\\s+", 2)[0]));
    }
  }
}
