package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
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
import org.openmmp.it.fixture.MailProtocol;

/**
 * Rows P1 to P4, P9 to P11 and R9 to R11 over POP3: what a name and a password may be made of, and
 * in which order they may come.
 */
@Tag("slow")
final class Pop3LoginAttackTest {
  private static final String WRONG = "-ERR [AUTH] Authentication failed.";
  private static final String ACCEPTED = "+OK 1 message";
  private static final String WATCHED = "Wrong-password-of-all-9Zx";
  private static final StoreScript sasl = new Pop3Script();
  private static final StoreScript byCommand =
      new Pop3Script().capabilities("USER\r\nSASL XOAUTH2\r\nUTF8");
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
            "openmmp.pop3 { bad-commands = 1000, failed-logins = 1000 }");
    proxy.store(first, 0, sasl);
    proxy.store(second, 0, byCommand);
    proxy.user("amy", "sasl").user("ben", "plain");
    sasl.refusing(AttackedProxy.REFUSED);
    byCommand.refusing(AttackedProxy.REFUSED);
    proxy.teachPace(MailProtocol.POP3, "amy");
  }

  @AfterAll
  static void stopProxy() {
    proxy.close();
  }

  @BeforeEach
  void forgetLogins() {
    sasl.forget();
    byCommand.forget();
  }

  // P1
  @ParameterizedTest
  @MethodSource("org.openmmp.it.attack.HostileText#passwords")
  void aPasswordIsOneLineOrNone(String password) {
    int sent = 0;
    for (String user : List.of("amy", "ben")) {
      for (String command : loginsOf(user + "@example.test", RawClient.utf8(password))) {
        talk(command);
        sent++;
      }
    }
    for (StoreScript store : List.of(sasl, byCommand)) {
      String user = store == sasl ? "amy@example.test" : "ben@example.test";
      for (StoreScript.Login login : store.logins()) {
        assertEquals(new StoreScript.Login("", user, password), login);
      }
      assertEquals(store.logins().size(), store.commands().size());
      assertTrue(store.commands().stream().allMatch("QUIT"::equals), store.commands()::toString);
    }
    int arrived = sasl.logins().size() + byCommand.logins().size();
    assertTrue(arrived <= sent);
    assertEquals(password.matches("(?s).*[\r\n\0].*"), arrived == 0, password);
  }

  // P1, P2, P3, R10
  @ParameterizedTest
  @MethodSource("org.openmmp.it.attack.HostileText#names")
  void aNameThatIsNobodysIsAnOrdinaryFailedLogin(String name) {
    proxy.watch(WATCHED);
    String octets = new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    List<RawClient> clients = new ArrayList<>(); // at once, for each is answered after a while
    for (String command : loginsOf(octets, WATCHED)) {
      if (command.startsWith("USER  ")) {
        continue; // spaces around a name go there (B3.16)
      }
      clients.add(proxy.client(MailProtocol.POP3).send(command + "QUIT\r\n"));
    }
    for (RawClient each : clients) {
      try (RawClient client = each) {
        String rest = client.rest();
        assertTrue(rest.contains("-ERR ") && rest.endsWith("+OK Goodbye.\r\n"), rest);
        assertFalse(rest.contains("amy") || rest.contains("jndi"), rest);
      }
    }
    assertNoLogins();
    assertTrue(
        proxy.log().lines().stream()
            .noneMatch(line -> line.matches("(?s).*[\\x00-\\x09\\x0b-\\x1f\\x7f\u202e\u200b].*")));
    assertFalse(proxy.page("/metrics").contains("amy"), "a name became a metric");
  }

  // B3.16: spaces around USER's name and behind a SASL response are no part of them
  @ParameterizedTest
  @ValueSource(
      strings = {
        "USER  amy@example.test\r\nPASS PW\r\n",
        "USER amy@example.test  \r\nPASS PW\r\n",
        "AUTH PLAIN SASL \r\n",
      })
  void spacesAroundANameMakeNoOtherIdentity(String octets) {
    String password = AttackedProxy.passwordOf("amy");
    String response = RawClient.base64("\0amy@example.test\0" + password);
    String rest = talk(octets.replace("PW", password).replace("SASL", response));
    assertTrue(rest.contains(ACCEPTED), rest);
    assertEquals(List.of(new StoreScript.Login("", "amy@example.test", password)), sasl.logins());
  }

  // P9
  @ParameterizedTest
  @MethodSource("org.openmmp.it.attack.HostileText#malformed")
  void aNameThatIsNotUtf8IsRefused(String octets) {
    for (String command : loginsOf(octets + "@example.test", "x")) {
      assertTrue(talk(command).contains("-ERR "), command);
    }
    assertNoLogins();
    proxy.assertAlive();
  }

  // P10
  @Test
  void aNameWithABackslashIsOneIdentityInEveryForm() {
    String name = "a\\b@example.test";
    String password = AttackedProxy.passwordOf("a\\b");
    proxy.user("a\\b", "sasl");
    for (String command : loginsOf(name, password)) {
      assertTrue(talk(command).contains(ACCEPTED), command);
    }
    StoreScript.Login login = new StoreScript.Login("", name, password);
    assertEquals(List.of(login, login, login, login, login), sasl.logins());
    for (String odd : List.of("a\\\\b@example.test", "\"a\\b@example.test\"")) {
      assertFalse(talk("USER " + odd + "\r\nPASS " + password + "\r\n").contains(ACCEPTED), odd);
    }
    assertEquals(5, sasl.logins().size());
  }

  // R9: many users at once, each at its own store under its own name
  @Test
  void everyUserComesToItsOwnStore() {
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String name = "user" + i;
      proxy.user(name, i % 2 == 0 ? "sasl" : "plain");
      RawClient client = proxy.client(MailProtocol.POP3);
      clients.add(client.send(userAndPass(name.toUpperCase(java.util.Locale.ROOT), name)));
    }
    for (RawClient client : clients) {
      client.line();
      assertEquals(ACCEPTED, client.line());
      client.close();
    }
    for (StoreScript store : List.of(sasl, byCommand)) {
      assertEquals(30, store.logins().size());
      for (StoreScript.Login login : store.logins()) {
        String name = login.user().substring(0, login.user().indexOf('@'));
        assertEquals(store == sasl ? 0 : 1, Integer.parseInt(name.substring(4)) % 2, name);
        assertEquals(AttackedProxy.passwordOf(name), login.password());
      }
    }
  }

  // R11: wrong, unknown and disabled are the same octets, by every way to log in
  @Test
  void wrongUnknownAndDisabledAreTheSameOctets() {
    proxy.user("gone", "sasl");
    proxy.directory().changeUser("gone@example.test", "inetUserStatus", "deleted");
    List<List<String>> said = new ArrayList<>();
    for (String name : List.of("amy", "nobody", "gone")) {
      List<String> ofName = new ArrayList<>();
      for (String command : loginsOf(name + "@example.test", AttackedProxy.REFUSED)) {
        ofName.add(talk(command));
      }
      said.add(ofName);
    }
    assertEquals(said.get(0), said.get(1));
    assertEquals(said.get(0), said.get(2));
    said.get(0).forEach(text -> assertTrue(text.contains(WRONG), text));
    assertTrue(sasl.users().stream().noneMatch("gone@example.test"::equals));
  }

  // P1: what comes in the wrong order is no login, and no password for somebody else
  @ParameterizedTest
  @ValueSource(
      strings = {
        "PASS PW\r\n",
        "PASS\r\n",
        "USER amy\r\nAUTH PLAIN\r\n*\r\nPASS PW\r\n",
        "USER amy\r\nAUTH\r\nPASS PW\r\n",
        "USER amy\r\nUSER \u00ff\r\nPASS PW\r\n",
        "USER amy\r\nUSER\r\nPASS PW\r\n",
        "USER amy\r\nUSER \r\nPASS PW\r\n",
        "USER amy\r\nUSER \u0007\r\nPASS PW\r\n",
        "USER amy\r\nPASS\r\nPASS PW\r\n",
        "USER amy\r\nPASS \r\nPASS PW\r\n",
        "USER amy\r\n PASS PW\r\n",
        "USER amy\r\nPASS\tPW\r\n",
        "USER amy\r\nPASS PW\r\r\n",
        "USER amy\r\rPASS PW\r\n",
        "USER amy\0\r\nPASS PW\r\n",
        "USER\tamy\r\nPASS PW\r\n",
        "APOP amy c4c9334bac560ecc979e58001b3e22fb\r\n",
        "AUTH PLAIN =\r\n",
        "AUTH PLAIN ====\r\n",
        "AUTH PLAIN *\r\n",
        "AUTH PLAIN\r\n\r\n",
        "AUTH PLAIN\r\n=\r\n",
        "AUTH LOGIN =\r\n",
        "AUTH EXTERNAL =\r\n",
        "AUTH EXTERNAL\r\n\r\n",
        "AUTH CRAM-MD5\r\n",
        "AUTH ANONYMOUS =\r\n",
        "AUTH  PLAIN =\r\n",
        "AUTH PLAIN AGFteQB4 AGFteQB4\r\n",
      })
  void whatIsNoLoginIsNone(String octets) {
    String rest = talk(octets.replace("PW", AttackedProxy.passwordOf("amy")));
    assertTrue(rest.contains("-ERR ") && rest.endsWith("+OK Goodbye.\r\n"), rest);
    assertFalse(rest.contains(ACCEPTED), rest);
    assertNoLogins();
  }

  // P1: the last name counts, and a password is tried once
  @Test
  void theLastNameCountsAndAPasswordIsTriedOnce() {
    String password = AttackedProxy.passwordOf("amy");
    String rest =
        talk(
            "USER ben\r\nUSER amy\r\nPASS "
                + AttackedProxy.REFUSED
                + "\r\nPASS "
                + password
                + "\r\n");
    assertEquals(
        List.of("+OK", "+OK", WRONG, "-ERR", "+OK"),
        rest.lines()
            .map(line -> line.equals(WRONG) ? line : line.substring(0, 4).strip())
            .toList());
    assertEquals(List.of("amy@example.test"), sasl.users());
    assertEquals(List.of(), byCommand.logins());
  }

  // P11: lines that end with LF alone, commands in any case, others between name and password
  @ParameterizedTest
  @ValueSource(
      strings = {
        "USER amy\nPASS PW\nSTAT\n",
        "user amy\r\npAsS PW\r\nSTAT\r\n",
        "USER amy\r\nNOOP\r\nCAPA\r\nPASS PW\r\nSTAT\r\n",
        "USER amy\r\nUTF8\r\nPASS PW\r\nSTAT\r\n",
      })
  void oddButSoundLoginsAreServed(String octets) {
    String rest = talk(octets.replace("PW", AttackedProxy.passwordOf("amy")));
    assertTrue(rest.contains(ACCEPTED + "\r\n+OK 1 7\r\n"), rest);
    assertEquals(List.of("amy@example.test"), sasl.users());
  }

  // P11: a token of 12 KiB, in the command and behind it
  @Test
  void aTokenOfTwelveKibibytesArrivesWhole() {
    String token = "Bearer-of-amy-8Kd".repeat(700).substring(0, 12 * 1024 * 3 / 4 - 100);
    proxy.watch("Bearer-of-amy-8Kd");
    String message = RawClient.base64("user=amy\1auth=Bearer " + token + "\1\1");
    assertTrue(message.length() > 11_900, "length: " + message.length());
    for (String command :
        List.of("AUTH XOAUTH2 " + message + "\r\n", "AUTH XOAUTH2\r\n" + message + "\r\n")) {
      assertTrue(talk(command).contains(ACCEPTED), command.substring(0, 15));
    }
    StoreScript.Login login = new StoreScript.Login("", "amy@example.test", token);
    assertEquals(List.of(login, login), sasl.logins());
  }

  // P4
  @ParameterizedTest
  @ValueSource(
      strings = {"%s%n${jndi:x}", "$(id)", "NOOP ${jndi:x}", "USER", "\u001b[2J", "STLS x"})
  void aCommandIsNotEchoed(String command) {
    String rest = talk(command + "\r\n");
    assertTrue(rest.startsWith("-ERR ") && !rest.contains("$"), rest);
    assertFalse(proxy.log().text().contains("jndi:x"), "the log repeats a command");
  }

  private static String talk(String octets) {
    try (RawClient client = proxy.client(MailProtocol.POP3)) {
      return client.send(octets + "QUIT\r\n").rest();
    }
  }

  private static void assertNoLogins() {
    assertEquals(List.of(), sasl.logins());
    assertEquals(List.of(), byCommand.logins());
  }

  private static String userAndPass(String typed, String name) {
    return "USER " + typed + "@example.test\r\nPASS " + AttackedProxy.passwordOf(name) + "\r\n";
  }

  /** The same login in every form that a client has for it. */
  private static List<String> loginsOf(String user, String password) {
    List<String> commands = new ArrayList<>();
    String plain = RawClient.base64("\0" + user + "\0" + password);
    commands.add("AUTH PLAIN " + plain + "\r\n");
    commands.add("AUTH PLAIN\r\n" + plain + "\r\n");
    commands.add(
        "AUTH LOGIN\r\n" + RawClient.base64(user) + "\r\n" + RawClient.base64(password) + "\r\n");
    commands.add(
        "AUTH XOAUTH2 "
            + RawClient.base64("user=" + user + "\1auth=Bearer " + password + "\1\1")
            + "\r\n");
    if (!(user + password).contains("\n")) {
      commands.add("USER " + user + "\r\nPASS " + password + "\r\n");
    }
    return commands;
  }
}
