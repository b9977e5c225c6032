package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.lmtp.protocol.LmtpVerb;
import org.openmmp.storesim.lmtp.LmtpScript;
import org.openmmp.storesim.lmtp.ReceivedMessage;

/** Connections to stores are kept without harm, and what they have is what is offered (B5.10). */
final class RelayConnectionsTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final byte[] MESSAGE =
      "Subject: x\r\n\r\nx\r\n".getBytes(StandardCharsets.US_ASCII);

  @Test
  void connectionIsUsedAgainAndAStaleOneCostsNoDelivery() { // L7
    try (RelaySite site = new RelaySite();
        DeliveryConnection mta = site.mta()) {
      MailUser alice = site.user("alice", "cluster1");
      deliver(mta, alice);
      deliver(mta, alice);
      assertEquals(1, site.heardBy("huey").connections());

      site.cluster(1).node("huey").dropConnections();
      deliver(mta, alice);

      assertEquals(3, site.inbox(alice).size());
      assertEquals(2, site.heardBy("huey").connections());
      assertEquals(0, site.heardBy("dewey").connections());
    }
  }

  @Test
  void keptConnectionThatSaysGoodbyeCostsNoDelivery() { // L7
    try (RelaySite site = new RelaySite();
        DeliveryConnection mta = site.mta()) {
      MailUser alice = site.user("alice", "cluster1");
      deliver(mta, alice);
      site.script("huey", LmtpScript.HEALTHY.answering(LmtpVerb.RSET, "421 4.4.2 Too long idle"));
      deliver(mta, alice);

      assertEquals(2, site.inbox(alice).size());
      assertEquals(0, site.heardBy("dewey").connections());
    }
  }

  @Test
  void nothingOfAnAbortedTransactionGoesIntoTheNext() { // L8
    try (RelaySite site = new RelaySite()) {
      MailUser alice = site.user("alice", "cluster1");
      MailUser carol = site.user("carol", "cluster1");
      try (DeliveryConnection mta = site.mta()) {
        mta.envelope("first@example.org", List.of(alice.login()));
        assertTrue(mta.command("RSET").startsWith("250"));
        mta.envelope("second@example.org", List.of(alice.login()));
      }
      deliver(site, carol);

      assertEquals(
          List.of(
              new ReceivedMessage(
                  site.heardBy("huey").deliveries().get(0).connection(),
                  "MAIL FROM:<mta@example.org>",
                  List.of("RCPT TO:<carol@example.com>"),
                  new String(MESSAGE, StandardCharsets.US_ASCII),
                  List.of("250 2.1.5 <carol@example.com> Delivered"))),
          site.heardBy("huey").deliveries());
      assertEquals(List.of(), site.inbox(alice));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"drain", "retire"})
  void connectionsToAHostThatIsTakenOutOfUseAreClosed(String command) { // B5.10, B2.26
    try (RelaySite site = new RelaySite();
        DeliveryConnection mta = site.mta();
        DeliveryConnection busy = site.mta()) {
      MailUser alice = site.user("alice", "cluster1");
      MailUser bob = site.user("bob", "cluster2");
      String huey = site.cluster(1).node("huey").hostName();
      deliver(mta, alice);
      busy.envelope("mta@example.org", List.of(alice.login()));
      deliver(mta, alice);
      deliver(mta, bob);
      assertEquals(2, connections(site, "cluster1", huey));
      assertEquals("2", shown(site, huey));

      site.operate(command + " " + huey);

      awaitConnections(site, "cluster1", huey, 1);
      busy.data(MESSAGE, 1).forEach(reply -> assertTrue(reply.startsWith("250"), reply));
      awaitConnections(site, "cluster1", huey, 0);
      assertEquals("0", shown(site, huey));
      String donald = site.cluster(2).node("donald").hostName();
      assertEquals(1, connections(site, "cluster2", donald), "others are kept");
      // Without a successor a drained host goes on, and keeps nothing.
      if (command.equals("drain")) {
        deliver(mta, alice);
        awaitConnections(site, "cluster1", huey, 0);
      }
      site.operate("undrain " + huey);
      deliver(mta, alice);
      assertEquals(1, connections(site, "cluster1", huey));
    }
  }

  private static long connections(RelaySite site, String group, String host) {
    String line =
        "openmmp_store_sessions{group=\"%s\",host=\"%s\",service=\"lmtp\"} ".formatted(group, host);
    return site.metrics()
        .lines()
        .filter(each -> each.startsWith(line))
        .map(each -> (long) Double.parseDouble(each.substring(line.length())))
        .findFirst()
        .orElseThrow();
  }

  private static void awaitConnections(RelaySite site, String group, String host, long wanted) {
    Await.until(
        () -> site.operate("status") + site.log(),
        LIMIT,
        () -> connections(site, group, host) == wanted);
  }

  /** What the status says in its column of sessions. */
  private static String shown(RelaySite site, String host) {
    List<String> lines = site.operate("status").lines().toList();
    int column = 0;
    for (String line : lines) {
      if (line.strip().startsWith("host ")) {
        column = line.indexOf("sessions");
      } else if (line.strip().startsWith(host + " ")) {
        return line.substring(column).split(" ", 2)[0];
      }
    }
    throw new AssertionError(lines.toString());
  }

  @Test
  void noRecipientNoMessage() { // L5
    try (RelaySite site = new RelaySite()) {
      MailUser alice = site.user("alice", "cluster1");
      site.script("huey", LmtpScript.HEALTHY.answeringRecipient(alice.login(), "450 4.2.1 Locked"));
      try (DeliveryConnection mta = site.mta()) {
        mta.command("MAIL FROM:<mta@example.org>");
        assertEquals("450 4.2.1 Locked", mta.command("RCPT TO:<" + alice.login() + ">"));
        String unknown = mta.command("RCPT TO:<nobody@example.com>");
        assertTrue(unknown.startsWith("550 5.1.1"), unknown);
        String data = mta.command("DATA");
        assertTrue(data.startsWith("503"), data);
      }
      assertEquals(List.of(), site.heardBy("huey").lines("DATA"));
    }
  }

  @Test
  void noStoresWordChangesWhatIsOffered() { // B5.1, L10
    try (RelaySite site = new RelaySite()) {
      site.script("huey", LmtpScript.HEALTHY.offering("8BITMIME", "SIZE 1000", "DSN", "X-OTHER"));
      site.script("donald", LmtpScript.HEALTHY.offering("SIZE 500"));
      List<String> before = offered(site);
      deliver(site, site.user("alice", "cluster1"));
      deliver(site, site.user("bob", "cluster2"));
      assertEquals(before, offered(site));
      assertTrue(
          before.containsAll(
              List.of(
                  "PIPELINING",
                  "ENHANCEDSTATUSCODES",
                  "8BITMIME",
                  "SMTPUTF8",
                  "CHUNKING",
                  "SIZE 104857600")),
          before::toString);
      assertTrue(!before.contains("DSN") && !before.contains("X-OTHER"), before::toString);
    }
  }

  private static List<String> offered(RelaySite site) {
    try (DeliveryConnection mta = site.mta()) {
      return mta.extensions();
    }
  }

  private static void deliver(RelaySite site, MailUser user) {
    try (DeliveryConnection mta = site.mta()) {
      deliver(mta, user);
    }
  }

  private static void deliver(DeliveryConnection mta, MailUser user) {
    mta.deliver("mta@example.org", List.of(user.login()), MESSAGE);
  }
}
