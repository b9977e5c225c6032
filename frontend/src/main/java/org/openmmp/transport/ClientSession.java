package org.openmmp.transport;

/** One client's session, as its connection knows it; on the connection's event loop. */
public interface ClientSession {
  /** The connection stands, under TLS if that is implicit. */
  void open();

  /** TLS stands that the session began behind a command. */
  void secured();

  /** Octets, in order, cut anywhere; they are the session's from then on. */
  void clientSent(byte[] octets);

  /** Whoever reads may read on, if it wants to: a read is over, or the client takes more. */
  void readMore();

  /** The client sends no more, and may still read. */
  void clientFinished();

  /**
   * The connection is gone, or is no use any more.
   *
   * @param reason for the log
   */
  void clientGone(String reason);

  /** A mistake of ours came up, and is in the log: say goodbye. */
  void endAfterMistake();

  /** The client speaks another protocol than the port's; what it said is dropped: say goodbye. */
  void endMisdialled();

  /** The server goes down: say goodbye; on any thread. */
  void end();

  /** The server will go down: say goodbye as soon as nothing is under way; on any thread. */
  default void endWhenIdle() {}

  /** What is known of it now. */
  SessionFacts facts();
}
