package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.MailProtocol;

/** Section 2 of the attacks over POP3, from the client's side. */
@Tag("slow")
final class Pop3ClientTlsAttackTest {
  private static final String STLS_DONE = "+OK Begin TLS negotiation now.";
  private static final String NOTHING_DONE = "+OK Nothing done.";
  private static final String NEEDS_TLS = "-ERR Begin TLS first.";
  private static final SSLContext ANY = TestIdentity.anonymous();

  private static final StoreScript script = new Pop3Script();
  private static AttackedProxy proxy;

  @BeforeAll
  static void startProxy(@TempDir Path workplace) throws IOException {
    Files.writeString(workplace.resolve("clients.pem"), TestAuthority.shared().pem());
    Place place = Place.of(1);
    proxy =
        AttackedProxy.start(
            workplace,
            place.group("g"),
            "openmmp.pop3 { clear-text-passwords = never, login-timeout = 4s }",
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

  private static RawClient client() {
    return proxy.client(MailProtocol.POP3);
  }

  private static RawClient tlsPortClient() {
    return proxy.tlsPortClient(MailProtocol.POP3);
  }

  private static void logIn(RawClient client) {
    assertEquals(
        "+OK 1 message",
        client.logIn(MailProtocol.POP3, "amy@example.test", AttackedProxy.passwordOf("amy")));
  }

  // T1
  @ParameterizedTest
  @ValueSource(
      strings = {
        "STLS\r\nNOOP\r\n",
        "STLS\nNOOP\n",
        "stls\r\n\r\n",
        "STLS\r\nN",
        "STLS\r\n\0",
        "STLS\r\n\n",
        "STLS\r\nUSER amy@example.test\r\nPASS ",
        "STLS\r\nSTLS\r\n",
        "STLS \r\nNOOP\r\n",
        "CAPA\r\nSTLS\r\nCAPA\r\n",
      })
  void plainTextBehindStlsEndsTheConnection(String segment) {
    try (RawClient client = client()) {
      String rest = client.send(segment).rest();
      assertFalse(rest.contains(NOTHING_DONE) || rest.contains(STLS_DONE), rest);
      assertTrue(rest.endsWith("-ERR Plain text was waiting behind STLS.\r\n"), rest);
    }
    proxy.assertAlive();
  }

  // T1: the second command arrives in the middle of the handshake
  @ParameterizedTest
  @ValueSource(strings = {"NOOP\r\n", "NOOP\n", "\r\n", "N", "QUIT\r\n"})
  void plainTextInsteadOfAHandshakeIsNotAnswered(String late) {
    try (RawClient client = client()) {
      assertEquals(STLS_DONE, client.reply("STLS"));
      String rest = client.send(late).finish().rest();
      assertFalse(rest.contains("+OK") || rest.contains("-ERR"), rest);
    }
    proxy.assertAlive();
  }

  // T1: split at every place, nothing behind it
  @Test
  void stlsInPiecesBeginsTls() {
    String command = "STLS\r\n";
    for (int split = 1; split < command.length(); split++) {
      try (RawClient client = client()) {
        client.send(command.substring(0, split)).send(command.substring(split));
        assertEquals(STLS_DONE, client.line());
        assertEquals(NOTHING_DONE, client.startTls(ANY).reply("NOOP"));
      }
    }
  }

  // T5: no password in the clear, and no name from before TLS
  @Test
  void aNameFromBeforeTlsIsForgotten() {
    String pass = "PASS " + AttackedProxy.passwordOf("amy");
    try (RawClient client = client()) {
      assertEquals(NEEDS_TLS, client.reply("USER amy@example.test"));
      assertEquals(NEEDS_TLS, client.reply(pass));
      assertEquals(NEEDS_TLS, client.reply("AUTH PLAIN"));
      assertEquals(NEEDS_TLS, client.reply("AUTH PLAIN AGFteQBhbXk="));
      assertEquals(STLS_DONE, client.reply("STLS"));
      client.startTls(ANY);
      assertEquals("-ERR USER comes first.", client.reply(pass));
      logIn(client);
    }
    assertEquals(List.of("amy@example.test"), script.users());
  }

  // T5: where passwords are taken in the clear, a name before TLS does not reach into it
  @Test
  void aNameThatWasTakenInTheClearIsForgottenToo(@TempDir Path workplace) {
    Place place = Place.of(1);
    StoreScript store = new Pop3Script();
    try (AttackedProxy open = AttackedProxy.start(workplace, place.group("g"))) {
      open.store(place, 0, store);
      open.user("amy", "g");
      try (RawClient client = open.client(MailProtocol.POP3)) {
        assertEquals("+OK Send the password.", client.reply("USER amy@example.test"));
        assertEquals(STLS_DONE, client.reply("STLS"));
        client.startTls(ANY);
        String answer = client.reply("PASS " + AttackedProxy.passwordOf("amy"));
        assertEquals("-ERR USER comes first.", answer);
      }
      assertEquals(List.of(), store.logins());
    }
  }

  // T5
  @Test
  void capabilitiesAreToldAnewUnderTls() {
    try (RawClient client = client()) {
      String inClear = capabilities(client);
      assertTrue(inClear.contains("STLS\n"), inClear);
      assertFalse(inClear.contains("USER\n") || inClear.contains("SASL"), inClear);
      client.reply("STLS");
      String under = capabilities(client.startTls(ANY));
      assertFalse(under.contains("STLS\n"), under);
      assertTrue(under.contains("USER\n") && under.contains("SASL PLAIN"), under);
    }
  }

  // T6
  @Test
  void stlsWhereItCannotBeIsRefused() {
    try (RawClient client = client()) {
      assertTrue(client.reply("STLS now").startsWith("-ERR "));
      client.reply("STLS");
      client.startTls(ANY);
      assertTrue(client.reply("STLS").startsWith("-ERR "));
      assertEquals("+", client.reply("AUTH PLAIN").strip());
      assertEquals("-ERR Invalid response for this mechanism.", client.reply("STLS"));
    }
    try (RawClient client = proxy.tlsClient(MailProtocol.POP3)) {
      assertTrue(client.reply("STLS").startsWith("-ERR "));
      logIn(client);
      client.reply("STLS");
    }
    assertEquals(List.of("STLS"), script.commands());
  }

  // T7
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: proxy.test\r\nUser-Agent: x\r\nAccept: */*\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nNOOP\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "EHLO client\r\nMAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\nDATA\r\n",
        "a CAPABILITY\r\nb LOGIN x y\r\nc SELECT INBOX\r\nd NOOP\r\n",
        "SSH-2.0-x\r\n\r\n\r\n\r\n",
        "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\n\n\n\n",
      })
  void anotherProtocolIsClosedWithinThreeCommands(String octets) {
    try (RawClient client = client()) {
      String rest = client.send(octets).rest();
      assertTrue(rest.lines().count() <= 4, rest);
      assertTrue(rest.lines().allMatch(line -> line.startsWith("-ERR ")), rest);
    }
    proxy.assertAlive();
  }

  // T11
  @Test
  void aCertificateSpeaksForItsOwnerOnly() {
    TestAuthority authority = TestAuthority.shared();
    for (TestIdentity shown :
        List.of(
            authority.client("CN=amy@example.test"),
            authority.client("CN=amy", "amy@example.test\r\nQUIT"),
            authority.client("CN=amy", "nobody@example.test"))) {
      try (RawClient client = tlsPortClient().startTls(shown.context())) {
        client.line();
        assertTrue(client.reply("AUTH EXTERNAL =").startsWith("-ERR "));
        assertEquals(NOTHING_DONE, client.reply("NOOP"));
      }
    }
    TestIdentity amy = authority.client("CN=amy", "amy@example.test");
    try (RawClient client = tlsPortClient().startTls(amy.context())) {
      client.line();
      String other = RawClient.base64("ben@example.test");
      assertEquals("-ERR [AUTH] Authentication failed.", client.reply("AUTH EXTERNAL " + other));
    }
    assertEquals(List.of(), script.logins());
  }

  private static String capabilities(RawClient client) {
    StringBuilder lines = new StringBuilder(client.reply("CAPA"));
    String line = String.valueOf(client.line());
    while (!line.equals(".")) {
      lines.append('\n').append(line);
      line = String.valueOf(client.line());
    }
    return lines.append('\n').toString();
  }
}
