package org.openmmp.directory.ldap;

import com.unboundid.util.ObjectPair;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Date;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.SocketFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sockets that never wait for their peer without an end: a read limit is set from the start. The
 * LDAP library sets limits for its own reads, but none for the reads of a TLS handshake. It cuts
 * off writes that are stuck.
 */
final class BoundedSockets extends SocketFactory {
  private static final Logger LOG = LoggerFactory.getLogger(BoundedSockets.class);
  private static final long LOOK_MILLIS = TimeUnit.SECONDS.toMillis(1);
  private static final boolean LOOKS_SELDOM = lookSeldom();

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

  /** Whether the library looks but once a second whether a write is stuck. */
  static boolean looksSeldom() {
    return LOOKS_SELDOM;
  }

  /**
   * UnboundID's SDK 7.0.4 looks ten times a second at each connection by itself, which is most of
   * what an idle process does, and has no setting for it. Its timer is kept in one place, with how
   * many connections there are, and ends with the last of them; one more is counted, so that this
   * one stays.
   */
  @SuppressWarnings("unchecked") // BoundedSocketsTest shows whether it is so
  private static boolean lookSeldom() {
    try {
      Field kept =
          Class.forName("com.unboundid.ldap.sdk.WriteTimeoutHandler")
              .getDeclaredField("TIMER_REFERENCE");
      kept.setAccessible(true);
      AtomicReference<ObjectPair<Timer, AtomicLong>> timer =
          (AtomicReference<ObjectPair<Timer, AtomicLong>>) kept.get(null);
      timer.set(new ObjectPair<>(seldom(), new AtomicLong(1)));
      return true;
    } catch (ReflectiveOperationException | RuntimeException other) {
      LOG.debug("the LDAP library looks for writes that are stuck in its own way", other);
      return false;
    }
  }

  /** A timer that looks at all connections in one go, at whole seconds of the clock. */
  private static Timer seldom() {
    return new Timer("ldap-stuck-writes", true) {
      @Override
      @SuppressWarnings("JavaUtilDate") // a timer takes no other point in time
      public void schedule(TimerTask look, long delayMillis, long periodMillis) {
        long now = System.currentTimeMillis();
        long next = now - Math.floorMod(now, LOOK_MILLIS) + LOOK_MILLIS;
        scheduleAtFixedRate(look, new Date(next), LOOK_MILLIS);
      }
    };
  }

  private Socket bounded(Socket socket) throws IOException {
    socket.setSoTimeout(millis);
    return socket;
  }
}
