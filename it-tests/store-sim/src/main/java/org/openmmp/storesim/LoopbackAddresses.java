package org.openmmp.storesim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Addresses of 127.0.0.0/8 that nobody else uses, and ports free on them. */
public final class LoopbackAddresses {
  private static final int ATTEMPTS = 50;
  // Below the ports that the kernel gives to clients, so that a free one stays free.
  private static final int LOWEST_PORT = 10_000;
  private static final int PORTS = 10_000;
  private static final long RELEASE_NANOS = 5_000_000_000L;
  private static final AtomicInteger networks = new AtomicInteger();
  private static final AtomicInteger ports =
      new AtomicInteger((int) (ProcessHandle.current().pid() % PORTS));
  private static final int CLAIM_PORT = 9_999;
  private static final int FIRST_SECOND_OCTET = 64;
  private static final int SECOND_OCTETS = 128;
  // Held until this process ends: no other has its second octet, so that tests at once do not meet.
  private static final DatagramSocket claim = claimed();
  private static final int SECOND_OCTET = claim.getLocalAddress().getAddress()[1] & 0xff;

  private LoopbackAddresses() {}

  private static DatagramSocket claimed() {
    SocketException last = null;
    long first = ProcessHandle.current().pid();
    for (int i = 0; i < SECOND_OCTETS; i++) {
      long octet = FIRST_SECOND_OCTET + (first + i) % SECOND_OCTETS;
      try {
        return new DatagramSocket(new InetSocketAddress("127." + octet + ".255.254", CLAIM_PORT));
      } catch (SocketException taken) {
        last = taken;
      }
    }
    throw new UncheckedIOException(
        "too many processes want addresses", last == null ? new IOException() : last);
  }

  /** The next unused addresses, 1..250 of them, neighbours in one network. */
  public static List<String> next(int count) {
    int network = networks.getAndIncrement() & 0xff;
    List<String> addresses = new ArrayList<>();
    for (int host = 1; host <= count; host++) {
      addresses.add("127." + SECOND_OCTET + "." + network + "." + host);
    }
    return addresses;
  }

  /**
   * A port that is free on all the addresses at this moment, and that was not given before for a
   * long time.
   *
   * @throws UncheckedIOException if none was found, or an address is not this machine's
   */
  public static int freePort(List<String> addresses) {
    IOException last = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      List<ServerSocket> sockets = new ArrayList<>();
      try {
        int port = LOWEST_PORT + (ports.getAndIncrement() & Integer.MAX_VALUE) % PORTS;
        for (String address : addresses) {
          ServerSocket socket = new ServerSocket();
          sockets.add(socket);
          socket.bind(new InetSocketAddress(InetAddress.getByName(address), port));
        }
        return port;
      } catch (IOException e) {
        last = e;
      } finally {
        sockets.forEach(LoopbackAddresses::close);
      }
    }
    throw new UncheckedIOException(
        "no port is free on all of " + addresses, last == null ? new IOException() : last);
  }

  /**
   * Waits until nothing listens at the address any more: a selector lets go of a closed listener
   * only in its next round.
   *
   * @throws IllegalStateException if something still does after five seconds
   */
  static void awaitFree(InetSocketAddress address) {
    long start = System.nanoTime();
    while (!isFree(address)) {
      if (System.nanoTime() - start > RELEASE_NANOS) {
        throw new IllegalStateException("something listens at " + address);
      }
      Thread.onSpinWait();
    }
  }

  private static boolean isFree(InetSocketAddress address) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(address);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void close(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
