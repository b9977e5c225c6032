package org.openmmp.it.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Optional;
import org.openmmp.it.fixture.Trust;

/**
 * Where the load comes in.
 *
 * @param authority who vouches for the front end under TLS; empty: there is none
 */
record Door(int port, Optional<Path> authority) {
  /** A new connection; under TLS with a whole handshake, for nothing is known of earlier ones. */
  Connection open() throws IOException {
    Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
    if (authority.isEmpty()) {
      return new Connection(plain);
    }
    return new Connection(
        Trust.in(authority.get()).getSocketFactory().createSocket(plain, "localhost", port, true));
  }
}
