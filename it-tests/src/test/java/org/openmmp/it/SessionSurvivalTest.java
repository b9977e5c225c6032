package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.it.fixture.MailSite.GROUP;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.AdminOnSocket;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;

/** IMAP sessions outlive the Dovecot that they are at (rules B9.3, B9.5). */
@Tag("real-servers")
final class SessionSurvivalTest {
  private static final List<MailUser> USERS =
      List.of(
          MailUser.of("idle"),
          MailUser.of("quiet"),
          MailUser.of("bare"),
          MailUser.of("busy"),
          MailUser.of("hung"),
          MailUser.of("leaving"),
          MailUser.of("back"),
          MailUser.of("gone"));

  private static final Path SOCKET =
      Path.of(System.getProperty("java.io.tmpdir"), "survival-" + ProcessHandle.current().pid());

  private static final AdminOnSocket ADMIN = new AdminOnSocket(SOCKET);

  private static final String SURVIVE =
      "openmmp.proxy."
          + GROUP
          + " { survive-failover = on, imapadmin = "
          + Dovecot.ADMINISTRATOR
          + ", imapadminpass = \""
          + Dovecot.ADMINISTRATOR_PASSWORD
          + "\" }\nopenmmp.proxy-defaults.greeting-timeout = 1s\n"
          + "openmmp.admin.socket = \""
          + SOCKET
          + "\"\n";

  /** Where this runs nobody may keep what an administrator decided. */
  private static final String EXPECTED = "Decisions openmmp.state-file \\S+ cannot be written";

  private static MailSite site;

