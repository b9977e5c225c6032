package org.openmmp.proxy.pop3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.pop3.Pop3Fixtures.LOGGED_IN;
import static org.openmmp.proxy.pop3.Pop3Fixtures.WRONG;
import static org.openmmp.proxy.pop3.Pop3Fixtures.dialogue;
import static org.openmmp.proxy.pop3.Pop3Fixtures.protocol;
import static org.openmmp.proxy.pop3.Pop3Fixtures.talk;
import static org.openmmp.proxy.session.DialogueFixtures.IN_CLEAR;
import static org.openmmp.proxy.session.DialogueFixtures.UNDER_TLS;
import static org.openmmp.proxy.session.DialogueFixtures.octets;
import static org.openmmp.proxy.session.DialogueFixtures.refusedTalk;
import static org.openmmp.proxy.session.DialogueFixtures.text;
import static org.openmmp.proxy.session.DialogueFixtures.write;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.wire.Splits;

final class Pop3ClientDialogueTest {
  private static final ClientFacts PROXY =
      new ClientFacts("s1", "10.0.0.9", 40000, "10.0.0.1", 110, true, "", false, 4);
  private static final byte[] LOGIN = octets("USER alice\r\nPASS secret\r\n");

  @Test
  void greetingOffersNoApop() { // B4.1
    StringBuilder seen = new StringBuilder();
    write(seen, dialogue(protocol("TOP"), IN_CLEAR).onOpen());
    assertEquals("+OK mail.example.com POP3 service is ready.\r\n", seen.toString());
  }

  @Test
  void trustedProxyIsToldInTheGreetingThatItsWordIsTaken() { // B3.12
    StringBuilder seen = new StringBuilder();
    write(seen, dialogue(protocol("TOP"), PROXY).onOpen());
    assertEquals("+OK [XCLIENT] mail.example.com POP3 service is ready.\r\n", seen.toString());
  }

