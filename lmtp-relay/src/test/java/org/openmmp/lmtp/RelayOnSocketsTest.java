package org.openmmp.lmtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.directory.LookupResult;
import org.openmmp.guard.Farewell;
import org.openmmp.transport.ClientSession;
import org.openmmp.transport.SessionFacts;

class RelayOnSocketsTest {
  private static final String MAIL = "MAIL FROM:<s@test>";
  private static final String DUCK = "RCPT TO:<ducks-alice@test>";
  private static final String DUCK_2 = "RCPT TO:<ducks-bob+lists@test>";
  private static final String GOOSE = "RCPT TO:<geese-gina@test>";

  @TempDir Path directory;

  // B5.1 to B5.4
  @Test
  void messageReachesEveryGroupAndEachRecipientHearsItsStore() throws Exception {
    try (RelaySite site = new RelaySite(directory);
        LmtpLine client = site.client()) {
      client.say(MAIL, DUCK, GOOSE, DUCK_2, "DATA");
      assertEquals(
          List.of(
              "250 2.1.0 Sender OK",
              "250 2.1.5 OK",
              "250 2.1.5 OK",
              "250 2.1.5 OK",
              "354 Go ahead, end with CR LF dot CR LF"),
          client.replies(5));
      client.say("Subject: x", "", "..dot", ".", "QUIT");
      assertEquals(
          List.of(
              "250 2.0.0 message 1, recipient 1",
              "250 2.0.0 message 1, recipient 1",
              "250 2.0.0 message 1, recipient 2",
              "221 2.0.0 Goodbye"),
          client.replies(4));
      assertEquals(List.of("Subject: x\r\n\r\n..dot\r\n"), site.gus.messages);
      assertTrue(site.huey.commands.contains(DUCK_2), site.huey.commands.toString());
    }
  }

  // B5.7, B5.10: the master dies between two messages, and again before it takes one
  @Test
  void deathOfTheMasterIsAnotherHostsChance() throws Exception {
    try (RelaySite site = new RelaySite(directory);
        LmtpLine client = site.client()) {
      assertEquals("250 2.0.0 message 1, recipient 1", deliver(client, "one"));
      site.huey.behaviour =
          (store, line) -> {
            store.serveEnvelope(line);
          };
      site.huey.cutAll();
      assertEquals("250 2.0.0 message 1, recipient 1", deliver(client, "two"));
      assertEquals(List.of("two\r\n"), site.dewey.messages);
      assertEquals("250 2.0.0 message 2, recipient 1", deliver(client, "three"));
      assertEquals(1, site.dewey.connections.get());
    }
  }

  // B5.7
  @Test
  void lossBehindTheEndOfTheMessageIsNotTriedAgain() throws Exception {
    try (RelaySite site = new RelaySite(directory);
        LmtpLine client = site.client()) {
      site.huey.behaviour =
          (store, line) -> {
            store.serveEnvelope(line);
            line.say("354 go on");
            store.messages.add(line.data());
          };
      client.say(MAIL, DUCK, GOOSE, "DATA").replies(4);
      client.say("x", ".");
      assertTrue(client.reply().startsWith("451 4.4.2 "));
      assertTrue(client.reply().startsWith("250 "));
      assertTrue(site.dewey.messages.isEmpty());
    }
  }

  // B5.8, B5.9: longer than memory, with a dot at many an edge
  @Test
  void longMessagePassesThroughItsFileExactly() throws Exception {
    try (RelaySite site = new RelaySite(directory, "openmmp.lmtp.spool.memory = 4096");
        LmtpLine client = site.client()) {
      StringBuilder message = new StringBuilder();
      for (int i = 0; i < 40_000; i++) {
        message.append(i % 7 == 0 ? "..\r\n" : "line " + i + "\0\u00ff\r\n");
      }
      client.say(MAIL, DUCK, GOOSE, "DATA").replies(4);
      client.send(message + ".\r\n");
      assertEquals("250 2.0.0 message 1, recipient 1", client.reply());
      assertEquals("250 2.0.0 message 1, recipient 1", client.reply());
      assertEquals(message.toString(), site.huey.messages.get(0));
      assertEquals(message.toString(), site.gus.messages.get(0));
    }
  }

  // B1.4, B5.2
  @ParameterizedTest
  @CsvSource({
    "NO_SUCH_USER, 550 5.1.1",
    "DELETED, 550 5.1.1",
    "DISABLED, 550 5.2.1",
    "INACTIVE, 451 4.2.1",
    "AMBIGUOUS, 451 4.3.0",
    "BAD_ENTRY, 451 4.3.0",
    "NO_MAIL_HOST, 451 4.3.0",
    "DIRECTORY_DOWN, 451 4.4.3",
  })
  void directoryAnswersForWhoItDoesNotGive(LookupResult.Kind kind, String reply) throws Exception {
    try (RelaySite site = new RelaySite(directory);
        LmtpLine client = site.client()) {
      site.refused.put("ducks-alice@test", kind);
      client.say(MAIL, DUCK, DUCK_2);
      assertEquals("250", client.reply().substring(0, 3));
      assertEquals(reply, client.reply().substring(0, reply.length()));
      assertEquals("250 2.1.5 OK", client.reply());
    }
  }

