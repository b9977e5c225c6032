package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows P1 to P4, P9, P10 and R10: what a name and a password may be made of. */
@Tag("slow")
final class LoginInputAttackTest {
  private static final StoreScript sasl = new ImapScript();
  private static final StoreScript loginOnly = new ImapScript().capabilities(ImapScript.LOGIN_ONLY);
  private static AttackedProxy proxy;

  @BeforeAll
  static void startProxy(@TempDir Path workplace) {
    Place first = Place.of(1);
    Place second = Place.of(1);
    proxy =
        AttackedProxy.start(
            workplace,
            first.group("sasl"),
            second.group("plain"),
            "openmmp.imap { bad-commands = 1000, failed-logins = 1000 }");
    proxy.store(first, 0, sasl);
    proxy.store(second, 0, loginOnly);
    proxy.user("amy", "sasl").user("ben", "plain").user("a\\b", "sasl");
    sasl.refusing(AttackedProxy.REFUSED);
    proxy.teachPace("amy");
  }

  @AfterAll
  static void stopProxy() {
    proxy.close();
  }

  @BeforeEach
  void forgetLogins() {
    sasl.forget();
    loginOnly.forget();
  }

  // P1
  @ParameterizedTest
  @MethodSource("org.openmmp.it.attack.HostileText#passwords")
  void aPasswordIsOneCommandOrNone(String password) {
    String octets = RawClient.utf8(password);
    for (String user : List.of("amy", "ben")) {
      for (String command : loginsOf(user + "@example.test", octets)) {
        try (RawClient client = proxy.client()) {
          client.send(command).answer("a");
          assertFalse(client.heard().contains("P9"), client.heard());
        }
      }
    }
    for (StoreScript store : List.of(sasl, loginOnly)) {
      for (StoreScript.Login login : store.logins()) {
        assertEquals(password, store == sasl ? login.password() : password, "what arrived");
        assertTrue(
            login.user().equals("amy@example.test") || login.user().equals("ben@example.test"));
      }
      assertEquals(List.of(), store.commands());
    }
    if (password.matches("(?s).*[\r\n\0].*")) {
      assertEquals(List.of(), sasl.logins());
      assertEquals(List.of(), loginOnly.logins());
    }
  }

  // P1, P2, P3, P9, R10
  @ParameterizedTest
  @MethodSource("org.openmmp.it.attack.HostileText#names")
  void aNameThatIsNobodysIsAnOrdinaryFailedLogin(String name) {
    proxy.watch("Wrong-password-of-all-9Zx");
    String octets = new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    List<RawClient> clients = new ArrayList<>(); // at once, for each is answered after a while
    for (String command : loginsOf(octets, "Wrong-password-of-all-9Zx")) {
      clients.add(proxy.client().send(command));
    }
    for (RawClient each : clients) {
      try (RawClient client = each) {
        String answer = client.answer("a");
        assertTrue(
            answer.startsWith("a NO [AUTHENTICATIONFAILED]")
                || answer.startsWith("a NO [CANNOT]")
                || answer.startsWith("a BAD ")
                || answer.startsWith("a NO [UNAVAILABLE]"),
            answer);
        assertFalse(answer.contains("amy") || answer.contains("jndi"), answer);
      }
    }
    assertEquals(List.of(), sasl.logins());
    assertEquals(List.of(), loginOnly.logins());
    assertTrue(
        proxy.log().lines().stream()
            .noneMatch(line -> line.matches("(?s).*[\\x00-\\x09\\x0b-\\x1f\\x7f\u202e\u200b].*")));
    proxy.assertAlive();
  }

  // P2: a name that cannot be has touched nothing but itself
  @Test
  void afterAllThatTheRightUserStillLogsIn() {
    for (String user : List.of("amy@example.test", "AMY@EXAMPLE.TEST", "Amy@Example.Test.")) {
      try (RawClient client = proxy.client()) {
        assertTrue(
            client
                .command("a", "LOGIN " + user + " " + AttackedProxy.passwordOf("amy"))
                .startsWith("a OK"));
      }
    }
    assertEquals(List.of("amy@example.test", "amy@example.test", "amy@example.test"), sasl.users());
    assertFalse(proxy.page("/metrics").contains("amy"), "a name became a metric");
  }

  // P4
  @ParameterizedTest
  @ValueSource(strings = {"%s%n${jndi:x}", "$(id)", "`id`", "A{}"})
  void aTagIsEchoedAsItIsOrRefused(String tag) {
    try (RawClient client = proxy.client()) {
      String line = client.send(tag + " NOOP\r\n").line();
      assertTrue(
          String.valueOf(line).equals(tag + " OK Nothing done.")
              || String.valueOf(line).contains(" BAD "),
          line);
    }
  }

  // P9: octets that are no UTF-8
  @ParameterizedTest
  @MethodSource("org.openmmp.it.attack.HostileText#malformed")
  void aNameThatIsNotUtf8IsRefused(String octets) {
    for (String command : loginsOf(octets + "@example.test", "x")) {
      try (RawClient client = proxy.client()) {
        String answer = client.send(command).answer("a");
        assertTrue(answer.startsWith("a BAD ") || answer.startsWith("a NO "), answer);
      }
    }
    assertEquals(List.of(), sasl.logins());
    proxy.assertAlive();
  }

  // P10
  @Test
  void aNameWithABackslashIsOneIdentityInEveryForm() {
    String password = AttackedProxy.passwordOf("a\\b");
    for (String command :
        List.of(
            "a LOGIN \"a\\\\b@example.test\" " + password + "\r\n",
            "a LOGIN {16+}\r\na\\b@example.test " + password + "\r\n",
            "a LOGIN a\\b@example.test " + password + "\r\n",
            "a AUTHENTICATE PLAIN "
                + RawClient.base64("\0a\\b@example.test\0" + password)
                + "\r\n")) {
      try (RawClient client = proxy.client()) {
        assertTrue(client.send(command).answer("a").startsWith("a OK"), command);
      }
    }
    assertEquals(Collections.nCopies(4, "a\\b@example.test"), sasl.users());
    // B3.16: within quotes a backslash stands for what is behind it, whatever that is.
    try (RawClient client = proxy.client()) {
      String answer = client.send("a LOGIN \"a\\b@example.test\" " + password + "\r\n").answer("a");
      assertTrue(answer.startsWith("a NO "), answer);
    }
    assertEquals(4, sasl.logins().size());
  }

  /** The same login in every form that a client has for it; the tag is {@code a}. */
  private static List<String> loginsOf(String user, String password) {
    List<String> commands = new ArrayList<>();
    commands.add(
        "a LOGIN {"
            + user.length()
            + "+}\r\n"
            + user
            + " {"
            + password.length()
            + "+}\r\n"
            + password
            + "\r\n");
    commands.add(
        "a AUTHENTICATE PLAIN " + RawClient.base64("\0" + user + "\0" + password) + "\r\n");
    commands.add(
        "a AUTHENTICATE LOGIN\r\n"
            + RawClient.base64(user)
            + "\r\n"
            + RawClient.base64(password)
            + "\r\n");
    commands.add(
        "a AUTHENTICATE XOAUTH2 "
            + RawClient.base64("user=" + user + "\1auth=Bearer " + password + "\1\1")
            + "\r\n");
    if (!(user + password).matches("(?s).*[\r\n].*")) {
      commands.add("a LOGIN " + quoted(user) + " " + quoted(password) + "\r\n");
    }
    return commands;
  }

  private static String quoted(String octets) {
    return '"' + octets.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
