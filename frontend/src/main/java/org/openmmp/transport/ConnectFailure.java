package org.openmmp.transport;

import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;

/**
 * Why there is no connection to a store.
 *
 * @param kind what failed
 * @param tls what failed in the handshake; there exactly if {@code kind} is {@link Kind#TLS}
 * @param reason one sentence for log and explain; no secret, safe to print
 */
public record ConnectFailure(Kind kind, @Nullable TlsFailure tls, String reason) {
  /** What can fail; the column is what the walk makes of it. */
  public enum Kind {
    /** The name has no address, or no name server answers. */
    NAME(AttemptOutcome.UNRESOLVED),
    /** A name outside the configuration leads to an address that such a name may not lead to. */
    FORBIDDEN_ADDRESS(AttemptOutcome.UNREACHABLE),
    /** The store's machine refused the connection. */
    REFUSED(AttemptOutcome.UNREACHABLE),
    /** No connection within the limit. */
    TIMED_OUT(AttemptOutcome.UNREACHABLE),
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
  }

  /** A failure outside TLS. */
  static ConnectFailure of(Kind kind, String reason) {
    return new ConnectFailure(kind, null, reason);
  }

  /** A failed handshake with a host. */
  static ConnectFailure of(TlsFailure tls, String host) {
    return new ConnectFailure(Kind.TLS, tls, "TLS with " + host + ": " + tls.reason());
  }

  /** The attempt's outcome. */
  public AttemptOutcome outcome() {
    return kind.outcome();
  }

  /** Reads what the system said about one address; its texts may be in any language. */
  static ConnectFailure of(Throwable thrown, String where) {
    OwnWant want = OwnWant.of(thrown);
    if (want != null) {
      return of(Kind.NO_LOCAL_RESOURCE, want.words() + " to connect to " + where);
    }
    if (thrown instanceof ConnectTimeoutException) {
      return of(Kind.TIMED_OUT, "no answer from " + where);
    }
    return thrown instanceof ConnectException
        ? of(Kind.REFUSED, where + " refused the connection")
        : of(Kind.NETWORK, "cannot connect to " + where);
  }
}
