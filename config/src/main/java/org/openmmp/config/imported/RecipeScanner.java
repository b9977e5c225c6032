package org.openmmp.config.imported;

/** Cuts a recipe into words, strings and signs; comments and white space fall away. */
final class RecipeScanner {
  /** The kinds of token. */
  enum Kind {
    WORD,
    STRING,
    SIGN,
    /** A string or comment that the text's end cuts off. */
    UNCLOSED,
    END
  }

  /**
   * A piece of the recipe.
   *
   * @param text a string's without quotes, escapes undone
   */
  record Token(Kind kind, String text, int line) {
    boolean isSign(String sign) {
      return kind == Kind.SIGN && text.equals(sign);
    }

    boolean isWord(String word) {
      return kind == Kind.WORD && text.equals(word);
    }
  }

  private final String text;
  private int at;
  private int line = 1;

  RecipeScanner(String text) {
    this.text = text;
  }

  Token next() {
    int opened = skipBlanksAndComments();
    if (opened > 0) {
      return new Token(Kind.UNCLOSED, "a comment that is not closed", opened);
    }
    if (at >= text.length()) {
      return new Token(Kind.END, "", line);
    }
    char c = text.charAt(at);
    if (c == '"' || c == '\'') {
      return string(c);
    }
    int start = at++;
    if (!isWordPart(c)) {
      return new Token(Kind.SIGN, String.valueOf(c), line);
    }
    while (at < text.length() && isWordPart(text.charAt(at))) {
      at++;
    }
    return new Token(Kind.WORD, text.substring(start, at), line);
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$';
  }

  /** The line of a comment that is not closed, else 0. */
  private int skipBlanksAndComments() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#' || text.startsWith("//", at)) {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (text.startsWith("/*", at)) {
        int opened = line;
        int end = text.indexOf("*/", at + 2);
        advanceTo(end < 0 ? text.length() : end + 2);
        if (end < 0) {
          return opened;
        }
      } else if (Character.isWhitespace(c) || c == '\uFEFF') {
        advanceTo(at + 1);
      } else {
        return 0;
      }
    }
    return 0;
  }

  private void advanceTo(int end) {
    while (at < end) {
      line += text.charAt(at++) == '\n' ? 1 : 0;
    }
  }

  private Token string(char quote) {
    int opened = line;
    StringBuilder value = new StringBuilder();
    advanceTo(at + 1);
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == quote) {
        at++;
        return new Token(Kind.STRING, value.toString(), opened);
      }
      if (c == '\\' && at + 1 < text.length()) {
        value.append(unescaped(text.charAt(at + 1)));
        advanceTo(at + 2);
      } else {
        value.append(c);
        advanceTo(at + 1);
      }
    }
    return new Token(Kind.UNCLOSED, "a string that is not closed", opened);
  }

  /**
   * What an escape stands for; one that is none stays as it is written, so {@code \.} keeps both.
   */
  private static String unescaped(char c) {
    return switch (c) {
      case '\\', '"', '\'' -> String.valueOf(c);
      case 'n' -> "\n";
      case 'r' -> "\r";
      case 't' -> "\t";
      case '\n' -> "";
      default -> "\\" + c;
    };
  }
}
