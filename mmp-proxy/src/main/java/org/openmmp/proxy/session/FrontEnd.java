package org.openmmp.proxy.session;

import java.time.Duration;
import java.util.function.Supplier;
import org.openmmp.config.LoginConfig;
import org.openmmp.directory.Directory;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.Routing;

/**
 * What all sessions of one listener share.
 *
 * @param protocol what is spoken
 * @param directory where users are looked up
 * @param selector which store is next
 * @param routing the present routing; read once for each login
 * @param guards makes what holds one session to the limits and penalties
 * @param listener who hears of sessions
 * @param defaultDomain for login names without a domain; empty: the directory's
 * @param beforeLogin how long a client may take from connect, or from a refused login, to its next
 *     login
 * @param login what holds for every login
 */
public record FrontEnd(
    Protocol protocol,
    Directory directory,
    StoreSelector selector,
    Supplier<Routing> routing,
    Supplier<SessionGuard> guards,
    SessionListener listener,
    String defaultDomain,
    Duration beforeLogin,
    LoginConfig login) {

  /** The same where another one hears of sessions. */
  FrontEnd heardBy(SessionListener other) {
    return new FrontEnd(
        protocol, directory, selector, routing, guards, other, defaultDomain, beforeLogin, login);
  }
}
