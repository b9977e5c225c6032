package org.openmmp.it.operate;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * What a POP3 server says, octet by octet, held against RFC 1939 section 3: an answer to each
 * command, and nothing within or behind it but a goodbye, with which all ends.
 */
final class Pop3Wire {
  private final InputStream in;

  Pop3Wire(InputStream in) {
    this.in = in;
  }

  /** The first line of an answer. */
  String answer() throws IOException {
    int first = in.read();
    if (first < 0) {
      throw new BrokenAnswerException("the end without a goodbye");
    }
    String line = line(first);
    if (!line.matches("\\+OK(?: .*)?|-ERR .+")) {
      throw new BrokenAnswerException("no answer: " + line);
    }
    return line;
  }

  /** The octets of a message, dots taken away. */
  byte[] message() throws IOException {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    while (true) {
      String line = line(in.read());
      if (line.equals(".")) {
        return message.toByteArray();
      }
      String plain = line.startsWith(".") ? line.substring(1) : line;
      message.writeBytes((plain + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  /** Whether the server has ended; otherwise an answer that was not asked for has come. */
  boolean hasEnded() throws IOException {
    int octet = in.read();
    if (octet >= 0) {
      throw new BrokenAnswerException("behind a goodbye: " + line(octet));
    }
    return true;
  }

  private String line(int first) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int octet = first;
    while (octet != '\r') {
      if (octet <= 0 || octet == '\n') {
        throw new BrokenAnswerException(
            (octet < 0 ? "the end within: " : "no line: ")
                + line.toString(StandardCharsets.ISO_8859_1));
      }
      line.write(octet);
      octet = in.read();
    }
    if (in.read() != '\n') {
      throw new BrokenAnswerException("a CR without LF");
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }
}
