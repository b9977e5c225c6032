package org.openmmp.transport;

import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.text.AddressLiteral;

/**
 * Why there is no connection to a store.
 *
 * @param kind what failed
 * @param tls what failed in the handshake; there exactly if {@code kind} is {@link Kind#TLS}
 * @param reason one sentence for log and explain; no secret, safe to print
 */
public record ConnectFailure(Kind kind, @Nullable TlsFailure tls, String reason) {
  private static final String KERNEL_ERROR = "error(-";
  private static final String REFUSED_ERROR = KERNEL_ERROR + "111)";

  /** What can fail; the column is what the walk makes of it. */
  public enum Kind {
    /** The name has no address, or no name server answers. */
    NAME(AttemptOutcome.UNRESOLVED),
    /** A name outside the configuration leads to an address that such a name may not lead to. */
    FORBIDDEN_ADDRESS(AttemptOutcome.UNREACHABLE),
    /** The store's machine refused the connection. */
    REFUSED(AttemptOutcome.CONNECTION_REFUSED),
    /** No connection within the limit. */
    TIMED_OUT(AttemptOutcome.UNREACHABLE),
    /** This machine has no way to the store's network (rule B2.25). */
    NO_WAY(AttemptOutcome.NETWORK_UNREACHABLE),
    /** No route, or the connection broke before it stood. */
    NETWORK(AttemptOutcome.UNREACHABLE),
    /** No TLS, or not with the store that was meant. */
    TLS(AttemptOutcome.TLS_FAILED),
    /** This machine or process lacks something: the store is not blamed (rule B2.22). */
    NO_LOCAL_RESOURCE(AttemptOutcome.ABANDONED);

    private final AttemptOutcome outcome;

    Kind(AttemptOutcome outcome) {
      this.outcome = outcome;
    }

    /** The attempt's outcome. */
    public AttemptOutcome outcome() {
      return outcome;
    }

    /**
     * Whether this, at one address of a host, says more of the host than what the address before
     * came to: where one could not be tried for a want of ours, the host has not failed; where
     * there is no way to one, another tells.
     */
    boolean outweighs(Kind before) {
      return before != NO_LOCAL_RESOURCE && (this != NO_WAY || before == NO_WAY);
    }
  }

  /** A failure outside TLS. */
  static ConnectFailure of(Kind kind, String reason) {
    return new ConnectFailure(kind, null, reason);
  }

  /** A failed handshake with a host. */
  static ConnectFailure of(TlsFailure tls, String host) {
    String reason = "TLS with " + host + ": " + tls.reason();
    return tls == TlsFailure.OWN_WANT
        ? of(Kind.NO_LOCAL_RESOURCE, reason)
        : new ConnectFailure(Kind.TLS, tls, reason);
  }

  /** The attempt's outcome. */
  public AttemptOutcome outcome() {
    return kind.outcome();
  }

  /** Reads what the system said about one address; its texts may be in any language. */
  static ConnectFailure of(Throwable thrown, String host, InetSocketAddress at) {
    return of(thrown, OwnWant.of(thrown), host, at);
  }

  /**
   * The same.
   *
   * @param want what was lacking here; null if nothing
   */
  static ConnectFailure of(
      Throwable thrown, @Nullable OwnWant want, String host, InetSocketAddress at) {
    String where = host + " (" + AddressLiteral.textOf(at) + ")";
    if (want != null) {
      return of(Kind.NO_LOCAL_RESOURCE, want.words() + " to connect to " + where);
    }
    if (thrown instanceof ConnectTimeoutException) {
      return of(Kind.TIMED_OUT, "no answer from " + where);
    }
    if (isRefusal(thrown)) {
      return of(Kind.REFUSED, where + " refused the connection");
    }
    return isWithoutWay(at)
        ? of(Kind.NO_WAY, "this machine has no way to the network of " + where)
        : of(Kind.NETWORK, "cannot connect to " + where);
  }

  /** The kernel's transport tells every error of a connect so, and only the number says which. */
  private static boolean isRefusal(Throwable thrown) {
    String text = String.valueOf(thrown.getMessage());
    return thrown instanceof ConnectException
        && (text.contains(REFUSED_ERROR) || !text.contains(KERNEL_ERROR));
  }

  /**
   * Asks the system for the way to an address, which sends nothing. The error of a TCP connect does
   * not tell that there is none to its network from a host that nobody finds in its own.
   */
  private static boolean isWithoutWay(InetSocketAddress at) {
    try (DatagramChannel channel = DatagramChannel.open()) {
      return saysNoWay(channel, at);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean saysNoWay(DatagramChannel channel, InetSocketAddress at)
      throws IOException {
    try {
      channel.connect(at);
      return false;
    } catch (ConnectException | NoRouteToHostException | BindException e) {
      return false;
    } catch (SocketException e) {
      return true;
    }
  }
}
