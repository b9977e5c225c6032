package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.it.fixture.MailSite.DEWEY;
import static org.openmmp.it.fixture.MailSite.GROUP;
import static org.openmmp.it.fixture.MailSite.HUEY;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.AdminOnSocket;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.LastingClient;
import org.openmmp.it.fixture.LastingClients;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;

/**
 * Real clients, each with a session that lasts, go on in it when their Dovecot is taken away: they
 * get what is delivered at the next one, and end up with what is there (rules B9.3 to B9.7).
 */
@Tag("real-servers")
final class ClientsOutliveStoresTest {
  private static final MailUser OTHER = MailUser.of("other");
  private static final List<String> CLIENTS =
      List.of("mbsync", "told", "imapfilter", "offlineimap", "angus", "copy");

  private static final List<MailUser> USERS =
      Stream.concat(
              Stream.of(OTHER),
              Arrays.stream(Event.values())
                  .flatMap(event -> CLIENTS.stream().map(client -> event.user(client))))
          .toList();

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** What the log may say of stores that end. */
  private static final String EXPECTED =
      "selection (cool-down|master) group=cluster1 service=\\S+ .*|own standstill seconds=.*";

  /** What happens to the store that the sessions are at. */
  private enum Event {
    KILL(HUEY, DEWEY) {
      @Override
      void happen(MailSite site, AdminOnSocket admin) {
        site.huey().kill();
      }
    },
    HANG(HUEY, DEWEY) {
      @Override
      void happen(MailSite site, AdminOnSocket admin) {
        site.huey().hang();
      }
    },
    DRAIN(HUEY, DEWEY) {
      @Override
      void happen(MailSite site, AdminOnSocket admin) {
        admin.act("drain?host=" + HUEY);
      }
    },
    FAILBACK(DEWEY, HUEY) {
      @Override
      void happen(MailSite site, AdminOnSocket admin) {
        admin.act("failback?group=" + GROUP);
      }
    };

    private final String from;
    private final String next;

    Event(String from, String next) {
      this.from = from;
      this.next = next;
    }

    abstract void happen(MailSite site, AdminOnSocket admin);

    /** Whose mailbox that client has for this event. */
    MailUser user(String client) {
      return MailUser.of(client + "-" + name().toLowerCase(Locale.ROOT));
    }
  }

  private static MailSite site;

  @BeforeAll
  static void start() {
    site = new MailSite(ClientsOutliveStoresTest.class, USERS);
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  @BeforeEach
  void everybodyServes() {
    site.recover();
  }

  @ParameterizedTest // B9.3, B9.4, B9.5, B9.7
  @EnumSource
  void everyClientGoesOnAndGetsWhatIsDeliveredAtTheNextMaster(Event event) {
    Path socket =
        Path.of(System.getProperty("java.io.tmpdir"), "last-" + ProcessHandle.current().pid());
    String settings =
        site.surviving(socket, HUEY, DEWEY) + "openmmp.proxy-defaults.greeting-timeout = 1s\n";
    site.withProxy(
        settings, proxy -> new Row(event, proxy, new AdminOnSocket(socket)).play(), EXPECTED);
  }

  /** One event, and all clients. */
  private record Row(Event event, ProxyProcess proxy, AdminOnSocket admin) {
    void play() {
      CLIENTS.stream()
          .filter(client -> !client.equals("copy"))
          .forEach(client -> deliver(DEWEY, event.user(client), "before"));
      if (event.from.equals(DEWEY)) {
        admin.act("prefer?host=" + DEWEY + "&group=" + GROUP);
      }
      proxy.assertServes(OTHER);
      List<LastingClient> clients = new ArrayList<>();
      try {
        clients.add(
            LastingClients.mbsync(
                site.run(),
                proxy.imap(Endpoint.Security.STARTTLS),
                event.user("mbsync"),
                behind(MailSite.LOUIE),
                event.user("copy")));
        clients.add(
            LastingClients.mbsyncWhenTold(
                site.run(), proxy.imap(Endpoint.Security.TLS), event.user("told")));
        clients.add(
            LastingClients.imapfilter(
                site.run(), proxy.imap(Endpoint.Security.PLAIN), event.user("imapfilter")));
        clients.add(
            LastingClients.offlineimap(
                site.run(), proxy.imap(Endpoint.Security.PLAIN), event.user("offlineimap")));
        clients.add(
            LastingClients.angus(proxy.imap(Endpoint.Security.STARTTLS), event.user("angus")));
        outlive(clients);
      } finally {
        clients.forEach(LastingClient::close);
      }
    }

    private void outlive(List<LastingClient> clients) {
      Await.until(
          () -> "all wait: " + told(clients) + admin.look("moves"),
          LIMIT,
          () ->
              clients.stream().allMatch(LastingClient::waits)
                  && admin.look("moves").contains("\"not\":{}"));
      int sessions = sessionsAt(event.from);
      assertTrue(sessions >= clients.size(), () -> sessions + " sessions");
      event.happen(site, admin);
      Await.until(
          () -> "all of " + sessions + " have moved: " + told(clients) + proxy.log(),
          LIMIT,
          () -> {
            proxy.assertServes(OTHER);
            return sessionsAt(event.next) >= sessions;
          });
      clients.forEach(client -> deliver(event.next, client.user(), "afterwards"));
      clients.forEach(LastingClient::mailCame);
      Set<String> expected = Set.of("before", "afterwards");
      assertAll(
          clients.stream()
              .map(
                  client ->
                      () -> {
                        Await.until(
                            () -> client.user() + " has " + client.subjects() + client.complaint(),
                            LIMIT,
                            () -> client.subjects().equals(expected));
                        assertEquals("", client.complaint(), client.user()::toString);
                        assertEquals(
                            client.subjects(),
                            LastingClients.subjectsAt(behind(event.next), client.user()));
                      }));
      assertEquals(
          sessions,
          proxy.log().lines().filter(line -> line.contains(" session-moved ")).count(),
          proxy::log);
      assertTrue(!proxy.log().contains(" session-stranded "), proxy::log);
    }

    private static List<String> told(List<LastingClient> clients) {
      return clients.stream()
          .map(client -> client.user() + " " + client.waits() + " " + client.complaint())
          .toList();
    }

    private int sessionsAt(String host) {
      String listed = admin.look("sessions?format=text&service=imap&host=" + host);
      return listed.startsWith("no ") ? 0 : Integer.parseInt(listed.split(" ", -1)[0]);
    }

    private Endpoint behind(String host) {
      Dovecot store =
          host.equals(HUEY) ? site.huey() : host.equals(DEWEY) ? site.dewey() : site.louie();
      return site.imapAt(store.settings().address());
    }

    /** As a delivery would, without the front end. */
    private void deliver(String host, MailUser user, String subject) {
      try (ImapConnection session = new ImapConnection(behind(host))) {
        String message =
            "Subject: " + subject + "\r\nMessage-ID: <" + subject + "@example.com>\r\n\r\n";
        assertTrue(session.command("LOGIN " + user.name() + " " + user.password()).isOk());
        assertTrue(
            session.command("APPEND INBOX {" + message.length() + "+}\r\n" + message).isOk());
        // Dovecot tells how new a mailbox is once somebody wanted to know.
        assertTrue(session.command("EXAMINE INBOX (CONDSTORE)").isOk());
      }
    }
  }
}
