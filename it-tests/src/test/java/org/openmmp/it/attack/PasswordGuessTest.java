package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.MailProtocol;

/** Rows R11 to R13: guessing names and passwords. */
@Tag("slow")
final class PasswordGuessTest {
  private static final String FAILED = "a NO [AUTHENTICATIONFAILED] Authentication failed.";
  private static final String POP3_FAILED = "-ERR [AUTH] Authentication failed.";

  private final Place place = Place.of(1);
  private StoreScript script = StoreScript.of(MailProtocol.IMAP);

  @SuppressWarnings("NullAway.Init") // every test starts it first
  private AttackedProxy proxy;

  private void start(Path workplace, String settings) {
    start(MailProtocol.IMAP, workplace, settings);
  }

  private void start(MailProtocol protocol, Path workplace, String settings) {
    script = StoreScript.of(protocol).refusing(AttackedProxy.REFUSED);
    proxy = AttackedProxy.start(workplace, place.group("g"), settings);
    proxy.store(place, 0, script);
    proxy.user("amy", "g").user("ben", "g").user("gone", "g");
    proxy.directory().changeUser("gone@example.test", "inetUserStatus", "deleted");
  }

  @AfterEach
  void stopProxy() {
    proxy.close();
  }

  // R11
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void wrongUnknownAndDisabledLookAndLastAlike(MailProtocol protocol, @TempDir Path workplace) {
    start(protocol, workplace, "openmmp.imap.failed-logins = 100");
    proxy.teachPace(protocol, "amy");
    Set<String> said = new HashSet<>();
    List<List<Long>> times = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    List<String> names = List.of("ben", "nobody", "gone");
    for (int i = 0; i < 9; i++) {
      for (int kind = 0; kind < 3; kind++) {
        try (RawClient client = proxy.client(protocol)) {
          long begun = System.nanoTime();
          String name = names.get(kind) + "@example.test";
          String answer = client.logIn(protocol, name, AttackedProxy.REFUSED);
          assertEquals(protocol.wrongPassword() + " Authentication failed.", answer);
          times.get(kind).add(System.nanoTime() - begun);
          said.add(client.heard());
        }
      }
    }
    assertEquals(1, said.size(), said::toString);
    long wrong = median(times.get(0));
    for (List<Long> others : times.subList(1, 3)) {
      long other = median(others);
      assertTrue(other > wrong / 20 && other < wrong * 20, wrong + " and " + other);
    }
    assertTrue(script.users().stream().noneMatch("gone@example.test"::equals));
  }

  // R11: what the store says of the password does not reach the client
  @Test
  void theStoresOwnWordsAboutAPasswordAreNotPassedOn(@TempDir Path workplace) {
    start(workplace, "openmmp.imap.failed-logins = 100");
    for (String words :
        List.of(
            "%t NO no such user\r\n",
            "%t NO [AUTHENTICATIONFAILED] password of amy is wrong\r\n",
            "%t BAD [AUTHENTICATIONFAILED] x\r\n")) {
      script.answer(words);
      try (RawClient client = proxy.client()) {
        assertEquals(FAILED, client.command("a", "LOGIN amy guess"), words);
      }
    }
  }

