package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.routing.TlsPolicy;

/** Rows B2, B4 and B5 over POP3: the first store says odd things, the second one behaves. */
@Tag("slow")
final class Pop3StoreAttackTest {
  private static final String WRONG = "-ERR [AUTH] Authentication failed.";
  private static Arena arena;

  @BeforeAll
  static void startProxy(@TempDir Path workplace) {
    arena =
        new Arena(
            workplace,
            Map.of(TlsPolicy.OFF, 150),
            2,
            "openmmp.login.deadline = 3s",
            "openmmp.proxy-defaults.retry-pause { first = 200ms, max = 1s }");
  }

  @AfterAll
  static void stopProxy() {
    arena.close();
  }

  private static Arena.Round next() {
    return arena.next(MailProtocol.POP3, TlsPolicy.OFF);
  }

  // B4: a code that speaks of the store never blames the password (B4.3)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-ERR [SYS/TEMP] not now",
        "-ERR [sys/temp] not now",
        "-err [Sys/Temp] not now",
        "-ERR  [SYS/TEMP] two spaces",
        "-ERR [SYS/TEMP]",
        "-ERR [SYS/TEMP",
        "-ERR [SYS/TEMP][AUTH] two codes",
        "-ERR [SYS/TEMP] [AUTH] two codes",
        "-ERR [HINT] [SYS/TEMP] an unknown code in front",
        "-ERR [SYS] short",
        "-ERR [SYS/] short",
        "-ERR [SYS/WHAT] unknown",
        "-ERR [SYS/TEMP/MORE] unknown",
        "-ERR [SYS TEMP] malformed",
        "-ERR [SYS/REFER] whereto",
        "-ERR [SYS/REFER/] whereto",
      })
  void anOutageIsNoWrongPassword(String answer) {
    Arena.Round alone = next();
    alone.open(0, alone.honest().answer(answer + "\r\n"));
    String told = alone.logIn();
    if (!told.equals(answer.replaceFirst("(?i)^-err +", "-ERR "))) { // B3.10
      alone.assertUnavailable(told);
    }
    assertSecondServes(new Pop3Script().answer(answer + "\r\n"));
    assertSecondServes(new Pop3Script().nameAnswer(answer + "\r\n"));
  }

  // B4: a wrong password is final, and the store's words stay where they are
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-ERR [AUTH] password of %s is wrong",
        "-ERR [auth] no",
        "-ERR [AUTH] [SYS/TEMP] two codes",
        "-ERR [AUTH][IN-USE]",
        "-ERR no such user %s",
        "-ERR",
        "-ERR ",
      })
  void aWrongPasswordIsFinal(String answer) {
    Arena.Round round = next();
    round.open(0, round.honest().answer(answer.replace("%s", round.password()) + "\r\n"));
    ScriptedStore second = round.open(1, round.honest());
    assertEquals(WRONG, round.logIn());
    assertEquals(0, second.connections());
  }

  // B4: what is no matter of the password is told in the store's own words (B3.10)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-ERR [IN-USE] held by another session",
        "-ERR [in-use] held",
        "-ERR [IN-USE]",
        "-ERR [LOGIN-DELAY] wait a minute",
        "-ERR [IN-USE] [AUTH] two codes",
        "-ERR [IN-USE %s${jndi:x}] odd",
        "-ERR [SYS/PERM] POP3 is not for you",
        "-ERR [ALERT] call us",
        "-ERR [WHAT] unknown",
        "-ERR [] nothing",
        "-ERR [SYSTEM] another word",
      })
  void aRefusalOfTheUserIsToldAsItIs(String answer) {
    Arena.Round round = next();
    StoreScript first = round.honest().answer(answer + "\r\n");
    round.open(0, first);
    ScriptedStore second = round.open(1, round.honest());
    assertEquals(answer, round.logIn());
    assertEquals(1, first.logins().size());
    assertEquals(0, second.connections());
  }

  // B4: what is no reply to a login leads to the next host
  @ParameterizedTest
  @ValueSource(
      strings = {
        "* OK in\r\n",
        "a OK in\r\n",
        "+OKAY in\r\n",
        "+OK\tin\r\n",
        "-ERROR in\r\n",
        "OK\r\n",
        "\r\n",
        "+OK in\r",
        "+OK in",
        " +OK in\r\n",
        ".\r\n",
        "\0+OK in\r\n",
      })
  void aReplyThatIsNoneLeadsToTheNextHost(String octets) {
    assertSecondServes(new Pop3Script().answer(octets));
    assertSecondServes(new Pop3Script().nameAnswer(octets));
  }

  // B4: a store that asks for more than USER and PASS have
  @Test
  void aChallengeToACommandLeadsToTheNextHost() {
    assertSecondServes(new Pop3Script().nameAnswer("+ \r\n"));
    assertSecondServes(new Pop3Script().nameAnswer("+OK\r\n").answer("+ UGFzc3dvcmQ6\r\n"));
  }

  // B4: a reply that is there before its command answers nothing
  @ParameterizedTest
  @ValueSource(
      strings = {
        "+OK ready\r\n+OK",
        "+OK ready\r\n-ERR [AUTH] no",
        "+OK ready\r\n+OK list\r\nUSER\r\n.\r\n+OK go on\r\n+OK in",
        "+OK ready\n+OK",
        "+OK ready\r\n",
        "+OK ready\r\n-ERR [SYS/REFER/evil.test] go there",
      })
  void aReplyBeforeItsCommandIsNone(String greeting) {
    assertSecondServesAlone(new Pop3Script().greeting(greeting));
  }

  // B4: likewise, a login that is answered before the password was sent
  @ParameterizedTest
  @ValueSource(
      strings = {
        "+OK go on\r\n+OK in\r\n",
        "+OK go on\r\n-ERR [AUTH] no\r\n",
        "+OK go on\r\n-ERR [IN-USE] held\r\n",
        "+OK go on\r\n+",
      })
  void aLoginIsNotAnsweredBeforeItsPassword(String octets) {
    assertSecondServesAlone(new Pop3Script().nameAnswer(octets));
  }

  // B4: a greeting that refuses, whatever its code says
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-ERR",
        "-ERR going down",
        "-ERR [SYS/TEMP] going down",
        "-ERR [SYS/PERM] broken",
        "-ERR [AUTH] you may not",
        "-ERR [IN-USE] too many",
        "* OK IMAP4rev1 ready",
        "220 smtp.test ESMTP",
        "+OKAY",
        "+",
        "",
        "\0",
      })
  void aGreetingThatIsNoneGetsNoCredential(String greeting) {
    assertSecondServesAlone(new Pop3Script().greeting(greeting));
  }

  // B2
  @ParameterizedTest
  @ValueSource(strings = {"+OK ", "x", "\0", "+OK x\r\n", "\r\n", "-ER", ".\r\n", "+ \r\n"})
  void anEndlessGreetingIsCutAndTheNextHostServes(String again) {
    String all = again.repeat(400_000 / again.length());
    assertSecondServes(peer -> peer.send(all));
    assertSecondServes(
        peer -> {
          peer.say("+OK ready");
          peer.line();
          peer.send("+OK list\r\n" + all);
        });
  }

  // B2: the same instead of an answer to the login
  @ParameterizedTest
  @ValueSource(strings = {"+ \r\n", "x", "+OK", "-ERR "})
  void anEndlessAnswerIsCutAndTheNextHostServes(String again) {
    assertSecondServes(new Pop3Script().answer(again.repeat(200_000 / again.length())));
  }

  // B5
  @Test
  void aStoreThatEndsEveryLoginCausesNoStorm() {
    Arena.Round round = next();
    ScriptedStore closing = round.open(0, round.honest().answer("-ERR [SYS/TEMP] gone\r\n"));
    for (int i = 0; i < 5; i++) {
      round.assertUnavailable(round.logIn());
    }
    // Within the login deadline of three seconds, and with a pause that grows from 200 ms.
    assertTrue(closing.connections() <= 5 * 8, "connections: " + closing.connections());
  }

  // B5: it accepts the login, and then closes
  @Test
  void aSessionThatItsStoreClosesEndsForTheClientToo() {
    Arena.Round round = next();
    ScriptedStore store = round.open(0, Pop3StoreAttackTest::logInAnybody);
    for (int i = 0; i < 5; i++) {
      try (RawClient client = round.client()) {
        round.assertAccepted(round.logIn(client));
        assertEquals("", client.rest());
      }
    }
    assertEquals(5, store.connections());
  }

  // B8: a store that breaks off in the middle of a message ends the client's connection
  @Test
  void halfAMessageIsNotFollowedByWordsOfTheProxy() {
    for (boolean reset : new boolean[] {true, false}) {
      Arena.Round round = next();
      round.open(
          0,
          peer -> {
            logInAnybody(peer);
            peer.line();
            peer.send("+OK 1000 octets\r\nhalf");
            if (reset) {
              peer.reset();
            }
          });
      try (RawClient client = round.client()) {
        round.assertAccepted(round.logIn(client));
        String rest = client.send("RETR 1\r\n").rest();
        assertTrue("+OK 1000 octets\r\nhalf".startsWith(rest), rest);
        assertFalse(rest.contains("-ERR"), rest);
      }
    }
  }

  private static void logInAnybody(StorePeer peer) throws IOException {
    peer.say("+OK ready");
    peer.line();
    peer.say("-ERR what is CAPA");
    peer.line();
    peer.say("+OK");
    peer.line();
    peer.say("+OK in");
  }

  private static void assertSecondServes(ScriptedStore.Script odd) {
    Arena.Round round = next();
    assertServedBehind(round, round.open(0, odd));
  }

  /** The same where the first store must not see the password either. */
  private static void assertSecondServesAlone(ScriptedStore.Script odd) {
    Arena.Round round = next();
    ScriptedStore first = round.open(0, odd);
    assertServedBehind(round, first);
    round.assertNoSecretAt(first);
  }

  private static void assertServedBehind(Arena.Round round, ScriptedStore first) {
    StoreScript second = round.honest();
    round.open(1, second);
    round.logInAt(second);
    assertEquals(1, first.connections());
  }
}
