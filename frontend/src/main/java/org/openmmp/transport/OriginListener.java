package org.openmmp.transport;

/** Hears whose an accepted connection is, on the connection's event loop. */
public interface OriginListener {
  /**
   * It is known; at most once, for a connection may be refused before. Handlers that are added here
   * get all that the client sends, and read when they want to.
   */
  void known(ClientOrigin origin);

  /**
   * After {@link #known}: the client's first octets are of another protocol than the port's. They
   * are dropped and told to the log; what is left to do is to part politely.
   */
  void misdialled();
}
