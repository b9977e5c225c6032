package org.openmmp.it.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A store that costs little. One thread a connection; it runs on the load's processor. */
final class QuickStore implements AutoCloseable {
  private final ServerSocket listener;
  private final StoreTalk talk;
  private final ExecutorService threads = Executors.newCachedThreadPool(QuickStore::daemon);

  QuickStore(String address, StoreTalk talk) throws IOException {
    this.listener = new ServerSocket(0, 1024, InetAddress.getByName(address));
    this.talk = talk;
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

  private void serve(Socket socket) {
    try (Connection connection = new Connection(socket)) {
      connection.say(talk.greeting());
      String line = connection.line();
      while (!line.isEmpty() && talk.answer(line, connection)) {
        line = connection.line();
      }
    } catch (IOException gone) {
      // the peer left, which ends this connection
    }
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