  // R12
  @Test
  void aHundredWrongLoginsAtOnceAreSlowedAndAGoodUserIsNot(@TempDir Path workplace) {
    start(workplace, "openmmp.limits.penalty { first = 200ms, max = 3s }");
    script.answer(
        login ->
            login.password().startsWith("guess")
                ? "%t NO [AUTHENTICATIONFAILED] no\r\n"
                : "%t OK [CAPABILITY IMAP4rev1] in\r\n");
    long begun = System.nanoTime();
    List<RawClient> guessing = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      guessing.add(proxy.client().send("a LOGIN ben@example.test guess" + i + "\r\n"));
    }
    assertEquals(FAILED, guessing.remove(0).answer("a"));
    long goodBegun = System.nanoTime();
    try (RawClient good = proxy.client()) {
      assertTrue(good.command("a", AttackedProxy.login("amy")).startsWith("a OK"));
    }
    Duration took = Duration.ofNanos(System.nanoTime() - goodBegun);
    assertTrue(took.compareTo(Duration.ofSeconds(5)) < 0, "the good user waited " + took);
    for (RawClient client : guessing) {
      assertEquals(FAILED, client.answer("a"));
      client.close();
    }
    Duration all = Duration.ofNanos(System.nanoTime() - begun);
    assertTrue(all.compareTo(Duration.ofSeconds(1)) > 0, "a hundred guesses took only " + all);
  }

  // R12: the rate of one address, and a limit that is answered politely
  @Test
  void loginsOverTheRateAreTurnedAwayWithoutAskingAnybody(@TempDir Path workplace) {
    start(workplace, "openmmp.limits.logins-per-second-per-address = 5");
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      clients.add(proxy.client());
    }
    for (RawClient client : clients) {
      client.send("a " + AttackedProxy.login("nobody") + "\r\n");
    }
    long over =
        clients.stream().filter(client -> client.answer("a").startsWith("a NO [LIMIT]")).count();
    assertTrue(over > 10, "turned away: " + over);
    assertEquals(List.of(), script.logins());
  }

  // R12: the same over POP3, where no code blames the password
  @Test
  void pop3LoginsOverTheRateAreTurnedAwayForNow(@TempDir Path workplace) {
    start(MailProtocol.POP3, workplace, "openmmp.limits.logins-per-second-per-address = 5");
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      clients.add(proxy.client(MailProtocol.POP3));
    }
    String login = "USER nobody\r\nPASS " + AttackedProxy.passwordOf("nobody") + "\r\nQUIT\r\n";
    clients.forEach(client -> client.send(login));
    long over =
        clients.stream().filter(each -> each.rest().contains("-ERR [SYS/TEMP] Too")).count();
    assertTrue(over > 10, "turned away: " + over);
    assertEquals(List.of(), script.logins());
  }

  // R12: over POP3
  @Test
  void aFewWrongPasswordsEndThePop3Connection(@TempDir Path workplace) {
    start(MailProtocol.POP3, workplace, "openmmp.pop3.failed-logins = 3");
    proxy.teachPace(MailProtocol.POP3, "amy");
    String guess = "USER ben\r\nPASS " + AttackedProxy.REFUSED + "\r\n";
    try (RawClient client = proxy.client(MailProtocol.POP3)) {
      String rest = client.send(guess.repeat(10)).rest();
      assertEquals(3, rest.lines().filter(POP3_FAILED::equals).count(), rest);
      assertTrue(rest.endsWith("-ERR Too many failed logins.\r\n"), rest);
    }
  }

  // R12: guesses on one connection end it
  @Test
  void aFewWrongPasswordsEndTheConnection(@TempDir Path workplace) {
    start(workplace, "openmmp.imap.failed-logins = 3");
    proxy.teachPace("amy");
    try (RawClient client = proxy.client()) {
      for (int i = 0; i < 10; i++) {
        client.send("a LOGIN ben " + AttackedProxy.REFUSED + "\r\n");
      }
      String rest = client.rest();
      assertEquals(3, rest.lines().filter(FAILED::equals).count(), rest);
      assertTrue(rest.endsWith("* BYE Too many failed logins.\r\n"), rest);
    }
  }

  // R13: names become no metrics and no groups
  @Test
  void sprayedNamesLeaveNoTraceInMetricsAndGroups(@TempDir Path workplace) {
    start(workplace, "openmmp.imap { failed-logins = 1000, login-timeout = 60s }");
    proxy.teachPace("amy");
    int before = proxy.page("/metrics").length() + proxy.page("/api/v1/groups").length();
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      clients.add(proxy.client());
    }
    for (int i = 0; i < 60; i += clients.size()) { // each is answered as late as a wrong password
      for (int client = 0; client < clients.size(); client++) {
        int name = i + client;
        clients.get(client).send("a LOGIN spray" + name + "@d" + name + ".test x\r\n");
      }
      clients.forEach(client -> assertEquals(FAILED, client.answer("a")));
    }
    int after = proxy.page("/metrics").length() + proxy.page("/api/v1/groups").length();
    assertTrue(after - before < 2_000, before + " became " + after);
    assertTrue(!proxy.page("/metrics").contains("spray"));
  }

  private static long median(List<Long> times) {
    List<Long> sorted = new ArrayList<>(times);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }
}