  @Test
  void trustedProxysClaimIsTaken() { // B3.12
    ClientDialogue dialogue = dialogue(protocol("TOP"), PROXY);
    StringBuilder seen = new StringBuilder();
    write(
        seen,
        dialogue.onBytes(
            octets("XCLIENT ADDR=2001:db8::7 port=555 SESSION=abc-1 TTL=3 FORWARD=x DROP\r\n")));
    assertEquals("+OK Updated.\r\n", seen.toString());
    assertEquals(
        new ClientFacts("abc-1", "2001:db8::7", 555, "10.0.0.1", 110, true, "", false, 1),
        dialogue.seenAs(PROXY));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ADDR=mail", "PORT=0", "SESSION=", "TTL=256", "ADDR", "=x", ""})
  void unfitClaimLeavesWhatIsKnown(String field) { // B3.12
    ClientDialogue dialogue = dialogue(protocol("TOP"), PROXY);
    write(new StringBuilder(), dialogue.onBytes(octets("XCLIENT " + field + "\r\n")));
    assertEquals(PROXY, dialogue.seenAs(PROXY));
  }

  @Test
  void lastProxyOfAChainLogsNobodyIn() { // R4
    byte[] in = octets("XCLIENT TTL=1\r\nUSER alice\r\nPASS secret\r\n");
    for (List<byte[]> split : Splits.everySplitOf(in)) {
      String seen = talk(protocol("TOP"), PROXY, split);
      assertTrue(seen.contains("-ERR [SYS/TEMP] Too many proxies"), seen);
      assertFalse(seen.contains("<login"), seen);
    }
  }

  @Test
  void stlsBeginsOnlyIfNothingWaitsBehindIt() { // T1, B6.2
    for (String attack : List.of("STLS\r\nNOOP\r\n", "STLS\nNOOP\n", "STLS\r\nN")) {
      assertEquals(
          "-ERR Plain text was waiting behind STLS.\n<close>",
          talk(protocol("TOP"), IN_CLEAR, List.of(octets(attack))));
      for (List<byte[]> split : Splits.everySplitOf(octets(attack))) {
        String seen = talk(protocol("TOP"), IN_CLEAR, split);
        assertTrue(seen.endsWith("-ERR Plain text was waiting behind STLS.\n<close>"), seen);
        assertFalse(seen.contains("Nothing done"), seen);
      }
    }
  }

  @Test
  void nameFromBeforeTlsIsForgotten() { // T5, B6.2
    ClientFacts exempt =
        new ClientFacts("s1", "127.0.0.1", 1, "127.0.0.1", 110, false, "", true, 4);
    ClientDialogue dialogue = dialogue(protocol("TOP"), exempt);
    StringBuilder seen = new StringBuilder();
    write(seen, dialogue.onBytes(octets("USER alice\r\nSTLS\r\n")));
    assertTrue(seen.toString().endsWith("<tls>"), seen.toString());
    seen.setLength(0);
    write(seen, dialogue.onTls(exempt.underTls(CertificateIdentity.NOBODY)));
    write(seen, dialogue.onBytes(octets("PASS secret\r\n")));
    assertEquals("-ERR USER comes first.\r\n", seen.toString());
  }

  @Test
  void claimAndEncodingFromBeforeTlsAreForgotten() { // B6.2
    ClientFacts plain = new ClientFacts("s1", "10.0.0.9", 1, "10.0.0.1", 110, false, "", true, 4);
    ClientDialogue dialogue = dialogue(protocol("UTF8"), plain);
    write(new StringBuilder(), dialogue.onBytes(octets("XCLIENT ADDR=192.0.2.1\r\nSTLS\r\n")));
    write(new StringBuilder(), dialogue.onTls(plain.underTls(CertificateIdentity.NOBODY)));
    assertEquals(plain, dialogue.seenAs(plain));
  }

  @Test
  void whatIsPipelinedBehindALoginIsBounded() { // B6.1
    ClientDialogue dialogue = dialogue(protocol("TOP"), UNDER_TLS);
    StringBuilder seen = new StringBuilder();
    write(seen, dialogue.onBytes(LOGIN));
    write(seen, dialogue.onBytes(new byte[1000]));
    assertEquals(1000, dialogue.buffered());
    write(seen, dialogue.onBytes(new byte[1]));
    assertTrue(seen.toString().endsWith("<close>"), seen.toString());
    assertEquals(0, dialogue.buffered());
  }

  @ParameterizedTest
  @EnumSource
  void outageNeverLooksLikeAWrongPassword(LoginFailure failure) { // B4.3
    String said = refusal(failure, null);
    assertEquals(failure.temporary(), !said.contains("[AUTH]"), said);
    boolean outage =
        failure.temporary()
            && failure != LoginFailure.MAILBOX_BUSY
            && failure != LoginFailure.MECHANISM_UNAVAILABLE;
    assertEquals(outage, said.contains("-ERR [SYS/TEMP] "), said);
    assertEquals(failure == LoginFailure.SHUTTING_DOWN, said.endsWith("<close>"), said);
  }

  @Test
  void wrongPasswordIsAnsweredTheSameWhateverTheStoreSaid() { // B4.3, R11
    for (String words : List.of("", "-ERR no such user alice", "-ERR [AUTH] locked", "-ERR [X")) {
      assertEquals(
          WRONG.replace("\n", "\r\n"), refusal(LoginFailure.BAD_CREDENTIALS, answer(words)));
    }
  }

  @Test
  void lockedMailboxIsToldInTheStoresWords() { // B4.3
    String words = "-ERR [IN-USE] Locked by session 7";
    assertEquals(words + "\r\n", refusal(LoginFailure.MAILBOX_BUSY, answer(words)));
    assertTrue(refusal(LoginFailure.MAILBOX_BUSY, null).startsWith("-ERR [IN-USE] "));
    String hostile = "-ERR [IN-USE] \u0007\u001b[31m" + "x".repeat(8_000);
    String told = refusal(LoginFailure.MAILBOX_BUSY, answer(hostile));
    assertTrue(told.startsWith("-ERR [IN-USE] [31mxx"), told);
    assertEquals(512, told.length(), "the limit of a reply");
  }

  @Test
  void refusalOfTheUserOrForNowIsInTheStoresWordsIfTheyHaveACode() { // B3.10
    for (LoginFailure failure :
        List.of(LoginFailure.REFUSED_BY_STORE, LoginFailure.NO_STORE_ANSWERED)) {
      String words = "-ERR [SYS/PERM] POP3 is not for you";
      assertEquals(words + "\r\n", refusal(failure, answer(words)));
      for (String bare : List.of("", "-ERR no such user", "-ERR [UNCLOSED")) {
        assertTrue(refusal(failure, answer(bare)).startsWith("-ERR [SYS/TEMP] "), bare);
      }
    }
  }

  @Test
  void failedLoginsAreCountedAndEndTheConnection() { // B6.1
    byte[] in = octets("USER u\r\nPASS 1\r\n".repeat(3) + "NOOP\r\n");
    String each = "+OK Send the password.\n<login COMMAND u  1>" + WRONG;
    for (List<byte[]> split : Splits.everySplitOf(in)) {
      assertEquals(
          each.repeat(3) + "-ERR Too many failed logins.\n<close>",
          refusedTalk(dialogue(protocol("TOP"), UNDER_TLS), LoginFailure.BAD_CREDENTIALS, split));
    }
  }

  @Test
  void commandsPipelinedBehindAFailedLoginAreAnsweredHere() { // P13
    String said =
        refusedTalk(
            dialogue(protocol("TOP"), UNDER_TLS),
            LoginFailure.BAD_CREDENTIALS,
            List.of(octets("USER u\r\nPASS 1\r\nSTAT\r\nNOOP\r\n")));
    assertTrue(said.endsWith(WRONG + Pop3Fixtures.UNKNOWN + "+OK Nothing done.\n"), said);
  }

  @Test
  void passwordIsInNoTextOfTheProxy() { // B6.6
    String said =
        talk(
            protocol("TOP"),
            UNDER_TLS,
            List.of(octets("PASS hunter2\r\nAUTH PLAIN hunter2 x\r\nUSER a\0hunter2\r\n")));
    assertFalse(said.contains("hunter2"), said);
  }

  @Test
  void farewellIsSaidOnceAndNotToTheSilent() {
    for (Farewell why : Farewell.values()) {
      ClientDialogue dialogue = dialogue(protocol("TOP"), UNDER_TLS);
      String bye = text(dialogue.farewell(why));
      boolean silent = why == Farewell.IDLE; // RFC 1939 section 3
      assertTrue(silent ? bye.isEmpty() : bye.matches("-ERR [^\r\n]+\r\n"), bye);
      assertArrayEquals(new byte[0], dialogue.farewell(why));
      assertEquals(List.of(), dialogue.onBytes(octets("NOOP\r\n")));
    }
    ClientDialogue handedOver = dialogue(protocol("TOP"), UNDER_TLS);
    write(new StringBuilder(), handedOver.onBytes(LOGIN));
    handedOver.accept(LOGGED_IN);
    assertArrayEquals(new byte[0], handedOver.farewell(Farewell.SHUTTING_DOWN));
  }

  @Test
  void storeWithoutWordsIsAnsweredForInOurs() {
    ClientDialogue dialogue = dialogue(protocol("TOP"), UNDER_TLS);
    write(new StringBuilder(), dialogue.onBytes(LOGIN));
    StoreAnswer wordless =
        new StoreAnswer(AttemptOutcome.ACCEPTED, null, List.of(), "", "accepted");
    assertEquals("+OK Logged in.\r\n", text(dialogue.accept(wordless)));
  }

  private static StoreAnswer answer(String words) {
    return new StoreAnswer(AttemptOutcome.AUTH_REJECTED, null, List.of(), words, "refused");
  }

  private static String refusal(LoginFailure failure, @Nullable StoreAnswer answer) {
    ClientDialogue dialogue = dialogue(protocol("TOP"), UNDER_TLS);
    write(new StringBuilder(), dialogue.onBytes(LOGIN));
    StringBuilder seen = new StringBuilder();
    write(seen, dialogue.refuse(failure, answer));
    return seen.toString();
  }
}
