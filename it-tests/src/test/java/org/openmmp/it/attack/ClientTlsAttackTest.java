package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.MailProtocol;

/** Section 2 of the attacks, from the client's side. */
@Tag("slow")
final class ClientTlsAttackTest {
  private static final String STARTTLS_DONE = "a OK Begin TLS negotiation now.";
  private static final SSLContext ANY = TestIdentity.anonymous();

  private static final StoreScript script = new ImapScript();
  private static AttackedProxy proxy;

  @BeforeAll
  static void startProxy(@TempDir Path workplace) throws IOException {
    Files.writeString(workplace.resolve("clients.pem"), TestAuthority.shared().pem());
    Place place = Place.of(1);
    proxy =
        AttackedProxy.start(
            workplace,
            place.group("g"),
            "openmmp.imap { clear-text-passwords = never, login-timeout = 4s }",
            "openmmp.pop3.login-timeout = 4s",
            "openmmp.tls { client-auth = optional, client-ca-file = clients.pem }");
    proxy.store(place, 0, script);
    proxy.user("amy", "g");
  }

  @AfterAll
  static void stopProxy() {
    proxy.close();
  }

  @BeforeEach
  void forgetLogins() {
    script.forget();
  }

  // T1
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a STARTTLS\r\nb NOOP\r\n",
        "a STARTTLS\nb NOOP\n",
        "a STARTTLS\r\n\r\n",
        "a STARTTLS\r\nb",
        "a STARTTLS\r\n\0",
        "a STARTTLS\r\nb LOGIN amy@example.test {12+}\r\n",
        "a STARTTLS\r\na STARTTLS\r\n",
      })
  void plainTextBehindStartTlsEndsTheConnection(String segment) {
    try (RawClient client = proxy.client()) {
      String rest = client.send(segment).rest();
      assertFalse(rest.contains("b OK") || rest.contains("Begin TLS"), rest);
      assertTrue(rest.startsWith("* BYE "), rest);
    }
    proxy.assertAlive();
  }

  // T1: the second command arrives in the middle of the handshake
  @ParameterizedTest
  @ValueSource(strings = {"b NOOP\r\n", "b NOOP\n", "\r\n", "b"})
  void plainTextInsteadOfAHandshakeIsNotAnswered(String late) {
    try (RawClient client = proxy.client()) {
      assertEquals(STARTTLS_DONE, client.command("a", "STARTTLS"));
      String rest = client.send(late).finish().rest();
      assertFalse(rest.contains("b "), rest);
    }
    proxy.assertAlive();
  }

  // T1: split at every place, nothing behind it
  @Test
  void startTlsInPiecesBeginsTls() {
    String command = "a STARTTLS\r\n";
    for (int split = 1; split < command.length(); split++) {
      try (RawClient client = proxy.client()) {
        client.send(command.substring(0, split)).send(command.substring(split));
        assertEquals(STARTTLS_DONE, client.answer("a"));
        client.startTls(ANY);
        assertEquals("c OK Nothing done.", client.command("c", "NOOP"));
        assertFalse(client.heard().contains("b "), client.heard());
      }
    }
  }

  // T5
  @Test
  void halfAnExchangeBeforeStartTlsIsForgotten() {
    try (RawClient client = proxy.client()) {
      assertEquals(
          "a NO [PRIVACYREQUIRED] Begin TLS first.", client.command("a", "AUTHENTICATE LOGIN"));
      assertEquals("b " + STARTTLS_DONE.substring(2), client.command("b", "STARTTLS"));
      client.startTls(ANY);
      client.send(RawClient.base64("amy@example.test") + "\r\n");
      assertTrue(String.valueOf(client.line()).contains(" BAD "), client.heard());
      assertTrue(client.command("c", AttackedProxy.login("amy")).startsWith("c OK"));
    }
    assertEquals(List.of("amy@example.test"), script.users());
  }

  // T5: what a client said of itself, and its bad commands, are of the time before TLS
  @Test
  void capabilitiesAreToldAnewUnderTls() {
    try (RawClient client = proxy.client()) {
      client.command("a", "CAPABILITY");
      assertTrue(client.heard().contains("LOGINDISABLED"), client.heard());
      assertFalse(client.heard().contains("AUTH="), client.heard());
      client.command("b", "STARTTLS");
      client.startTls(ANY);
      int before = client.heard().length();
      client.command("c", "CAPABILITY");
      String under = client.heard().substring(before);
      assertFalse(under.contains("LOGINDISABLED") || under.contains("STARTTLS"), under);
      assertTrue(under.contains("AUTH=PLAIN"), under);
    }
  }

  // T6
  @Test
  void startTlsWhereItCannotBeIsBad() {
    try (RawClient client = proxy.client()) {
      client.command("a", "STARTTLS");
      client.startTls(ANY);
      assertTrue(client.command("b", "STARTTLS").startsWith("b BAD "));
      client.send("c AUTHENTICATE PLAIN\r\n");
      assertEquals("+", client.line());
      client.send("d STARTTLS\r\n");
      assertTrue(client.answer("c").startsWith("c BAD "));
    }
    try (RawClient client = proxy.tlsClient()) {
      assertTrue(client.command("a", "STARTTLS").startsWith("a BAD "));
      assertTrue(client.command("b", "STARTTLS now").startsWith("b BAD "));
      assertTrue(client.command("c", AttackedProxy.login("amy")).startsWith("c OK"));
      client.command("d", "STARTTLS");
    }
    assertEquals(List.of("STARTTLS"), script.commands());
  }

  // T7
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: proxy.test\r\nUser-Agent: x\r\nAccept: */*\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na NOOP\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "EHLO client\r\nMAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\nDATA\r\n",
        "SSH-2.0-x\r\n\r\n\r\n\r\n",
        "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\n\n\n\n",
      })
  void anotherProtocolIsClosedWithinThreeCommands(String octets) {
    try (RawClient client = proxy.client()) {
      String rest = client.send(octets).rest();
      assertTrue(rest.lines().count() <= 4, rest);
      assertTrue(rest.contains("* BYE "), rest);
    }
    proxy.assertAlive();
  }

  // T7
  @ParameterizedTest
  @CsvSource({"IMAP, pop3", "POP3, imap"})
  void otherApplicationProtocolsAreRefusedInTheHandshake(MailProtocol protocol, String another) {
    String own = protocol.service();
    for (List<String> asked :
        List.of(List.of("http/1.1"), List.of("h2", another), List.of(protocol.name()))) {
      try (RawClient client = proxy.tlsPortClient(protocol)) {
        assertThrows(
            UncheckedIOException.class, () -> client.startTls(ANY, asked), asked::toString);
      }
    }
    try (RawClient client = proxy.tlsPortClient(protocol).startTls(ANY, List.of("h2", own))) {
      assertTrue(String.valueOf(client.line()).contains("OK "), client.heard());
    }
  }

  // T7: a client that speaks in the clear to the TLS port
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void theOtherPortsProtocolIsClosed(MailProtocol protocol) {
    try (RawClient client = proxy.tlsPortClient(protocol)) {
      String rest = client.send("a LOGIN amy x\r\n").rest();
      assertFalse(rest.contains("a ") || rest.contains("-ERR"), rest);
    }
    proxy.assertAlive();
  }

  // T9
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void hellosThatClaimSixteenMegabytesReserveNothing(MailProtocol protocol) {
    byte[] hello = {0x16, 3, 1, 0, 4, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff};
    DirectMemory before = DirectMemory.now();
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      clients.add(proxy.tlsPortClient(protocol).send(hello));
    }
    proxy.assertAlive();
    proxy.tlsClient(protocol).close();
    before.assertFlat();
    clients.forEach(RawClient::reset);
  }

  // T9
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void randomServerNamesLeaveNothingBehind(MailProtocol protocol) {
    DirectMemory before = DirectMemory.now();
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      String name = Long.toString(ThreadLocalRandom.current().nextLong(1L << 50), 36) + ".test";
      clients.add(proxy.tlsPortClient(protocol).send(ClientHello.askingFor(name)));
      if (clients.size() == 100) {
        clients.forEach(RawClient::close);
        clients.clear();
      }
    }
    proxy.assertAlive();
    before.assertFlat();
    assertFalse(proxy.page("/metrics").contains(".test\"} 1"), "names became metrics");
  }

  // T9: names that are no names, and a hello in many records
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void oddHellosEndTheirConnectionOnly(MailProtocol protocol) {
    for (String name : List.of("", "..", "a".repeat(300), "\0\r\n", "*.example.test", "[::1]")) {
      try (RawClient client = proxy.tlsPortClient(protocol)) {
        client.send(ClientHello.askingFor(name)).finish().rest();
      }
    }
    try (RawClient client = proxy.tlsPortClient(protocol)) {
      byte[] record = {0x16, 3, 1, 0, 1, 1};
      for (int i = 0; i < 5_000; i++) {
        client.send(record);
      }
      assertFalse(client.rest().contains("OK"), client.heard());
    }
    proxy.assertAlive();
  }

  // T10
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void aHelloThatNeverEndsIsClosedWhileOthersAreServed(MailProtocol protocol) {
    byte[] hello = ClientHello.askingFor("proxy.test");
    long begun = System.nanoTime();
    try (RawClient never = proxy.tlsPortClient(protocol);
        RawClient slow = proxy.tlsPortClient(protocol);
        RawClient afterStartTls = proxy.client(protocol)) {
      afterStartTls.send(protocol == MailProtocol.IMAP ? "a STARTTLS\r\n" : "STLS\r\n").line();
      for (int i = 0; i < 30; i++) {
        slow.send(new byte[] {hello[i]});
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
      try (RawClient good = proxy.tlsClient()) {
        assertTrue(good.command("b", AttackedProxy.login("amy")).startsWith("b OK"));
      }
      proxy.assertAlive();
      never.rest();
      slow.rest();
      afterStartTls.rest();
    }
    assertTrue(System.nanoTime() - begun < Duration.ofSeconds(15).toNanos(), "took too long");
  }

  // T11
  @Test
  void aCertificateWithoutTheMappedNameIsNobody() {
    TestAuthority authority = TestAuthority.shared();
    for (TestIdentity shown :
        List.of(
            authority.client("CN=amy@example.test"),
            authority.client("CN=amy", ""),
            authority.client("CN=amy", "amy@example.test\r\nx LOGOUT"),
            authority.client("CN=amy", "nobody@example.test"))) {
      try (RawClient client = proxy.tlsPortClient().startTls(shown.context())) {
        assertTrue(client.command("a", "AUTHENTICATE EXTERNAL =").startsWith("a NO "));
        assertEquals("b OK Nothing done.", client.command("b", "NOOP"));
      }
    }
    try (RawClient client = proxy.tlsClient()) {
      assertTrue(client.command("a", "AUTHENTICATE EXTERNAL =").startsWith("a NO "));
    }
    assertEquals(List.of(), script.logins());
  }

  // T11: the owner of a certificate cannot be somebody else, and a stranger's counts for nothing
  @Test
  void aCertificateSpeaksForItsOwnerOnly() {
    TestIdentity amy = TestAuthority.shared().client("CN=amy", "amy@example.test");
    try (RawClient client = proxy.tlsPortClient().startTls(amy.context())) {
      String other = RawClient.base64("ben@example.test");
      assertEquals(
          "a NO [AUTHENTICATIONFAILED] Authentication failed.",
          client.command("a", "AUTHENTICATE EXTERNAL " + other));
    }
    TestIdentity stranger = TestAuthority.selfSignedHost("amy");
    try (RawClient client = proxy.tlsPortClient()) {
      String said;
      try {
        client.startTls(stranger.context());
        said = client.send("a AUTHENTICATE EXTERNAL =\r\n").finish().rest();
      } catch (UncheckedIOException refused) {
        said = "";
      }
      assertFalse(said.contains("a OK"), said);
    }
    assertEquals(List.of(), script.logins());
    proxy.assertAlive();
  }
}
