package org.openmmp.testkit;

import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps the sockets of test clients from the garbage collector, which closes those that nobody
 * holds: to the server that looks like a client that left.
 */
public final class HeldSockets {
  private static final Set<Socket> OPEN = ConcurrentHashMap.newKeySet();

  private HeldSockets() {}

  /** Holds the socket until it is closed; returns it. */
  public static Socket hold(Socket socket) {
    OPEN.removeIf(Socket::isClosed);
    OPEN.add(socket);
    return socket;
  }
}
