package org.openmmp.storesim.session;

/**
 * One phase of a session: before login, or after. On the connection's event loop.
 *
 * @param <L> a line of the protocol
 */
public interface SessionPhase<L> {
  /** The session is in this phase from now on. */
  default void begin() {}

  /** A line of the client. */
  void onLine(L line);

  /** The connection is gone. */
  default void onClosed() {}
}
