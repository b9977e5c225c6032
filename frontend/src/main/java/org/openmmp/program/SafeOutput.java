package org.openmmp.program;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import org.openmmp.text.SafeText;

/**
 * What a command prints, for an operator's terminal: names that peers or the directory chose come
 * out as {@link SafeText#lines} has them, whichever command prints them.
 */
final class SafeOutput extends FilterWriter {
  private SafeOutput(Writer out) {
    super(out);
  }

  /** A writer of whole lines to that one. */
  static PrintWriter to(PrintWriter out) {
    return new PrintWriter(new SafeOutput(out), true);
  }

  @Override
  public void write(String text, int from, int length) throws IOException {
    out.write(SafeText.lines(text.substring(from, from + length)));
  }

  @Override
  public void write(char[] text, int from, int length) throws IOException {
    out.write(SafeText.lines(new String(text, from, length)));
  }

  @Override
  public void write(int c) throws IOException {
    out.write(SafeText.lines(String.valueOf((char) c)));
  }
}
