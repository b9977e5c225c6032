package org.openmmp.storesim;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that sends lines as they are and reads lines back; seconds at most for each. */
public class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 5_000;
  private static final int CONNECT_MILLIS = 1_500;

  private final Socket socket = new Socket();
  private final InputStream in;

  /** Connects; whatever the store says first is still to be read. */
  public RawClient(InetSocketAddress address) throws IOException {
    socket.connect(address, CONNECT_MILLIS);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** Waits no longer than this for anything more. */
  public final void limit(int millis) throws IOException {
    socket.setSoTimeout(millis);
  }

  /** Sends octets, given as ISO-8859-1. */
  public final void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** Sends a command and reads one line. */
  protected final String lineAfter(String command) throws IOException {
    send(command + "\r\n");
    return line();
  }

  /** A line without its end; {@code <closed>} at the end of the stream. */
  public final String line() throws IOException {
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

  @Override
  public final void close() throws IOException {
    socket.close();
  }
}
