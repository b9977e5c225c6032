package org.openmmp.proxy.session;

import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.repgroup.Service;

/**
 * A session's end, for the log (rule B8.6).
 *
 * @param login its accepted login, null if there was none
 * @param logins logins that the client tried, the accepted one too
 * @param bytesFromClient octets relayed to the store after the hand-over
 * @param bytesToClient octets relayed to the client after the hand-over
 * @param durationNanos from accept to close
 * @param reason why it ended, in one sentence
 */
public record SessionEnd(
    Service service,
    ClientFacts client,
    @Nullable LoginReport login,
    int logins,
    long bytesFromClient,
    long bytesToClient,
    long durationNanos,
    String reason) {}
