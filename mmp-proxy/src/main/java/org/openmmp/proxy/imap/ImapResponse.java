package org.openmmp.proxy.imap;

/**
 * One line of a store, taken apart as far as its first words (RFC 9051 section 7).
 *
 * @param line the whole line without its end
 * @param tag a tag, {@code *} for an untagged response, {@code +} for a continuation request
 * @param word what kind of response it is
 * @param text what stands behind that word; behind the tag if the word is {@link Word#OTHER}
 */
record ImapResponse(String line, String tag, Word word, String text) {
  /** The responses that matter before login. */
  enum Word {
    OK,
    NO,
    BAD,
    BYE,
    PREAUTH,
    CAPABILITY,
    /** Any other response, and any line that is none. */
    OTHER;

    private static final Word[] NAMED = {OK, NO, BAD, BYE, PREAUTH, CAPABILITY};
  }

  static ImapResponse parse(String line) {
    int tagEnd = endOfWord(line, 0);
    String tag = tag(line, tagEnd);
    int from = Math.min(tagEnd + 1, line.length());
    int end = endOfWord(line, from);
    for (Word word : Word.NAMED) {
      String name = word.name();
      if (end - from == name.length() && line.regionMatches(true, from, name, 0, end - from)) {
        return new ImapResponse(line, tag, word, line.substring(Math.min(end + 1, line.length())));
      }
    }
    return new ImapResponse(line, tag, Word.OTHER, line.substring(from));
  }

  boolean untagged() {
    return tag.equals("*");
  }

  boolean continuation() {
    return tag.equals("+");
  }

  /** Whether it is data, which may hold literals; other responses end in text. */
  boolean mayHoldLiterals() {
    return untagged() && word == Word.OTHER;
  }

  /** Most have one of two; those need not be made. */
  private static String tag(String line, int end) {
    if (end == 1) {
      char sign = line.charAt(0);
      if (sign == '*' || sign == '+') {
        return sign == '*' ? "*" : "+";
      }
    }
    return line.substring(0, end);
  }

  private static int endOfWord(String line, int from) {
    int end = line.indexOf(' ', from);
    return end < 0 ? line.length() : end;
  }
}
