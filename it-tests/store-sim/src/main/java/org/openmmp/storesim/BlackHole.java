package org.openmmp.storesim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A listening socket that nobody accepts from and whose queue is full, so that the kernel drops the
 * first packet of every further connection.
 */
final class BlackHole implements AutoCloseable {
  // The kernel's queue holds one more than its backlog of 1; one filler more waits before it.
  private static final int FILLERS = 4;

  private final ServerSocketChannel listener;
  private final List<SocketChannel> fillers = new ArrayList<>();

  BlackHole(InetSocketAddress address) {
    try {
      listener = ServerSocketChannel.open();
      listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      listener.bind(address, 1);
      for (int i = 0; i < FILLERS; i++) {
        SocketChannel filler = SocketChannel.open();
        filler.configureBlocking(false);
        filler.connect(address);
        fillers.add(filler);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no black hole at " + address, e);
    }
  }

  @Override
  public void close() {
    try {
      for (SocketChannel filler : fillers) {
        filler.close();
      }
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
