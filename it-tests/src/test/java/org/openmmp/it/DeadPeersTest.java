package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.it.fixture.MailSite.DEWEY;
import static org.openmmp.it.fixture.MailSite.LOUIE;
import static org.openmmp.it.fixture.MailSite.hosts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.NetworkNamespace;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.ServerProcess;

/** Sessions whose store hangs, and stores and clients that vanish without a word. */
@Tag("real-servers")
final class DeadPeersTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final String QUICK = "openmmp.proxy-defaults.greeting-timeout = 1s\n";
  private static final String WATCHFUL =
      "openmmp.transport { client-vanished = 10s, store-vanished = 10s }\n";

  /** Sessions at a host that was given up are asked within 5 s, and have 10 s for their answer. */
  private static final Duration WITHIN_ITS_TURN = Duration.ofSeconds(7);

  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private static MailSite site;

  @BeforeAll
  static void start() {
    site = new MailSite(DeadPeersTest.class, List.of(ALICE));
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  @BeforeEach
  void everybodyServes() {
    site.recover();
  }

  // B9.4: those who are quiet and those in IDLE, which is left and begun again, hear goodbye where
  // the store has no answer; who has just asked something himself waits for it, and not for ever.
  // So do POP3 sessions, though nobody has found out anything by POP3
  @Test
  void imapSessionsAtAHungMasterHearGoodbyeOnceItIsGivenUp() {
    site.withProxy(
        QUICK,
        proxy -> {
          try (MailConnection quiet = imap(proxy);
              MailConnection quietByTls = loggedIn(proxy, MailProtocol.IMAP, Security.TLS);
              ImapConnection idle = imap(proxy);
              ImapConnection idleByTls =
                  (ImapConnection) loggedIn(proxy, MailProtocol.IMAP, Security.TLS);
              ImapConnection leaves = imap(proxy);
              ImapConnection begins = imap(proxy);
              MailConnection other = loggedIn(proxy, MailProtocol.POP3, Security.PLAIN)) {
            quietByTls.openInbox();
            assertTrue(idleByTls.command("ENABLE QRESYNC").isOk());
            for (ImapConnection each : List.of(idle, idleByTls, leaves)) {
              each.openInbox();
              idle(each);
            }
            begins.openInbox();
            site.huey().hang();
            leaves.send("DONE\r\n");
            begins.send("y IDLE\r\n");
            proxy.assertServes(MailProtocol.IMAP, ALICE);
            for (MailConnection each : List.of(quiet, quietByTls, idle, idleByTls)) {
              String line = each.line();
              assertTrue(line.startsWith("* BYE [UNAVAILABLE] The store does not answer."), line);
            }
            String line = other.line();
            assertTrue(line.startsWith("-ERR [SYS/TEMP] The store does not answer."), line);
            // Their own question counts, but its answer is open, so that no words are said.
            assertThrows(AssertionError.class, leaves::line);
            assertThrows(AssertionError.class, begins::line);
          }
          assertEndedSilent(proxy, 7, Map.of(MailProtocol.IMAP, 6, MailProtocol.POP3, 1));
        });
  }

  // B9.4
  @Test
  void pop3SessionsAtAHungMasterHearGoodbyeOnceItIsGivenUp() {
    site.withProxy(
        QUICK,
        proxy -> {
          try (MailConnection plain = loggedIn(proxy, MailProtocol.POP3, Security.PLAIN);
              MailConnection tls = loggedIn(proxy, MailProtocol.POP3, Security.TLS)) {
            tls.openInbox();
            site.huey().hang();
            proxy.assertServes(MailProtocol.POP3, ALICE);
            for (MailConnection each : List.of(plain, tls)) {
              String line = each.line();
              assertTrue(line.startsWith("-ERR [SYS/TEMP] The store does not answer."), line);
            }
          }
          assertEndedSilent(proxy, 2, Map.of(MailProtocol.POP3, 2));
        });
  }

  private static void assertEndedSilent(
      ProxyProcess proxy, int all, Map<MailProtocol, Integer> ofEach) {
    awaitLog(proxy, " reason=store-silent", all);
    ofEach.forEach(
        (protocol, count) -> {
          String ended =
              "openmmp_sessions_ended_total{reason=\"store-silent\",service=\"%s\"} %d.0"
                  .formatted(protocol.service(), count);
          assertTrue(proxy.admin(protocol).page("/metrics").contains(ended), ended);
        });
  }

  // B9.4: neither the end of its IDLE nor the begin of the next one is the client's
  @Test
  void clientInIdleNoticesNothingOfAMasterThatWasAskedAndAnswers() {
    site.withProxy(
        QUICK,
        proxy -> {
          try (ImapConnection client = imap(proxy);
              ImapConnection writer = imap(proxy)) {
            client.openInbox();
            idle(client);
            site.huey().hang();
            proxy.assertServes(MailProtocol.IMAP, ALICE);
            long givenUp = System.nanoTime();
            while (System.nanoTime() - givenUp < WITHIN_ITS_TURN.toNanos()) {
              proxy.assertServes(MailProtocol.IMAP, ALICE); // meanwhile it is asked
            }
            site.huey().goOn();
            assertTrue(writer.command("APPEND INBOX {12+}\r\nSubject: x\r\n").isOk());
            String line = client.line();
            while (!line.endsWith(" EXISTS")) {
              assertFalse(line.startsWith("x ") || line.startsWith("+"), line);
              line = client.line();
            }
            client.send("DONE\r\n");
            line = client.line();
            while (line.startsWith("* ")) {
              assertFalse(line.startsWith("* BYE"), line);
              line = client.line();
            }
            assertTrue(line.startsWith("x OK"), line);
            assertTrue(client.command("NOOP").isOk());
          }
        });
  }

  private static void idle(ImapConnection client) {
    client.send("x IDLE\r\n");
    String line = client.line();
    while (!line.startsWith("+")) {
      line = client.line();
    }
  }

  // B9.4: a NOOP of ours could bring what the client may not be told of, and a SEARCH does not
  @Test
  void searchBringsNoExpungeAndNoopDoes() {
    site.withProxy(
        "",
        proxy -> {
          try (ImapConnection reader = imap(proxy);
              ImapConnection writer = imap(proxy)) {
            assertTrue(writer.command("APPEND INBOX {12+}\r\nSubject: x\r\n").isOk());
            reader.openInbox();
            writer.openInbox();
            assertTrue(writer.command("STORE * +FLAGS (\\Deleted)").isOk());
            assertTrue(writer.command("EXPUNGE").isOk());
            assertFalse(expunges(reader.command("SEARCH UID 1")));
            assertTrue(expunges(reader.command("NOOP")));
          }
        });
  }

  private static boolean expunges(ImapConnection.Response response) {
    assertTrue(response.isOk(), response::toString);
    return response.untagged().stream().anyMatch(line -> line.contains("EXPUNGE"));
  }

  // B2.36
  @Test
  void storeThatVanishedWithoutAWordIsNoticedWhateverWasUnderWay() {
    try (NetworkNamespace host = new NetworkNamespace();
        Dovecot vanishing = inNamespace(host)) {
      site.withProxy(
          hosts(vanishing.settings().name(), DEWEY, LOUIE) + WATCHFUL,
          proxy -> {
            try (ImapConnection idle = imap(proxy);
                ImapConnection busy = imap(proxy)) {
              idle.openInbox();
              idle.send("x IDLE\r\n");
              assertTrue(idle.line().startsWith("+"));
              host.vanish();
              busy.send("y NOOP\r\n");
              assertThrows(AssertionError.class, busy::line);
              assertThrows(AssertionError.class, idle::line);
            }
            awaitLog(proxy, " reason=store-vanished", 2);
          });
    }
  }

  // B2.36
  @Test
  void clientThatVanishedWithoutAWordIsNoticedAndItsSessionFreedAtTheStore() {
    try (NetworkNamespace host = new NetworkNamespace()) {
      site.withProxy(
          WATCHFUL + "openmmp.imap { listen = [\"0.0.0.0:0\"], clear-text-passwords = always }\n",
          proxy -> {
            String near = host.address().replaceFirst("2$", "1");
            int port = proxy.imap(Security.PLAIN).port();
            try (ServerProcess client = client(host, near, port)) {
              client.awaitLine(Pattern.compile("a OK"));
              assertEquals(1, sessions(proxy));
              host.vanish();
              awaitLog(proxy, " reason=client-vanished", 1);
              Await.until("no session is left", PATIENCE, () -> sessions(proxy) == 0);
            }
          });
    }
  }

  private static ServerProcess client(NetworkNamespace host, String address, int port) {
    List<String> command = new ArrayList<>(host.launcher());
    String login = "a LOGIN " + ALICE.login() + " " + ALICE.password();
    command.addAll(
        List.of(
            "bash",
            "-c",
            "exec 3<>/dev/tcp/%s/%d; printf '%s\\r\\n' >&3; cat <&3"
                .formatted(address, port, login)));
    return ServerProcess.start("client", site.run().log("client"), Map.of(), command);
  }

  private static int sessions(ProxyProcess proxy) {
    return count(proxy.admin().page("/metrics"), "openmmp_sessions_open{service=\"imap\"} 1.0");
  }

  private static ImapConnection imap(ProxyProcess proxy) {
    return (ImapConnection) loggedIn(proxy, MailProtocol.IMAP, Security.PLAIN);
  }

  private static MailConnection loggedIn(
      ProxyProcess proxy, MailProtocol protocol, Security security) {
    MailConnection connection = protocol.connect(proxy.at(protocol, security));
    List<String> answer = connection.answerToLogin(ALICE, ALICE.password());
    assertTrue(String.join(" ", answer).contains("OK"), answer::toString);
    return connection;
  }

  private static void awaitLog(ProxyProcess proxy, String text, int times) {
    Await.until(proxy::log, PATIENCE, () -> count(proxy.log(), text) == times);
  }

  private static int count(String in, String text) {
    return in.split(Pattern.quote(text), -1).length - 1;
  }

  private static Dovecot inNamespace(NetworkNamespace host) {
    String name = "vanishing-peer.example.com";
    return site.startStore(name, host.address(), site.authority().issue(name), host.launcher());
  }
}
