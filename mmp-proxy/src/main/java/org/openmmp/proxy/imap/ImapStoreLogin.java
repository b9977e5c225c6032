package org.openmmp.proxy.imap;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.Credentials;
import org.openmmp.proxy.session.Mechanism;
import org.openmmp.proxy.session.StoreLogin;
import org.openmmp.wire.SaslOAuthBearer;
import org.openmmp.wire.SaslPlain;
import org.openmmp.wire.SaslXOAuth2;

/**
 * The login command of one client in the form that one store takes, and its pieces as the store
 * asks for them.
 *
 * <p>A password goes by AUTHENTICATE PLAIN where the store has it, else by LOGIN. A token goes by
 * the mechanism it came with. EXTERNAL goes as the administrator's PLAIN (rule B3.13), and only
 * that does: an empty password never becomes an administrator's login.
 */
final class ImapStoreLogin {
  private final String tag;
  private final StoreLogin login;
  private final CapabilityList store;
  private final Deque<byte[]> pieces = new ArrayDeque<>(2);
  private String unusable = "";
  private boolean sasl;
  private boolean gaveUp;

  ImapStoreLogin(String tag, StoreLogin login, CapabilityList store) {
    this.tag = tag;
    this.login = login;
    this.store = store;
    Credentials credentials = login.credentials();
    switch (credentials.mechanism()) {
      case COMMAND, PLAIN, LOGIN -> byPassword(credentials);
      case OAUTHBEARER, XOAUTH2 -> byToken(credentials);
      case EXTERNAL -> byAdministrator();
    }
  }

  /** Why this store cannot be logged in to with these credentials; empty if it can. */
  String unusable() {
    return unusable;
  }

  /** What to send first. */
  byte[] first() {
    return pieces.remove();
  }

  /**
   * What to send because the store asks for more; null if it has all and may not ask.
   *
   * <p>A store that asks once more after a SASL message reports an error; the exchange is ended as
   * its mechanism has it (RFC 7628 section 3.2.3).
   */
  byte @Nullable [] next() {
    if (!pieces.isEmpty()) {
      return pieces.remove();
    }
    if (!sasl || gaveUp) {
      return null;
    }
    gaveUp = true;
    String end =
        switch (login.credentials().mechanism()) {
          case OAUTHBEARER -> "AQ==\r\n";
          case XOAUTH2 -> "\r\n";
          case COMMAND, PLAIN, LOGIN, EXTERNAL -> "*\r\n";
        };
    return end.getBytes(StandardCharsets.US_ASCII);
  }

  /** Whether the store would take the next line for a SASL response. */
  boolean inExchange() {
    return sasl && !pieces.isEmpty();
  }

  /** Overwrites what was not sent. */
  void clear() {
    pieces.forEach(piece -> Arrays.fill(piece, (byte) 0));
    pieces.clear();
  }

  private void byPassword(Credentials credentials) {
    if (store.has("AUTH=PLAIN")) {
      byte[] message =
          SaslPlain.base64(credentials.authzid(), login.storeName(), credentials.secret());
      authenticate(Mechanism.PLAIN, message);
    } else if (!credentials.authzid().isEmpty()) {
      unusable = "the store has no PLAIN, which an authorization identity needs";
    } else if (store.has("LOGINDISABLED")) {
      unusable = "the store takes no password on this connection";
    } else {
      add(ImapStoreCommands.login(tag, login.storeName(), credentials.secret(), store));
    }
  }

  private void byToken(Credentials credentials) {
    Mechanism mechanism = credentials.mechanism();
    if (!store.has("AUTH=" + mechanism.saslName())) {
      unusable = "the store has no " + mechanism.saslName();
      return;
    }
    byte[] message =
        mechanism == Mechanism.OAUTHBEARER
            ? SaslOAuthBearer.base64(login.storeName(), credentials.secret())
            : SaslXOAuth2.base64(login.storeName(), credentials.secret());
    authenticate(mechanism, message);
  }

  private void byAdministrator() {
    if (login.adminName().isEmpty()) {
      unusable = "the group has no administrator to log in as for a client with a certificate";
    } else if (!store.has("AUTH=PLAIN")) {
      unusable = "the store has no PLAIN, which an administrator's login needs";
    } else {
      byte[] message =
          SaslPlain.base64(login.storeName(), login.adminName(), login.adminPassword());
      authenticate(Mechanism.PLAIN, message);
    }
  }

  private void authenticate(Mechanism mechanism, byte[] message) {
    sasl = true;
    add(ImapStoreCommands.authenticate(tag, mechanism.saslName(), message, store.has("SASL-IR")));
  }

  private void add(List<byte[]> all) {
    pieces.addAll(all);
  }
}
