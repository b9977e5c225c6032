package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.imap.ImapFixtures.protocol;
import static org.openmmp.proxy.imap.ImapFixtures.refusedTalk;
import static org.openmmp.proxy.session.DialogueFixtures.UNDER_TLS;
import static org.openmmp.proxy.session.DialogueFixtures.octets;
import static org.openmmp.proxy.session.DialogueFixtures.text;
import static org.openmmp.proxy.session.DialogueFixtures.write;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.wire.Splits;

final class ImapLoginRefusalTest {
  private static final String FAILED = "NO [AUTHENTICATIONFAILED] Authentication failed.\r\n";

  @Test
  void wrongPasswordIsAnsweredTheSameWhateverTheStoreSaid() { // B3.10, R11
    for (String words :
        List.of("", "NO no such user alice", "NO [ALERT] locked", "BAD [EXPIRED] x", "NO [X")) {
      assertEquals("a " + FAILED, refusal(LoginFailure.BAD_CREDENTIALS, answer(words)));
    }
    assertEquals("a " + FAILED, refusal(LoginFailure.BAD_CREDENTIALS, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ALERT", "LIMIT", "OVERQUOTA", "EXPIRED", "CONTACTADMIN", "X-MAINTENANCE"})
  void refusalOfTheUserKeepsCodeAndText(String code) { // B3.10
    String words = "NO [" + code + "] Please call us";
    assertEquals("a " + words + "\r\n", refusal(LoginFailure.REFUSED_BY_STORE, answer(words)));
  }

  @Test
  void whoIsKnownByHisPasswordIsToldThatHeMayNot() { // B3.10
    String words = "NO [AUTHORIZATIONFAILED] IMAP is not enabled for you";
    assertEquals("a " + words + "\r\n", refusal(LoginFailure.BAD_CREDENTIALS, answer(words)));
  }

  @ParameterizedTest
  @EnumSource(names = {"NO_STORE_ANSWERED", "NO_MASTER", "REFUSED_BY_STORE", "MAILBOX_BUSY"})
  void temporaryRefusalIsInTheStoresWordsIfTheyHaveACode(LoginFailure failure) { // B3.10
    String words = "NO [UNAVAILABLE] Back at five";
    assertEquals("a " + words + "\r\n", refusal(failure, answer(words)));
    for (String bare : List.of("", "NO Back at five", "NO [UNCLOSED", "BAD [X] y")) {
      String said = refusal(failure, answer(bare));
      assertTrue(said.contains("a NO [UNAVAILABLE] ") || said.contains("a NO [INUSE] "), said);
      assertFalse(said.contains("five"), said);
    }
  }

  @Test
  void alertsBesideARefusalReachTheUser() { // B3.10
    StoreAnswer alerting =
        new StoreAnswer(
            AttemptOutcome.USER_REFUSED,
            null,
            List.of("* NO [ALERT] Look"),
            "NO [LIMIT] x",
            "refused");
    assertEquals(
        "* NO [ALERT] Look\r\na NO [LIMIT] x\r\n",
        refusal(LoginFailure.REFUSED_BY_STORE, alerting));
  }

  @Test
  void hostileWordsAreMadeSafeAndBounded() { // B3.10
    String hostile =
        "NO [ALERT] \u001b[31m\r* BYE \u00c2\u009b \u00e2\u0080\u00ae" + "\u00c3\u00a4".repeat(900);
    String said = refusal(LoginFailure.REFUSED_BY_STORE, answer(hostile));
    assertTrue(said.startsWith("a NO [ALERT] [31m* BYE  \u00c3\u00a4\u00c3\u00a4"), said);
    assertTrue(said.endsWith("\u00c3\u00a4\r\n"), said);
    assertTrue(said.length() < 1010, said);
  }

  @ParameterizedTest
  @EnumSource
  void outageNeverLooksLikeAWrongPassword(LoginFailure failure) { // B3.10
    String said = refusal(failure, null);
    assertEquals(failure.temporary(), !said.contains("AUTHENTICATIONFAILED"), said);
    assertEquals(
        failure == LoginFailure.SHUTTING_DOWN, said.endsWith("<close>"), "who goes on: " + said);
  }

  @Test
  void unreachableStoreIsAnAlertAndThenTheAnswer() { // B3.10
    String said = refusal(LoginFailure.NO_STORE_ANSWERED, null);
    assertTrue(
        said.startsWith("* NO [ALERT] Your mail is being moved.\r\na NO [UNAVAILABLE] "), said);
    assertTrue(said.contains("password is not the cause"), said);
    assertTrue(refusal(LoginFailure.OVER_LIMIT, null).startsWith("a NO [LIMIT] "));
  }

  @Test
  void failedLoginsAreCountedAndEndTheConnection() { // B6.1
    byte[] in = octets("a LOGIN u 1\r\nb LOGIN u 2\r\nc NOOP\r\nd LOGIN u 3\r\ne NOOP\r\n");
    String expected =
        "<login COMMAND u  1>a %1$s<login COMMAND u  2>b %1$sc OK Nothing done.\n<login COMMAND u  3>d %1$s"
                .formatted(FAILED.replace("\r\n", "\n"))
            + "* BYE Too many failed logins.\n<close>";
    for (List<byte[]> split : Splits.everySplitOf(in)) {
      assertEquals(
          expected,
          refusedTalk(protocol("IMAP4rev1"), UNDER_TLS, LoginFailure.BAD_CREDENTIALS, split));
    }
  }

  @Test
  void commandsPipelinedBehindAFailedLoginAreAnsweredHere() { // P13
    String said =
        refusedTalk(
            protocol("IMAP4rev1"),
            UNDER_TLS,
            LoginFailure.BAD_CREDENTIALS,
            List.of(octets("a LOGIN u 1\r\nb SELECT INBOX\r\nc NOOP\r\n")));
    assertTrue(
        said.endsWith("b BAD Not a command, or not one before login.\nc OK Nothing done.\n"), said);
  }

  @Test
  void acceptedLoginKeepsTheStoresWordsUnderTheClientsTag() { // B3.4
    ClientDialogue dialogue = ImapFixtures.dialogue(protocol("IMAP4rev1"), UNDER_TLS);
    write(new StringBuilder(), dialogue.onBytes(octets("t%s LOGIN alice secret\r\nx")));
    StoreAnswer answer =
        new StoreAnswer(
            AttemptOutcome.ACCEPTED,
            null,
            List.of("* OK [ALERT] Over quota \u00e4", "* CAPABILITY IMAP4rev1 X"),
            "OK [CAPABILITY IMAP4rev1] Hi",
            "accepted");
    assertEquals(
        "* OK [ALERT] Over quota \u00e4\r\n* CAPABILITY IMAP4rev1 X\r\nt%s OK [CAPABILITY IMAP4rev1] Hi\r\n",
        text(dialogue.accept(answer)));
    assertEquals("x", text(dialogue.leftOver()));
    assertEquals("", text(dialogue.leftOver()));
  }

  @Test
  void passwordIsInNoTextOfTheProxy() { // B6.6
    String said =
        refusedTalk(
            protocol("IMAP4rev1"),
            UNDER_TLS,
            LoginFailure.BAD_CREDENTIALS,
            List.of(octets("a LOGIN alice hunter2 x\r\nb LOGIN alice \"hunter2\\\r\n")));
    assertFalse(said.contains("hunter2"), said);
  }

  private static StoreAnswer answer(String words) {
    return new StoreAnswer(AttemptOutcome.AUTH_REJECTED, null, List.of(), words, "refused");
  }

  private static String refusal(LoginFailure failure, @Nullable StoreAnswer answer) {
    ClientDialogue dialogue = ImapFixtures.dialogue(protocol("IMAP4rev1"), UNDER_TLS);
    write(new StringBuilder(), dialogue.onBytes(octets("a LOGIN alice secret\r\n")));
    StringBuilder seen = new StringBuilder();
    write(seen, dialogue.refuse(failure, answer));
    return seen.toString();
  }
}
