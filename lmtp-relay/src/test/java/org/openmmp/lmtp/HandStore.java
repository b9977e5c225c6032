package org.openmmp.lmtp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A store on a socket that behaves as a test says, connection by connection. */
final class HandStore implements AutoCloseable {
  /** What happens on one connection. */
  interface Behaviour {
    void serve(HandStore store, LmtpLine client) throws IOException;
  }

  static final List<String> EXTENSIONS =
      List.of("PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME", "SIZE 0", "DSN");

  final List<String> messages = new CopyOnWriteArrayList<>();
  final List<String> commands = new CopyOnWriteArrayList<>();
  final Map<String, String> rcptReplies = new ConcurrentHashMap<>();
  final AtomicInteger connections = new AtomicInteger();
  volatile List<String> extensions = EXTENSIONS;
  volatile Behaviour behaviour = HandStore::serve;
  private final ServerSocket listening;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  HandStore(String address, int port) throws IOException {
    listening = new ServerSocket(port, 50, InetAddress.getByName(address));
    Thread accepting = new Thread(this::accept, "store " + address);
    accepting.setDaemon(true);
    accepting.start();
  }

  int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        connections.incrementAndGet();
        open.add(client);
        Thread serving = new Thread(() -> serve(client), "store connection");
        serving.setDaemon(true);
        serving.start();
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (LmtpLine line = new LmtpLine(client)) {
      behaviour.serve(this, line);
    } catch (IOException gone) {
      commands.add("(gone)");
    } finally {
      open.remove(client);
    }
  }

  /** A store that works. */
  void serve(LmtpLine client) throws IOException {
    client.say("220 store LMTP ready");
    int accepted = 0;
    for (String line = client.line(); ; line = client.line()) {
      commands.add(line);
      if (line.equals("DATA")) {
        client.say("354 go on");
        messages.add(client.data());
        for (int i = 0; i < accepted; i++) {
          client.say("250 2.0.0 message " + messages.size() + ", recipient " + (i + 1));
        }
        accepted = 0;
      } else if (line.equals("QUIT")) {
        client.say("221 2.0.0 bye");
        return;
      } else {
        String reply = answer(line);
        accepted += line.startsWith("RCPT") && reply.startsWith("2") ? 1 : 0;
        accepted = line.equals("RSET") || line.startsWith("MAIL") ? 0 : accepted;
        client.say(reply);
      }
    }
  }

  /** The same up to DATA, which is left to the caller to answer. */
  void serveEnvelope(LmtpLine client) throws IOException {
    client.say("220 store LMTP ready");
    for (String line = client.line(); !line.equals("DATA"); line = client.line()) {
      client.say(answer(line));
    }
  }

  /** What commands but DATA and QUIT are answered. */
  String answer(String line) {
    if (line.startsWith("LHLO")) {
      return "250-store\r\n250-" + String.join("\r\n250-", extensions) + "\r\n250 X-LAST";
    }
    if (line.startsWith("RCPT TO:<")) {
      String address = line.substring("RCPT TO:<".length(), line.indexOf('>'));
      return rcptReplies.getOrDefault(address, "250 2.1.5 OK");
    }
    return "250 2.0.0 OK";
  }

  /** Ends all connections, without a word. */
  void cutAll() throws IOException {
    for (Socket each : open) {
      each.close();
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cutAll();
  }
}
