package org.openmmp.proxy.store;

import java.util.Arrays;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.SaslBearer;
import org.openmmp.wire.SaslMessage;
import org.openmmp.wire.SaslScram;
import org.openmmp.wire.Secret;
import org.openmmp.wire.StrictBase64;

/**
 * In which form one client's credentials go to one store, whatever the protocol.
 *
 * <p>A password goes by SASL PLAIN where the store has it, else by the protocol's own command; who
 * authenticates for another user is the authentication identity in the one, and in the other stands
 * behind the user's name where stores take that. A token goes by the mechanism it came with, and so
 * does the first message of an exchange. EXTERNAL goes as the administrator's password (rule
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
   * @param store what the store lists
   * @param takesCommand whether the store takes the protocol's own command on this connection
   */
  public static StoreLoginForm of(
      StoreLogin login, StoreCapabilities.Listing store, boolean takesCommand) {
    StoreLoginForm form = new StoreLoginForm(login);
    switch (login.credentials().mechanism().proof()) {
      case PASSWORD -> form.byPassword(store, takesCommand);
      case TOKEN -> form.byToken(store);
      case CERTIFICATE -> form.byAdministrator(store, takesCommand);
      case EXCHANGE -> form.byExchange(store);
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

  /** The name in the protocol's own command. */
  public String commandName() {
    String another = login.authenticates();
    return another.isEmpty()
        ? login.storeName()
        : login.storeName() + login.masterUserSeparator() + another;
  }

  /** The password in the protocol's own command; read, not cleared. */
  public Secret commandSecret() {
    return login.secret();
  }

  /**
   * The line that ends the exchange if the store asks once more after the message, and what it asks
   * is nothing for the client (RFC 7628 section 3.2.3).
   */
  public String lastResponse() {
    return switch (mechanism) {
      case OAUTHBEARER -> "AQ==";
      case XOAUTH2 -> "";
      case COMMAND, PLAIN, LOGIN, EXTERNAL, SCRAM_SHA_1, SCRAM_SHA_256 -> "*";
    };
  }

  /** Overwrites the message. */
  public void clear() {
    Arrays.fill(message, (byte) 0);
  }

  private void byPassword(StoreCapabilities.Listing store, boolean takesCommand) {
    String another = login.authenticates();
    if (store.hasMechanism(Mechanism.PLAIN.saslName())) {
      mechanism = Mechanism.PLAIN;
      message =
          another.isEmpty()
              ? SaslMessage.plain("", login.storeName(), login.secret())
              : SaslMessage.plain(login.storeName(), another, login.secret());
    } else if (!takesCommand) {
      unusable = "the store takes no password on this connection";
    } else if (!another.isEmpty() && !takesBothNames()) {
      unusable =
          "the store has no PLAIN, which is needed to open a mailbox with another's password where"
              + " no master-user-separator is set";
    }
  }

  /**
   * Whether the two names can be told from each other in one: it is split where it first can be.
   */
  private boolean takesBothNames() {
    String separator = login.masterUserSeparator();
    return !separator.isEmpty() && !login.storeName().contains(separator);
  }

  private void byToken(StoreCapabilities.Listing store) {
    Credentials credentials = login.credentials();
    mechanism = credentials.mechanism();
    if (!store.hasMechanism(mechanism.saslName())) {
      unusable = "the store has no " + mechanism.saslName();
      return;
    }
    message =
        mechanism == Mechanism.OAUTHBEARER
            ? SaslBearer.oauthBearer(login.storeName(), credentials.secret())
            : SaslBearer.xoauth2(login.storeName(), credentials.secret());
  }

  private void byExchange(StoreCapabilities.Listing store) {
    mechanism = login.credentials().mechanism();
    byte[] first = login.credentials().secret().copy();
    SaslScram parsed = SaslScram.parse(first);
    if (!store.hasMechanism(mechanism.saslName())) {
      unusable = "the store has no " + mechanism.saslName();
    } else if (parsed == null || !nameIn(parsed).equals(login.storeName())) {
      unusable = "the name that the client proves cannot be replaced by another";
    } else if (parsed.couldBind() && store.hasMechanism(mechanism.saslName() + "-PLUS")) {
      // RFC 5802 section 6: such a store has to take such a client for one that is deceived.
      unusable = "the store binds " + mechanism.saslName() + " to its channel, as the client could";
    } else {
      message = StrictBase64.encode(first);
    }
    Arrays.fill(first, (byte) 0);
  }

  private static String nameIn(SaslScram first) {
    return first.authzid().isEmpty() ? first.authcid() : first.authzid();
  }

  private void byAdministrator(StoreCapabilities.Listing store, boolean takesCommand) {
    if (login.adminName().isEmpty()) {
      unusable = "the group has no administrator to log in as for a client with a certificate";
    } else {
      byPassword(store, takesCommand);
    }
  }
}
