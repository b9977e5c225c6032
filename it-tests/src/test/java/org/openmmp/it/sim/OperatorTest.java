package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;

/** What an operator does to a running proxy, by the command line and by the API. */
@ParameterizedClass
@EnumSource(MailProtocol.class)
final class OperatorTest {
  private static final String TOKEN = "act-t0ken-of-a-machine";

  private final MailProtocol protocol;

  OperatorTest(MailProtocol protocol) {
    this.protocol = protocol;
  }

  private SimSite site() {
    return SitePlan.replicated()
        .readBy(protocol)
        .with("admin.tokens = [{ name = robot, role = act, token = \"" + TOKEN + "\" }]")
        .start();
  }

  private MailConnection loggedIn(SimSite site, MailUser user) {
    MailConnection client = site.clients().open(Endpoint.Security.PLAIN);
    String answer = client.answerToLogin(user);
    assertTrue(answer.startsWith(protocol.accepted()), answer);
    return client;
  }

  private static HttpResponse<String> post(SimSite site, String target) throws Exception {
    return post(site, target, "");
  }

  private static HttpResponse<String> post(SimSite site, String target, String body)
      throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + site.proxy().adminPort() + target))
                .header("Authorization", "Bearer " + TOKEN)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static void assertEnds(MailConnection client) {
    assertThrows(
        AssertionError.class,
        () -> {
          while (!client.line().isEmpty()) {
            // what is said before the end
          }
        });
  }

  private static void awaitSessions(SimSite site, int count) {
    String first = count == 1 ? "1 session" : count + " sessions";
    Await.until(
        () -> site.openmmp("sessions").printed(),
        Duration.ofSeconds(20),
        () -> site.openmmp("sessions").printed().startsWith(first + System.lineSeparator()));
  }

  @Test // B8.5
  void sessionsAreListedBySelectorsAndEndedOneByOne() throws Exception {
    try (SimSite site = site()) {
      MailUser alice = site.user("alice");
      MailUser bob = site.user("bob");
      try (MailConnection one = loggedIn(site, alice);
          MailConnection two = loggedIn(site, bob);
          MailConnection three = loggedIn(site, bob)) {
        assertEquals(0, site.openmmp("sessions").status());
        assertTrue(site.openmmp("sessions").printed().startsWith("3 sessions"));
        String list = site.openmmp("sessions", "--user", "bob").printed();
        assertTrue(list.startsWith("2 sessions"), list);
        assertTrue(list.contains("bob@example.com"), list);
        assertFalse(list.contains("alice"), list);
        for (String[] all :
            new String[][] {
              {"--group", "cluster1"},
              {"--host", site.cluster().nodes().get(0).hostName()},
              {"--network", "127.0.0.0/8"},
              {"--service", protocol.service()}
            }) {
          String found = site.openmmp("sessions", all[0], all[1]).printed();
          assertTrue(found.startsWith("3 sessions"), found);
        }
        for (String[] none :
            new String[][] {
              {"--network", "192.0.2.0/24"},
              {"--network", "::/0"},
              {"--service", "lmtp"},
              {"--user", "carol"},
              {"--session", "x"}
            }) {
          assertTrue(site.openmmp("sessions", none[0], none[1]).printed().startsWith("0 sessions"));
          assertEquals(3, site.openmmp("kick", none[0], none[1]).status());
        }
        for (String command : List.of("sessions", "kick")) {
          SimSite.Ran noGroup = site.openmmp(command, "--group", "cluster2");
          assertEquals(3, noGroup.status());
          assertTrue(noGroup.told().contains("there is no group cluster2"), noGroup.told());
          SimSite.Ran noHost = site.openmmp(command, "--host", "none");
          assertEquals(3, noHost.status());
          assertTrue(noHost.told().contains("no group of the configuration lists none"));
        }
        assertEquals(2, site.openmmp("kick", "--yes", "--service", "smtp").status());
        SimSite.Ran noService = site.openmmp("sessions", "--service", "smtp");
        assertEquals(
            "openmmp: there is no service smtp: the services are imap, pop3, lmtp",
            noService.told().strip());
        assertEquals(2, site.openmmp("sessions", "--network", "example.com").status());
        assertEquals(2, site.openmmp("kick").status());
        assertEquals(400, post(site, "/api/v1/kick").statusCode());

        SimSite.Ran asked = site.openmmp("kick", "--user", "bob");
        assertEquals(2, asked.status());
        assertTrue(asked.told().contains("2 sessions will end. Say --yes"), asked.told());
        two.openInbox();

        SimSite.Ran kicked = site.openmmp("kick", "--user", "alice");
        assertEquals("1 session is being ended", kicked.printed().strip(), kicked.told());
        String goodbye = one.line();
        String words = " An administrator ended this session. (ref ";
        String reference =
            goodbye.substring(goodbye.indexOf(words) + words.length()).replace(")", "");
        assertEquals(
            (protocol == MailProtocol.IMAP ? "* BYE [UNAVAILABLE]" : "-ERR [SYS/TEMP]")
                + words
                + reference
                + ")",
            goodbye);
        assertEnds(one);
        awaitSessions(site, 2);
        Await.until(
            site::log,
            Duration.ofSeconds(20),
            () ->
                site.log()
                    .lines()
                    .anyMatch(
                        line ->
                            line.contains(" session-end session=")
                                && line.contains(reference + " client=")
                                && line.endsWith("reason=kicked")));
        HttpResponse<String> both =
            post(site, "/api/v1/kick?user=bob&service=" + protocol.service());
        assertTrue(both.body().startsWith("{\"count\":2,\"sessions\":["), both.body());
        assertEnds(two);
        assertEnds(three);
        awaitSessions(site, 0);
      }
      assertTrue(site.accepts(alice));
      assertTrue(
          site.log().contains("who=robot from=127.0.0.1 action=kick with=\"user=bob&"), site.log());
    }
  }

  @Test // B8.5
  void aBlockedUserHearsThatAnAdministratorDidSo() throws Exception {
    try (SimSite site = site()) {
      MailUser alice = site.user("alice");
      MailUser bob = site.user("bob");
      try (MailConnection before = loggedIn(site, alice)) {
        assertEquals(0, site.openmmp("block", "ALICE@example.com", "--for", "1h").status());
        before.openInbox();
        String answer = site.clients().answer(alice);
        assertTrue(answer.contains("The administrator has blocked this login"), answer);
        assertFalse(answer.startsWith(protocol.wrongPassword()), answer);
        assertTrue(site.accepts(bob));
        String list = site.openmmp("blocks").printed();
        assertTrue(list.startsWith("user     alice@example.com for another "), list);
        String page = site.openmmp("blocks", "--json").printed();
        assertTrue(page.startsWith("{\"blocks\":[{\"what\":\"alice@example.com\""), page);
        assertTrue(site.proxy().metrics(Set.of()).contains("openmmp_blocks 1"));
        assertTrue(site.log().contains("result=blocked"), site.log());
      }
      assertEquals(3, site.openmmp("unblock", "bob").status());
      assertEquals(0, site.openmmp("unblock", "alice").status());
      assertTrue(site.accepts(alice));
      assertEquals("nobody is blocked", site.openmmp("blocks").printed().strip());
    }
  }

  @Test // B1.1, B8.5
  void aUserIsOneByWhateverNameAnAdministratorSays() throws Exception {
    try (SimSite site =
        SitePlan.replicated()
            .readBy(protocol)
            .with("directory.delimiters = \"@%\"")
            .with("directory.store-name = \"{attr:uid}@example.com\"")
            .start()) {
      MailUser alice = site.user("alice");
      MailUser bob = site.user("bob");
      MailUser alias = new MailUser("al", alice.domain(), alice.password());
      site.directory().changeUser(alice.login(), "mail", alice.login(), alias.login());
      for (String name :
          List.of(
              "alice",
              "ALICE",
              "Alice@Example.COM.",
              "alice%example.com",
              "\uff41lice@example.com",
              "al@example.com",
              "AL")) {
        try (MailConnection one = loggedIn(site, alice);
            MailConnection two = loggedIn(site, alias);
            MailConnection other = loggedIn(site, bob)) {
          String listed = site.openmmp("sessions", "--user", name).printed();
          assertTrue(listed.startsWith("2 sessions"), name + ": " + listed);
          assertEquals(0, site.openmmp("block", name).status());
          for (MailUser each : List.of(alice, alias)) {
            String answer = site.clients().answer(each);
            assertTrue(answer.contains("The administrator has blocked"), name + ": " + answer);
          }
          assertTrue(site.accepts(bob));
          assertEquals(0, site.openmmp("kick", "--user", name, "--yes").status());
          assertEnds(one);
          assertEnds(two);
          other.openInbox();
          String unblocked = name.startsWith("al") ? "Al" : "alice";
          assertEquals(0, site.openmmp("unblock", unblocked).status());
          int before = site.directory().searches();
          assertTrue(site.accepts(alice), name);
          assertTrue(site.accepts(alias), name);
          assertEquals(before, site.directory().searches());
          assertEquals(0, site.openmmp("flush", name).status());
          for (MailUser each : List.of(alice, alias)) {
            int asked = site.directory().searches();
            assertTrue(site.accepts(each));
            assertTrue(site.directory().searches() > asked, name + " for " + each.login());
          }
        }
        awaitSessions(site, 0);
      }
      assertEquals("nobody is blocked", site.openmmp("blocks").printed().strip());
      String unknown = site.openmmp("block", "carol").printed();
      assertTrue(unknown.contains("the name alone is blocked"), unknown);
    }
  }

  @Test // B8.5
  void aBlockedNetworkIsTurnedAwayWithWords() throws Exception {
    try (SimSite site = site()) {
      MailUser alice = site.user("alice");
      try (MailConnection greeted = site.clients().open(Endpoint.Security.PLAIN)) {
        assertEquals(200, post(site, "/api/v1/block?what=127.0.0.0%2F8").statusCode());
        // Who was let in before can log in no more.
        String late = greeted.answerToLogin(alice);
        assertTrue(late.contains("The administrator has blocked this login"), late);
      }
      int port = site.proxy().addresses(protocol.service()).get(0).getPort();
      try (Socket turnedAway = new Socket(InetAddress.getLoopbackAddress(), port)) {
        turnedAway.setSoTimeout(20_000);
        String words =
            new String(turnedAway.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertTrue(words.contains("The administrator has blocked your network"), words);
      }
      assertTrue(site.log().contains("reason=blocked"), site.log());
      assertEquals(200, post(site, "/api/v1/unblock?what=127.0.0.0%2F8").statusCode());
      assertTrue(site.accepts(alice));
    }
  }

  @Test // B8.7
  void whatCannotBeABlockIsRefused() throws Exception {
    try (SimSite site = site()) {
      assertEquals(2, site.openmmp("block", "192.0.2.0/33").status());
      assertEquals(
          "openmmp: soon is no time: write one such as 30m, 12h or 7d",
          site.openmmp("block", "alice", "--for", "soon").told().strip());
      SimSite.Ran noUnit = site.openmmp("block", "alice", "--for", "90");
      assertEquals(2, noUnit.status());
      assertEquals("openmmp: a time has a unit: write 90s, 90m, 90h or 90d", noUnit.told().strip());
      assertEquals(2, site.openmmp("block", "alice", "--for", "0s").status());
      assertEquals(2, site.openmmp("block").status());
      assertEquals("nobody is blocked", site.openmmp("blocks").printed().strip());
      assertEquals(0, site.openmmp("block", "alice", "--for", "1s").status());
      Await.until(
          "the block ends by itself",
          Duration.ofSeconds(20),
          () -> site.openmmp("blocks").printed().startsWith("nobody"));
    }
  }

  @Test // B1.7
  void flushMakesTheDirectoryBeAskedAgain() throws Exception {
    try (SimSite site = site()) {
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      MailUser later = MailUser.of("later");
      assertTrue(site.clients().answer(later).startsWith(protocol.wrongPassword()));
      int before = site.directory().searches();
      assertTrue(site.accepts(alice));
      assertEquals(before, site.directory().searches());
      for (String[] words :
          new String[][] {
            {"alice"}, {"ALICE@Example.com"}, {"example.com"}, {"@example.com"}, {"--all"}
          }) {
        String[] line =
            words[0].equals("--all")
                ? new String[] {"flush", "--all"}
                : new String[] {"flush", words[0]};
        SimSite.Ran flushed = site.openmmp(line);
        assertEquals(0, flushed.status(), flushed.told());
        int asked = site.directory().searches();
        assertTrue(site.accepts(alice));
        assertTrue(site.directory().searches() > asked, words[0]);
      }
      assertEquals(2, site.openmmp("flush").status());
      site.openmmp("flush", "bob");
      String way = site.openmmp("explain", alice.login()).printed();
      assertTrue(way.contains("found (cached for "), way);
    }
  }

  @Test // B8.3
  void topTellsWhoHasTheMostSessions() throws Exception {
    try (SimSite site = site()) {
      MailUser alice = site.user("alice");
      MailUser bob = site.user("bob");
      try (MailConnection one = loggedIn(site, alice);
          MailConnection two = loggedIn(site, bob);
          MailConnection three = loggedIn(site, bob)) {
        SimSite.Ran top = site.openmmp("top", "--once");
        assertEquals(0, top.status(), top.told());
        assertTrue(
            top.printed().contains("users               bob@example.com 2, alice@example.com 1"),
            top.printed());
        assertTrue(top.printed().contains("networks            127.0.0.0/24 3"), top.printed());
        one.openInbox();
        two.openInbox();
        three.openInbox();
      }
      assertTrue(site.openmmp("top", "--json").printed().startsWith("{\"loginsPerSecond\":{"));
    }
  }

  @Test // B8.6
  void aFailureForNowLeadsToItsLineInTheLog() throws Exception {
    try (SimSite site = site()) {
      site.expectingInLog("cool-down group=cluster1 .* group-serves=false");
      MailUser alice = site.user("alice");
      site.cluster().nodes().forEach(node -> site.cluster().kill(node.name()));
      String answer = site.clients().answer(alice);
      assertTrue(answer.startsWith(protocol.unavailable()), answer);
      Matcher reference = Pattern.compile(" \\(ref ([0-9a-z]{4})\\)$").matcher(answer);
      assertTrue(reference.find(), answer);
      assertTrue(
          site.log()
              .lines()
              .anyMatch(
                  line ->
                      line.contains(" login session=")
                          && line.contains(reference.group(1) + " client=")
                          && line.contains("result=no-store-answered")),
          site.log());
      String wrong = site.clients().answer(MailUser.of("nobody"));
      assertFalse(wrong.contains("(ref"), wrong);
    }
  }

  @Test // B8.4
  void aProbeGoesTheWayOfANameUpToTheGreetings() throws Exception {
    try (SimSite site = site()) {
      MailUser alice = site.user("alice");
      site.cluster().kill("huey");
      SimSite.Ran probed = site.openmmp("probe", alice.login(), "--service", protocol.service());
      assertEquals(0, probed.status(), probed.told());
      String first = site.cluster().nodes().get(0).hostName();
      String second = site.cluster().nodes().get(1).hostName();
      assertTrue(
          probed.printed().contains("  " + first + ": connection-refused: "), probed.printed());
      assertTrue(probed.printed().contains("  " + second + ": greets ("), probed.printed());
      SimSite.Ran nobody = site.openmmp("probe", "nobody", "--service", protocol.service());
      assertEquals(3, nobody.status());
      assertEquals("openmmp: the name leads to no group", nobody.told().strip());
      assertTrue(nobody.printed().contains("nobody"), nobody.printed());
      assertEquals(3, site.openmmp("probe", alice.login(), "--service", "lmtp").status());
      site.cluster().nodes().forEach(node -> site.cluster().kill(node.name()));
      SimSite.Ran failed = site.openmmp("probe", alice.login(), "--service", protocol.service());
      assertEquals(3, failed.status());
      assertEquals(
          "openmmp: no host of cluster1 that is used greets\n",
          failed.told().replace(System.lineSeparator(), "\n"));
      assertTrue(failed.printed().contains("  " + second + ": connection-refused: "));
      SimSite.Ran json =
          site.openmmp("probe", alice.login(), "--service", protocol.service(), "--json");
      assertEquals(3, json.status());
      assertTrue(json.printed().contains("\"served\":false"), json.toString());
      assertEquals("", json.told());
    }
  }

  @Test // B2.27
  void whileASiteIsRestoredNobodyHearsThatTheUserIsUnknown() throws Exception {
    try (SimSite site = site()) {
      MailUser alice = site.user("alice");
      MailUser wrong = new MailUser("alice", alice.domain(), MailUser.WRONG_PASSWORD);
      MailUser nobody = MailUser.of("nobody");
      assertTrue(site.clients().answer(wrong).startsWith(protocol.wrongPassword()));
      assertEquals(0, site.openmmp("recovery", "cluster1", "on").status());
      String answer = site.clients().answer(wrong);
      assertTrue(answer.startsWith(protocol.unavailable()), answer);
      assertTrue(site.clients().answer(nobody).startsWith(protocol.wrongPassword()));
      assertTrue(site.accepts(alice));
      assertEquals(200, post(site, "/api/v1/recovery?name=example.com&switch=on").statusCode());
      assertTrue(site.clients().answer(nobody).startsWith(protocol.unavailable()));
      assertTrue(site.log().contains("result=in-recovery"), site.log());
      assertTrue(
          site.log().contains("action=recovery with=\"name=example.com&switch=on\" result=done"),
          site.log());
      String status = site.openmmp("status").printed();
      assertTrue(status.contains("IN RECOVERY: domain example.com"), status);
      assertEquals(0, site.openmmp("recovery", "cluster1", "off").status());
      assertEquals(0, site.openmmp("recovery", "example.com", "off").status());
      assertTrue(site.clients().answer(nobody).startsWith(protocol.wrongPassword()));
      assertTrue(site.clients().answer(wrong).startsWith(protocol.wrongPassword()));
    }
  }

  private SimSite.Ran tried(SimSite site, MailUser user, Path password) {
    return site.openmmp(
        "probe",
        user.login(),
        "--service",
        protocol.service(),
        "--password-file",
        password.toString());
  }

  @Test // B8.4
  void aProbeWithAPasswordGoesThroughTheLogin(@TempDir Path folder) throws Exception {
    try (SimSite site = site()) {
      MailUser alice = site.user("alice");
      Path right = Files.writeString(folder.resolve("right"), alice.password() + "\n");
      Path wrong = Files.writeString(folder.resolve("wrong"), MailUser.WRONG_PASSWORD + "\n");
      String first = site.cluster().nodes().get(0).hostName();
      String second = site.cluster().nodes().get(1).hostName();
      Await.until(
          () -> tried(site, alice, right).toString(),
          Duration.ofSeconds(60),
          () -> tried(site, alice, right).status() == 0);
      String steps = tried(site, alice, right).printed();
      for (String step : new String[] {"connected", "greeted", "login sent", "accepted"}) {
        assertTrue(steps.contains("  " + first + ": " + step), steps);
      }
      assertFalse(steps.contains(second + ": connected"), steps);
      assertTrue(steps.contains("it works: " + first + " lets the user in"), steps);

      SimSite.Ran refused = tried(site, alice, wrong);
      assertEquals(3, refused.status(), refused.printed());
      assertTrue(refused.printed().contains("  " + first + ": auth-rejected"), refused.printed());
      assertFalse(refused.printed().contains(second + ": connected"), refused.printed());
      assertEquals(
          "openmmp: it does not work: " + first + " does not let the user in",
          refused.told().strip());

      // No login has heard of any of it.
      assertEquals("", site.affinity("cluster1"));
      String status = site.openmmp("status").printed();
      assertTrue(status.contains("cluster1 " + protocol.service() + ": not used yet"), status);

      // As a login would, a referral within the group is followed.
      assertEquals(0, site.openmmp("prefer", second).status());
      String followed = tried(site, alice, right).printed();
      assertTrue(followed.contains("  " + second + ": referred"), followed);
      assertTrue(followed.contains("it works: " + first + " lets the user in"), followed);

      assertEquals(2, tried(site, alice, folder.resolve("none")).status());
      assertEquals(
          2, site.openmmp("probe", "alice", "--login", "--service", protocol.service()).status());
      assertEquals(3, tried(site, MailUser.of("nobody"), right).status());
    }
  }

  @Test // B8.4, B6.6
  void thePasswordOfAProbeStandsInNoQueryAndInNoLog() throws Exception {
    try (SimSite site = site()) {
      MailUser alice = site.user("alice");
      String target = "/api/v1/probe?user=alice&login=yes&service=" + protocol.service();
      HttpResponse<String> tried = post(site, target, alice.password());
      assertTrue(tried.statusCode() == 200 || tried.statusCode() == 503, tried.body());
      assertEquals(400, post(site, target, "").statusCode());
      assertEquals(400, post(site, target, "two\nlines").statusCode());
      assertEquals(400, post(site, "/api/v1/probe?user=alice", alice.password()).statusCode());
      assertEquals(400, post(site, "/api/v1/flush?all=yes", alice.password()).statusCode());
      assertTrue(
          site.log().contains("action=probe with=\"user=alice&login=yes&service="), site.log());
      assertFalse(site.log().contains(alice.password()), "the log has the password");
    }
  }
}
