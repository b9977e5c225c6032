package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.MailProtocol;

/** Rows P13 and B3 over POP3: octets behind a login and behind its answer. */
final class Pop3PipeliningAttackTest {
  private static final String PASSWORD = AttackedProxy.passwordOf("amy");
  private static final String LOGIN = "USER amy\r\nPASS " + PASSWORD + "\r\n";
  private static final String MESSAGE = "+OK 7 octets\r\nmessage\r\n..\r\n.\r\n";
  private static final StoreScript script = new Pop3Script();
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
            "openmmp.login.deadline = 3s",
            "openmmp.pop3 { max-pipelined = 4096, bad-commands = 3 }");
    proxy.store(place, 0, script);
    proxy.store(other, 0, new Pop3Script().answer(""));
    proxy.user("amy", "g").user("ben", "silent");
  }

  @AfterAll
  static void stopProxy() {
    proxy.close();
  }

  @BeforeEach
  void forgetLogins() {
    script.forget();
    script.accepting();
  }

  // P13
  @Test
  void commandsBehindTheLoginReachTheStoreOnceAndInOrder() {
    String all = LOGIN + "STAT\r\nRETR 1\r\nQUIT\r\n";
    for (int split = 0; split < all.length(); split++) {
      script.forget();
      try (RawClient client = proxy.client(MailProtocol.POP3)) {
        client.send(all.substring(0, split)).send(all.substring(split));
        assertEquals(
            "+OK Send the password.\r\n+OK 1 message\r\n+OK 1 7\r\n" + MESSAGE + "+OK QUIT\r\n",
            client.rest(),
            "split at " + split);
      }
      assertEquals(1, script.logins().size());
      assertEquals(List.of("STAT", "RETR 1", "QUIT"), script.commands());
    }
  }

  // P13: behind an exchange of three lines, octet by octet
  @Test
  void commandsBehindAnExchangeReachTheStoreToo() {
    String exchange =
        "AUTH LOGIN\r\n"
            + RawClient.base64("amy")
            + "\r\n"
            + RawClient.base64(PASSWORD)
            + "\r\nSTAT\r\nQUIT\r\n";
    try (RawClient client = proxy.client(MailProtocol.POP3)) {
      for (int i = 0; i < exchange.length(); i++) {
        client.send(exchange.substring(i, i + 1));
      }
      String rest = client.rest();
      assertTrue(rest.endsWith("+OK 1 message\r\n+OK 1 7\r\n+OK QUIT\r\n"), rest);
    }
    assertEquals(List.of("STAT", "QUIT"), script.commands());
  }

  // P13: a second login, and TLS, behind a login that succeeds are the store's to judge
  @Test
  void aSecondLoginBehindTheFirstGoesToTheStore() {
    try (RawClient client = proxy.client(MailProtocol.POP3)) {
      client.send(LOGIN + "USER root\r\nPASS x\r\nSTLS\r\nQUIT\r\n").rest();
    }
    assertEquals(List.of("USER root", "PASS x", "STLS", "QUIT"), script.commands());
    assertEquals(1, script.logins().size());
  }

  // P13: behind a login that fails the proxy itself answers, in order
  @Test
  void commandsBehindAFailedLoginAreAnsweredHere() {
    script.refusing(PASSWORD);
    try (RawClient client = proxy.client(MailProtocol.POP3)) {
      String rest = client.send(LOGIN + "STAT\r\nRETR 1\r\nNOOP\r\nQUIT\r\n").rest();
      assertEquals(
          List.of("+OK S", "-ERR ", "-ERR ", "-ERR ", "+OK N", "+OK G"),
          rest.lines().map(line -> line.substring(0, 5)).toList());
    }
    assertEquals(List.of(), script.commands());
  }

  // P13: behind a wrong login a right one, all in one segment
  @Test
  void aRightLoginBehindAWrongOneIsServed() {
    script.refusing(AttackedProxy.REFUSED);
    String wrong = "USER amy\r\nPASS " + AttackedProxy.REFUSED + "\r\n";
    try (RawClient client = proxy.client(MailProtocol.POP3)) {
      String rest = client.send(wrong + LOGIN + "STAT\r\nQUIT\r\n").rest();
      assertTrue(rest.endsWith("+OK 1 message\r\n+OK 1 7\r\n+OK QUIT\r\n"), rest);
    }
    assertEquals(List.of("STAT", "QUIT"), script.commands());
  }

  // P13: what waits behind a login is bounded, for more is not read
  @Test
  void aFloodBehindALoginWaitsInTheClientsSocket() {
    DirectMemory before = DirectMemory.now();
    String login = "USER ben\r\nPASS " + AttackedProxy.passwordOf("ben") + "\r\n";
    try (RawClient client = proxy.client(MailProtocol.POP3)) {
      client.send(login + "NOOP\r\n".repeat(64_000));
      client.line();
      assertTrue(String.valueOf(client.line()).startsWith("-ERR [SYS/TEMP]"), client.heard());
      assertEquals("+OK Nothing done.", client.line());
    }
    before.assertFlat();
    proxy.assertAlive();
  }

  // P13: a client that sends no more behind its login is served to the end
  @Test
  void aClientThatFinishesBehindItsLoginIsServed() {
    try (RawClient client = proxy.client(MailProtocol.POP3)) {
      String rest = client.send(LOGIN + "RETR 1\r\nQUIT\r\n").finish().rest();
      assertTrue(rest.endsWith(MESSAGE + "+OK QUIT\r\n"), rest);
    }
  }

  // B3: data in the segment of the answer, and every end of line
  @ParameterizedTest
  @ValueSource(
      strings = {
        "+OK in\r\n+OK 0 0\r\n",
        "+OK in\n+OK 0 0\r\n",
        "+OK\r\n+OK 0 0\r\n",
        "+ok in\r\n+OK 0 0\r\n",
        "+OK in\r\n+OK\r\n.\r\n..\r\n\r\n+OK 0 0\r\n",
        "+OK in\r\n\0\u00ff\n.\n+OK 0 0\r\n",
      })
  void whatIsBehindTheStoresOkReachesTheClientOnce(String octets) {
    script.answer(octets);
    String behind = octets.substring(octets.indexOf('\n') + 1);
    for (boolean single : new boolean[] {false, true}) {
      try (RawClient client = proxy.client(MailProtocol.POP3)) {
        client.send(LOGIN + "STAT\r\nQUIT\r\n");
        client.line();
        assertTrue(String.valueOf(client.line()).startsWith("+OK"), client.heard());
        assertEquals(behind + "+OK 1 7\r\n+OK QUIT\r\n", client.rest());
      }
      if (!single) {
        script.inSingleOctets();
      }
    }
  }
}
