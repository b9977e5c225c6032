package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.routing.TlsPolicy;

/** Rows R1 to R7 over POP3: stores that refer, honestly and not. */
@Tag("slow")
final class Pop3ReferralAttackTest {
  private static final String SEED = "-ERR [SYS/REFER/TARGET] log in there";
  private static Arena arena;
  private static ScriptedStore trap;

  /** What a store refers in answer to. */
  private enum Question {
    CONNECT,
    NAME,
    PASSWORD,
    MESSAGE;

    StoreScript refers(String line, String target) {
      String said = line.replace("TARGET", target);
      return switch (this) {
        case CONNECT -> new Pop3Script().greeting(said);
        case NAME -> new Pop3Script().nameAnswer(said + "\r\n");
        case PASSWORD -> new Pop3Script().nameAnswer("+OK go on\r\n").answer(said + "\r\n");
        case MESSAGE -> new Pop3Script().answer(said + "\r\n");
      };
    }
  }

  @BeforeAll
  static void startProxy(@TempDir Path workplace) {
    trap = new ScriptedStore("127.0.0.1", 0, new Pop3Script());
    arena =
        new Arena(
            workplace,
            Map.of(TlsPolicy.OFF, 180, TlsPolicy.STARTTLS, 5, TlsPolicy.IMPLICIT, 4),
            3,
            "openmmp.login.deadline = 3s",
            "openmmp.proxy-defaults.retry-pause { first = 200ms, max = 1s }",
            "openmmp.login.referral.trusted = [\"*.trusted.test\"]",
            "openmmp.proxy-defaults.popport = " + trap.port(),
            ReferralAttackTest.ODD_ADDRESSES);
    arena.proxy().opened(trap);
  }

  @AfterAll
  static void stopProxy() {
    assertEquals(0, trap.connections());
    arena.close();
  }

  private static Arena.Round next(TlsPolicy policy) {
    return arena.next(MailProtocol.POP3, policy);
  }

  private static Arena.Round next() {
    return next(TlsPolicy.OFF);
  }

  static List<String> forms() {
    return List.of(
        SEED,
        "-err [sys/Refer/TARGET]",
        "-ERR [REFERRAL/TARGET] Dovecot's",
        "-ERR [referral/somebody@TARGET] Dovecot's");
  }

  // R1, R2
  @ParameterizedTest
  @MethodSource("org.openmmp.it.attack.ReferralAttackTest#strangers")
  void aReferralToAStrangerIsNotFollowed(String target) {
    for (Question question : List.of(Question.CONNECT, Question.PASSWORD, Question.MESSAGE)) {
      Arena.Round round = next();
      round.open(0, question.refers(SEED, target));
      try (RawClient client = round.client()) {
        round.assertUnavailable(round.logIn(client));
        assertFalse(client.heard().contains("REFER"), client.heard());
      }
    }
  }

  // R2: our own listener, and other ports of a host that is trusted; the others are asked (B3.9)
  @Test
  void anotherPortOfATrustedHostIsNotFollowed() {
    int own = arena.proxy().plainAddress(MailProtocol.POP3).getPort();
    for (String port : List.of(":25", ":65535", ":1", ":" + own)) {
      Arena.Round round = next();
      StoreScript target = round.honest();
      round.open(0, Question.MESSAGE.refers("-ERR [REFERRAL/x@TARGET]", round.host(1) + port));
      round.open(1, target);
      round.logInAt(target);
    }
  }

