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
public final class CommandParser {
  private static final Pattern COMMAND =
      Pattern.compile(
          "^\\s*(?:\\S*[#$%>]\\s+)?(?:sudo\\s+(?:-\\S+\\s+(?:(?!msconfig)[\\w.-]+\\s+)?)*)?(?:[\\w./-]*/)?msconfig(?:[>#]\\s*|\\s+)(.*)$",
          Pattern.DOTALL);

  /** A line that {@code msconfig show} prints. */
  private static final Pattern SHOWN =
      Pattern.compile(
          "^\\s*((?:[A-Za-z_]+\\.)*[A-Za-z_]+(?::\\S+?)?\\.[A-Za-z_]+)\\s+=(?:\\s+(.*\\S))?\\s*$");

  /** Texts that are shown in place of a password. */
  private static final Pattern WITHHELD = Pattern.compile("[*\\u2022]+|[(<\\[][^=]*[)>\\]]");

  private static final String SETTING =
      "msconfig set proxy:group.storehostlist \"a b c\", in plain quotes, with plain spaces, on a line"
          + " of its own; or the line that msconfig show prints";

  private final String[] lines;
  private final List<Option> options = new ArrayList<>();
  private final List<Skipped> skipped = new ArrayList<>();
  private final List<Fault> faults = new ArrayList<>();
  private int next;

  /** Begins with the text. */
  public CommandParser(String text) {
    lines = text.split("\\R", -1);
  }

  /** Whether a line of a text is a command that sets something. */
  public static boolean hasCommand(String text) {
    return text.lines().anyMatch(line -> COMMAND.matcher(line).matches());
  }

  /** Reads all of it, once. */
  public ImportedText parse() {
    while (next < lines.length) {
      int line = next + 1;
      String text = lines[next++];
      if (!text.strip().startsWith("#") || COMMAND.matcher(text).matches()) {
        line(line, text);
      }
    }
    return new ImportedText(options, skipped, faults);
  }

  /** One command, and what stands behind {@code ;} or {@code &&} on the same line. */
  private void line(int line, String text) {
    Matcher command = COMMAND.matcher(text);
    if (command.matches()) {
      command(line, command.group(1));
      return;
    }
    Matcher shown = SHOWN.matcher(text);
    if (shown.matches()) {
      shown(line, shown);
    } else if (ImportedText.namesTaken(text)) {
      faults.add(ImportedText.unread(line, text, SETTING));
    } else if (!text.isBlank()) {
      ShellWords words = ShellWords.of(text.strip());
      skipped.add(
          new Skipped(
              line, words.words().stream().findFirst().map(ShellWords.Word::text).orElse("")));
      words.rest().ifPresent(more -> line(line, more));
    }
  }

  private void shown(int line, Matcher shown) {
    Optional<String> value = Optional.ofNullable(shown.group(2)).map(CommandParser::unquoted);
    boolean withheld = value.filter(text -> WITHHELD.matcher(text).matches()).isPresent();
    options.add(new Option(line, shown.group(1), withheld ? Optional.empty() : value, withheld));
  }

  private static String unquoted(String text) {
    boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
    return quoted ? text.substring(1, text.length() - 1) : text;
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
    List<ShellWords.Word> all = words.words();
    String verb = all.isEmpty() ? "" : all.get(0).text();
    if (verb.equals("set")) {
      // Switches stand before the name; behind it a word is a value whatever it begins with.
      set(line, all.stream().skip(1).dropWhile(word -> word.text().startsWith("-")).toList());
    } else if (!verb.equals("show") && ImportedText.namesTaken(rest)) {
      faults.add(ImportedText.unread(line, rest, SETTING));
    } else {
      skipped.add(new Skipped(line, ("msconfig " + verb).strip()));
    }
    words.rest().ifPresent(more -> line(line, more));
  }

  private void set(int line, List<ShellWords.Word> words) {
    if (!words.isEmpty() && words.get(0).text().chars().anyMatch(ImportedText::isOddSpace)) {
      faults.add(ImportedText.unread(line, words.get(0).text(), SETTING));
      return;
    }
    if (words.isEmpty() || words.size() > 2) {
      faults.add(
          new Fault(
              line,
              "msconfig set with " + words.size() + " words behind it",
              "a name and at most one value, which is quoted if it has spaces"));
      return;
    }
    Optional<ShellWords.Word> value = words.stream().skip(1).findFirst();
    options.add(
        new Option(
            line,
            words.get(0).text(),
            value.filter(word -> !word.computed()).map(ShellWords.Word::text),
            value.filter(ShellWords.Word::computed).isPresent()));
  }
}
