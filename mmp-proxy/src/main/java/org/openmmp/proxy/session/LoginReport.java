package org.openmmp.proxy.session;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.repgroup.HedgeResult;
import org.openmmp.repgroup.Service;

/**
 * How one login ended.
 *
 * @param sessionId the session
 * @param client whose login it was: the client that a trusted proxy in front tells, if one does
 * @param service what was logged in to
 * @param user the user's identity; octets of the client's choice, to be made safe before printing
 * @param entry the distinguished name of the user's entry; empty if none was found
 * @param authcid who authenticated to open the user's mailbox, likewise; empty: the user
 * @param failure null for an accepted login
 * @param group the group it was routed to, empty if none
 * @param host the host that answered, empty if none
 * @param why the reason that the policy gave for that host, or the reason of the failure
 * @param attempts hosts dialled
 * @param hops referrals followed
 * @param readOnly whether the session stays on a replica that referred it to no living master
 * @param hedge what became of the last second connection that was begun beside a host that was late
 *     (rule B2.31); null if there was none
 * @param spentNanos nanoseconds by state, only those of this login
 */
public record LoginReport(
    String sessionId,
    ClientFacts client,
    Service service,
    String user,
    String entry,
    String authcid,
    @Nullable LoginFailure failure,
    String group,
    String host,
    String why,
    int attempts,
    int hops,
    boolean readOnly,
    @Nullable HedgeResult hedge,
    Map<SessionState, Long> spentNanos) {

  /** Copies the map, in the order of its keys, which is that of time. */
  public LoginReport {
    spentNanos =
        spentNanos.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(spentNanos));
  }

  /** The same of a session that goes on where another login was let in. */
  LoginReport movedTo(LoginReport there) {
    return new LoginReport(
        sessionId,
        client,
        service,
        user,
        entry,
        authcid,
        failure,
        there.group,
        there.host,
        "",
        attempts,
        hops,
        readOnly,
        null,
        Map.of());
  }

  /** What of it a session keeps to its end: who is where, and neither why nor how soon. */
  LoginReport kept() {
    return new LoginReport(
        sessionId, client, service, user, entry, authcid, failure, group, host, "", attempts, hops,
        readOnly, null, Map.of());
  }
}