  // R3
  @ParameterizedTest
  @ValueSource(strings = {"other-name", "self-signed", "no-tls"})
  void aReferralIsNoWayAroundTls(String how) {
    for (TlsPolicy policy : List.of(TlsPolicy.STARTTLS, TlsPolicy.IMPLICIT)) {
      Arena.Round round = next(policy);
      StoreScript target = new Pop3Script();
      if (how.equals("self-signed")) {
        target.secured(policy, TestAuthority.selfSignedHost(round.host(1)).context());
      } else if (how.equals("other-name")) {
        target.secured(policy, TestAuthority.shared().host("else.test").context());
      }
      round.open(0, round.secured(Question.MESSAGE.refers(SEED, round.host(1))));
      ScriptedStore second = round.open(1, target);
      round.open(2, round.secured(Question.MESSAGE.refers(SEED, round.host(1))));
      round.assertUnavailable(round.logIn());
      round.assertNoSecretAt(second);
    }
  }

  // R3: the target's group has no TLS, the referring one asks for it
  @Test
  void aReferralToAGroupWithoutTlsKeepsTls() {
    Arena.Round strict = next(TlsPolicy.STARTTLS);
    Arena.Round open = next();
    strict.open(0, strict.secured(Question.MESSAGE.refers(SEED, open.host(0))));
    StoreScript bare = open.honest();
    ScriptedStore target = open.open(0, bare);
    strict.assertUnavailable(strict.logIn());
    assertEquals(List.of(), bare.logins());
    strict.assertNoSecretAt(target);
  }

