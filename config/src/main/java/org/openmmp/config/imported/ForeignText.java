package org.openmmp.config.imported;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes another product's configuration apart: settings, and the blocks that they stand in. Nothing
 * is judged here.
 */
final class ForeignText {
  private final String file;
  private final String text;
  private final Grammar grammar;
  private final List<Setting> settings = new ArrayList<>();
  private final StringBuilder statement = new StringBuilder();
  private Block block;
  private int line = 1;
  private int begun = 1;

  private ForeignText(String file, String text, Grammar grammar) {
    this.file = file;
    this.text = text;
    this.grammar = grammar;
    block = new Block("", null);
  }

  /**
   * How settings are written.
   *
   * @param ends the character behind a setting
   * @param blocks whether braces hold blocks
   * @param quotes the characters that quote
   * @param separator what stands between name and value, as a regular expression
   */
  record Grammar(char ends, boolean blocks, String quotes, String separator) {}

  /**
   * A setting.
   *
   * @param name in lower case, the first words of its blocks before it with dots
   * @param value without its quotes
   */
  record Setting(String file, int line, String name, String value, Block in) {
    String place() {
      return file + ":" + line;
    }

    /** The same of another name: what a setting that holds several is made of. */
    Setting part(String partName, String partValue) {
      return new Setting(file, line, partName, partValue, in);
    }
  }

  /** What is set in a block, and in those around it. */
  static final class Block {
    final String title;
    final @Nullable Block around;
    private final Map<String, String> own = new HashMap<>();

    Block(String title, @Nullable Block around) {
      this.title = title;
      this.around = around;
    }

    void set(String name, String value) {
      own.merge(name, value, (one, more) -> one + " " + more);
    }

    /** The value of the nearest setting of that plain name; empty if there is none. */
    String find(String name) {
      String value = own.get(name);
      return value != null ? value : around == null ? "" : around.find(name);
    }

    /** All titles from the outermost on, with a space behind each. */
    String titles() {
      return (around == null ? "" : around.titles()) + (title.isEmpty() ? "" : title + " ");
    }

    private String path() {
      return (around == null ? "" : around.path())
          + (title.isEmpty() ? "" : title.split("\\s", 2)[0].toLowerCase(Locale.ROOT) + ".");
    }
  }

  /** The settings of a text, in its order. */
  static List<Setting> settings(String file, String text, Grammar grammar) {
    return new ForeignText(file, text, grammar).read();
  }

  private List<Setting> read() {
    boolean variable = false; // such as %{user}
    char quote = 0;
    char before = '\n';
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (variable) {
        variable = c != '}';
        statement.append(c);
      } else if (quote != 0) {
        quote = c == quote && before != '\\' ? 0 : quote;
        statement.append(c);
      } else if (grammar.quotes().indexOf(c) >= 0) {
        quote = c;
        begin().append(c);
      } else if (c == '#' && Character.isWhitespace(before)) {
        at = endOfLine(at) - 1;
      } else if (c == '{' && (before == '%' || before == '$')) {
        variable = true;
        begin().append(c);
      } else if (c == grammar.ends()) {
        end();
      } else if (grammar.blocks() && c == '{' && isBrace(at)) {
        block = new Block(statement.toString().strip(), block);
        statement.setLength(0);
      } else if (grammar.blocks() && c == '}' && isBrace(at) && block.around != null) {
        end();
        block = block.around;
      } else if (!Character.isWhitespace(c) || !statement.isEmpty()) {
        begin().append(c);
      }
      line += c == '\n' ? 1 : 0;
      before = c;
    }
    end();
    return settings;
  }

  private StringBuilder begin() {
    begun = statement.isEmpty() ? line : begun;
    return statement;
  }

  private int endOfLine(int at) {
    int end = text.indexOf('\n', at);
    return end < 0 ? text.length() : end;
  }

  /** Where lines are settings, a brace of a block is the last of its line or its word. */
  private boolean isBrace(int at) {
    return grammar.ends() == ';'
        || at + 1 == text.length()
        || Character.isWhitespace(text.charAt(at + 1));
  }

  private void end() {
    String whole = statement.toString().strip();
    statement.setLength(0);
    if (whole.isEmpty()) {
      return;
    }
    String[] parts = whole.split(grammar.separator(), 2);
    String name = parts[0].strip().toLowerCase(Locale.ROOT);
    String value = parts.length < 2 ? "" : plain(parts[1].strip());
    block.set(name, value);
    settings.add(new Setting(file, begun, block.path() + name, value, block));
  }

  private static String plain(String value) {
    boolean quoted =
        value.length() > 1
            && value.charAt(0) == value.charAt(value.length() - 1)
            && (value.charAt(0) == '"' || value.charAt(0) == '\'')
            && value.indexOf(value.charAt(0), 1) == value.length() - 1;
    return quoted ? value.substring(1, value.length() - 1) : value;
  }
}
