package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.it.fixture.Await;

/** Rule B8.8: who is refused leaves a line with its address, and a count without. */
final class RefusedClientTest {
  private static final String CLIENT = "127.0.0.77";

  @TempDir private Path workplace;

  private static void awaitLine(CapturedLog log, String... parts) {
    Await.until(
        () -> String.join(" … ", parts) + " in " + log.text(),
        Duration.ofSeconds(20),
        () -> log.text().lines().anyMatch(line -> Stream.of(parts).allMatch(line::contains)));
  }

  private static RawClient from(AttackedProxy proxy, String label) {
    return proxy.connect(proxy.program().addresses(label).get(0), CLIENT);
  }

  static List<Arguments> refusedCommands() {
    return List.of(
        Arguments.of("imap", "a NONSENSE\r\n", "bad-command"),
        Arguments.of("imap", "a LOGIN amy secret\r\n", "password-in-clear"),
        Arguments.of("imap", "a AUTHENTICATE PLAIN\r\n", "password-in-clear"),
        Arguments.of("pop3", "NONSENSE\r\n", "bad-command"),
        Arguments.of("pop3", "USER amy\r\n", "password-in-clear"),
        Arguments.of("pop3", "PASS secret\r\n", "password-in-clear"),
        Arguments.of("pop3", "AUTH PLAIN\r\n", "password-in-clear"),
        Arguments.of("imap", "\26\3\1\2\0\1\0", "tls-at-plain-port"),
        Arguments.of("imaps", "a NOOP\r\n", "plain-at-tls-port"),
        Arguments.of("imaps", "\26\3\1\0\7garbage", "tls-handshake"),
        Arguments.of("pop3s", "\26\3\1\0\7garbage", "tls-handshake"),
        Arguments.of("imap", "PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r\n", "header-at-plain-port"));
  }

  @ParameterizedTest
  @MethodSource("refusedCommands")
  void whatAClientIsRefusedIsToldWithItsAddress(String label, String octets, String reason) {
    try (AttackedProxy proxy =
        AttackedProxy.start(
            workplace,
            "openmmp.imap.clear-text-passwords = never",
            "openmmp.pop3.clear-text-passwords = never")) {
      try (RawClient client = from(proxy, label)) {
        client.send(octets);
        awaitLine(proxy.log(), "refused client=" + CLIENT, "client-port=", "reason=" + reason);
      }
      String scrape = proxy.page("/metrics");
      String service = label.substring(0, 4);
      assertTrue(
          scrape.contains(
              "openmmp_clients_refused_total{reason=\"" + reason + "\",service=\"" + service),
          scrape);
      assertFalse(scrape.contains(CLIENT), scrape);
    }
  }

  @Test
  void plainTextAtATlsPortIsToldOnce() {
    try (AttackedProxy proxy = AttackedProxy.start(workplace)) {
      try (RawClient client = from(proxy, "imaps")) {
        client.send("a NOOP\r\n");
        client.rest();
      }
      try (RawClient next = from(proxy, "imaps")) {
        next.send("\26\3\1\0\7garbage");
        awaitLine(proxy.log(), "refused client=" + CLIENT, "reason=tls-handshake");
      }
      List<String> told =
          proxy.log().text().lines().filter(line -> line.contains(" refused client=")).toList();
      assertEquals(2, told.size(), told::toString);
      assertTrue(told.get(0).contains("reason=plain-at-tls-port"), told.get(0));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "connections-per-address, over-connections-of-address", // B6.3
    "max-connections, over-connections", // B6.7
    "before-login.connections, over-before-login" // B6.1
  })
  void aClientOverALimitIsTold(String limit, String reason) {
    try (AttackedProxy proxy = AttackedProxy.start(workplace, "openmmp.limits." + limit + " = 1")) {
      try (RawClient first = from(proxy, "imap");
          RawClient second = from(proxy, "imap")) {
        first.line();
        assertTrue(String.valueOf(second.line()).startsWith("* BYE [LIMIT] "), second.heard());
        awaitLine(proxy.log(), "refused client=" + CLIENT, "reason=" + reason + " ");
      }
    }
  }

  @Test
  void aHealthCheckLeavesNoLineUnlessItLogsIn() {
    try (AttackedProxy proxy =
        AttackedProxy.start(
            workplace, "openmmp.log.health-check-networks = [\"" + CLIENT + "\"]")) {
      try (RawClient check = from(proxy, "imap")) {
        check.line();
        check.command("a", "NONSENSE");
        check.command("b", "LOGOUT");
      }
      try (RawClient handshake = from(proxy, "imaps")) {
        handshake.send("a NOOP\r\n");
        handshake.rest();
      }
      try (RawClient client = from(proxy, "imap")) {
        client.line();
        client.command("a", "LOGIN nobody@example.test secret");
        client.command("b", "LOGOUT");
      }
      awaitLine(proxy.log(), "session-end", "client=" + CLIENT);
      String log = proxy.log().text();
      assertFalse(log.contains("refused"), log);
      assertFalse(log.contains("session-start"), log);
      assertTrue(log.contains(" client=" + CLIENT + " "), log);
    }
  }

  @Test
  void theLineOfALoginTellsTheClient() { // B8.6
    try (AttackedProxy proxy = AttackedProxy.start(workplace)) {
      try (RawClient client = from(proxy, "imap")) {
        client.line();
        client.command("a", "LOGIN nobody@example.test secret");
        awaitLine(
            proxy.log(), " login ", "client=" + CLIENT, "user=nobody@example.test", "result=");
      }
    }
  }

  @Test
  void theRelayTellsWhomAndWhatItRefuses() { // B5.1
    try (AttackedRelay relay =
        new AttackedRelay(workplace, 1, 1, "openmmp.lmtp.client-networks = [\"127.0.0.1\"]")) {
      try (RawClient client = relay.client()) {
        client.send("EHLO me\r\n").line();
        awaitLine(relay.log(), "refused client=127.0.0.1", "service=lmtp", "reason=bad-command");
      }
      try (RawClient stranger = new RawClient(relay.address(), CLIENT)) {
        stranger.line();
        awaitLine(relay.log(), "refused client=" + CLIENT, "reason=not-listed");
      }
    }
  }
}
