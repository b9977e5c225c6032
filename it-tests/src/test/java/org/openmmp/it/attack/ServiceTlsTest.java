package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.program.Program;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.LoopbackAddresses;

/**
 * TLS, trust and port of one service of a group, beside the other services of the same group
 * (B2.3).
 */
final class ServiceTlsTest {
  private static final String HOST = "huey.arena.test";
  private static final String PASSWORD = "Secret-of-amy-7Qx";
  private static final TestIdentity OWN = TestAuthority.selfSignedHost(HOST);

  /** What a store shows where TLS begins. */
  enum Shown {
    /** It has no TLS. */
    NOTHING,
    /** A certificate of the authority that the group trusts. */
    HONEST,
    /** One that nobody vouches for. */
    SELF_SIGNED
  }

  /** One group of one host, of which every service has a port of its own. */
  private static final class Site implements AutoCloseable {
    private final EmbeddedDirectory directory = EmbeddedDirectory.start();
    private final DeliveryScript lmtp = new DeliveryScript();
    private final ScriptedStore imapStore;
    private final ScriptedStore popStore;
    private final ScriptedStore lmtpStore;
    private final Program program;

    Site(Path workplace, String settings, Shown mail, Shown delivery) throws Exception {
      String address = LoopbackAddresses.next(1).get(0);
      imapStore = new ScriptedStore(address, 0, showing(new ImapScript(), mail));
      popStore = new ScriptedStore(address, 0, showing(new Pop3Script(), mail));
      if (delivery != Shown.NOTHING) {
        lmtp.secured(delivery == Shown.HONEST ? Arena.HONEST : OWN.context());
      }
      lmtpStore = new ScriptedStore(address, 0, lmtp);
      Files.writeString(workplace.resolve("own.pem"), OWN.certificatePem());
      directory.add(new DirectoryUser("amy", "example.test", PASSWORD, "g"));
      String text =
          """
          openmmp {
            resolver.hosts."%1$s" = "%2$s"
            lmtp { listen = "127.0.0.1:0", timeouts.search = 2s }
            proxy.g {
              storehostlist = "%1$s", tls = starttls, wait-for-store = 0s
              imapport = %3$d, popport = %4$d, lmtpport = 1, lmtp.port = %5$d
              %6$s
            }
          }
          """
              .formatted(
                  HOST, address, imapStore.port(), popStore.port(), lmtpStore.port(), settings);
      program =
          Program.start(
              AttackConfig.load(workplace, directory.url(), text), Set.of("proxy", "relay"));
    }

    private static StoreScript showing(StoreScript script, Shown shown) {
      return switch (shown) {
        case NOTHING -> script;
        case HONEST -> script.secured(TlsPolicy.STARTTLS, Arena.HONEST);
        case SELF_SIGNED -> script.secured(TlsPolicy.STARTTLS, OWN.context());
      };
    }

    String logIn(MailProtocol protocol) {
      try (RawClient client = new RawClient(program.addresses(protocol.service()).get(0))) {
        client.line();
        String answer = client.logIn(protocol, "amy@example.test", PASSWORD);
        return answer.startsWith(protocol.accepted())
            ? "in"
            : answer.startsWith(protocol.unavailable()) ? "no store" : answer;
      }
    }

    String deliver() {
      int port = program.addresses("lmtp").get(0).getPort();
      try (DeliveryConnection mta = DeliveryConnection.lmtp("127.0.0.1", port)) {
        mta.command("MAIL FROM:<>");
        return mta.command("RCPT TO:<amy@example.test>").substring(0, 3);
      }
    }

    @Override
    public void close() {
      program.close();
      List.of(imapStore, popStore, lmtpStore).forEach(ScriptedStore::close);
      directory.close();
    }
  }

  @ParameterizedTest // B2.3
  @CsvSource({
    // of LMTP alone                               | its store    | RCPT | STARTTLS heard
    "'',                                             NOTHING,       451,   false",
    "'',                                             SELF_SIGNED,   451,   true",
    "'',                                             HONEST,        250,   true",
    "lmtp.tls = off,                                 NOTHING,       250,   false",
    "lmtp.tls = off,                                 SELF_SIGNED,   250,   false",
    "lmtp.tls = opportunistic,                       NOTHING,       250,   false",
    "lmtp.tls = opportunistic,                       SELF_SIGNED,   250,   true",
    "lmtp.tls = starttls,                            NOTHING,       451,   false",
    "lmtp.tls-trust.ca-file = own.pem,               SELF_SIGNED,   250,   true",
    "lmtp.tls-trust.ca-file = own.pem,               HONEST,        451,   true",
  })
  void deliveryHasItsOwnTermsAndMailIsReadUnderTheGroups(
      String setting, Shown shown, String reply, boolean starttls, @TempDir Path workplace)
      throws Exception {
    try (Site site = new Site(workplace, setting, Shown.HONEST, shown)) {
      assertEquals(reply, site.deliver());
      assertEquals(starttls, site.lmtpStore.heard().contains("STARTTLS"), site.lmtpStore::heard);
      assertEquals("in", site.logIn(MailProtocol.IMAP));
      assertTrue(site.imapStore.heard().contains("STARTTLS"), site.imapStore::heard);
      assertEquals("in", site.logIn(MailProtocol.POP3));
      assertTrue(site.popStore.heard().contains("STLS"), site.popStore::heard);
    }
  }

  @ParameterizedTest // B2.3, B3.7
  @CsvSource({
    // of the group                                | IMAP and POP3 | IMAP        | POP3
    "lmtp.tls = off,                                 SELF_SIGNED,     no store,     no store",
    "lmtp.tls = opportunistic,                       NOTHING,         no store,     no store",
    "lmtp.tls-trust.ca-file = own.pem,               SELF_SIGNED,     no store,     no store",
    "'lmtp.tls = off, imap.tls-trust.ca-file = own.pem', SELF_SIGNED, in,           no store",
    "'lmtp.tls = off, pop3.tls = off',               NOTHING,         no store,     in",
  })
  void whatDeliveryNeedNotHaveMailIsNotReadWithout(
      String setting, Shown shown, String imap, String pop3, @TempDir Path workplace)
      throws Exception {
    try (Site site = new Site(workplace, setting, shown, shown)) {
      assertEquals(imap, site.logIn(MailProtocol.IMAP));
      assertEquals(pop3, site.logIn(MailProtocol.POP3));
      assertFalse(imap.equals("no store") && site.imapStore.heard().contains(PASSWORD));
      assertFalse(pop3.equals("no store") && site.popStore.heard().contains(PASSWORD));
      assertEquals("250", site.deliver());
    }
  }
}
