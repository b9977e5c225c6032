package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Await;

/** Rows P13 and B3: octets behind a login and behind its answer. */
@Tag("slow")
final class PipeliningAttackTest {
  private static final String ALL =
      "a LOGIN amy "
          + AttackedProxy.passwordOf("amy")
          + "\r\nb SELECT INBOX\r\nc FETCH 1 BODY[]\r\nd LOGOUT now\r\n";
  private static final StoreScript script = new ImapScript();
  private static AttackedProxy proxy;

  @BeforeAll
  static void startProxy(@TempDir Path workplace) {
    Place place = Place.of(1);
    Place other = Place.of(1);
    proxy =
        AttackedProxy.start(
            workplace,
            place.group("g"),
            other.group("silent"),
            "openmmp.imap { max-pipelined = 4096, bad-commands = 3 }");
    proxy.store(place, 0, script);
    proxy.store(other, 0, new ImapScript().answer(""));
    proxy.user("amy", "g").user("ben", "silent");
  }

  @AfterAll
  static void stopProxy() {
    proxy.close();
  }

  @BeforeEach
  void forgetLogins() {
    script.forget();
    script.answer("%t OK [CAPABILITY IMAP4rev1] in\r\n");
  }

  // P13
  @Test
  void commandsBehindTheLoginReachTheStoreOnceAndInOrder() {
    for (int split = 0; split < ALL.length(); split++) {
      script.forget();
      try (RawClient client = proxy.client()) {
        client.send(ALL.substring(0, split)).send(ALL.substring(split));
        assertEquals("d OK LOGOUT", client.answer("d"), "split at " + split);
        assertEquals(1, script.logins().size());
        assertEquals(
            List.of("SELECT INBOX", "FETCH 1 BODY[]", "LOGOUT now"), script.commands(), ALL);
        List<String> heard = client.lines();
        assertEquals("a OK [CAPABILITY IMAP4rev1] in", heard.get(1));
        assertEquals("b OK SELECT", heard.get(2));
      }
    }
  }

  // P13: behind an AUTHENTICATE in three lines, octet by octet
  @Test
  void commandsBehindAnExchangeReachTheStoreToo() {
    String exchange =
        "a AUTHENTICATE LOGIN\r\n"
            + RawClient.base64("amy")
            + "\r\n"
            + RawClient.base64(AttackedProxy.passwordOf("amy"))
            + "\r\nb SELECT INBOX\r\n";
    try (RawClient client = proxy.client()) {
      for (int i = 0; i < exchange.length(); i++) {
        client.send(exchange.substring(i, i + 1));
      }
      assertEquals("b OK SELECT", client.answer("b"));
    }
    assertEquals(List.of("SELECT INBOX"), script.commands());
  }

  // P13: a second login behind a login that succeeds is the store's to judge
  @Test
  void aSecondLoginBehindTheFirstGoesToTheStore() {
    String password = AttackedProxy.passwordOf("amy");
    try (RawClient client = proxy.client()) {
      client.send("a LOGIN amy " + password + "\r\nb LOGIN root x\r\n");
      assertTrue(client.answer("b").startsWith("b OK"), client.heard());
    }
    assertEquals(List.of("LOGIN root x"), script.commands());
  }

  // P13: behind a login that fails the proxy itself answers, in order
  @Test
  void commandsBehindAFailedLoginAreAnsweredHere() {
    script.answer("%t NO [AUTHENTICATIONFAILED] no\r\n");
    try (RawClient client = proxy.client()) {
      client.send("a LOGIN amy wrong\r\nb NOOP\r\nc SELECT INBOX\r\nd LOGOUT\r\n");
      List<String> answers = client.rest().lines().map(line -> line.substring(0, 4)).toList();
      assertEquals(List.of("a NO", "b OK", "c BA", "* BY", "d OK"), answers);
    }
    assertEquals(List.of(), script.commands());
  }

  // P13: what waits behind a login is bounded, for more is not read
  @Test
  void aFloodBehindALoginWaitsInTheClientsSocket() {
    DirectMemory before = DirectMemory.now();
    try (RawClient client = proxy.client()) {
      client.send("a " + AttackedProxy.login("ben") + "\r\n" + "b NOOP\r\n".repeat(64_000));
      assertTrue(client.answer("a").startsWith("a NO [UNAVAILABLE]"));
      assertEquals("b OK Nothing done.", client.line());
    }
    before.assertFlat();
    proxy.assertAlive();
  }

  // P13: a client that sends no more behind its login is served to the end
  @Test
  void aClientThatFinishesBehindItsLoginIsServed() {
    try (RawClient client = proxy.client()) {
      String rest = client.send(ALL).finish().rest();
      assertTrue(rest.contains("\r\nd OK LOGOUT\r\n"), rest);
    }
    Await.until(
        "the session ends",
        Duration.ofSeconds(20),
        () -> proxy.page("/metrics").contains("openmmp_sessions_open{service=\"imap\"} 0.0"));
  }

  // B3
  @ParameterizedTest
  @ValueSource(
      strings = {
        "%t OK [CAPABILITY IMAP4rev1] in\r\n* 1 EXISTS\r\n",
        "%t OK [CAPABILITY IMAP4rev1] in\n* 1 EXISTS\r\n",
        "* CAPABILITY IMAP4rev1\r\n%t OK in\r\n* 1 EXISTS\r\n",
        "%t OK in\r\n* 1 EXISTS\r\n",
        "%t OK in\r\n* 1 FETCH (BODY[] {4}\r\n\r\n\r\n)\r\n* 1 EXISTS\r\n",
      })
  void whatIsBehindTheStoresOkReachesTheClientOnce(String octets) {
    script.answer(octets);
    try (RawClient client = proxy.client()) {
      client.send("a LOGIN amy " + AttackedProxy.passwordOf("amy") + "\r\nb NOOP\r\n");
      client.answer("b");
      List<String> heard = client.lines();
      assertEquals(1, heard.stream().filter("* 1 EXISTS"::equals).count(), client.heard());
      assertEquals(1, heard.stream().filter(line -> line.startsWith("a ")).count());
      assertEquals(
          1,
          heard.stream()
              .filter(
                  line -> line.startsWith("* CAPAB") || line.contains("[CAPABILITY IMAP4rev1] in"))
              .count());
      if (octets.contains("FETCH")) {
        assertTrue(client.heard().contains("* 1 FETCH (BODY[] {4}\r\n\r\n\r\n)\r\n"));
      }
    }
  }

  // B3: the store's answer in single octets
  @Test
  void anAnswerInSingleOctetsIsOneAnswer() {
    script.answer("%t OK [CAPABILITY IMAP4rev1] in\r\n* 1 EXISTS\r\n").inSingleOctets();
    try (RawClient client = proxy.client()) {
      client.send("a LOGIN amy " + AttackedProxy.passwordOf("amy") + "\r\nb NOOP\r\n");
      client.answer("b");
      assertEquals(
          List.of("a OK [CAPABILITY IMAP4rev1] in", "* 1 EXISTS", "b OK NOOP"),
          client.lines().subList(1, 4));
    }
  }
}
