package org.openmmp.proxy.session;

import java.util.List;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.repgroup.Stay;

/**
 * What the logins of one session share.
 *
 * @param id the session
 * @param steps what the adapter is to do; a login adds to them
 */
record LoginSession(
    FrontEnd frontEnd,
    String id,
    Timeline timeline,
    SessionGuard guard,
    List<SessionStep> steps,
    Client client) {
  /** The client, as far as its login goes. */
  interface Client {
    /** Its store asks it, in base64. */
    void challenged(byte[] base64);

    /** Its login was accepted. */
    void accepted(StoreAnswer answer, LoginReport report, Stay stay);

    /** Its login was refused. */
    void refused(LoginRefusal why, long nowNanos);

    /** The steps that are due after an answer that came late. */
    List<SessionStep> due(long nowNanos);
  }
}
