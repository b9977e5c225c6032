package org.openmmp.directory.ldap;

import java.time.Duration;
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
 * @param form which of the names that were asked for led to it, counted from 0
 * @param lack why there is no answer
 * @param atNanos when the cache was told of it
 */
record Account(
    LookupResult answer,
    ServiceAccess domainAccess,
    ServiceAccess userAccess,
    int form,
    Lack lack,
    long atNanos) {

  /** Why the directory gave no answer: then the kind is {@code DIRECTORY_DOWN}. */
  enum Lack {
    /** It gave one. */
    NONE,
    /** No server did. */
    OUTAGE,
    /** None did within the time that it was given, and more time may help. */
    TIME,
    /** One says that there is nobody, and that cannot be believed yet (rule B1.11). */
    DOUBT
  }

  Account(LookupResult answer, ServiceAccess domainAccess, ServiceAccess userAccess, int form) {
    this(answer, domainAccess, userAccess, form, Lack.NONE, 0);
  }

  /** An answer that is the same for every client. */
  static Account failed(LookupResult.Kind kind, String login, String reason) {
    Lack lack = kind == LookupResult.Kind.DIRECTORY_DOWN ? Lack.OUTAGE : Lack.NONE;
    return failed(kind, lack, login, reason);
  }

  /** No answer, for that reason. */
  static Account lacking(Lack lack, String login, String reason) {
    return failed(LookupResult.Kind.DIRECTORY_DOWN, lack, login, reason);
  }

  private static Account failed(LookupResult.Kind kind, Lack lack, String login, String reason) {
    LookupResult failed = LookupResult.failed(kind, login, reason);
    return new Account(failed, ServiceAccess.OPEN, ServiceAccess.OPEN, 0, lack, 0);
  }

  /** The same account, found by that one of the names. */
  Account byForm(int number) {
    return number == form
        ? this
        : new Account(answer, domainAccess, userAccess, number, lack, atNanos);
  }

  /** The same account from that source, where the oldest part of it has been for so long. */
  Account as(LookupResult.Freshness freshness, Duration age) {
    return new Account(answer.as(freshness, age), domainAccess, userAccess, form, lack, atNanos);
  }

  /** The same account, known since then. */
  Account knownSince(long nowNanos) {
    return new Account(answer, domainAccess, userAccess, form, lack, nowNanos);
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
        .as(answer.freshness(), answer.age());
  }
}
