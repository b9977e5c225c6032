package org.openmmp.proxy.session;

import org.openmmp.proxy.client.CommandRefusal;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.repgroup.Service;

/**
 * Who hears of sessions: the log and the metrics. Called on the session's event loop; must not
 * block.
 */
public interface SessionListener {
  /** A client of that service was let in. */
  void opened(Service service, ClientFacts client);

  /**
   * A login was answered, or refused to a client that did not wait for the answer. Of a login that
   * its client gave up before it came to anything there is no report.
   */
  void loginEnded(LoginReport report);

  /**
   * A command before login was refused.
   *
   * @param detail one clause of ours; may be empty
   */
  void refused(ClientFacts client, CommandRefusal why, String detail);

  /** A store refused the credentials that are ours; told for each attempt. */
  void administratorRefused(AdministratorRefusal refusal);

  /** A session is over; exactly once for each that was opened. */
  void closed(SessionEnd end);
}
