package org.openmmp.storesim.pop3;

import java.util.Locale;
import org.openmmp.storesim.session.CommandSyntaxException;

/**
 * One command line.
 *
 * @param keyword in upper case
 * @param argument the rest behind one blank, as it stands; empty if there is none
 */
record Pop3CommandLine(String keyword, String argument) {
  static Pop3CommandLine of(String line) {
    int blank = line.indexOf(' ');
    String keyword = blank < 0 ? line : line.substring(0, blank);
    return new Pop3CommandLine(
        keyword.toUpperCase(Locale.ROOT), blank < 0 ? "" : line.substring(blank + 1));
  }

  /** The argument's word at a place, from 0; {@link CommandSyntaxException} if it is missing. */
  String word(int place) {
    String[] words = argument.split(" ", -1);
    if (place >= words.length || words[place].isEmpty()) {
      throw new CommandSyntaxException(keyword + " needs another word");
    }
    return words[place];
  }

  /** That word as a number, 0..999999999. */
  int number(int place) {
    String word = word(place);
    if (!word.matches("\\d{1,9}")) {
      throw new CommandSyntaxException(word + " is no number");
    }
    return Integer.parseInt(word);
  }
}
