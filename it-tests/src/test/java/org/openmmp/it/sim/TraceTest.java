package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;

/** Rule B8.10: what an administrator sees of the wire of a running proxy, and until when. */
@ParameterizedClass
@EnumSource(MailProtocol.class)
final class TraceTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String TOKEN = "act-t0ken-of-a-machine";

  private final MailProtocol protocol;

  TraceTest(MailProtocol protocol) {
    this.protocol = protocol;
  }

  private SimSite site() {
    return SitePlan.replicated()
        .readBy(protocol)
        .withClientTls()
        .with("admin.tokens = [{ name = robot, role = act, token = \"" + TOKEN + "\" }]")
        .start();
  }

  /** The command, which runs until its trace ends. */
  private static final class Tracing {
    private final StringWriter printed = new StringWriter();
    private final CompletableFuture<SimSite.Ran> ran;

    Tracing(SimSite site, String... words) {
      List<String> line = new ArrayList<>(List.of("trace"));
      line.addAll(List.of(words));
      ran =
          CompletableFuture.supplyAsync(
              () -> site.openmmp(printed, line.toArray(String[]::new)),
              task -> new Thread(task, "trace").start());
      await("racing");
    }

    void await(String seen) {
      Await.until(
          () -> seen + " in " + printed,
          LIMIT,
          () -> printed.toString().contains(seen) || ran.isDone());
      assertTrue(printed.toString().contains(seen), printed::toString);
    }

    SimSite.Ran ended() throws Exception {
      return ran.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private static void assertNoSecretOf(MailUser user, String text) {
    String password = user.password();
    String plain =
        Base64.getEncoder()
            .encodeToString(
                ("\0" + user.login() + "\0" + password).getBytes(StandardCharsets.UTF_8));
    String alone = Base64.getEncoder().encodeToString(password.getBytes(StandardCharsets.UTF_8));
    for (String each : List.of(password, plain, alone, MailUser.WRONG_PASSWORD)) {
      assertFalse(text.contains(each), text);
    }
  }

  private String login() {
    return protocol == MailProtocol.IMAP ? "*** LOGIN ***" : "PASS ***";
  }

  @Test // B8.10
  void aUserIsFollowedUnderTlsTooAndNobodyElse() throws Exception {
    try (SimSite site = site()) {
      MailUser alice = site.user("alice");
      MailUser bob = site.user("bob");
      Tracing tracing = new Tracing(site, "ALICE", "--for", "1h");
      for (Endpoint.Security security : Endpoint.Security.values()) {
        try (MailConnection other = site.clients().open(security);
            MailConnection client = site.clients().open(security)) {
          assertTrue(other.answerToLogin(bob).startsWith(protocol.accepted()));
          other.openInbox();
          assertTrue(client.answerToWrongPassword(alice).startsWith(protocol.wrongPassword()));
          assertTrue(client.answerToLogin(alice).startsWith(protocol.accepted()));
          client.openInbox();
          client.leave();
        }
      }
      String first = site.cluster().nodes().get(0).hostName();
      tracing.await(" to client: ");
      tracing.await(" to " + first + ": ");
      tracing.await(" from " + first + ": ");
      assertEquals("1 trace has ended", site.openmmp("trace", "--stop").printed().strip());
      SimSite.Ran ran = tracing.ended();
      assertEquals(0, ran.status(), ran::toString);
      String seen = ran.printed();
      assertNoSecretOf(alice, seen);
      assertNoSecretOf(bob, seen);
      assertEquals(6, seen.split(" from client: " + Pattern.quote(login()), -1).length - 1, seen);
      assertTrue(
          seen.contains(
              protocol == MailProtocol.IMAP ? " NO [AUTHENTICATIONFAILED] ***" : "-ERR [AUTH] ***"),
          seen);
      assertTrue(seen.contains(protocol == MailProtocol.IMAP ? " SELECT INBOX" : ": STAT"), seen);
      assertTrue(
          seen.matches("(?s).*the trace has ended \\(stopped\\): \\d+ lines of 3 sessions\\R"),
          seen);
      assertTrue(
          Pattern.compile(
                  "acted who=\\S+ from=socket action=trace with=\"\\S*&what=ALICE\\b\\S*\""
                      + " result=done status=200")
              .matcher(site.log())
              .find(),
          site.log());
      assertTrue(site.log().contains(" trace-end what=ALICE lines="), site.log());
      assertEquals(3, site.openmmp("trace", "--stop").status());
      assertTrue(site.accepts(alice));
    }
  }

  @Test // B8.10
  void anAddressIsFollowedUntilTheTimeIsOver() throws Exception {
    try (SimSite site = site()) {
      MailUser alice = site.user("alice");
      Tracing other = new Tracing(site, "192.0.2.7", "--for", "1h");
      Tracing tracing = new Tracing(site, "127.0.0.1", "--for", "3s", "--json");
      SimSite.Ran ran = tracing.ended();
      assertEquals(0, ran.status(), ran::toString);
      assertTrue(ran.printed().contains("{\"ended\":\"time\""), ran.printed());
      Tracing again = new Tracing(site, "127.0.0.1", "--for", "1h", "--json");
      assertTrue(site.accepts(alice));
      again.await("\"way\":\"from\",\"line\":\"" + login() + "\"");
      assertEquals(0, site.openmmp("trace", "--stop", "127.0.0.1").status());
      assertNoSecretOf(alice, again.ended().printed());
      assertEquals(0, site.openmmp("trace", "--stop").status());
      assertTrue(other.ended().printed().contains(" 0 lines of 0 sessions"));
    }
  }

  @Test // B8.10
  void itEndsWithItsReader() throws Exception {
    try (SimSite site = site()) {
      for (int each = 0; each < 2; each++) {
        try (Socket reader =
            new Socket(InetAddress.getLoopbackAddress(), site.proxy().adminPort())) {
          reader.setSoTimeout((int) LIMIT.toMillis());
          reader
              .getOutputStream()
              .write(
                  ("POST /api/v1/trace?what=127.0.0.1&for=1h HTTP/1.0\r\nAuthorization: Bearer "
                          + TOKEN
                          + "\r\n\r\n")
                      .getBytes(StandardCharsets.US_ASCII));
          awaitLine(reader, "{\"tracing\":\"127.0.0.1\"");
        }
      }
      Await.until(
          site::log,
          Duration.ofSeconds(60),
          () -> site.log().split("reason=reader", -1).length == 3);
      assertEquals(3, site.openmmp("trace", "--stop").status());
    }
  }

  @Test // B8.10
  void itEndsWithTheProgram() throws Exception {
    Tracing tracing;
    try (SimSite site = site()) {
      MailUser alice = site.user("alice");
      tracing = new Tracing(site, "alice", "--for", "1h");
      assertTrue(site.accepts(alice));
      tracing.await(" from client: " + login());
    }
    SimSite.Ran ran = tracing.ended();
    assertEquals(1, ran.status(), ran::toString);
    assertTrue(ran.told().contains("openmmp: the front end has gone"), ran::toString);
    assertTrue(!ran.told().contains("Exception"), ran::toString);
  }

  @Test // B8.10
  void noNameMakesALineOfItsOwn() throws Exception {
    try (SimSite site = site()) {
      for (String control : List.of("\n", "\u001b[2J", "\u202e", "\u2028")) {
        SimSite.Ran ran = site.openmmp("trace", "a" + control + "forged", "--for", "1s");
        String all = ran.printed() + ran.told() + site.log();
        assertTrue(all.contains("forged"), ran::toString);
        assertFalse(all.contains(control + "forged"), ran::toString);
      }
    }
  }

  private static void awaitLine(Socket reader, String begin) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(reader.getInputStream(), StandardCharsets.UTF_8));
    String line = in.readLine();
    while (!line.isEmpty()) { // the head
      line = in.readLine();
    }
    line = in.readLine();
    assertTrue(line.startsWith(begin), line);
  }

  @Test // B8.10
  void whatCannotBeTracedIsRefused() throws Exception {
    try (SimSite site = site()) {
      assertEquals(2, site.openmmp("trace").status());
      assertEquals(2, site.openmmp("trace", "alice", "--for", "2h").status());
      assertEquals(2, site.openmmp("trace", "alice", "--for", "soon").status());
      assertEquals(
          "openmmp: a time has a unit: write 90s, 90m, 90h or 90d",
          site.openmmp("trace", "alice", "--for", "90").told().strip());
      assertEquals(2, site.openmmp("trace", "192.0.2.0/24").status());
      List<Tracing> all = new ArrayList<>();
      for (int each = 1; each <= 4; each++) {
        all.add(new Tracing(site, "192.0.2." + each, "--for", "1h"));
      }
      SimSite.Ran refused = site.openmmp("trace", "192.0.2.5");
      assertEquals(3, refused.status());
      assertTrue(refused.told().contains("4 traces run already"), refused.told());
      assertEquals("4 traces have ended", site.openmmp("trace", "--stop").printed().strip());
      for (Tracing each : all) {
        assertEquals(0, each.ended().status());
      }
    }
  }
}
