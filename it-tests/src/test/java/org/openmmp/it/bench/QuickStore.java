package org.openmmp.it.bench;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A store that costs little: it accepts every login and answers {@code FETCH <octets>} with a
 * literal of that size. One thread a connection; it runs on the load's processor.
 */
final class QuickStore implements AutoCloseable {
  private static final byte[] CHUNK = new byte[64 * 1024];

  private final ServerSocket listener;
  private final ExecutorService threads = Executors.newCachedThreadPool(QuickStore::daemon);

  QuickStore(String address) throws IOException {
    listener = new ServerSocket(0, 1024, InetAddress.getByName(address));
    threads.execute(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "store");
    thread.setDaemon(true);
    return thread;
  }

  private void accept() {
    try {
      while (!listener.isClosed()) {
        Socket accepted = listener.accept();
        threads.execute(() -> serve(accepted));
      }
    } catch (IOException closed) {
      threads.shutdownNow();
    }
  }

  private static void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1024);
      OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1024);
      say(out, "* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ AUTH=PLAIN ID] ready\r\n");
      String line = Lines.read(in);
      while (!line.isEmpty()) {
        String[] words = line.split(" ", 3);
        String rest = line;
        while (rest.endsWith("}")) {
          say(out, "+ go on\r\n");
          in.skipNBytes(
              Integer.parseInt(rest.substring(rest.lastIndexOf('{') + 1, rest.length() - 1)));
          rest = Lines.read(in);
        }
        answer(out, words[0], words[1].toUpperCase(Locale.ROOT), words);
        if (words[1].equalsIgnoreCase("LOGOUT")) {
          return;
        }
        line = Lines.read(in);
      }
    } catch (IOException gone) {
      // the peer left, which ends this connection
    }
  }

  private static void answer(OutputStream out, String tag, String command, String[] words)
      throws IOException {
    switch (command) {
      case "AUTHENTICATE", "LOGIN" ->
          say(out, tag + " OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS] Logged in\r\n");
      case "CAPABILITY" ->
          say(out, "* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n" + tag + " OK done\r\n");
      case "LOGOUT" -> say(out, "* BYE bye\r\n" + tag + " OK bye\r\n");
      case "FETCH" -> {
        int octets = Integer.parseInt(words[2]);
        out.write(("* 1 FETCH (BODY[] {" + octets + "}\r\n").getBytes(StandardCharsets.US_ASCII));
        for (int left = octets; left > 0; left -= CHUNK.length) {
          out.write(CHUNK, 0, Math.min(left, CHUNK.length));
        }
        say(out, ")\r\n" + tag + " OK done\r\n");
      }
      default -> say(out, tag + " OK done\r\n");
    }
  }

  private static void say(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  @Override
  public void close() {
    try {
      listener.close();
      threads.shutdownNow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
