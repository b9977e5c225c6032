package org.openmmp.storesim.pop3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.mailbox.Mailbox;
import org.openmmp.storesim.session.NodeTls;

class Pop3MailPhaseTest {
  private StoreCluster cluster;

  @BeforeEach
  void startGroup() {
    cluster =
        StoreCluster.start(
            ClusterSettings.replicated("cluster1", "huey", "dewey"),
            new Accounts().user("alice", "sesame"),
            List.of(new Pop3Endpoint(NodeTls.none())));
  }

  @AfterEach
  void stopGroup() {
    cluster.close();
  }

  @Test
  void messagesAreCountedListedAndNamed() throws Exception {
    append("Subject: 1\r\n\r\n");
    append("Subject: 2\r\n\r\nbody\r\n");
    try (RawPop3Client client = connect()) {
      assertEquals("+OK 2 34", client.command("STAT"));
      assertEquals(List.of("+OK 2 34", "1 14", "2 20", "."), client.lines("LIST"));
      assertEquals("+OK 2 20", client.command("LIST 2"));
      List<String> names = client.lines("UIDL");
      assertEquals("+OK " + names.get(2), client.command("UIDL 2"));
      assertEquals(4, names.stream().distinct().count());
      for (String wrong : List.of("LIST 3", "RETR 0", "RETR x", "RETR", "DELE 9", "TOP 1", "X")) {
        assertTrue(client.command(wrong).startsWith("-ERR "), wrong);
      }
      try (RawPop3Client other = connect()) {
        assertEquals(names, other.lines("UIDL"));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a|, a|",
    ".|, ..|",
    "..|.x|, ...|..x|",
    "a.|.|, a.|..|",
    "a, a|",
    ".a, ..a|",
    "'', ''",
    "a|||, a|||",
    "lone^.feed|, lone^.feed|"
  })
  void dotsAtTheBeginOfALineAreDoubled(String message, String sent) throws Exception {
    append(message.replace("|", "\r\n").replace('^', '\n'));
    String expected = sent.replace("|", "\r\n").replace('^', '\n');
    try (RawPop3Client client = connect()) {
      assertTrue(client.command("RETR 1").endsWith(" octets"));
      client.send("QUIT\r\n");
      StringBuilder got = new StringBuilder();
      for (String line = client.line(); !line.equals("<closed>"); line = client.line()) {
        got.append(line).append(line.endsWith("lone") ? "\n" : "\r\n");
      }
      assertEquals(expected + ".\r\n+OK goodbye\r\n", got.toString());
    }
  }

  @Test
  void topGivesTheHeaderAndSomeLines() throws Exception {
    append("A: 1\r\nB: 2\r\n\r\none\r\n.two\r\nthree\r\n");
    try (RawPop3Client client = connect()) {
      assertEquals(List.of("+OK top", "A: 1", "B: 2", "", "."), client.lines("TOP 1 0"));
      assertEquals(
          List.of("+OK top", "A: 1", "B: 2", "", "one", "..two", "."), client.lines("TOP 1 2"));
      assertEquals(8, client.lines("TOP 1 99").size());
    }
  }

  @Test
  void deletedMessagesGoAtQuitOnly() throws Exception {
    append("1");
    append("22");
    try (RawPop3Client client = connect()) {
      assertEquals("+OK marked", client.command("DELE 1"));
      assertEquals("+OK 1 2", client.command("STAT"));
      assertEquals(List.of("+OK 1 2", "2 2", "."), client.lines("LIST"));
      assertTrue(client.command("RETR 1").startsWith("-ERR "));
      assertEquals("+OK 2 3", client.command("RSET"));
      client.command("DELE 2");
    }
    assertEquals(2, inbox().messages().size(), "the connection was lost before QUIT");
    try (RawPop3Client client = connect()) {
      client.command("DELE 1");
      append("333");
      assertEquals("+OK goodbye", client.command("QUIT"));
      assertEquals("<closed>", client.line());
    }
    assertEquals(List.of(2L, 3L), inbox().messages().stream().map(each -> each.uid()).toList());
  }

  @Test
  void lostMasterDeletesNothing() throws Exception {
    append("1");
    try (RawPop3Client client = connect()) {
      client.command("DELE 1");
      cluster.makeMaster("dewey");
      assertTrue(client.command("QUIT").startsWith("-ERR [SYS/TEMP] "));
    }
    assertEquals(1, inbox().messages().size());
  }

  private void append(String message) {
    inbox()
        .append(
            List.of(),
            OffsetDateTime.parse("2026-11-02T08:30:01Z"),
            message.getBytes(StandardCharsets.ISO_8859_1));
  }

  private Mailbox inbox() {
    return cluster.mail().of("alice").inbox();
  }

  /** Logged in. */
  private RawPop3Client connect() throws IOException {
    RawPop3Client client = new RawPop3Client(cluster.node("huey").socket("pop3"));
    assertTrue(client.logIn().startsWith("+OK "));
    return client;
  }
}
