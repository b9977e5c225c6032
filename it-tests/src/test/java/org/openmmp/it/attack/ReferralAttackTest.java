package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.routing.TlsPolicy;

/** Rows R1 to R7: stores that refer, honestly and not. */
@Tag("slow")
final class ReferralAttackTest {
  private static final String OK = "%t OK [REFERRAL imap://TARGET/] try there\r\n";

  /** Names that are trusted, at addresses that are not. */
  static final String ODD_ADDRESSES =
      """
      openmmp.resolver.hosts {
        "local.trusted.test" = "127.0.0.1", "link.trusted.test" = "169.254.169.254"
        "any.trusted.test" = "0.0.0.0", "six.trusted.test" = "::1"
        "mapped.trusted.test" = "::ffff:127.0.0.1"
      }
      """;

  private static Arena arena;
  private static ScriptedStore trap;

  @BeforeAll
  static void startProxy(@TempDir Path workplace) {
    trap = new ScriptedStore("127.0.0.1", 0, new ImapScript());
    arena =
        new Arena(
            workplace,
            Map.of(TlsPolicy.OFF, 120, TlsPolicy.STARTTLS, 5, TlsPolicy.IMPLICIT, 4),
            3,
            "openmmp.login.deadline = 3s",
            "openmmp.proxy-defaults.retry-pause { first = 200ms, max = 1s }",
            "openmmp.login.referral.trusted = [\"*.trusted.test\"]",
            "openmmp.proxy-defaults.imapport = " + trap.port(),
            ODD_ADDRESSES);
    arena.proxy().opened(trap);
  }

  @AfterAll
  static void stopProxy() {
    assertEquals(0, trap.connections());
    arena.close();
  }

  static List<String> forms() {
    return List.of(
        OK,
        "%t NO [REFERRAL imap://TARGET/] log in there\r\n",
        "* BYE [REFERRAL imap://TARGET/] not here\r\n");
  }

  static List<String> strangers() {
    return List.of(
        "203.0.113.7",
        "evil.test",
        "127.0.0.1",
        "[::1]",
        "localhost",
        "169.254.169.254",
        "0.0.0.0",
        "2130706433",
        "0x7f.1",
        "127.1",
        "local.trusted.test",
        "link.trusted.test",
        "any.trusted.test",
        "six.trusted.test",
        "mapped.trusted.test",
        "evil.test:143",
        "trusted.test",
        "xtrusted.test",
        "evil.test/.trusted.test",
        "amy:secret@evil.test");
  }

  // R1, R2
  @ParameterizedTest
  @MethodSource("strangers")
  void aReferralToAStrangerIsNotFollowed(String target) {
    for (String form : forms()) {
      Arena.Round round = arena.next();
      StoreScript referring = round.honest().answer(form.replace("TARGET", target));
      round.open(0, referring);
      String answer = round.logIn();
      assertTrue(answer.startsWith("NO [UNAVAILABLE]"), target + ": " + answer);
      assertEquals(List.of(round.user()), referring.users(), target);
      assertLogged(round);
    }
  }

  // R2: our own listener, as another host of the group would be named
  @Test
  void aReferralToOurselvesIsNotFollowed() {
    Arena.Round round = arena.next();
    int own = arena.proxy().plainAddress().getPort();
    StoreScript referring = round.honest().answer(OK.replace("TARGET", "127.0.0.1:" + own));
    round.open(0, referring);
    round.assertUnavailable(round.logIn());
    assertEquals(1, referring.logins().size());
  }

  // R2: another port than the group's, at a host of the group; the others are asked in turn (B3.9)
  @ParameterizedTest
  @ValueSource(strings = {":25", ":65535", ":1"})
  void anotherPortOfATrustedHostIsNotFollowed(String port) {
    Arena.Round round = arena.next();
    StoreScript referring = round.honest();
    StoreScript target = round.honest();
    referring.answer(OK.replace("TARGET", round.host(1) + port));
    round.open(0, referring);
    round.open(1, target);
    round.logInAt(target);
  }

  // R3
  @ParameterizedTest
  @ValueSource(strings = {"other-name", "self-signed", "no-tls"})
  void aReferralIsNoWayAroundTls(String how) {
    for (TlsPolicy policy : List.of(TlsPolicy.STARTTLS, TlsPolicy.IMPLICIT)) {
      Arena.Round round = arena.next(policy);
      StoreScript referring = round.honest().answer(OK.replace("TARGET", round.host(1)));
      StoreScript target = new ImapScript();
      if (how.equals("self-signed")) {
        target.secured(policy, TestAuthority.selfSignedHost(round.host(1)).context());
      } else if (how.equals("other-name")) {
        target.secured(policy, TestAuthority.shared().host("else.test").context());
      }
      round.open(0, referring);
      ScriptedStore second = round.open(1, target);
      round.open(2, round.honest().answer(OK.replace("TARGET", round.host(1))));
      round.assertUnavailable(round.logIn());
      assertEquals(List.of(), target.logins());
      round.assertNoSecretAt(second);
    }
  }

