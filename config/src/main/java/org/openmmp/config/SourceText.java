package org.openmmp.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The octets of a file before HOCON is read of them.
 *
 * <p>HOCON's reader puts U+FFFD in the place of what is not UTF-8, without a word, and a password
 * or a DN is another one then; and it goes down one call for each brace, until the stack ends.
 */
final class SourceText {
  static final int DEEPEST = 100;
  static final String NESTING = "objects and lists within one another up to " + DEEPEST + " deep";
  private static final int LARGEST_OCTETS = 256 * 1024 * 1024;

  private final Reading reading;
  private final Path file;

  SourceText(Reading reading, Path file) {
    this.reading = reading;
    this.file = file;
  }

  /** Reports the first line that is not UTF-8, and the first brace that is too deep. */
  void check() {
    byte[] octets;
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > LARGEST_OCTETS) {
        return; // HOCON's reader says what is wrong with it
      }
      octets = Files.readAllBytes(file);
    } catch (IOException e) {
      return; // likewise
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(octets);
    CharBuffer out = CharBuffer.allocate(octets.length + 1);
    CoderResult result = decoder.decode(in, out, true);
    out.flip();
    if (result.isError()) {
      problem(
          1 + newLines(out),
          "an octet that is not UTF-8, 0x" + hex(octets[in.position()]),
          "a file in UTF-8; iconv -f latin1 -t utf8 turns one in Latin-1 into that");
      return;
    }
    nesting(out);
  }

  private void nesting(CharBuffer text) {
    int depth = 0;
    int line = 1;
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        int end = afterString(text, at);
        line += newLines(text.subSequence(at, end));
        at = end;
        continue;
      }
      if (c == '#' || (c == '/' && at + 1 < text.length() && text.charAt(at + 1) == '/')) {
        while (at < text.length() && text.charAt(at) != '\n') {
          at++;
        }
        continue;
      }
      line += c == '\n' ? 1 : 0;
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      if (depth > DEEPEST) {
        problem(line, "a nesting of more than " + DEEPEST, NESTING);
        return;
      }
      at++;
    }
  }

  private static int afterString(CharBuffer text, int quote) {
    boolean triple = startsWith(text, quote, "\"\"\"");
    int at = quote + (triple ? 3 : 1);
    while (at < text.length()) {
      char c = text.charAt(at);
      if (triple) {
        if (startsWith(text, at, "\"\"\"") && !startsWith(text, at + 1, "\"\"\"")) {
          return at + 3;
        }
      } else if (c == '"' || c == '\n') {
        return at + 1;
      } else if (c == '\\') {
        at++;
      }
      at++;
    }
    return text.length();
  }

  private static boolean startsWith(CharBuffer text, int at, String what) {
    if (at + what.length() > text.length()) {
      return false;
    }
    for (int i = 0; i < what.length(); i++) {
      if (text.charAt(at + i) != what.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int newLines(CharSequence text) {
    return (int) text.chars().filter(c -> c == '\n').count();
  }

  private static String hex(byte octet) {
    return String.format("%02x", octet);
  }

  private void problem(int line, String found, String accepted) {
    reading.add(new ConfigProblem(new ConfigPlace(file.toString(), line), "", found, accepted));
  }
}
