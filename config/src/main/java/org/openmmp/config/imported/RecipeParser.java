package org.openmmp.config.imported;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.openmmp.config.imported.ImportedText.Fault;
import org.openmmp.config.imported.ImportedText.Option;
import org.openmmp.config.imported.ImportedText.Skipped;
import org.openmmp.config.imported.RecipeScanner.Kind;
import org.openmmp.config.imported.RecipeScanner.Token;

/**
 * Reads {@code set_option("name", "value");} statements out of a recipe.
 *
 * <p>Strings may be joined by {@code .} or {@code +}. Any other statement is passed over as a
 * whole, with the calls in it: whether its condition holds is not for this reader to say.
 */
public final class RecipeParser {
  private static final Pattern CALL = Pattern.compile("(?m)^[ \\t]*set_option[ \\t]*\\(");
  private static final String STATEMENT = "set_option(\"name\", \"value\");";

  private static final String OF_ITSELF =
      STATEMENT + " as a statement of its own: whether a condition holds is not known here";

  private final RecipeScanner scanner;
  private final List<Option> options = new ArrayList<>();
  private final List<Skipped> skipped = new ArrayList<>();
  private final List<Fault> faults = new ArrayList<>();
  private final StringBuilder read = new StringBuilder();
  private Token token;

  /**
   * Reads a recipe if the text calls {@code set_option}, or its file is called so and has no
   * command; else what was typed at a shell.
   */
  public static ImportedText read(String fileName, String text) {
    boolean recipe =
        CALL.matcher(text).find() || (fileName.endsWith(".rcp") && !CommandParser.hasCommand(text));
    return recipe ? new RecipeParser(text).parse() : new CommandParser(text).parse();
  }

  /** Begins with the text. */
  public RecipeParser(String text) {
    scanner = new RecipeScanner(text);
    token = scanner.next();
  }

  /** Reads all of it, once. */
  public ImportedText parse() {
    while (!atEnd()) {
      if (token.isWord("set_option")) {
        call();
      } else if (token.isSign(";")) {
        advance();
      } else {
        Skipped statement = new Skipped(token.line(), token.text());
        read.setLength(0);
        read.append(token.text());
        skipStatement();
        if (ImportedText.namesTaken(read.toString())) {
          faults.add(ImportedText.unread(statement.line(), read.toString(), OF_ITSELF));
        } else {
          skipped.add(statement);
        }
      }
    }
    if (token.kind() == Kind.UNCLOSED) {
      faults.add(new Fault(token.line(), token.text(), "one that is closed"));
    }
    return new ImportedText(options, skipped, faults);
  }

  private boolean atEnd() {
    return token.kind() == Kind.END || token.kind() == Kind.UNCLOSED;
  }

  private void advance() {
    token = scanner.next();
    read.append(token.text());
  }

  private void call() {
    int line = token.line();
    read.setLength(0);
    advance();
    List<Optional<String>> arguments = new ArrayList<>();
    boolean sound = token.isSign("(");
    if (sound) {
      do {
        advance();
        arguments.add(argument());
      } while (token.isSign(","));
      sound = token.isSign(")");
    }
    if (sound) {
      advance();
      sound = token.isSign(";") || token.kind() == Kind.END;
    }
    if (token.kind() == Kind.UNCLOSED) {
      return;
    }
    if (!sound || arguments.size() > 2) {
      faults.add(new Fault(line, "a set_option that is written otherwise", STATEMENT));
      skipStatement();
      return;
    }
    add(line, arguments);
  }

  private void add(int line, List<Optional<String>> arguments) {
    Optional<String> name = arguments.get(0);
    if (name.isEmpty() && ImportedText.namesTaken(read.toString())) {
      faults.add(ImportedText.unread(line, read.toString(), STATEMENT));
      return;
    }
    if (name.isEmpty()) {
      skipped.add(new Skipped(line, "set_option of a computed name"));
      return;
    }
    Optional<String> value = arguments.size() > 1 ? arguments.get(1) : Optional.empty();
    boolean computed = arguments.size() > 1 && value.isEmpty();
    options.add(new Option(line, name.get(), value, computed));
  }

  /**
   * Reads up to the comma or bracket that ends the argument; nothing if that is more than strings.
   */
  private Optional<String> argument() {
    StringBuilder text = new StringBuilder();
    boolean plain = token.kind() == Kind.STRING;
    boolean wantsString = true;
    int depth = 0;
    while (!atEnd()
        && (depth > 0 || !(token.isSign(",") || token.isSign(")") || token.isSign(";")))) {
      boolean string = token.kind() == Kind.STRING;
      boolean joint = token.isSign(".") || token.isSign("+");
      plain &= wantsString ? string : joint;
      wantsString = !wantsString;
      text.append(string ? token.text() : "");
      depth += depthOf(token);
      advance();
    }
    return plain && !wantsString ? Optional.of(text.toString()) : Optional.empty();
  }

  private static int depthOf(Token token) {
    if (token.isSign("(") || token.isSign("{") || token.isSign("[")) {
      return 1;
    }
    return token.isSign(")") || token.isSign("}") || token.isSign("]") ? -1 : 0;
  }

  /**
   * Passes over a statement: to its semicolon, or to the end of its block and those that follow.
   */
  private void skipStatement() {
    int depth = 0;
    while (!atEnd()) {
      depth = Math.max(0, depth + depthOf(token));
      boolean closesBlock = token.isSign("}") && depth == 0;
      boolean ends = token.isSign(";") && depth == 0;
      advance();
      if (ends
          || (closesBlock
              && !(token.isWord("else") || token.isWord("elsif") || token.isWord("elseif")))) {
        return;
      }
    }
  }
}
