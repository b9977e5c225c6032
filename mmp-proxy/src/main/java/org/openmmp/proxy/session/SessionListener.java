package org.openmmp.proxy.session;

/**
 * Who hears of sessions: the log and the metrics. Called on the session's event loop; must not
 * block.
 */
public interface SessionListener {
  /** A client was let in. */
  void opened(SessionStart start);

  /** A login was answered. */
  void loginEnded(LoginReport report);

  /** A session is over; exactly once for each that was opened. */
  void closed(SessionEnd end);
}
