package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.MailProtocol;

/** Rows R8 and R9: a directory that fails or lies, and many users of many stores. */
@Tag("slow")
final class RoutingAttackTest {
  private static final int GROUPS = 3;
  private static final List<StoreScript> scripts = new ArrayList<>();
  private static AttackedProxy proxy;

  @BeforeAll
  static void startProxy(@TempDir Path workplace) {
    List<Place> places = new ArrayList<>();
    StringBuilder groups = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      places.add(Place.of(1));
      groups.append(places.get(i).group("g" + i));
    }
    String shared = "shared.arena.test";
    groups.append(Place.group("one", 1143, List.of(shared)));
    groups.append(Place.group("two", 1143, List.of(shared)));
    proxy =
        AttackedProxy.start(
            workplace,
            groups.toString(),
            "openmmp.directory { search-timeout = 500ms, connect-timeout = 500ms }",
            "openmmp.directory.filter = \"(|(uid={user})(mail={login}))\"",
            "openmmp.directory.cache { positive-ttl = 0s, refresh-ahead = 0s, negative-ttl = 0s }",
            "openmmp.directory.cache.stale-for = 0s");
    for (int i = 0; i < GROUPS; i++) {
      scripts.add(new ImapScript());
      proxy.store(places.get(i), 0, scripts.get(i));
    }
    proxy.user("amy", "g0");
  }

  @AfterAll
  static void stopProxy() {
    proxy.close();
  }

  @BeforeEach
  void forgetLogins() {
    scripts.forEach(StoreScript::forget);
  }

  // R8
  @Test
  void withoutADirectoryNoStoreGetsAPassword() {
    proxy.directory().goDown();
    assertUnavailable("amy");
    proxy.directory().comeUp();
    proxy.directory().slowDown(Duration.ofSeconds(2));
    assertUnavailable("amy");
    proxy.directory().slowDown(Duration.ZERO);
    assertNoLogins();
    Await.until(
        "the directory is asked again",
        Duration.ofSeconds(20),
        () -> loginOf("amy").startsWith("a OK"));
  }

  // R8: entries from which no store can be told
  @Test
  void anEntryThatNamesNoUsableStoreIsATemporaryFailure() {
    proxy
        .user("none", "")
        .user("unknown", "no-such-host.invalid")
        .user("shared", "shared.arena.test");
    proxy
        .user("port", "127.0.0.1:143")
        .user("space", "g0 g1")
        .user("odd", "g0\u0000")
        .user("slash", "g0/");
    for (String name : List.of("none", "unknown", "shared", "port", "space", "odd", "slash")) {
      assertUnavailable(name);
    }
    assertNoLogins();
  }

  // R8: two entries for one name
  @Test
  void twoEntriesForOneNameAreNeverAGuess() {
    proxy.user("twin", "g0").user("other", "g1");
    proxy.directory().changeUser("other@example.test", "mail", "twin@example.test");
    proxy.expectError("more than one entry has this name");
    assertUnavailable("twin");
    assertNoLogins();
  }

  // R8: a temporary status, and one that nobody knows
  @Test
  void aStatusThatIsNotActiveKeepsTheUserOut() {
    proxy.user("held", "g0");
    for (String status : List.of("inactive", "hold", "defer", "sideways", "ACTIVE?")) {
      proxy.directory().changeUser("held@example.test", "mailUserStatus", status);
      assertUnavailable("held");
    }
    assertNoLogins();
  }

  // R9
  @Test
  void everyUserComesToItsOwnStoreUnderItsOwnName() {
    int users = 300;
    for (int i = 0; i < users; i++) {
      proxy.user("user" + i, "g" + i % GROUPS);
    }
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < users; i++) {
      String name = "user" + i + "@example.test";
      String typed =
          ThreadLocalRandom.current().nextBoolean() ? name : name.toUpperCase(Locale.ROOT);
      RawClient client = proxy.client();
      client.send("a LOGIN " + typed + " " + AttackedProxy.passwordOf("user" + i) + "\r\n");
      clients.add(client);
    }
    for (RawClient client : clients) {
      assertTrue(client.answer("a").startsWith("a OK"), client.heard());
      client.close();
    }
    for (int group = 0; group < GROUPS; group++) {
      assertEquals(users / GROUPS, scripts.get(group).logins().size());
      for (StoreScript.Login login : scripts.get(group).logins()) {
        String name = login.user().substring(0, login.user().indexOf('@'));
        assertEquals(group, Integer.parseInt(name.substring(4)) % GROUPS, name);
        assertEquals(AttackedProxy.passwordOf(name), login.password());
      }
    }
  }

  // R9: a detail is part of the name, and nobody's
  @Test
  void aDetailIsNotTheUserWithoutIt() {
    for (String name : List.of("amy+news", "amy+", "+amy", "amy-news", "amy.")) {
      String answer = loginOf(name, AttackedProxy.passwordOf("amy"));
      assertTrue(answer.startsWith("a NO [AUTHENTICATIONFAILED]"), name + ": " + answer);
    }
    assertNoLogins();
  }

  private static void assertUnavailable(String name) {
    for (MailProtocol protocol : MailProtocol.values()) {
      try (RawClient client = proxy.client(protocol)) {
        String login = name + "@example.test";
        String answer = client.logIn(protocol, login, AttackedProxy.passwordOf(name));
        assertTrue(answer.startsWith(protocol.unavailable()), name + ": " + answer);
      }
    }
  }

  private static String loginOf(String name) {
    return loginOf(name, AttackedProxy.passwordOf(name));
  }

  private static String loginOf(String name, String password) {
    try (RawClient client = proxy.client()) {
      return client.command("a", "LOGIN " + name + "@example.test " + password);
    }
  }

  private static void assertNoLogins() {
    scripts.forEach(script -> assertEquals(List.of(), script.logins()));
  }
}
