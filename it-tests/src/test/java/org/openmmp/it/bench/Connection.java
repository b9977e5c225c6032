package org.openmmp.it.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One end of a connection that is spoken on in lines. */
final class Connection implements AutoCloseable {
  private static final byte[] DOT_LINE = "\r\n.\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int BUFFER_OCTETS = 16 * 1024;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  Connection(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream(), BUFFER_OCTETS);
    out = socket.getOutputStream();
  }

  /** The next line without its end; empty at the end of the stream. */
  String line() throws IOException {
    StringBuilder line = new StringBuilder(128);
    for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
      if (octet != '\r') {
        line.append((char) octet);
      }
    }
    return line.toString();
  }

  /** Reads a line that has to begin so. */
  void expect(String beginning) throws IOException {
    String line = line();
    if (!line.startsWith(beginning)) {
      throw new IOException("\"" + line + "\" instead of \"" + beginning + "\"");
    }
  }

  /** Sends text, line ends included. */
  void say(String text) throws IOException {
    write(text.getBytes(StandardCharsets.US_ASCII));
  }

  void write(byte[] octets) throws IOException {
    write(octets, octets.length);
  }

  void write(byte[] octets, int count) throws IOException {
    out.write(octets, 0, count);
  }

  /** Reads over so many octets. */
  void skip(long octets) throws IOException {
    in.skipNBytes(octets);
  }

  /** Reads over everything up to the line that is one dot, however short the lines are. */
  void skipToDot() throws IOException {
    int matched = 2; // the end of the line before
    while (matched < DOT_LINE.length) {
      int octet = in.read();
      if (octet < 0) {
        throw new IOException("the connection ended within a message");
      }
      if (octet == DOT_LINE[matched]) {
        matched++;
      } else {
        matched = octet == DOT_LINE[0] ? 1 : 0;
      }
    }
  }

  /** Whether the peer has said more already. */
  boolean hasMore() throws IOException {
    return in.available() > 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
