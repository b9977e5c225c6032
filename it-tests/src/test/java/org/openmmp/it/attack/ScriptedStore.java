package org.openmmp.it.attack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** A store of raw sockets that does what a script says, on a thread for each connection. */
final class ScriptedStore implements AutoCloseable {
  /** What happens on one connection; the socket is closed behind it. */
  @FunctionalInterface
  interface Script {
    /** Plays the store; an exception only ends this connection. */
    void play(StorePeer peer) throws IOException;
  }

  private final ServerSocket listener;
  private final Script script;
  private final List<StorePeer> peers = new CopyOnWriteArrayList<>();

  /** Begins to listen. */
  ScriptedStore(String address, int port, Script script) {
    this.script = script;
    try {
      listener = new ServerSocket();
      listener.setReuseAddress(true);
      listener.bind(
          new java.net.InetSocketAddress(InetAddress.getByName(address), port), /* backlog= */ 500);
    } catch (IOException e) {
      throw new UncheckedIOException(address + ":" + port, e);
    }
    start(this::accept);
  }

  /** Where it listens. */
  int port() {
    return listener.getLocalPort();
  }

  /** How many connections came. */
  int connections() {
    return peers.size();
  }

  /** What came on all connections, one after another. */
  String heard() {
    return peers.stream().map(StorePeer::heard).collect(Collectors.joining("\n"));
  }

  /** What came on each connection. */
  List<String> conversations() {
    return peers.stream().map(StorePeer::heard).toList();
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (StorePeer peer : peers) {
        peer.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        StorePeer peer = new StorePeer(socket);
        peers.add(peer);
        start(() -> play(peer));
      } catch (IOException e) {
        // The listener was closed, or a client left before it was accepted: the loop sees which.
      }
    }
  }

  private void play(StorePeer peer) {
    try (peer) {
      script.play(peer);
    } catch (IOException | UncheckedIOException e) {
      // The program broke the connection off, as many scripts want it to.
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(null, task, "scripted store", 256 * 1024);
    thread.setDaemon(true);
    thread.start();
  }
}
