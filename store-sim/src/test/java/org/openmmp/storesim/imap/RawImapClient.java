package org.openmmp.storesim.imap;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client that sends lines as they are and reads lines back; seconds at most for each. */
final class RawImapClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 5_000;
  private static final int CONNECT_MILLIS = 1_500;

  private final Socket socket = new Socket();
  private final InputStream in;

  RawImapClient(InetSocketAddress address) throws IOException {
    socket.connect(address, CONNECT_MILLIS);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  void limit(int millis) throws IOException {
    socket.setSoTimeout(millis);
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** A line without its end; {@code <closed>} at the end of the stream. */
  String line() throws IOException {
    StringBuilder line = new StringBuilder();
    int octet = in.read();
    if (octet < 0) {
      return "<closed>";
    }
    while (octet >= 0 && octet != '\n') {
      line.append((char) octet);
      octet = in.read();
    }
    return line.toString().replace("\r", "");
  }

  /** Sends a command and reads up to its tagged answer, which is the last of the lines. */
  List<String> command(String command) throws IOException {
    String tag = command.substring(0, command.indexOf(' '));
    send(command + "\r\n");
    List<String> lines = new ArrayList<>();
    String line;
    do {
      line = line();
      lines.add(line);
    } while (!line.startsWith(tag + " ") && !line.equals("<closed>"));
    return lines;
  }

  /** The tagged answer alone. */
  String answer(String command) throws IOException {
    List<String> lines = command(command);
    return lines.get(lines.size() - 1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
