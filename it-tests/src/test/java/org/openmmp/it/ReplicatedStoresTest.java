package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.AdminOnSocket;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Cyrus;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Ports;
import org.openmmp.it.fixture.ProxyProcess;

/**
 * Sessions outlive a Cyrus whose mailboxes another Cyrus has copies of, each with a spool of its
 * own (rules B9.3, B9.5, B9.6).
 */
@Tag("real-servers")
final class ReplicatedStoresTest {
  private static final String ADA = "ada.example.com";
  private static final String EVE = "eve.example.com";
  private static final int ROUNDS = 4;
  private static final List<MailUser> USERS =
      IntStream.range(0, 6).mapToObj(each -> MailUser.of("copied" + each)).toList();

  /** What the log may say of stores that end. */
  private static final String EXPECTED =
      "selection (cool-down|master) group=cluster1 service=\\S+ .*";

  private static final Path SOCKET =
      Path.of(System.getProperty("java.io.tmpdir"), "copies-" + ProcessHandle.current().pid());

  /** What is done with a pair. */
  private interface Work {
    void with(MailSite site, Cyrus master, Cyrus copy, ProxyProcess proxy);
  }

  private static void withPair(Work work) {
    try (MailSite site = new MailSite(ReplicatedStoresTest.class, USERS)) {
      int port = Ports.freeOnAll(List.of(site.addressFor(ADA), site.addressFor(EVE)));
      try (Cyrus master = Cyrus.ofPair(site.run(), site.cyrus(ADA), USERS, port);
          Cyrus copy = Cyrus.ofPair(site.run(), site.cyrus(EVE), USERS, port)) {
        master.createMailboxes(USERS);
        site.withProxy(
            site.surviving(SOCKET, ADA, EVE)
                + """
                openmmp.proxy-defaults { greeting-timeout = 10s, survival.moves-per-second = 10 }
                """,
            proxy -> work.with(site, master, copy, proxy),
            EXPECTED);
      }
    }
  }

  @Test // B9.3, B9.5
  void sessionsGoToAndFroBetweenCopiesThatAreAlike() {
    withPair(
        (site, first, second, proxy) -> {
          SessionOutcomes sessions = new SessionOutcomes(site.run().log("proxy1"));
          Map<String, Integer> goodbyes = new TreeMap<>();
          List<SurvivingClient> clients = new ArrayList<>();
          try {
            for (MailUser user : USERS) {
              clients.add(
                  new SurvivingClient(
                      user,
                      proxy.imap(Endpoint.Security.PLAIN),
                      site.imapAt(first.settings().address()),
                      clients.size(),
                      goodbyes));
            }
            Cyrus master = first;
            Cyrus copy = second;
            for (int round = 0; round < ROUNDS; round++) {
              clients.forEach(SurvivingClient::prepare);
              clients.forEach(SurvivingClient::change);
              clients.forEach(SurvivingClient::change);
              master.replicateTo(copy, USERS);
              sessions.forget();
              boolean dies = round % 2 == 0;
              if (dies) {
                master.kill();
              } else {
                new AdminOnSocket(SOCKET)
                    .act("move?host=" + master.settings().name() + "&to=" + copy.settings().name());
              }
              for (SurvivingClient client : clients) {
                client.othersWorkAt(site.imapAt(copy.settings().address()));
              }
              await(sessions, clients.stream().filter(client -> !client.isQuiet()).toList());
              clients.forEach(SurvivingClient::compare);
              await(sessions, clients);
              assertEquals(
                  "",
                  String.join("\n\n", clients.stream().map(SurvivingClient::wrong).toList()).trim(),
                  "round " + round);
              if (dies) {
                master.restart();
              }
              Cyrus left = master;
              master = copy;
              copy = left;
            }
            int most = ROUNDS * USERS.size();
            assertTrue(
                sessions.moved() > most / 2, () -> sessions.moved() + " " + sessions.reasons());
            System.out.printf(
                "replicated Cyrus: %d of %d moves, why not: %s, heard: %s%n",
                sessions.moved(), most, sessions.reasons(), goodbyes);
          } finally {
            clients.forEach(SurvivingClient::close);
          }
        });
  }

  private static void await(SessionOutcomes sessions, List<SurvivingClient> whose) {
    Await.until(
        () ->
            whose.stream()
                .filter(each -> !sessions.isDecided(each.user()))
                .map(each -> each.user() + " " + each.isOpen())
                .toList()
                .toString(),
        Duration.ofSeconds(60),
        () -> whose.stream().allMatch(each -> sessions.isDecided(each.user())));
  }

  @Test // B9.3
  void aSessionThatWasToldMoreThanTheCopyHasEndsInGoodbye() {
    MailUser user = USERS.get(0);
    withPair(
        (site, master, copy, proxy) -> {
          try (ImapConnection other = new ImapConnection(site.imapAt(master.settings().address()));
              ImapConnection client = new ImapConnection(proxy.imap(Endpoint.Security.PLAIN))) {
            assertTrue(other.command("LOGIN " + user.name() + " " + user.password()).isOk());
            append(other);
            master.replicateTo(copy, USERS);
            assertTrue(client.login(user).isOk());
            assertTrue(client.command("SELECT INBOX").isOk());
            client.send("i1 IDLE\r\n");
            heard(client, "+ ");
            append(other);
            heard(client, "* 2 EXISTS");
            master.kill();
            heard(client, "* BYE [UNAVAILABLE]");
            Await.until(
                proxy::log,
                Duration.ofSeconds(30),
                () -> proxy.log().contains(" stays=no why=behind"));
          }
        });
  }

  private static void append(ImapConnection at) {
    assertTrue(at.command("APPEND INBOX {14+}\r\nSubject: x\r\n\r\n").isOk());
  }

  private static void heard(ImapConnection client, String awaited) {
    String line = client.line();
    while (!line.startsWith(awaited)) {
      line = client.line();
    }
  }
}