  // L12
  @Test
  void clientOfAnotherNetworkIsTurnedAway() throws Exception {
    try (RelaySite site =
            new RelaySite(directory, "openmmp.lmtp.client-networks = \"192.0.2.0/24\"");
        LmtpLine client = LmtpLine.to(site.address())) {
      assertTrue(client.reply().startsWith("554 5.7.1 "));
      assertThrows(EOFException.class, client::line);
    }
  }

  // B5.1, L10: from the first connection on, whatever stores have
  @Test
  void relayOffersItsOwnList() throws Exception {
    try (RelaySite site = new RelaySite(directory, "openmmp.lmtp.spool.max-message = 5000000");
        LmtpLine client = site.client()) {
      site.gus.extensions = List.of("PIPELINING", "SIZE 5000");
      for (int i = 0; i < 2; i++) {
        client.say("LHLO again");
        List<String> offered = new ArrayList<>();
        for (int line = 0; line < 7; line++) {
          offered.add(client.line());
        }
        assertEquals(
            List.of(
                "250-relay.test",
                "250-PIPELINING",
                "250-ENHANCEDSTATUSCODES",
                "250-8BITMIME",
                "250-SMTPUTF8",
                "250-SIZE 5000000",
                "250 CHUNKING"),
            offered);
        client.say(MAIL, DUCK, GOOSE, "RSET").replies(4);
      }
    }
  }

  // B6.1
  @ParameterizedTest
  @ValueSource(strings = {"x", "HELO me", "MAIL FROM:<a@b> HUGO=1", "RCPT TO:<>", "DATA x"})
  void badCommandsEndTheSession(String command) throws Exception {
    try (RelaySite site = new RelaySite(directory, "openmmp.lmtp.bad-commands = 3");
        LmtpLine client = site.client()) {
      client.say(command, command, command).replies(3);
      assertTrue(client.reply().startsWith("421 4.7.0 "));
      assertThrows(EOFException.class, client::line);
    }
  }

  // T1
  @Test
  void lineWithoutAnEndIsBounded() throws Exception {
    try (RelaySite site = new RelaySite(directory);
        LmtpLine client = site.client()) {
      client.send("x".repeat(5_000));
      assertEquals("500 5.5.2 Line too long", client.reply());
      assertThrows(EOFException.class, client::line);
    }
  }

  @Test
  void openSessionIsKnownByWhereItDelivers() throws Exception {
    try (RelaySite site = new RelaySite(directory);
        LmtpLine client = site.client()) {
      client.say(MAIL, DUCK, "DATA").replies(3);
      SessionFacts facts = site.rooms().sessions().facts().join().get(0);
      assertEquals("lmtp", facts.service());
      assertFalse(facts.group().isEmpty() || facts.host().isEmpty(), facts::toString);
      assertTrue(facts.fromClient() > 0 && facts.toClient() > 0, facts::toString);
      client.say("x", ".");
      client.reply();
    }
  }

  // B8.1
  @Test
  void drainTellsIdleClientsGoodbye() throws Exception {
    try (RelaySite site = new RelaySite(directory);
        LmtpLine client = site.client()) {
      leaveAtSafePoints(site);
      assertTrue(client.reply().startsWith("421 4.3.2 "));
      assertThrows(EOFException.class, client::line);
    }
  }

  // B8.1: whoever is in the middle of a message is served first
  @Test
  void drainLetsATransactionEnd() throws Exception {
    try (RelaySite site = new RelaySite(directory);
        LmtpLine client = site.client()) {
      client.say(MAIL, DUCK, "DATA").replies(3);
      leaveAtSafePoints(site);
      client.say("x", ".");
      assertEquals("250 2.0.0 message 1, recipient 1", client.reply());
      assertTrue(client.reply().startsWith("421 4.3.2 "));
      assertThrows(EOFException.class, client::line);
    }
  }

  private static void leaveAtSafePoints(RelaySite site) {
    site.server().stopAccepting();
    Set<ClientSession> open = site.rooms().sessions().facts(each -> true).join().keySet();
    open.forEach(each -> each.endAtSafePoint(Farewell.SHUTTING_DOWN));
  }

  private static String deliver(LmtpLine client, String text) throws Exception {
    client.say(MAIL, DUCK, "DATA").replies(3);
    return client.say(text, ".").reply();
  }
}
