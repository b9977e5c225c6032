package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.it.fixture.AlteredStore;
import org.openmmp.it.fixture.AlteredStore.Alteration;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.ImapClient;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.NetworkNamespace;
import org.openmmp.it.fixture.RealStores;
import org.openmmp.it.fixture.Slapd;

/**
 * The real servers and clients without a proxy between them: what fails here is no fault of the
 * program's.
 */
@Tag("real-servers")
final class RealServersStartTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final List<MailUser> USERS = List.of(ALICE);

  private static RealStores stores;

  @BeforeAll
  static void start() {
    stores = new RealStores(RealServersStartTest.class, ALICE);
  }

  @AfterAll
  static void stop() {
    stores.close();
  }

  @ParameterizedTest
  @CsvSource({
    "CURL, PLAIN", "CURL, STARTTLS", "CURL, TLS",
    "IMAPLIB, PLAIN", "IMAPLIB, STARTTLS", "IMAPLIB, TLS",
    "MBSYNC, PLAIN", "MBSYNC, STARTTLS", "MBSYNC, TLS",
    "ANGUS, PLAIN", "ANGUS, STARTTLS", "ANGUS, TLS"
  })
  void clientWorksWithDovecot(ImapClient client, Security security) {
    client.exercise(
        at(stores.dovecot(), security), ALICE, stores.run().create(client + "-" + security));
  }

  @Test
  void cyrusServesItsUser() {
    try (ImapConnection connection =
        new ImapConnection(stores.atCyrus(MailProtocol.IMAP, Security.STARTTLS))) {
      assertTrue(connection.greeting().contains("Cyrus IMAP"), connection.greeting());
      assertEquals(true, connection.command("LOGIN alice " + ALICE.password()).isOk());
      assertTrue(connection.command("SELECT INBOX").isOk());
    }
  }

  @Test
  void slapdAnswersItsReaderOnly() {
    try (Slapd slapd = new Slapd(stores.run())) {
      slapd.addDomain("example.com");
      slapd.addUser(ALICE, "cluster1");
      slapd.set(ALICE, "mailUserStatus", "overquota");
      String filter = "(mail=alice@example.com)";
      String[] asReader = {
        "ldapsearch",
        "-LLL",
        "-x",
        "-H",
        slapd.url(),
        "-b",
        Slapd.BASE_DN,
        "-D",
        Slapd.READER_DN,
        "-w",
        Slapd.READER_PASSWORD,
        filter
      };
      String entry = Command.run(asReader).succeeded().output();
      assertTrue(
          entry.contains("mailHost: cluster1\n") && entry.contains("mailUserStatus: overquota\n"),
          entry);
      assertTrue(!entry.contains("userPassword"), entry);
      assertEquals(
          "",
          Command.run("ldapsearch", "-LLL", "-x", "-H", slapd.url(), "-b", Slapd.BASE_DN, filter)
              .output());
      slapd.kill();
      assertTrue(Command.run(asReader).status() != 0);
      slapd.restart();
      assertTrue(Command.run(asReader).succeeded().output().contains("mailHost: cluster1"));
    }
  }

  @Test
  void dovecotRefersAndRefusesForNow() {
    try (Dovecot replica = stores.startDovecot("replica", "127.0.0.1", List.of());
        ImapConnection connection = new ImapConnection(at(replica, Security.PLAIN))) {
      replica.refers(USERS, "huey.example.com", 1143);
      assertEquals(
          "NO [REFERRAL imap://alice%40example.com;AUTH=PLAIN@huey.example.com:1143/] Try this server instead.",
          connection.login(ALICE).tagged());
      replica.refusesForNow();
      String refused = connection.login(ALICE).tagged();
      assertTrue(refused.startsWith("NO [UNAVAILABLE]"), refused);
    }
  }

  @Test
  void okReferralIsPutIntoTheAnswerOfALoginThatSucceeded() {
    try (AlteredStore referral =
            new AlteredStore(
                "127.0.0.1",
                stores.dovecot().at(MailPort.IMAP),
                Alteration.okReferral("imap://huey.example.com/"));
        ImapConnection connection =
            new ImapConnection(
                new Endpoint(
                    MailProtocol.IMAP,
                    "localhost",
                    referral.port(),
                    Security.PLAIN,
                    stores.authority().certificate()))) {
      assertEquals(
          "OK [REFERRAL imap://huey.example.com/] Logged in", connection.login(ALICE).tagged());
      assertTrue(connection.command("SELECT INBOX").isOk());
    }
  }

  @Test
  void hungDovecotAcceptsAndIsSilent() throws IOException {
    try (Dovecot hung = stores.startDovecot("hung", "127.0.0.1", List.of())) {
      hung.hang();
      try (Socket socket = new Socket()) {
        socket.connect(hung.at(MailPort.IMAP), 2_000);
        socket.setSoTimeout(300);
        assertThrows(SocketTimeoutException.class, () -> socket.getInputStream().read());
      }
      hung.goOn();
    }
  }

  @Test
  void killedDovecotRefusesAndComesBack() throws IOException {
    try (Dovecot killed = stores.startDovecot("killed", "127.0.0.1", List.of())) {
      killed.kill();
      try (Socket socket = new Socket()) {
        assertThrows(IOException.class, () -> socket.connect(killed.at(MailPort.IMAP), 2_000));
      }
      killed.restart();
      killed.serves(USERS);
      try (ImapConnection connection = new ImapConnection(at(killed, Security.PLAIN))) {
        assertTrue(connection.login(ALICE).isOk());
      }
      killed.awaitConnections(1);
      assertEquals(List.of("alice@example.com"), killed.logins());
    }
  }

  @Test
  void vanishedHostAnswersNoSyn() throws IOException {
    try (NetworkNamespace host = new NetworkNamespace();
        Dovecot inside = stores.startDovecot("inside", host.address(), host.launcher())) {
      try (Socket socket = new Socket()) {
        socket.connect(inside.at(MailPort.IMAP), 2_000);
        assertEquals('*', socket.getInputStream().read());
      }
      host.vanish();
      try (Socket socket = new Socket()) {
        assertThrows(
            SocketTimeoutException.class, () -> socket.connect(inside.at(MailPort.IMAP), 300));
      }
      host.reappear();
      try (Socket socket = new Socket()) {
        socket.connect(
            new InetSocketAddress(host.address(), inside.at(MailPort.IMAP).getPort()), 5_000);
      }
    }
  }

  private static Endpoint at(Dovecot store, Security security) {
    return stores.at(store, MailProtocol.IMAP, security);
  }
}