  @BeforeAll
  static void start() {
    site = new MailSite(SessionSurvivalTest.class, USERS);
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  @BeforeEach
  void everybodyServes() {
    site.recover();
  }

  private static ImapConnection in(ProxyProcess proxy, MailUser user) {
    ImapConnection client = new ImapConnection(proxy.imap(Endpoint.Security.STARTTLS));
    assertTrue(client.login(user).isOk());
    return client;
  }

  /** Three messages, and a mailbox of which it is known how new it is. */
  private static void fill(ProxyProcess proxy, MailUser user) {
    try (ImapConnection client = in(proxy, user)) {
      for (int i = 0; i < 3; i++) {
        append(client);
      }
      assertTrue(client.command("EXAMINE INBOX (CONDSTORE)").isOk());
      client.leave();
    }
  }

  private static void append(ImapConnection client) {
    assertTrue(client.command("APPEND INBOX {14+}\r\nSubject: x\r\n\r\n").isOk());
  }

  private static void awaitMoved(ProxyProcess proxy) {
    Await.until(
        () -> "the session has moved: " + proxy.log(),
        Duration.ofSeconds(30),
        () -> proxy.log().contains("session-moved"));
  }

  private static void awaitLog(ProxyProcess proxy, String words) {
    Await.until(proxy::log, Duration.ofSeconds(30), () -> proxy.log().contains(words));
  }

  private static void awaitSessionAt(String host) {
    Await.until(
        () -> "a session is at " + host,
        Duration.ofSeconds(30),
        () -> ADMIN.look("sessions?format=text&service=imap&host=" + host).startsWith("1 session"));
  }

  private static void idle(ImapConnection client) {
    client.send("i1 IDLE\r\n");
    String line = client.line();
    while (!line.startsWith("+")) {
      line = client.line();
    }
  }

  /** What a client that lost nothing would have. */
  private static void assertSameMailbox(ProxyProcess proxy, ImapConnection client, MailUser user) {
    try (ImapConnection fresh = in(proxy, user)) {
      assertTrue(fresh.command("EXAMINE INBOX").isOk());
      assertEquals(
          fresh.command("UID FETCH 1:* (FLAGS)").untagged(),
          client.command("UID FETCH 1:* (FLAGS)").untagged());
    }
  }

  @Test // B9.3
  void aClientInIdleHearsWhatHappenedAtTheNextMasterAndGoesOn() {
    MailUser user = USERS.get(0);
    site.withProxy(
        SURVIVE,
        proxy -> {
          fill(proxy, user);
          try (ImapConnection client = in(proxy, user)) {
            assertTrue(client.command("SELECT INBOX").isOk());
            idle(client);
            site.huey().kill();
            awaitMoved(proxy);
            try (ImapConnection other = in(proxy, user)) {
              assertTrue(other.command("SELECT INBOX").isOk());
              append(other);
              assertTrue(other.command("STORE 2 +FLAGS (\\Deleted)").isOk());
              assertTrue(other.command("EXPUNGE").isOk());
            }
            client.send("DONE\r\n");
            String line = client.line();
            StringBuilder heard = new StringBuilder();
            while (!line.startsWith("i1 OK")) {
              heard.append(line).append('\n');
              line = client.line();
            }
            client.command("NOOP");
            assertSameMailbox(proxy, client, user);
            assertTrue(!heard.toString().contains("BYE"), heard::toString);
          }
        },
        EXPECTED);
  }

  @Test // B9.5, B9.7
  void sessionsFollowTheMasterThatAnAdministratorPrefersAndComeBackWithIt() {
    MailUser user = USERS.get(6);
    site.withProxy(
        SURVIVE,
        proxy -> {
          fill(proxy, user);
          try (ImapConnection client = in(proxy, user)) {
            assertTrue(client.command("SELECT INBOX").isOk());
            idle(client);
            String counted = GROUP + "\":{\"movable\":1,\"not\":{}}";
            assertTrue(ADMIN.look("moves").contains(counted), ADMIN.look("moves"));
            assertTrue(ADMIN.look("groups").contains(counted), ADMIN.look("groups"));
            String told = ADMIN.look("groups?format=text");
            assertTrue(
                told.contains("  sessions that outlive their store: 1 could be moved now\n"), told);
            String preferred =
                ADMIN.act("prefer?format=text&host=" + MailSite.DEWEY + "&group=" + GROUP);
            assertTrue(preferred.contains("are moved to it once it is known"), preferred);
            awaitSessionAt(MailSite.DEWEY);
            ADMIN.act("failback?group=" + GROUP);
            awaitSessionAt(MailSite.HUEY);
            String moves = ADMIN.look("groups");
            assertTrue(
                moves.contains("\"moves\":{\"imap\":{\"moved\":2,\"ended\":{},\"stayed\":{}}}"),
                moves);
            client.send("DONE\r\n");
            String line = client.line();
            while (!line.startsWith("i1 OK")) {
              line = client.line();
            }
            client.command("NOOP");
            assertSameMailbox(proxy, client, user);
          }
        },
        EXPECTED);
  }

  @Test // B9.7: the order's limit is over when it cuts who was told and stayed within a command
  void whoWasBroughtToTheMasterAndMovedElsewhereSinceIsNotCutAtTheLimit() {
    MailUser user = USERS.get(6);
    MailUser busy = USERS.get(3);
    site.withProxy(
        SURVIVE
            + "openmmp.proxy-defaults.greeting-timeout = 8s\n"
            + "openmmp.drain { limit = 10s, spread = 1s }\n",
        proxy -> {
          fill(proxy, user);
          try (ImapConnection client = in(proxy, user);
              ImapConnection stays = in(proxy, busy)) {
            assertTrue(client.command("SELECT INBOX").isOk());
            idle(client);
            stays.send("b1 APPEND INBOX {14}\r\n");
            assertTrue(stays.line().startsWith("+"));
            ADMIN.act("prefer?host=" + MailSite.DEWEY + "&group=" + GROUP);
            fill(proxy, USERS.get(5)); // it is known to be the master
            awaitSessionAt(MailSite.DEWEY);
            ADMIN.act("move?user=" + user.login() + "&to=" + MailSite.HUEY);
            Await.until(
                proxy::log,
                Duration.ofSeconds(30),
                () -> proxy.log().split("session-moved", -1).length == 3);
            assertEquals(-1, stays.input().read());
            assertTrue(ADMIN.look("sessions?format=text&service=imap").startsWith("1 session"));
            client.send("DONE\r\n");
            String line = client.line();
            while (!line.startsWith("i1 OK")) {
              line = client.line();
            }
            client.command("NOOP");
            assertSameMailbox(proxy, client, user);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        EXPECTED);
  }

  @Test // B9.3
  void whetherTheAdministratorIsLetInEverywhereIsTriedBehindATrialLogin() {
    MailUser user = USERS.get(6);
    site.withProxy(
        SURVIVE,
        proxy -> {
          String tried =
              ADMIN.send(user.password(), "probe?format=text&login=yes&user=" + user.login());
          for (String host : List.of(MailSite.HUEY, MailSite.DEWEY)) {
            String words = host + ": imapadmin is let in for the user, as a move needs";
            assertTrue(tried.contains(words), tried);
          }
        },
        ".*");
  }

  @Test // B9.3
  void aSessionThatWasDrainedGoesOnAtAnotherHost() {
    MailUser user = USERS.get(5);
    site.withProxy(
        SURVIVE,
        proxy -> {
          fill(proxy, user);
          try (ImapConnection client = in(proxy, user)) {
            assertTrue(client.command("SELECT INBOX").isOk());
            idle(client);
            ADMIN.act("drain?host=" + MailSite.HUEY);
            try (ImapConnection other = in(proxy, user)) {
              assertTrue(other.command("NOOP").isOk());
            }
            awaitMoved(proxy);
            client.send("DONE\r\n");
            String line = client.line();
            while (!line.startsWith("i1 OK")) {
              line = client.line();
            }
            client.command("NOOP");
            assertSameMailbox(proxy, client, user);
          }
        },
        EXPECTED);
  }

  @Test // B9.6: it shows the certificate of another host, and hears nothing of us
  void aStoreThatIsNotWhoItShouldBeIsNoPlaceToGoOn() {
    MailUser user = USERS.get(1);
    site.place(MailSite.DEWEY, site.addressFor(MailSite.LOUIE));
    try {
      site.withProxy(
          SURVIVE
              + MailSite.hosts(MailSite.HUEY, MailSite.DEWEY)
              + "openmmp.proxy-defaults.survival.longest-wait = 2s\n",
          proxy -> {
            fill(proxy, user);
            try (ImapConnection client = in(proxy, user)) {
              assertTrue(client.command("SELECT INBOX").isOk());
              idle(client);
              site.huey().kill();
              String line = client.line();
              assertTrue(line.startsWith("* BYE [UNAVAILABLE]"), line);
            }
            awaitLog(proxy, " why=no-store");
          },
          ".*");
      assertEquals(List.of(), site.louie().logins());
    } finally {
      site.place(MailSite.DEWEY, site.dewey().settings().address());
    }
  }

  @Test // B9.4, B9.6: one of them works with QRESYNC and remembers its mailbox
  void clientsInIdleAtAStoreThatHangsAreMovedOrHearGoodbye() {
    MailUser user = USERS.get(4);
    site.withProxy(
        SURVIVE,
        proxy -> {
          fill(proxy, user);
          try (ImapConnection client = in(proxy, user);
              ImapConnection remembers = in(proxy, user)) {
            assertTrue(client.command("SELECT INBOX").isOk());
            idle(client);
            assertTrue(remembers.command("ENABLE QRESYNC").isOk());
            assertTrue(remembers.command("SELECT INBOX (QRESYNC (1 1))").isOk());
            idle(remembers);
            site.huey().hang();
            proxy.assertServes(MailProtocol.IMAP, user);
            String line = remembers.line();
            assertTrue(line.startsWith("* BYE [UNAVAILABLE] The store does not answer."), line);
            awaitMoved(proxy);
            client.send("DONE\r\n");
            line = client.line();
            while (!line.startsWith("i1 OK")) {
              assertTrue(line.startsWith("* ") && !line.startsWith("* BYE"), line);
              line = client.line();
            }
            client.command("NOOP");
            assertSameMailbox(proxy, client, user);
          }
          awaitLog(proxy, " stays=no why=uids-unknown");
          awaitLog(proxy, " reason=store-silent");
        },
        EXPECTED,
        "selection (cool-down|master) group=cluster1 service=\\S+ .*");
  }
}
