package org.openmmp.it.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Clients of one front end. */
final class Load {
  private static final int CLIENTS = 16;

  private final int port;

  Load(int port) {
    this.port = port;
  }

  /** One login and logout after another, {@value #CLIENTS} at a time. */
  void logins(int number) throws Exception {
    inParallel(
        () -> {
          for (int i = 0; i < number / CLIENTS; i++) {
            try (Client client = new Client(port)) {
              client.logIn();
              client.command("LOGOUT");
            }
          }
          return null;
        });
  }

  /** Reads so many messages of that size over {@value #CLIENTS} sessions. */
  void fetches(int number, int octets) throws Exception {
    inParallel(
        () -> {
          try (Client client = new Client(port)) {
            client.logIn();
            for (int i = 0; i < number / CLIENTS; i++) {
              client.command("FETCH " + octets);
            }
          }
          return null;
        });
  }

  /** Short commands over {@value #CLIENTS} sessions. */
  void noops(int number) throws Exception {
    inParallel(
        () -> {
          try (Client client = new Client(port)) {
            client.logIn();
            for (int i = 0; i < number / CLIENTS; i++) {
              client.command("NOOP");
            }
          }
          return null;
        });
  }

  /** Sessions that are logged in and do nothing. */
  List<Client> idle(int number) throws IOException {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      Client client = new Client(port);
      client.logIn();
      clients.add(client);
    }
    return clients;
  }

  private static void inParallel(Callable<Void> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Callable<Void>> all = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        all.add(work);
      }
      for (Future<Void> each : threads.invokeAll(all)) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** One connection. */
  static final class Client implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    Client(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream(), 16 * 1024);
    }

    void logIn() throws IOException {
      Lines.read(in);
      command("LOGIN alice@example.com secret");
    }

    void command(String text) throws IOException {
      socket.getOutputStream().write(("a " + text + "\r\n").getBytes(StandardCharsets.US_ASCII));
      String line = Lines.read(in);
      while (!line.startsWith("a ")) {
        int brace = line.lastIndexOf('{');
        if (line.endsWith("}") && brace >= 0) {
          in.skipNBytes(Integer.parseInt(line.substring(brace + 1, line.length() - 1)));
        } else if (line.isEmpty()) {
          throw new IOException("the connection ended");
        }
        line = Lines.read(in);
      }
      if (!line.startsWith("a OK")) {
        throw new IOException(line);
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
