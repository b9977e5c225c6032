package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailProtocol;

/** Section 8 of the attacks: secrets, the admin listener, the log, and bad configurations. */
final class OperationAttackTest {
  private static final String TOKEN = "Token-of-the-admin-5Ty";
  private static final String ADMIN_PASSWORD = "Password-of-the-store-admin-3Wq";

  private static final Place place = Place.of(1);
  private static AttackedProxy guarded;

  @BeforeAll
  static void startProxy(@TempDir Path workplace) {
    guarded =
        AttackedProxy.start(
            workplace,
            place.group("g"),
            "openmmp.admin.token = \"" + TOKEN + "\"",
            "openmmp.imap { bad-commands = 100, failed-logins = 100 }");
    guarded.watch(TOKEN);
    guarded.user("amy", "g");
    guarded.store(place, 0, new ImapScript().refusing(AttackedProxy.REFUSED));
    guarded.teachPace("amy");
  }

  @AfterAll
  static void stopProxy() {
    guarded.close();
  }

  // Section 8: every kind of secret, in every failure, at every place where text comes out
  @Test
  void secretsStayOutOfLogMetricsPagesAndAnswers(@TempDir Path workplace) {
    Place three = Place.of(3);
    try (AttackedProxy proxy =
        AttackedProxy.start(
            workplace,
            three.group(
                "g", "imapadmin = postmaster", "imapadminpass = \"" + ADMIN_PASSWORD + "\""),
            "openmmp.imap.failed-logins = 100")) {
      proxy.watch(ADMIN_PASSWORD);
      proxy.watch("Bearer-token-of-amy-8Kd");
      proxy.user("amy", "g");
      proxy.store(three, 0, new ImapScript().answer(OperationAttackTest::echo));
      proxy.store(three, 1, new ImapScript().answer("* BYE gone\r\n"));
      proxy.store(
          three,
          2,
          new ImapScript()
              .answer(login -> "%t NO [AUTHENTICATIONFAILED] not " + login.password() + "\r\n"));
      String password = AttackedProxy.passwordOf("amy");
      String plain = RawClient.base64("\0amy\0" + password);
      for (String command :
          List.of(
              AttackedProxy.login("amy"),
              "AUTHENTICATE PLAIN " + plain,
              "AUTHENTICATE PLAIN " + plain + "=",
              "LOGIN amy " + password + " " + password,
              "LOGIN \"amy " + password,
              "NOOP " + password,
              password,
              "AUTHENTICATE XOAUTH2 "
                  + RawClient.base64("user=amy\1auth=Bearer Bearer-token-of-amy-8Kd\1\1"),
              "AUTHENTICATE " + password)) {
        try (RawClient client = proxy.client()) {
          assertFalse(client.command("a", command).contains(password), command);
        }
      }
      LogWatch.failOnSecrets(
          List.of(ADMIN_PASSWORD, password),
          "the explanation",
          proxy.page("/api/v1/explain?login=amy@example.test"));
    }
  }

  // Section 8: the same over POP3, whose stores repeat what they heard in every kind of refusal
  @Test
  void secretsStayOutOfEverythingOverPop3(@TempDir Path workplace) {
    Place three = Place.of(3);
    try (AttackedProxy proxy =
        AttackedProxy.start(workplace, three.group("g"), "openmmp.pop3 { failed-logins = 100 }")) {
      proxy.user("amy", "g");
      String password = AttackedProxy.passwordOf("amy");
      String plain = RawClient.base64("\0amy\0" + password);
      proxy.watch("Bearer-token-of-amy-8Kd");
      for (int i = 0; i < 3; i++) {
        String code = List.of("[SYS/TEMP]", "[SYS/%s]", "[AUTH]").get(i);
        proxy.store(
            three,
            i,
            new Pop3Script()
                .answer(login -> "-ERR " + code.replace("%s", password) + " " + password + "\r\n"));
      }
      for (String octets :
          List.of(
              "USER amy\r\nPASS " + password + "\r\n",
              "USER amy\r\nPASS " + password + "\0\r\n",
              "AUTH PLAIN " + plain + "\r\n",
              "AUTH PLAIN\r\n" + plain + "=\r\n",
              "PASS " + password + "\r\n",
              "USER " + password + "\0\r\n",
              "NOOP " + password + "\r\n",
              "APOP amy " + password + "\r\n",
              "AUTH " + password + "\r\n",
              password + "\r\n",
              "AUTH XOAUTH2 "
                  + RawClient.base64("user=amy\1auth=Bearer Bearer-token-of-amy-8Kd\1\1")
                  + "\r\n")) {
        try (RawClient client = proxy.client(MailProtocol.POP3)) {
          String rest = client.send(octets + "QUIT\r\n").rest();
          assertFalse(rest.contains(password) || rest.contains(plain), rest);
          assertTrue(rest.contains("-ERR "), rest);
        }
      }
    }
  }

