package org.openmmp.proxy.session;

import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.repgroup.Service;

/**
 * Who hears of sessions: the log and the metrics. Called on the session's event loop; must not
 * block.
 */
public interface SessionListener {
  /** A client of that service was let in. */
  default void opened(Service service, ClientFacts client) {}

  /**
   * A login was answered, or refused to a client that did not wait for the answer. Of a login that
   * its client gave up before it came to anything there is no report.
   */
  default void loginEnded(LoginReport report) {}

  /**
   * A command before login was refused without a login's being tried (rule B8.8).
   *
   * @param clearPassword whether it is, or leads to, a password without TLS (rule B3.2); else it is
   *     unknown, malformed, or out of place
   * @param detail one clause of ours; may be empty
   */
  default void refused(ClientFacts client, boolean clearPassword, String detail) {}

  /**
   * A store did not take the administrator who logs users in without a password of theirs (rules
   * B3.10, B3.13): a setting here or at the store is wrong. Told for each attempt.
   *
   * @param user for whom it was to log in; octets of the client's choice
   * @param reason what the store answered, in words of ours
   */
  default void administratorRefused(Service service, LoginAttempt at, String user, String reason) {}

  /**
   * A store let somebody in whose session is to outlive it, and lacks what another one would have
   * to have for that (rule B9.3). Told for each such login.
   *
   * @param lacking the capabilities, with spaces between
   */
  default void lacks(Service service, LoginAttempt at, String lacking) {}

  /**
   * A session goes on at another store (rule B9.3).
   *
   * @param from what its last report was
   * @param to the same, with the group and host where it is now
   * @param tookNanos since it had lost its former store, or had been asked to leave it
   */
  default void moved(LoginReport from, LoginReport to, long tookNanos) {}

  /**
   * A session could not go on at another store.
   *
   * @param at where it is, or was
   * @param stays whether its store lives, and it stays there; else its client hears BYE
   */
  default void stranded(LoginReport at, Stranded why, boolean stays) {}

  /** A session is over; exactly once for each that was opened. */
  default void closed(SessionEnd end) {}
}
