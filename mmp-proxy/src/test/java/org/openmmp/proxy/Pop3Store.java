package org.openmmp.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A POP3 store that answers each keyword by its script, and remembers every line it hears. The
 * empty keyword is the greeting; what the script does not have is done.
 */
final class Pop3Store implements AutoCloseable {
  /** In place of a reply: the connection is closed. */
  static final String CLOSE = "close";

  private final Map<String, String> script =
      new HashMap<>(
          Map.of(
              "", "+OK ready",
              "CAPA", "+OK\r\nUSER\r\nTOP\r\nPIPELINING\r\n.",
              "PASS", "+OK welcome",
              "RETR", "+OK\r\nSubject: x\r\n\r\n..\r\n."));
  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
  private final ServerSocket socket;
  private final @Nullable SSLContext tls;

  /**
   * A store that is open.
   *
   * @param port 0 for any
   * @param tls for STLS, null for none
   */
  Pop3Store(String address, int port, @Nullable SSLContext tls) throws IOException {
    this.socket = new ServerSocket(port, 50, InetAddress.getByName(address));
    this.tls = tls;
    Thread serving = new Thread(this::serve, "store " + address);
    serving.setDaemon(true);
    serving.start();
  }

  int port() {
    return socket.getLocalPort();
  }

  /** Answers a keyword so from now on. */
  Pop3Store answering(String keyword, String reply) {
    script.put(keyword, reply);
    return this;
  }

  /** All commands so far, over all connections. */
  List<String> heard() {
    return List.copyOf(heard);
  }

  private void serve() {
    boolean open = true;
    while (open) {
      try (Socket client = socket.accept()) {
        serve(client);
      } catch (IOException goneOrClosed) {
        open = !socket.isClosed();
      }
    }
  }

  private void serve(Socket accepted) throws IOException {
    Socket client = accepted;
    BufferedReader in = reader(client);
    boolean open = say(client, "");
    while (open) {
      String line = in.readLine();
      if (line == null) {
        return;
      }
      heard.add(line);
      String keyword = line.split(" ", 2)[0];
      open = say(client, keyword) && !keyword.equals("QUIT");
      if (keyword.equals("STLS") && tls != null) {
        SSLSocket secured =
            (SSLSocket) tls.getSocketFactory().createSocket(client, null, client.getPort(), false);
        secured.setUseClientMode(false);
        client = secured;
        in = reader(client);
      }
    }
  }

  private boolean say(Socket client, String keyword) throws IOException {
    String reply = script.getOrDefault(keyword, "+OK done");
    if (reply.equals(CLOSE)) {
      return false;
    }
    client.getOutputStream().write((reply + "\r\n").getBytes(US_ASCII));
    return true;
  }

  private static BufferedReader reader(Socket client) throws IOException {
    return new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
