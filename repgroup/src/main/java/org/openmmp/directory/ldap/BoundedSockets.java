package org.openmmp.directory.ldap;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * Sockets that never wait for their peer without an end: a read limit is set from the start. The
 * LDAP library sets limits for its own reads, but none for the reads of a TLS handshake.
 */
final class BoundedSockets extends SocketFactory {
  private final SocketFactory sockets;
  private final int millis;

  BoundedSockets(SocketFactory sockets, int millis) {
    this.sockets = sockets;
    this.millis = millis;
  }

  @Override
  public Socket createSocket() throws IOException {
    return bounded(sockets.createSocket());
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return bounded(sockets.createSocket(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    return bounded(sockets.createSocket(host, port, local, localPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return bounded(sockets.createSocket(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    return bounded(sockets.createSocket(host, port, local, localPort));
  }

  private Socket bounded(Socket socket) throws IOException {
    socket.setSoTimeout(millis);
    return socket;
  }
}
