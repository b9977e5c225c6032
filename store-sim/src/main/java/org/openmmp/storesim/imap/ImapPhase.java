package org.openmmp.storesim.imap;

/** One phase of a session: before login, or after. On the connection's event loop. */
interface ImapPhase {
  /** A line of the client. */
  void onLine(ImapLine line);

  /** The connection is gone. */
  void onClosed();
}
