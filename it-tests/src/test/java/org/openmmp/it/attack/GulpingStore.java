package org.openmmp.it.attack;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A store for messages of any length: it counts octets and keeps none, and reads nothing of a
 * message until it is let go.
 */
final class GulpingStore implements AutoCloseable {
  /** Up to the message; without PIPELINING one command comes at a time. */
  private static final List<String> REPLIES =
      List.of("220 store.test LMTP", "250 store.test", "250 2.1.0 OK", "250 2.1.5 OK", "354 Go");

  private final ServerSocket listener;
  private final AtomicLong octets = new AtomicLong();
  private final CountDownLatch letGo = new CountDownLatch(1);
  private final CountDownLatch asked = new CountDownLatch(1);

  GulpingStore(String address, int port) {
    try {
      listener = new ServerSocket();
      listener.setReuseAddress(true);
      listener.setReceiveBufferSize(64 * 1024);
      listener.bind(new InetSocketAddress(InetAddress.getByName(address), port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread thread = new Thread(this::serve, "gulping store");
    thread.setDaemon(true);
    thread.start();
  }

  /** Octets of the message that were read, its end included. */
  long octets() {
    return octets.get();
  }

  /** Waits until it was asked to take the message. */
  void awaitMessage() throws InterruptedException {
    asked.await();
  }

  /** Reads from now on, as fast as it can. */
  void letGo() {
    letGo.countDown();
  }

  @Override
  public void close() {
    letGo();
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve() {
    try (Socket socket = listener.accept()) {
      InputStream in = socket.getInputStream();
      for (String reply : REPLIES) {
        say(socket, reply);
        if (!reply.startsWith("354")) {
          skipLine(in);
        }
      }
      asked.countDown();
      letGo.await();
      gulp(in);
      say(socket, "250 2.0.0 Stored");
      skipLine(in);
    } catch (IOException e) {
      // The program closed the connection.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void say(Socket socket, String line) throws IOException {
    socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static void skipLine(InputStream in) throws IOException {
    int octet = in.read();
    while (octet >= 0 && octet != '\n') {
      octet = in.read();
    }
  }

  /** Reads to the first line of one dot. */
  private void gulp(InputStream in) throws IOException {
    byte[] some = new byte[1 << 18];
    long tail = 0;
    int count = in.read(some);
    while (count >= 0) {
      octets.addAndGet(count);
      for (int i = Math.max(0, count - 5); i < count; i++) {
        tail = (tail << 8 | (some[i] & 0xff)) & 0xffffffffffL;
      }
      if (tail == 0x0d0a2e0d0aL) {
        return;
      }
      count = in.read(some);
    }
  }
}
