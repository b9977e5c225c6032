package org.openmmp.proxy.session;

import org.openmmp.directory.LookupResult;
import org.openmmp.repgroup.Caller;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.StoreAccess;
import org.openmmp.wire.Secret;

/**
 * Who logs in.
 *
 * @param credentials as the client meant them
 * @param user the entry of whose mailbox it shall be
 * @param client as stores shall hear of it
 * @param caller as the choice of a store shall know of it
 * @param masterUserSeparator what stores take between two names in one; empty: nothing
 */
record LoginIdentity(
    Credentials credentials,
    LookupResult user,
    ClientFacts client,
    Caller caller,
    String masterUserSeparator) {
  /**
   * All that the login at one store needs.
   *
   * @param storeName the name there
   */
  StoreLogin loginAt(StoreHost host, StoreAccess access, String storeName) {
    boolean asAdmin =
        credentials.mechanism() == Mechanism.EXTERNAL && !access.adminName().isEmpty();
    return new StoreLogin(
        host,
        credentials,
        storeName,
        access.tls(),
        asAdmin ? access.adminName() : "",
        asAdmin ? access.adminPassword() : Secret.none(),
        masterUserSeparator,
        client,
        access.clientId() == StoreAccess.ClientId.COMMAND);
  }
}
