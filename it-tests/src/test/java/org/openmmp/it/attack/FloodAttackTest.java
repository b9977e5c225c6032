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

/** Rows P5 to P8, P11 and P12: too much, too long, too slow. */
@Tag("slow")
final class FloodAttackTest {
  private static final StoreScript script = new ImapScript();
  private static AttackedProxy proxy;

  @BeforeAll
  static void startProxy(@TempDir Path workplace) {
    Place place = Place.of(1);
    proxy =
        AttackedProxy.start(
            workplace, place.group("g"), "openmmp.imap { login-timeout = 6s, bad-commands = 4 }");
    proxy.store(place, 0, script);
    for (int i = 0; i < 50; i++) {
      proxy.user("u" + i, "g");
    }
    script.refusing(AttackedProxy.REFUSED);
    proxy.teachPace("u0");
    script.forget();
  }

  @AfterAll
  static void stopProxy() {
    proxy.close();
  }

  @BeforeEach
  void forgetLogins() {
    script.forget();
  }

  // P5
  @Test
  void twoHundredLinesWithoutAnEndStayBoundedAndAreClosed() {
    DirectMemory before = DirectMemory.now();
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      clients.add(proxy.client().send("a NOOP " + "(".repeat(4_000)));
    }
    proxy.assertAlive();
    before.assertFlat();
    for (RawClient client : clients) {
      assertTrue(client.rest().startsWith("* BYE "), client.heard());
      client.close();
    }
  }

  // P6
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{4294967295}",
        "{4294967296}",
        "{18446744073709551616}",
        "{2147483647}",
        "{2147483648+}",
        "{-1}",
        "{-1+}",
        "{+1}",
        "{00+}",
        "{1e3}",
        "{0x10}",
        "{ 5}",
        "{5 }",
        "{}",
        "{+}",
        "{99999+}",
        "~{99999999999}",
        "{16385}",
      })
  void aLiteralBeyondTheLimitsIsNeverAskedFor(String literal) {
    DirectMemory before = DirectMemory.now();
    try (RawClient client = proxy.client()) {
      client.send("a LOGIN " + literal + "\r\nb NOOP\r\nc NOOP\r\n").finish();
      String rest = client.rest();
      assertFalse(rest.contains("+ "), rest);
      assertTrue(rest.contains("a BAD ") || rest.contains("* BYE "), rest);
    }
    before.assertFlat();
    assertEquals(List.of(), script.logins());
  }

  // P6
  @Test
  void tenThousandSmallLiteralsAreTooMany() {
    for (String literal : List.of("{1+}\r\nx", "{0+}\r\n", "{1+}\r\n\n")) {
      try (RawClient client = proxy.client()) {
        String rest = client.send("a LOGIN " + (literal + " ").repeat(10_000)).finish().rest();
        assertTrue(rest.contains("* BYE "), rest);
        assertTrue(rest.length() < 10_000, "answers: " + rest.length());
      }
    }
  }

  // P6: an empty literal is a literal
  @Test
  void anEmptyNameOrPasswordIsAWrongOne() {
    for (String command :
        List.of(
            "a LOGIN {0+}\r\n {0+}\r\n\r\n", "a LOGIN \"\" \"\"\r\n", "a LOGIN u0 {0+}\r\n\r\n")) {
      try (RawClient client = proxy.client()) {
        String answer = client.send(command).answer("a");
        assertTrue(answer.startsWith("a NO [AUTHENTICATIONFAILED]"), answer);
      }
    }
  }

  // P7
  @Test
  void oneClientsBrokenBase64HarmsNobodyElse() {
    try (RawClient broken = proxy.client()) {
      List<RawClient> others = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        RawClient other = proxy.client();
        others.add(other.send("a " + AttackedProxy.login("u" + i) + "\r\n"));
        if (i % 20 == 0) {
          broken.send("b AUTHENTICATE PLAIN\r\n=A=" + i + "\r\n");
        }
      }
      for (RawClient other : others) {
        assertTrue(other.answer("a").startsWith("a OK"));
        other.close();
      }
      assertTrue(broken.answer("b").startsWith("b BAD "));
    }
    for (String odd :
        List.of("====", "A", "AA=A", "\u00c4\u00c4\u00c4\u00c4", "AAAA AAAA", "AAB=")) {
      try (RawClient client = proxy.client()) {
        String answer = client.send("a AUTHENTICATE PLAIN\r\n" + odd + "\r\n").answer("a");
        assertTrue(answer.startsWith("a BAD ") || answer.startsWith("a NO "), answer);
      }
    }
  }

  // P8
  @Test
  void exchangesThatAreCancelledLeaveNothingBehind() {
    DirectMemory before = DirectMemory.now();
    for (int connection = 0; connection < 10; connection++) {
      try (RawClient client = proxy.client()) {
        client.send("a AUTHENTICATE PLAIN\r\n*\r\n".repeat(1_000) + "z LOGOUT\r\n");
        String rest = client.rest();
        assertTrue(rest.contains("z OK") || rest.contains("* BYE "), rest);
        assertFalse(rest.contains("a OK"), rest);
      }
    }
    for (int i = 0; i < 200; i++) {
      RawClient client = proxy.client();
      client.send("a AUTHENTICATE LOGIN\r\nYW15\r\n");
      client.reset();
    }
    proxy.assertAlive();
    before.assertFlat();
  }

  // P11
  @ParameterizedTest
  @ValueSource(
      strings = {"A", "\0", "\r", "\n", "\r\n", "a ", "\u00ff", "a NOOP\r\r\n", "{", "\" "})
  void floodsAreClosedPolitely(String octets) {
    DirectMemory before = DirectMemory.now();
    try (RawClient client = proxy.client()) {
      String rest = client.send(octets.repeat(10_000)).finish().rest();
      assertTrue(rest.isEmpty() || rest.contains("* BYE "), rest);
      assertTrue(rest.length() < 2_000, "answers: " + rest.length());
    }
    try (RawClient client = proxy.client()) {
      client.send("a".repeat(1 << 20));
      assertFalse(client.rest().contains("OK"), client.heard());
    }
    before.assertFlat();
    proxy.assertAlive();
  }

  // P11: a tag that is too long to be echoed
  @Test
  void ahugeTagIsNotEchoed() {
    try (RawClient client = proxy.client()) {
      String line = client.send("t".repeat(5_000) + " NOOP\r\n").line();
      assertEquals("* BAD Invalid tag.", line);
    }
  }

  // P12
  @Test
  void oneOctetAtATimeIsClosedByTheTotalDeadline() {
    long begun = System.nanoTime();
    try (RawClient drip = proxy.client();
        RawClient noops = proxy.client();
        RawClient silent = proxy.client();
        RawClient halfLiteral = proxy.client();
        RawClient exchange = proxy.client()) {
      halfLiteral.send("a LOGIN {10}\r\n");
      exchange.send("a AUTHENTICATE PLAIN\r\n");
      for (int i = 0; i < 20; i++) {
        drip.send("x");
        halfLiteral.send("");
        noops.send("n NOOP\r\n");
        LockSupport.parkNanos(Duration.ofMillis(250).toNanos());
      }
      for (RawClient client : List.of(drip, noops, silent, halfLiteral, exchange)) {
        assertTrue(client.rest().contains("* BYE "), client.heard());
      }
    }
    long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    assertTrue(seconds >= 5 && seconds < 40, "closed after " + seconds + " s");
  }
}
