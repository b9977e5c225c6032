package org.openmmp.proxy.store;

import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.Survival;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.ResponseCode;
import org.openmmp.wire.Secret;

/**
 * All that a store's dialogue needs for one login.
 *
 * @param host the store, which what it offers is remembered by
 * @param credentials the client's, as they are meant; a secret in it is read, not cleared
 * @param storeName the name of whose mailbox it shall be (rule B1.3)
 * @param tls how the connection must be protected before a credential leaves
 * @param adminName the administrator to log in as, on the user's behalf (rule B3.13); empty if
 *     none; only for {@link Mechanism#EXTERNAL}, never because a password is empty
 * @param adminPassword that administrator's; empty if none
 * @param masterUserSeparator what the store takes between that name and who authenticates, in one
 *     name; empty: nothing
 * @param client facts for the store (rule B3.12)
 * @param tellClient whether the store trusts us and is told who the client is
 * @param survival what the client's session has to do without, to outlive the store (rule B9.3)
 */
public record StoreLogin(
    StoreHost host,
    Credentials credentials,
    String storeName,
    TlsPolicy tls,
    String adminName,
    Secret adminPassword,
    String masterUserSeparator,
    ClientFacts client,
    boolean tellClient,
    Survival survival) {

  /**
   * A login at that store.
   *
   * @param access as the group's operator has it, its administrator for a certificate's owner too
   * @param seen the client as the store shall hear of it
   */
  public static StoreLogin at(
      StoreHost host,
      StoreAccess access,
      Credentials credentials,
      String storeName,
      String masterUserSeparator,
      ClientFacts seen) {
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
        seen,
        access.clientId() == StoreAccess.ClientId.ID,
        access.survival());
  }

  /** Nobody's: for a dialogue that ends where a login would begin (rule B2.9). */
  static StoreLogin ofNobody(StoreHost host, TlsPolicy tls) {
    return new StoreLogin(
        host,
        new Credentials(Mechanism.EXTERNAL, "", "", Secret.none()),
        "",
        tls,
        "",
        Secret.none(),
        "",
        new ClientFacts("", "0.0.0.0", 0, "0.0.0.0", 0, false, "", false, 0),
        false,
        Survival.OFF);
  }

  /** A login of somebody whom we stand for, with a password, to see what the store says to it. */
  public static StoreLogin trial(StoreHost host, TlsPolicy tls, String storeName, Secret password) {
    StoreLogin nobody = ofNobody(host, tls);
    return new StoreLogin(
        host,
        new Credentials(Mechanism.COMMAND, storeName, "", password),
        storeName,
        tls,
        "",
        Secret.none(),
        "",
        nobody.client,
        false,
        Survival.OFF);
  }

  /** The administrator's login for somebody, as when a session is moved (rule B9.3). */
  public static StoreLogin administrators(StoreHost host, StoreAccess access, String storeName) {
    StoreLogin nobody = ofNobody(host, access.tls());
    return new StoreLogin(
        host,
        new Credentials(Mechanism.EXTERNAL, storeName, "", Secret.none()),
        storeName,
        access.tls(),
        access.adminName(),
        access.adminPassword(),
        "",
        nobody.client,
        false,
        Survival.OFF);
  }

  /** Who authenticates if that is not whose mailbox it shall be; else empty. */
  public String authenticates() {
    return credentials.mechanism() == Mechanism.EXTERNAL
        ? adminName
        : credentials.forAnother() ? credentials.authcid() : "";
  }

  /** Whose password goes to the store, or token. */
  Secret secret() {
    return credentials.mechanism() == Mechanism.EXTERNAL ? adminPassword : credentials.secret();
  }

  /**
   * What the store's answer means for the user (rule B3.10): a refused administrator is no wrong
   * password, and what the store has against the user is told to nobody who cannot mend it.
   */
  public StoreAnswer meaningFor(StoreAnswer answer) {
    if (credentials.mechanism() != Mechanism.EXTERNAL) {
      return answer;
    }
    if (answer.outcome() == AttemptOutcome.AUTH_REJECTED || speaksOfPassword(answer)) {
      return StoreAnswer.refusingAdministrator(answer.reason());
    }
    return answer.outcome() == AttemptOutcome.USER_REFUSED
        ? StoreAnswer.failed(
            AttemptOutcome.TEMPORARY_FAILURE,
            "the store refused that imapadmin logs in for this user: " + answer.reason())
        : answer;
  }

  /** RFC 5530: EXPIRED is said of the credentials, and PRIVACYREQUIRED of how they were sent. */
  private static boolean speaksOfPassword(StoreAnswer answer) {
    ResponseCode.Split said = ResponseCode.split(answer.finalResponse().replaceFirst("^\\S+ ", ""));
    return answer.outcome() == AttemptOutcome.USER_REFUSED
        && (said.has("EXPIRED") || said.has("PRIVACYREQUIRED"));
  }
}
