package org.openmmp.config.imported;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The words of one shell command, quotes removed; nothing is expanded.
 *
 * @param words in order
 * @param open whether a quote, or a line that ends in a backslash, wants more text
 * @param rest what stands behind the operator that ends the command, if one does
 */
record ShellWords(List<Word> words, boolean open, Optional<String> rest) {
  /**
   * A word.
   *
   * @param computed whether a shell would have put something else in its place
   */
  record Word(String text, boolean computed) {}

  static ShellWords of(String text) {
    return new Cutter(text).cut();
  }

  /** Walks over the text once. */
  private static final class Cutter {
    private final String text;
    private final List<Word> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean inWord;
    private boolean computed;
    private boolean open;
    private int at;

    Cutter(String text) {
      this.text = text;
    }

    ShellWords cut() {
      Optional<String> rest = Optional.empty();
      while (at < text.length() && rest.isEmpty()) {
        char c = text.charAt(at);
        if (Character.isWhitespace(c)) {
          endWord();
          at++;
        } else if (";&|".indexOf(c) >= 0) {
          rest = Optional.of(text.substring(at).replaceFirst("^[;&|]+", ""));
        } else if (c == '#' && !inWord) {
          int end = text.indexOf('\n', at);
          at = end < 0 ? text.length() : end;
        } else {
          part(c);
        }
      }
      endWord();
      return new ShellWords(words, open, rest);
    }

    private void endWord() {
      if (inWord) {
        words.add(new Word(word.toString(), computed));
      }
      word.setLength(0);
      inWord = false;
      computed = false;
    }

    private void part(char c) {
      at++;
      switch (c) {
        case '\'' -> singleQuoted();
        case '"' -> doubleQuoted();
        case '\\' -> escaped();
        default -> plain(c);
      }
    }

    private void plain(char c) {
      inWord = true;
      computed |= c == '$' || c == '`';
      word.append(c);
    }

    private void escaped() {
      if (at >= text.length()) {
        open = true;
      } else if (text.charAt(at) == '\n') {
        at++;
      } else {
        inWord = true;
        word.append(text.charAt(at++));
      }
    }

    private void singleQuoted() {
      inWord = true;
      int end = text.indexOf('\'', at);
      open = end < 0;
      word.append(text, at, open ? text.length() : end);
      at = open ? text.length() : end + 1;
    }

    private void doubleQuoted() {
      inWord = true;
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c == '"') {
          return;
        }
        if (c == '\\' && at < text.length() && "\\\"$`\n".indexOf(text.charAt(at)) >= 0) {
          char next = text.charAt(at++);
          word.append(next == '\n' ? "" : String.valueOf(next));
        } else {
          computed |= c == '$' || c == '`';
          word.append(c);
        }
      }
      open = true;
    }
  }
}
