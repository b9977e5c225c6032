package org.openmmp.proxy.store;

import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.StoreAccess;

/**
 * One attempt to log in at one store host.
 *
 * @param host where
 * @param group the group that the host is tried for
 * @param access port, protection and limits
 * @param stranger whether the host stands in no configured group and is trusted by a pattern alone;
 *     an address that only this machine could mean is then refused
 * @param why the reason that the policy gave, for the log
 * @param client the client, as the store shall hear of it (rule B3.12)
 * @param dialogue what is said there
 */
public record LoginAttempt(
    StoreHost host,
    ReplicationGroup group,
    StoreAccess access,
    boolean stranger,
    String why,
    ClientFacts client,
    StoreDialogue dialogue) {}
