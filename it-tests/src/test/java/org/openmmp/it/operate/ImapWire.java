package org.openmmp.it.operate;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an IMAP server says after a login, octet by octet, held against the grammar of RFC 3501
 * section 9 and the order of section 2.2: a goodbye stands between answers or nowhere, and nothing
 * stands behind it.
 */
final class ImapWire {
  private static final Pattern LITERAL = Pattern.compile("\\{(\\d{1,9})\\}$");
  private static final Pattern UNTAGGED =
      Pattern.compile(
          "\\* (?:\\d+ (?:EXISTS|RECENT|EXPUNGE)|\\d+ FETCH \\(.+\\)|FLAGS \\(.*\\)|SEARCH[ \\d]*"
              + "|(?:OK|NO|BAD|BYE|CAPABILITY|ID) .+)",
          Pattern.DOTALL);
  private static final Pattern OF_ITSELF =
      Pattern.compile("\\* \\d+ (?:EXISTS|RECENT|EXPUNGE)", Pattern.DOTALL);

  private final InputStream in;
  private String tag = "";
  private boolean idle;
  private boolean answering;
  private boolean leaving;
  private boolean over;

  /**
   * One response.
   *
   * @param text its lines without CRLF, each literal's octets left out behind its length
   * @param literals the octets of each
   */
  record Said(String text, List<byte[]> literals) {
    boolean isGoodbye() {
      return text.startsWith("* BYE ");
    }
  }

  ImapWire(InputStream in) {
    this.in = in;
  }

  /** A command is sent; only one is open at a time. */
  void begins(String command) {
    tag = command.substring(0, command.indexOf(' ') < 0 ? command.length() : command.indexOf(' '));
    idle = command.endsWith(" IDLE");
    leaving = command.endsWith(" LOGOUT");
    answering = false;
  }

  /** Whether a part of the answer to the open command has come. */
  boolean isAnswering() {
    return answering;
  }

  /** Whether a command is open, of which the server may not know yet. */
  boolean isOpen() {
    return !tag.isEmpty();
  }

  /** The next response; null at the end behind a goodbye. */
  @Nullable Said next() throws IOException {
    int first = in.read();
    if (first < 0) {
      if (over) {
        return null;
      }
      throw new BrokenAnswerException("the end without a goodbye, while open: '" + tag + "'");
    }
    Said said = response(first);
    if (over && !(leaving && said.text().startsWith(tag + " OK"))) {
      throw new BrokenAnswerException("behind a goodbye: " + said.text());
    }
    judge(said);
    return said;
  }

  private void judge(Said said) {
    String text = said.text();
    if (said.isGoodbye() && !leaving) {
      if (answering) {
        throw new BrokenAnswerException("within the answer to " + tag + ": " + text);
      }
      over = true;
    } else if (!tag.isEmpty() && text.startsWith(tag + " ")) {
      if (!text.substring(tag.length()).matches("(?s) (?:OK|NO|BAD) .+")) {
        throw new BrokenAnswerException("no end of an answer: " + text);
      }
      tag = "";
      answering = false;
    } else if (text.startsWith("+ ")) {
      if (tag.isEmpty()) {
        throw new BrokenAnswerException("nobody asked for: " + text);
      }
      answering = !idle;
    } else if (!UNTAGGED.matcher(text).matches()) {
      throw new BrokenAnswerException("no response: " + text);
    } else if (!tag.isEmpty() && !idle && !OF_ITSELF.matcher(text).matches()) {
      answering = true;
    }
    over |= leaving && said.isGoodbye();
  }

  private Said response(int first) throws IOException {
    StringBuilder text = new StringBuilder();
    List<byte[]> literals = new ArrayList<>();
    int octet = first;
    while (true) {
      text.append(line(octet, text));
      Matcher literal = LITERAL.matcher(text);
      if (!literal.find()) {
        break;
      }
      int length = Integer.parseInt(literal.group(1));
      byte[] octets = in.readNBytes(length);
      if (octets.length < length) {
        throw new BrokenAnswerException("the end within a literal: " + text);
      }
      literals.add(octets);
      octet = in.read();
    }
    String whole = text.toString();
    if (whole.matches("(?s)\\* (?:\\d+ FETCH|FLAGS) .*") && !isBalanced(whole)) {
      throw new BrokenAnswerException("parentheses do not match: " + whole);
    }
    return new Said(whole, literals);
  }

  private String line(int first, CharSequence before) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int octet = first;
    while (octet != '\r') {
      if (octet <= 0 || octet == '\n') {
        throw new BrokenAnswerException(
            (octet < 0 ? "the end within: " : "no line: ") + before + text(line));
      }
      line.write(octet);
      octet = in.read();
    }
    if (in.read() != '\n') {
      throw new BrokenAnswerException("a CR without LF: " + before + text(line));
    }
    return text(line);
  }

  private static String text(ByteArrayOutputStream line) {
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  private static boolean isBalanced(String text) {
    int depth = 0;
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      if (quoted && each == '\\') {
        i++;
      } else if (each == '"') {
        quoted = !quoted;
      } else if (!quoted && (each == '(' || each == ')')) {
        depth += each == '(' ? 1 : -1;
        if (depth < 0) {
          return false;
        }
      }
    }
    return depth == 0 && !quoted;
  }
}