  private static String echo(StoreScript.Login login) {
    return "* OK [ALERT] hello\r\n%t BAD " + login.user() + " " + login.password() + "\r\n";
  }

  // Section 8: the admin listener without a token, with a wrong one, and for another origin
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\n",
        "GET /api/v1/groups HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n",
        "GET /api/v1/groups HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic TOKEN\r\n",
        "GET /api/v1/groups?token=TOKEN HTTP/1.1\r\nHost: localhost\r\n",
        "GET /livez/../metrics HTTP/1.1\r\nHost: localhost\r\n",
        "GET //metrics HTTP/1.1\r\nHost: localhost\r\n",
        "GET /%6detrics HTTP/1.1\r\nHost: localhost\r\n",
        "GET /livez/%2e%2e/metrics HTTP/1.1\r\nHost: localhost\r\n",
        "GET http://evil.test/metrics HTTP/1.1\r\nHost: localhost\r\n",
        "GET /metrics HTTP/1.1\r\nHost: evil.test\r\nAuthorization: Bearer TOKEN\r\n",
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.test\r\nAuthorization: Bearer TOKEN\r\n",
        "POST /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer TOKEN\r\nContent-Length: 0\r\n",
        "DELETE /api/v1/groups HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer TOKEN\r\n",
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer TOKEN\r\nAuthorization: Bearer x\r\n",
        "GET /metrics HTTP/1.1\r\nAuthorization: Bearer TOKEN\r\n",
        "GET /etc/passwd HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer TOKEN\r\n",
        "nonsense\r\n",
        "GET /metrics\r\n",
      })
  void theAdminListenerRefuses(String head) {
    InetSocketAddress admin =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), guarded.program().adminPort());
    try (RawClient client = new RawClient(admin)) {
      String answer = client.send(head.replace("TOKEN", TOKEN) + "\r\n").finish().rest();
      assertTrue(answer.isEmpty() || answer.matches("(?s)HTTP/1\\.1 4\\d\\d .*"), answer);
      assertFalse(answer.contains("openmmp_") || answer.contains(TOKEN), answer);
    }
  }

  // Section 8: control characters in names, as an administrator sees them
  @ParameterizedTest
  @ValueSource(
      strings = {
        "amy\u001b[2J@example.test",
        "amy\" result=accepted user=\"root",
        "amy result=accepted",
        "amy\u0085x",
        "amy\u2028login user=root result=accepted",
        "amy\\n2026-01-01 login user=root result=accepted",
        "\u202eyma",
      })
  void aNameCannotForgeALineOfTheLog(String name) {
    String octets = RawClient.utf8(name);
    try (RawClient client = guarded.client()) {
      client.send("a LOGIN {" + octets.length() + "+}\r\n" + octets + " x\r\n").answer("a");
    }
    for (String line : guarded.log().lines()) {
      assertTrue(
          line.codePoints().noneMatch(c -> c < ' ' || Character.getType(c) == Character.FORMAT),
          line);
      String bare = line.replaceAll("\"(\\\\.|[^\"\\\\])*\"", "");
      assertFalse(line.startsWith("INFO") && bare.contains("result=accepted"), line);
    }
  }

  // Section 8: a bad configuration names its mistakes and none of its secrets
  @ParameterizedTest
  @ValueSource(
      strings = {
        "openmmp.proxy.g.imapadminpass = [\"SECRET\"]",
        "openmmp.proxy.g.imapadminpass = { a = \"SECRET\" }",
        "openmmp.proxy.g.imapadminpas = \"SECRET\"",
        "openmmp.admin.token = \"SECRET",
        "openmmp.directory.bind-password = SECRET SECRET }",
        "openmmp.directory.bind-password = ${SECRET}",
        "openmmp.proxy.g { storehostlist = \"a:143\", imapadmin = x, imapadminpass = \"SECRET\" }",
        "openmmp.tls.key-password = \"SECRET\", openmmp.tls.nonsense = 1",
      })
  void aBadConfigurationIsRefusedWithoutItsSecrets(String text, @TempDir Path workplace)
      throws IOException {
    String secret = "Secret-in-a-file-6Rt";
    Path file = workplace.resolve("openmmp.conf");
    Files.writeString(file, text.replace("SECRET", secret));
    BadConfigException refused =
        assertThrows(BadConfigException.class, () -> ConfigReader.load(file));
    String message = refused.getMessage();
    assertNotNull(message);
    assertTrue(message.contains("openmmp.conf"), message);
    if (!text.contains("${")) {
      assertFalse(message.contains(secret), message);
    }
    assertEquals(1, workplace.toFile().listFiles().length);
  }
}
