package org.openmmp.config;

import java.time.Duration;

/**
 * Sockets and threads: {@code openmmp.transport}.
 *
 * @param nativeTransport the system's interface for sockets
 * @param threads event loops, 0..1024; 0: one for each processor
 * @param backlog connections that wait to be accepted
 * @param reusePort lets a second front end take over the same port (rule B8.1)
 * @param bindBeforeUp lets a listener bind to an address that is not up yet (rule B7.5)
 * @param clientVanished how long a client's machine may give no sign of life (rule B2.36)
 * @param storeVanished likewise a store's
 */
public record TransportConfig(
    Kind nativeTransport,
    int threads,
    int backlog,
    boolean reusePort,
    boolean bindBeforeUp,
    Duration clientVanished,
    Duration storeVanished) {

  /** An interface for sockets. */
  public enum Kind {
    /** EPOLL where it is to be had, else NIO. */
    AUTO,
    /** Linux epoll. */
    EPOLL,
    /** Linux io_uring. */
    IO_URING,
    /** The JDK's. */
    NIO
  }
}