  // R4
  @ParameterizedTest
  @EnumSource(Question.class)
  void storesThatReferInARingAreAskedABoundedNumberOfTimes(Question question) {
    for (int ring = 2; ring <= 3; ring++) {
      Arena.Round round = next();
      List<ScriptedStore> stores = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        String target = round.host(i < ring ? (i + 1) % ring : 0);
        stores.add(round.open(i, question.refers(SEED, target)));
      }
      try (RawClient client = round.client()) {
        round.assertUnavailable(round.logIn(client));
        assertFalse(client.heard().contains("REFER"), client.heard());
      }
      for (ScriptedStore store : stores) {
        assertTrue(store.connections() <= 12, "connections: " + store.connections());
      }
      String groups = arena.proxy().page("/api/v1/groups");
      assertFalse(groups.matches("(?s).*\"host\":\"" + round.host(0) + "\",\"forSeconds.*"));
    }
  }

  // R4: a referral of a store to itself is no login
  @ParameterizedTest
  @EnumSource(Question.class)
  void aStoreThatRefersToItselfHasNoMailboxForNow(Question question) {
    for (String form : forms()) {
      Arena.Round round = next();
      round.open(0, question.refers(form, round.host(0)));
      try (RawClient client = round.client()) {
        round.assertUnavailable(round.logIn(client));
        assertFalse(client.heard().contains("REFER"), client.heard());
      }
    }
  }

  // R4: a chain through groups that is longer than the limit of three
  @Test
  void aChainLongerThanTheLimitIsCut() {
    List<Arena.Round> chain = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      chain.add(next());
    }
    List<StoreScript> scripts = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      scripts.add(Question.MESSAGE.refers(SEED, chain.get(i + 1).host(0)));
    }
    scripts.add(chain.get(5).honest());
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
      strings = {"root@", "root@example.test@", "@", "root%40@", "root x@", "root:pass@", "%s@"})
  void aReferralDoesNotChangeTheIdentity(String user) {
    Arena.Round round = next();
    StoreScript target = round.honest();
    round.open(0, Question.MESSAGE.refers("-ERR [REFERRAL/" + user + "TARGET] x", round.host(1)));
    round.open(1, target);
    round.assertAccepted(round.logIn());
    assertEquals(
        List.of(new StoreScript.Login("", round.user(), round.password())), target.logins());
  }

  // R6: what cannot be read says no more than that the mailbox is not here
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[SYS/REFER/TARGET",
        "[SYS/REFER] whereto",
        "[SYS/REFER/] whereto",
        "[SYS/REFER/ ] whereto",
        "[SYS/REFER/TARGET/more] path",
        "[SYS/REFER/TARGET:0] port",
        "[SYS/REFER/TARGET:99999] port",
        "[SYS/REFER/TARGET:-110] port",
        "[SYS/REFER/TARGET:11x] port",
        "[SYS/REFER/TARGET:] port",
        "[SYS/REFER/\0TARGET] control",
        "[SYS/REFER/TARGET\r] control",
        "[SYS/REFER/TARGET%0d%0a] control",
        "[SYS/REFER/pop://TARGET/] scheme",
        "[SYS/REFER/[::1] bracket",
        "[SYS/REFER/TARGET TARGET] two",
        "[SYS/REFER/....] dots",
        "[SYS/REFERRAL/TARGET] another word",
        "[REFERRAL] none",
        "[REFERRAL/] none",
        "[REFERRAL/x@] none",
        "[REFERRAL TARGET:110:110] ports",
      })
  void aMalformedReferralIsAnOutage(String text) {
    for (Question question : List.of(Question.NAME, Question.MESSAGE)) {
      Arena.Round round = next();
      StoreScript target = round.honest();
      round.open(0, question.refers("-ERR " + text, round.host(1)));
      round.open(1, target);
      try (RawClient client = round.client()) {
        String answer = round.logIn(client);
        assertFalse(answer.startsWith("-ERR [AUTH]"), text + ": " + answer);
        boolean served = answer.startsWith("+OK") && target.logins().size() == 1;
        boolean outage = answer.startsWith("-ERR [SYS/TEMP]") && target.logins().isEmpty();
        assertTrue(served || outage, text + ": " + answer);
        assertFalse(client.heard().contains("REFER"), client.heard());
      }
    }
  }

  // R6: beyond all limits
  @Test
  void aHugeReferralIsAnOutageOfThatStore() {
    Arena.Round round = next();
    StoreScript second = round.honest();
    ScriptedStore first =
        round.open(0, Question.MESSAGE.refers(SEED, "a".repeat(100_000) + ".test"));
    round.open(1, second);
    round.logInAt(second);
    assertEquals(1, first.connections());
  }

  // R6
  @Test
  void ofTwoReferralsTheFirstCounts() {
    Arena.Round round = next();
    StoreScript target = round.honest();
    String two = "-ERR [HINT] [SYS/REFER/TARGET] [SYS/REFER/evil.test] [AUTH] there";
    round.open(0, Question.MESSAGE.refers(two, round.host(1).toUpperCase(Locale.ROOT) + "."));
    round.open(1, target);
    round.logInAt(target);
  }

  // R7
  @ParameterizedTest
  @EnumSource(Question.class)
  void anHonestReferralIsFollowedOnce(Question question) {
    for (String form : forms()) {
      Arena.Round round = next();
      StoreScript target = round.honest();
      ScriptedStore first = round.open(0, question.refers(form, round.host(2)));
      ScriptedStore second = round.open(1, round.honest());
      ScriptedStore third = round.open(2, target);
      try (RawClient client = round.client()) {
        round.assertAccepted(round.logIn(client));
        assertFalse(client.heard().contains("REFER"), client.heard());
        assertEquals("+OK 1 7", client.reply("STAT"));
      }
      assertEquals(
          List.of(1, 0, 1),
          List.of(first.connections(), second.connections(), third.connections()));
      assertEquals(
          List.of(new StoreScript.Login("", round.user(), round.password())), target.logins());
      if (question == Question.CONNECT || question == Question.NAME) {
        round.assertNoSecretAt(first);
      }
      round.logIn();
      assertEquals(1, first.connections(), "the master is remembered");
    }
  }

  // R7: a store that is left is told so
  @Test
  void theReferringStoreIsLeftWithQuit() {
    for (Question question : List.of(Question.NAME, Question.PASSWORD, Question.MESSAGE)) {
      Arena.Round round = next();
      ScriptedStore first = round.open(0, question.refers(SEED, round.host(1)));
      StoreScript target = round.honest();
      round.open(1, target);
      round.logInAt(target);
      assertTrue(first.heard().endsWith("QUIT\r\n"), question::name);
    }
  }
}
