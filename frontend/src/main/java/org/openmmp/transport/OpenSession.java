package org.openmmp.transport;

/** A client's session that can be told that the server goes down. */
public interface OpenSession {
  /** Ends it with its protocol's words for a server that goes down; on any thread. */
  void end();
}
