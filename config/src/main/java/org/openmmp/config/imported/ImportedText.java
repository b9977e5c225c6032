package org.openmmp.config.imported;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a text sets.
 *
 * @param options in the order of the text
 * @param skipped what is no setting
 * @param faults what was meant as a setting and cannot be read
 */
public record ImportedText(List<Option> options, List<Skipped> skipped, List<Fault> faults) {

  /** Names of settings that this program takes over: what has one of them is not passed over. */
  private static final Pattern TAKEN =
      Pattern.compile(
          "storehostlist|affinitylist|imapadmin|proxyadmin|proxyimapport"
              + "|proxy:[^\\s\"]*\\.(imap|pop|lmtp)port",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern TYPESET_QUOTE = Pattern.compile("[\u2018-\u201f\u00ab\u00bb]");

  /** Copies the lists. */
  public ImportedText {
    options = List.copyOf(options);
    skipped = List.copyOf(skipped);
    faults = List.copyOf(faults);
  }

  /**
   * An option that is set.
   *
   * @param line from 1
   * @param name as it stands there, escapes of the text undone
   * @param value empty if there is none, or it is not plain text
   * @param computed whether the value is not plain text: a variable, a call, a shell's expansion
   */
  public record Option(int line, String name, Optional<String> value, boolean computed) {
    /** Without the value, which may be a password. */
    @Override
    public String toString() {
      return name + " (line " + line + ")";
    }
  }

  /**
   * A statement or command that sets nothing.
   *
   * @param line from 1
   * @param word what it begins with
   */
  public record Skipped(int line, String word) {}

  /**
   * A setting that cannot be read.
   *
   * @param line from 1
   * @param found what stands there; never a value
   * @param accepted what may stand there
   */
  public record Fault(int line, String found, String accepted) {}

  /** Whether a text names a setting that this program takes over. */
  public static boolean namesTaken(String text) {
    return TAKEN.matcher(text).find();
  }

  /** A setting in none of the forms, with the reason if one can be seen. */
  static Fault unread(int line, String text, String accepted) {
    String why =
        TYPESET_QUOTE.matcher(text).find()
            ? ", with typographic quotes"
            : text.chars().anyMatch(ImportedText::isOddSpace) ? ", with a no-break space" : "";
    return new Fault(line, "a setting in a form that is not read" + why, accepted);
  }

  /** A space that no shell takes for one. */
  static boolean isOddSpace(int c) {
    return Character.isSpaceChar(c) && !Character.isWhitespace(c);
  }
}
