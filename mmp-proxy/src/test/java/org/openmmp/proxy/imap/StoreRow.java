package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.imap.ImapFixtures.base64;
import static org.openmmp.proxy.imap.ImapFixtures.octets;
import static org.openmmp.proxy.imap.ImapFixtures.password;
import static org.openmmp.proxy.imap.ImapFixtures.storeTalk;

import java.util.List;
import org.openmmp.config.TlsPolicy;
import org.openmmp.proxy.session.Credentials;
import org.openmmp.proxy.session.StoreLogin;
import org.openmmp.wire.Splits;

/** What a store sends and what comes of it. */
record StoreRow(String name, StoreLogin login, String in, String out) {
  static final String GREETING =
      "* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ ID AUTH=PLAIN] Hello\r\n";
  static final String BARE = "* OK Hello\r\n";
  static final String SECRET_IR = base64("\0alice\0secret");
  static final String PLAIN_IR = "<greeted>P1 AUTHENTICATE PLAIN " + SECRET_IR + "\n";

  /** Longer texts come in one piece only, and what is left of them does not matter. */
  private static final int MAX_SPLIT_OCTETS = 5000;

  static StoreRow row(String name, String in, String out) {
    return tls(name, TlsPolicy.OFF, in, out);
  }

  static StoreRow tls(String name, TlsPolicy policy, String in, String out) {
    return new StoreRow(name, ImapFixtures.login(policy, password("alice", "secret")), in, out);
  }

  static StoreRow as(String name, Credentials credentials, String in, String out) {
    return new StoreRow(name, ImapFixtures.login(TlsPolicy.OFF, credentials), in, out);
  }

  static String offering(String capabilities) {
    return "* OK [CAPABILITY IMAP4rev1 " + capabilities + "] Hello\r\n";
  }

  void assertSameAtEverySplit() {
    byte[] octets = octets(in);
    if (octets.length > MAX_SPLIT_OCTETS) {
      String seen = storeTalk(login, List.of(octets));
      assertTrue(seen.startsWith(out), seen);
      return;
    }
    for (List<byte[]> split : Splits.everySplitOf(octets)) {
      assertEquals(out, storeTalk(login, split));
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
