package org.openmmp.proxy.session;

import java.util.Arrays;
import java.util.function.Predicate;
import org.openmmp.wire.SaslOAuthBearer;
import org.openmmp.wire.SaslPlain;
import org.openmmp.wire.SaslXOAuth2;

/**
 * In which form one client's credentials go to one store, whatever the protocol.
 *
 * <p>A password goes by SASL PLAIN where the store has it, else by the protocol's own command. A
 * token goes by the mechanism it came with. EXTERNAL goes as the administrator's PLAIN (rule
 * B3.13), and only that does: an empty password never becomes an administrator's login.
 */
public final class StoreLoginForm {
  private static final byte[] NOTHING = new byte[0];

  private final StoreLogin login;
  private Mechanism mechanism = Mechanism.COMMAND;
  private byte[] message = NOTHING;
  private String unusable = "";

  private StoreLoginForm(StoreLogin login) {
    this.login = login;
  }

  /**
   * The form for one store.
   *
   * @param storeHas which mechanisms the store lists
   * @param takesCommand whether the store takes the protocol's own command on this connection
   */
  public static StoreLoginForm of(
      StoreLogin login, Predicate<Mechanism> storeHas, boolean takesCommand) {
    StoreLoginForm form = new StoreLoginForm(login);
    switch (login.credentials().mechanism()) {
      case COMMAND, PLAIN, LOGIN -> form.byPassword(storeHas, takesCommand);
      case OAUTHBEARER, XOAUTH2 -> form.byToken(storeHas);
      case EXTERNAL -> form.byAdministrator(storeHas);
    }
    return form;
  }

  /** Why this store cannot be logged in to with these credentials; empty if it can. */
  public String unusable() {
    return unusable;
  }

  /** The mechanism to use there; {@link Mechanism#COMMAND} for the protocol's own command. */
  public Mechanism mechanism() {
    return mechanism;
  }

  /** The mechanism's message in base64; whoever takes it overwrites it. */
  public byte[] message() {
    return message;
  }

  /** All that the login needs. */
  public StoreLogin login() {
    return login;
  }

  /**
   * The line that ends the exchange if the store asks once more after the message, which reports an
   * error (RFC 7628 section 3.2.3).
   */
  public String lastResponse() {
    return switch (mechanism) {
      case OAUTHBEARER -> "AQ==";
      case XOAUTH2 -> "";
      case COMMAND, PLAIN, LOGIN, EXTERNAL -> "*";
    };
  }

  /** Overwrites the message. */
  public void clear() {
    Arrays.fill(message, (byte) 0);
  }

  private void byPassword(Predicate<Mechanism> storeHas, boolean takesCommand) {
    Credentials credentials = login.credentials();
    if (storeHas.test(Mechanism.PLAIN)) {
      mechanism = Mechanism.PLAIN;
      message = SaslPlain.base64(credentials.authzid(), login.storeName(), credentials.secret());
    } else if (!credentials.authzid().isEmpty()) {
      unusable = "the store has no PLAIN, which an authorization identity needs";
    } else if (!takesCommand) {
      unusable = "the store takes no password on this connection";
    }
  }

  private void byToken(Predicate<Mechanism> storeHas) {
    Credentials credentials = login.credentials();
    mechanism = credentials.mechanism();
    if (!storeHas.test(mechanism)) {
      unusable = "the store has no " + mechanism.saslName();
      return;
    }
    message =
        mechanism == Mechanism.OAUTHBEARER
            ? SaslOAuthBearer.base64(login.storeName(), credentials.secret())
            : SaslXOAuth2.base64(login.storeName(), credentials.secret());
  }

  private void byAdministrator(Predicate<Mechanism> storeHas) {
    if (login.adminName().isEmpty()) {
      unusable = "the group has no administrator to log in as for a client with a certificate";
    } else if (!storeHas.test(Mechanism.PLAIN)) {
      unusable = "the store has no PLAIN, which an administrator's login needs";
    } else {
      mechanism = Mechanism.PLAIN;
      message = SaslPlain.base64(login.storeName(), login.adminName(), login.adminPassword());
    }
  }
}
