package org.openmmp.directory.ldap;

import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.ServiceAccess;

/**
 * What the directory said of one name, judged as far as that does not depend on the client; this is
 * what the cache holds.
 *
 * @param answer the answer for a client whom the filters allow
 * @param domainAccess the domain's service access filters
 * @param userAccess the user's
 */
record Account(LookupResult answer, ServiceAccess domainAccess, ServiceAccess userAccess) {

  /** An answer that is the same for every client. */
  static Account failed(LookupResult.Kind kind, String login, String reason) {
    return new Account(
        LookupResult.failed(kind, login, reason), ServiceAccess.OPEN, ServiceAccess.OPEN);
  }

  LookupResult.Kind kind() {
    return answer.kind();
  }

  /** Whether {@link #forClient} wants the client's host name. */
  boolean wantsClientName() {
    return domainAccess.wantsClientName() || userAccess.wantsClientName();
  }

  /**
   * The answer for one client: both the domain and the user must allow a login (rule B1.5); what
   * services a user may use says nothing of messages to the user.
   */
  LookupResult forClient(LookupRequest request, String clientName) {
    if (request.purpose() == LookupRequest.Purpose.DELIVERY) {
      return answer;
    }
    if (!domainAccess.allows(request, clientName)) {
      return notAllowed("domain", request);
    }
    return userAccess.allows(request, clientName) ? answer : notAllowed("user", request);
  }

  private LookupResult notAllowed(String whose, LookupRequest request) {
    String service = request.service() + (request.tls() ? " under TLS" : "");
    return LookupResult.failed(
            LookupResult.Kind.NOT_ALLOWED,
            answer.login(),
            "the " + whose + "'s service access does not allow " + service + " from this client")
        .as(answer.freshness());
  }
}