  // R3: the target's group has no TLS, the referring one asks for it
  @Test
  void aReferralToAGroupWithoutTlsKeepsTls() {
    Arena.Round strict = arena.next(TlsPolicy.STARTTLS);
    Arena.Round open = arena.next(TlsPolicy.OFF);
    strict.open(0, strict.honest().answer(OK.replace("TARGET", open.host(0))));
    StoreScript bare = open.honest();
    ScriptedStore target = open.open(0, bare);
    strict.assertUnavailable(strict.logIn());
    assertEquals(List.of(), bare.logins());
    strict.assertNoSecretAt(target);
  }

  // R4
  @ParameterizedTest
  @MethodSource("forms")
  void storesThatReferInARingAreAskedABoundedNumberOfTimes(String form) {
    for (int ring = 2; ring <= 3; ring++) {
      Arena.Round round = arena.next();
      List<ScriptedStore> stores = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        String next = round.host(i < ring ? (i + 1) % ring : 0);
        stores.add(round.open(i, round.honest().answer(form.replace("TARGET", next))));
      }
      try (RawClient client = arena.proxy().client()) {
        String answer = client.command("a", AttackedProxy.login(round.group()));
        assertTrue(answer.startsWith("a NO [UNAVAILABLE]"), answer);
        assertFalse(client.heard().contains("REFERRAL"), client.heard());
      }
      for (ScriptedStore store : stores) {
        assertTrue(store.connections() <= 12, "connections: " + store.connections());
      }
      String groups = arena.proxy().page("/api/v1/groups");
      assertFalse(
          groups.matches("(?s).*\"host\":\"" + round.host(0) + "\",\"forSeconds.*"), groups);
    }
  }

  // R4: a store that names itself has accepted the login, or has refused it for now
  @Test
  void aStoreThatRefersToItselfIsTakenAtItsWord() {
    List<String> expected = List.of("a OK", "a NO [UNAVAILABLE]", "a NO [UNAVAILABLE]");
    for (int form = 0; form < 3; form++) {
      Arena.Round round = arena.next();
      StoreScript itself = round.honest();
      itself.answer(forms().get(form).replace("TARGET", round.host(0)));
      round.open(0, itself);
      try (RawClient client = arena.proxy().client()) {
        String answer = client.command("a", AttackedProxy.login(round.group()));
        assertTrue(answer.startsWith(expected.get(form)), answer);
        assertFalse(client.heard().contains("REFERRAL"), client.heard());
      }
    }
  }

  // R4: a chain through groups that is longer than the limit of three
  @Test
  void aChainLongerThanTheLimitIsCut() {
    List<Arena.Round> chain = new ArrayList<>();
    List<StoreScript> scripts = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      chain.add(arena.next());
      scripts.add(chain.get(i).honest());
    }
    for (int i = 0; i < 5; i++) {
      scripts.get(i).answer(OK.replace("TARGET", chain.get(i + 1).host(0)));
    }
    for (int i = 0; i < 6; i++) {
      chain.get(i).open(0, scripts.get(i));
    }
    chain.get(0).assertUnavailable(chain.get(0).logIn());
    assertEquals(
        List.of(1, 1, 1, 1, 0, 0), scripts.stream().map(each -> each.logins().size()).toList());
    chain.get(2).assertAccepted(chain.get(2).logIn());
    assertEquals(List.of(chain.get(2).user()), scripts.get(5).users());
  }

  // R5
  @ParameterizedTest
  @ValueSource(
      strings = {
        "root@",
        "root;AUTH=*@",
        "root;AUTH=PLAIN@",
        "root%40example.test@",
        "%00@",
        "root%0d%0ax@",
        "root:pass@",
        ";AUTH=ANONYMOUS@"
      })
  void aReferralDoesNotChangeTheIdentity(String user) {
    Arena.Round round = arena.next();
    StoreScript target = round.honest();
    round.open(0, round.honest().answer(OK.replace("TARGET", user + round.host(1))));
    round.open(1, target);
    String answer = round.logIn();
    for (StoreScript.Login login : target.logins()) {
      assertEquals(new StoreScript.Login("", round.user(), round.password()), login);
    }
    round.assertAccepted(answer);
  }

  // R6: what cannot be read is no referral; the store's own word counts
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[REFERRAL imap://TARGET/ log in there",
        "[REFERRAL imap:///] no host",
        "[REFERRAL] none",
        "[REFERRAL ] none",
        "[REFERRAL imap://TARGET:0/] port",
        "[REFERRAL imap://TARGET:99999/] port",
        "[REFERRAL imap://TARGET:-143/] port",
        "[REFERRAL imap://TARGET:14x/] port",
        "[REFERRAL imap://TARGET%0d%0a/] control",
        "[REFERRAL imap://%00TARGET/] control",
        "[REFERRAL pop://TARGET/] scheme",
        "[REFERRAL http://TARGET/] scheme",
        "[REFERRAL imap://[::1/] bracket",
        "[REFERRAL imap://TARGET TARGET/] two",
        "[REFERRAL imap://..../] dots",
      })
  void aMalformedReferralIsNone(String text) {
    Arena.Round round = arena.next();
    StoreScript target = round.honest();
    round.open(0, round.honest().answer("%t NO " + text.replace("TARGET", round.host(1)) + "\r\n"));
    round.open(1, target);
    try (RawClient client = arena.proxy().client()) {
      String answer = client.command("a", AttackedProxy.login(round.group()));
      boolean served = answer.startsWith("a OK") && target.logins().size() == 1;
      boolean outage = answer.startsWith("a NO [UNAVAILABLE]") && target.logins().isEmpty();
      assertTrue(served || outage, text + ": " + answer);
      assertFalse(client.heard().contains("REFERRAL"), client.heard());
      assertFalse(client.heard().contains("\na OK") && client.heard().contains("\na NO"), text);
    }
  }

  // R6: a size beyond all limits, and two codes of which the first counts
  @Test
  void aHugeReferralIsAnOutageOfThatStore() {
    Arena.Round round = arena.next();
    StoreScript second = round.honest();
    ScriptedStore first =
        round.open(
            0,
            round
                .honest()
                .answer("%t OK [REFERRAL imap://" + "a".repeat(100_000) + ".test/] there\r\n"));
    round.open(1, second);
    round.logInAt(second);
    assertEquals(1, first.connections());
  }

  // R6
  @Test
  void ofTwoReferralsTheFirstCountsInAnyCase() {
    Arena.Round round = arena.next();
    StoreScript target = round.honest();
    round.open(
        0,
        round
            .honest()
            .answer(
                "%t Ok [referral IMAP://"
                    + round.host(1).toUpperCase(java.util.Locale.ROOT)
                    + ".] [REFERRAL imap://evil.test/] there\r\n"));
    round.open(1, target);
    round.logInAt(target);
  }

  // R7
  @ParameterizedTest
  @MethodSource("forms")
  void anHonestReferralIsFollowedOnce(String form) {
    Arena.Round round = arena.next();
    StoreScript target = round.honest();
    ScriptedStore first =
        round.open(0, round.honest().answer(form.replace("TARGET", round.host(2))));
    ScriptedStore second = round.open(1, round.honest());
    ScriptedStore third = round.open(2, target);
    try (RawClient client = arena.proxy().client()) {
      String answer = client.command("a", AttackedProxy.login(round.group()));
      assertTrue(answer.startsWith("a OK"), answer);
      assertFalse(client.heard().contains("REFERRAL"), client.heard());
      assertEquals("b OK NOOP", client.command("b", "NOOP"));
    }
    assertEquals(
        List.of(1, 0, 1), List.of(first.connections(), second.connections(), third.connections()));
    round.assertNoSecretAt(second);
    round.logIn();
    assertEquals(1, first.connections(), "the master is remembered");
  }

  // R7: in the greeting, before any credential
  @Test
  void aGreetingThatRefersGetsNoCredential() {
    Arena.Round round = arena.next();
    StoreScript target = round.honest();
    String bye = "* BYE [REFERRAL imap://" + round.host(1) + "/] not here";
    ScriptedStore first = round.open(0, round.honest().greeting(bye));
    round.open(1, target);
    round.logInAt(target);
    round.assertNoSecretAt(first);
  }

  private static void assertLogged(Arena.Round round) {
    assertTrue(
        arena.proxy().log().lines().stream()
            .anyMatch(
                line ->
                    line.contains("user=" + round.user())
                        && (line.contains("no-trusted-store")
                            || line.contains("no-store-answered")
                            || line.contains("no-master"))),
        round.user());
  }
}
