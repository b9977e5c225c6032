package org.openmmp.transport;

/** What a client's connection tells its session; on the connection's event loop. */
public interface ClientEvents {
  /** Octets, in order, cut anywhere; they are the session's from then on. */
  void clientSent(byte[] octets);

  /** Whoever reads may read on, if it wants to: a read is over, or the client takes more. */
  void readMore();

  /** The client sends no more, and may still read; told only where half-closure is allowed. */
  default void clientFinished() {}

  /**
   * The connection is gone, or is no use any more.
   *
   * @param reason for the log
   */
  void clientGone(String reason);

  /** A mistake of ours came up, and is in the log: say goodbye. */
  void endAfterMistake();
}
