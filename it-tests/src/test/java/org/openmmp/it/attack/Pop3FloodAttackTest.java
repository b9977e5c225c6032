package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.MailProtocol;

/** Rows P5, P7, P8, P11 and P12 over POP3: too much, too long, too slow. */
@Tag("slow")
final class Pop3FloodAttackTest {
  private static final String ABUSE = "-ERR Too many bad commands, or one that is too long.\r\n";
  private static final StoreScript script = new Pop3Script();
  private static AttackedProxy proxy;

  @BeforeAll
  static void startProxy(@TempDir Path workplace) {
    Place place = Place.of(1);
    proxy =
        AttackedProxy.start(
            workplace, place.group("g"), "openmmp.pop3 { login-timeout = 6s, bad-commands = 4 }");
    proxy.store(place, 0, script);
    for (int i = 0; i < 50; i++) {
      proxy.user("u" + i, "g");
    }
  }

  @AfterAll
  static void stopProxy() {
    proxy.close();
  }

  @BeforeEach
  void forgetLogins() {
    script.forget();
  }

  private static RawClient client() {
    return proxy.client(MailProtocol.POP3);
  }

  private static String login(String user) {
    return "USER " + user + "\r\nPASS " + AttackedProxy.passwordOf(user) + "\r\n";
  }

  // P5
  @Test
  void twoHundredLinesWithoutAnEndStayBoundedAndAreClosed() {
    DirectMemory before = DirectMemory.now();
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      clients.add(client().send("USER " + "(".repeat(4_000)));
    }
    proxy.assertAlive();
    before.assertFlat();
    for (RawClient client : clients) {
      assertEquals("", client.rest());
      client.close();
    }
  }

  // P7
  @Test
  void oneClientsBrokenBase64HarmsNobodyElse() {
    try (RawClient broken = client()) {
      List<RawClient> others = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        others.add(client().send(login("u" + i)));
        if (i % 20 == 0) {
          broken.send("AUTH PLAIN\r\n=A=" + i + "\r\n");
        }
      }
      for (RawClient other : others) {
        other.line();
        assertEquals("+OK 1 message", other.line());
        other.close();
      }
      broken.line();
      assertEquals("-ERR Invalid response for this mechanism.", broken.line());
    }
    for (String odd :
        List.of("====", "A", "AA=A", "\u00c4\u00c4\u00c4\u00c4", "AAAA AAAA", "AAB=", "* ")) {
      try (RawClient client = client()) {
        client.send("AUTH PLAIN\r\n" + odd + "\r\n").line();
        assertTrue(String.valueOf(client.line()).startsWith("-ERR "), client.heard());
        assertEquals("+OK Nothing done.", client.reply("NOOP"));
      }
    }
  }

  // P8
  @Test
  void exchangesThatAreCancelledLeaveNothingBehind() {
    DirectMemory before = DirectMemory.now();
    for (int connection = 0; connection < 10; connection++) {
      try (RawClient client = client()) {
        String rest = client.send("AUTH PLAIN\r\n*\r\n".repeat(1_000) + "QUIT\r\n").rest();
        assertTrue(rest.endsWith("+OK Goodbye.\r\n") || rest.endsWith(ABUSE), rest);
      }
    }
    for (int i = 0; i < 200; i++) {
      client().send(i % 2 == 0 ? "AUTH LOGIN\r\nYW15\r\n" : "USER amy\r\nPAS").reset();
    }
    proxy.assertAlive();
    before.assertFlat();
    assertEquals(List.of(), script.logins());
  }

  // P11
  @ParameterizedTest
  @ValueSource(
      strings = {
        "A",
        "\0",
        "\r",
        "\n",
        "\r\n",
        "USER\r\n",
        " ",
        "\u00ff",
        "NOOP\r\r\n",
        "PASS x\r\n",
        "+OK\n"
      })
  void floodsAreClosedPolitely(String octets) {
    DirectMemory before = DirectMemory.now();
    try (RawClient client = client()) {
      String rest = client.send(octets.repeat(10_000)).finish().rest();
      assertTrue(rest.isEmpty() || rest.endsWith(ABUSE), rest);
      assertTrue(rest.length() < 2_000, "answers: " + rest.length());
    }
    for (String endless : List.of("A", "PASS ", "AUTH PLAIN\r\nAAAA")) {
      try (RawClient client = client()) {
        String rest = client.send(endless + "A".repeat(1 << 20)).rest();
        assertFalse(rest.contains("+OK"), rest);
      }
    }
    before.assertFlat();
    proxy.assertAlive();
  }

  // P11: a line of the greatest length is one, and the next octet is too much
  @Test
  void aLineIsAsLongAsTheLimitAndNoLonger() {
    try (RawClient client = client()) {
      assertEquals("+OK Send the password.", client.reply("USER " + "x".repeat(16_300)));
      assertEquals("+OK Nothing done.", client.reply("NOOP"));
      assertEquals(ABUSE, client.send("USER " + "x".repeat(16_400) + "\r\nNOOP\r\n").rest());
    }
  }

  // P12
  @Test
  void oneOctetAtATimeIsClosedByTheTotalDeadline() {
    long begun = System.nanoTime();
    try (RawClient drip = client();
        RawClient noops = client();
        RawClient silent = client();
        RawClient named = client();
        RawClient exchange = client()) {
      named.send("USER u0\r\n");
      exchange.send("AUTH PLAIN\r\n");
      for (int i = 0; i < 20; i++) {
        drip.send("x");
        noops.send("NOOP\r\n");
        LockSupport.parkNanos(Duration.ofMillis(250).toNanos());
      }
      for (RawClient client : List.of(drip, noops, silent, named, exchange)) {
        assertFalse(client.rest().contains("-ERR"), client.heard());
      }
    }
    long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    assertTrue(seconds >= 5 && seconds < 40, "closed after " + seconds + " s");
  }
}
