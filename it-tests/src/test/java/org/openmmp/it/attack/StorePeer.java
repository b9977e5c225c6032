package org.openmmp.it.attack;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the program to a {@link ScriptedStore}, as a script uses it. Octets are
 * ISO-8859-1.
 */
final class StorePeer implements AutoCloseable {
  private final Socket raw;
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private Socket socket;
  private InputStream in;
  private boolean silentBehindTls;

  StorePeer(Socket socket) throws IOException {
    this.raw = socket;
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /** All that the program sent, under TLS too. */
  String heard() {
    return heard.toString(StandardCharsets.ISO_8859_1);
  }

  /** Sends a line. */
  void say(String line) throws IOException {
    send(line + "\r\n");
  }

  /** Sends octets in one segment. */
  void send(String octets) throws IOException {
    socket.getOutputStream().write(octets.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** The next line without its end, or null if the program sends no more. */
  @Nullable String line() throws IOException {
    StringBuilder line = new StringBuilder();
    int octet = read();
    while (octet != '\n') {
      if (octet < 0) {
        return null;
      }
      line.append((char) octet);
      octet = read();
    }
    int length = line.length();
    boolean returned = length > 0 && line.charAt(length - 1) == '\r';
    return line.substring(0, returned ? length - 1 : length);
  }

  /** That many octets. */
  String octets(int count) throws IOException {
    StringBuilder octets = new StringBuilder();
    for (int i = 0; i < count; i++) {
      octets.append((char) read());
    }
    return octets.toString();
  }

  /** Listens until the program closes. */
  void awaitClose() throws IOException {
    int octet = read();
    while (octet >= 0) {
      octet = read();
    }
  }

  /** Says nothing more once TLS stands. */
  void silenceBehindTls() {
    silentBehindTls = true;
  }

  /** TLS, on the server's side. */
  void startTls(SSLContext context) throws IOException {
    SSLSocketFactory factory = context.getSocketFactory();
    SSLSocket tls = (SSLSocket) factory.createSocket(socket, null, socket.getPort(), false);
    tls.setUseClientMode(false);
    tls.startHandshake();
    socket = tls;
    in = new BufferedInputStream(tls.getInputStream());
    if (silentBehindTls) {
      awaitClose();
      throw new EOFException("the program closed");
    }
  }

  /** Says no more, and goes on listening. */
  void finish() throws IOException {
    raw.shutdownOutput();
  }

  /** Ends its direction, under TLS by a closing alert, and goes on listening. */
  void end() throws IOException {
    socket.shutdownOutput();
  }

  /** Breaks the connection off. */
  void reset() throws IOException {
    raw.setSoLinger(true, 0);
    raw.close();
  }

  @Override
  public void close() throws IOException {
    raw.close();
  }

  private int read() throws IOException {
    int octet = in.read();
    if (octet >= 0) {
      heard.write(octet);
    }
    return octet;
  }
}
