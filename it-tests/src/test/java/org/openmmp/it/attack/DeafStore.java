package org.openmmp.it.attack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** A port whose machine drops every SYN: its queue is full, and nobody accepts. */
final class DeafStore implements AutoCloseable {
  private static final int MORE_THAN_FIT = 8;

  private final ServerSocket listener;
  private final List<SocketChannel> queue = new ArrayList<>();

  /** Begins to be deaf. */
  DeafStore(String address, int port) {
    try {
      listener = new ServerSocket(port, /* backlog= */ 1, InetAddress.getByName(address));
      for (int i = 0; i < MORE_THAN_FIT; i++) {
        SocketChannel waits = SocketChannel.open();
        queue.add(waits);
        waits.configureBlocking(false);
        waits.connect(new InetSocketAddress(address, port));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(address + ":" + port, e);
    }
  }

  @Override
  public void close() {
    try {
      for (SocketChannel waits : queue) {
        waits.close();
      }
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
