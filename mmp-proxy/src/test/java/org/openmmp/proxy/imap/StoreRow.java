package org.openmmp.proxy.imap;

import static org.openmmp.proxy.imap.ImapFixtures.storeTalk;
import static org.openmmp.proxy.session.DialogueFixtures.base64;
import static org.openmmp.proxy.session.DialogueFixtures.password;

import org.openmmp.proxy.identity.Credentials;
import org.openmmp.proxy.session.DialogueFixtures;
import org.openmmp.proxy.session.DialogueRow;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.routing.TlsPolicy;

/** What a store sends and what comes of it. */
record StoreRow(String name, StoreLogin login, String in, String out) {
  static final String GREETING =
      "* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ ID AUTH=PLAIN] Hello\r\n";
  static final String BARE = "* OK Hello\r\n";
  static final String SECRET_IR = base64("\0alice\0secret");
  static final String PLAIN_IR = "<greeted>P1 AUTHENTICATE PLAIN " + SECRET_IR + "\n";

  static StoreRow row(String name, String in, String out) {
    return tls(name, TlsPolicy.OFF, in, out);
  }

  static StoreRow tls(String name, TlsPolicy policy, String in, String out) {
    return new StoreRow(name, DialogueFixtures.login(policy, password("alice", "secret")), in, out);
  }

  static StoreRow as(String name, Credentials credentials, String in, String out) {
    return new StoreRow(name, DialogueFixtures.login(TlsPolicy.OFF, credentials), in, out);
  }

  static String offering(String capabilities) {
    return "* OK [CAPABILITY IMAP4rev1 " + capabilities + "] Hello\r\n";
  }

  void assertSameAtEverySplit() {
    new DialogueRow(name, in, out, packets -> storeTalk(login, packets))
        .assertSameAtEverySplitWithin("P[0-9]|[+]");
  }

  @Override
  public String toString() {
    return name;
  }
}
