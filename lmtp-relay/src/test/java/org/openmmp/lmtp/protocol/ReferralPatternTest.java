package org.openmmp.lmtp.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.text.HostPort;

/** Referrals in greetings, and of one recipient (B5.6). */
final class ReferralPatternTest {
  private static final ReferralPattern OWN = new ReferralPattern(ReferralPattern.OWN_FORM);

  @ParameterizedTest
  @CsvSource({
    "dewey LMTP ready [REFERRAL lmtp://huey.example.com/], huey.example.com, 0",
    "[referral LMTP://HUEY.Example.COM], huey.example.com, 0",
    "[REFERRAL lmtp://huey:2003/] dewey, huey, 2003",
    "[REFERRAL lmtp://[2001:DB8::1]:24/], 2001:db8::1, 24",
    "[REFERRAL lmtp://[2001:db8::1]/], 2001:db8::1, 0",
    "[REFERRAL lmtp://192.0.2.1/], 192.0.2.1, 0",
    "[REFERRAL lmtp://alice@example.com@huey/], huey, 0",
    "[OTHER code] x [REFERRAL lmtp://huey/] [REFERRAL lmtp://louie/], huey, 0",
  })
  void ownFormIsFoundInAnyCase(String text, String host, int port) {
    assertEquals(new HostPort(host, port), OWN.in(LmtpReply.of(220, "", text)));
    assertEquals(new HostPort(host, port), OWN.in(LmtpReply.of(421, "4.3.2", text)));
    assertNull(OWN.in(LmtpReply.of(250, "", text)));
    assertNull(OWN.in(LmtpReply.of(554, "", text)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dewey LMTP ready",
        "dewey LMTP [REFERRAL] [UNKNOWN lmtp://huey/]",
        "[REFERRAL lmtp:///]",
        "[REFERRAL lmtp://huey/",
        "[REFERRAL lmtp://huey/INBOX]",
        "[REFERRAL imap://huey/]",
        "[REFERRAL lmtp://huey:0/]",
        "[REFERRAL lmtp://huey:65536/]",
        "[REFERRAL lmtp://huey:x/]",
        "[REFERRAL lmtp://hu%65y/]",
        "[REFERRAL lmtp://hu\0ey/]",
        "[REFERRAL lmtp://[::1/]",
        "[REFERRAL lmtp://[192.0.2.1]/]",
        "[REFERRAL lmtp://@/]",
      })
  void unknownWordsAndMalformedReferralsDoNoHarm(String text) {
    assertNull(OWN.in(LmtpReply.of(220, "", text)));
  }

  @Test
  void everyLineOfAGreetingIsLookedAtAndLongOnesAreCut() {
    String referral = "[REFERRAL lmtp://huey/]";

    assertEquals(
        new HostPort("huey", 0), OWN.in(new LmtpReply(220, "", List.of("dewey", referral))));
    assertNull(OWN.in(LmtpReply.of(220, "", "x".repeat(500) + referral)));
  }

  @Test
  void siteMayTeachAnotherForm() {
    ReferralPattern pattern = new ReferralPattern("master is (?<host>\\S+)|see <(\\w+)>");

    assertEquals(
        new HostPort("huey", 2003),
        pattern.in(LmtpReply.of(220, "", "dewey Master is Huey:2003 x")));
    assertNull(pattern.in(LmtpReply.of(220, "", "dewey, see <huey>")));
    assertNull(pattern.in(LmtpReply.of(220, "", "master is ../huey")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(x+x+)+(?<host>y)",
        "(?<host>(a|aa)+)$",
        "(?<host>(.*)*)=",
        "(?:(?:x|.)*)*(?<host>!)"
      })
  void expressionThatDoesNotComeToAnEndFindsNothing(String expression) {
    ReferralPattern pattern = new ReferralPattern(expression);

    assertNull(pattern.in(LmtpReply.of(220, "", "x".repeat(512))));
    assertNull(pattern.in(LmtpReply.of(220, "", "a".repeat(511) + "b")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[REFERRAL lmtp://", "[REFERRAL lmtp://@", "@", "[", "[:", "a", "lmtp://[:"})
  void ownFormLooksAtALineAFewTimes(String part) {
    String line = ("[REFERRAL lmtp://" + part.repeat(512)).substring(0, 512);
    BoundedText text = new BoundedText(line, 20_000);

    assertFalse(
        Pattern.compile(ReferralPattern.OWN_FORM, Pattern.CASE_INSENSITIVE).matcher(text).find());
  }

  @ParameterizedTest
  @CsvSource({
    "master is (\\S+), 'it has no group named host, (?<host>…)'",
    "'', 'it has no group named host, (?<host>…)'",
    "\\Q(?<host>x), 'it has no group named host, (?<host>…)'",
    "(?<host>x, it is no regular expression: Unclosed group at 9",
  })
  void expressionWithoutAHostIsRefused(String expression, String message) {
    Exception refused =
        assertThrows(IllegalArgumentException.class, () -> new ReferralPattern(expression));

    assertEquals(message, refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "<alice@example.com> alice@huey:24 Referral, huey, 24",
    "<alice@example.com> alice@example.com@HUEY.example.com Referral, huey.example.com, 0",
    "<alice@example.com> huey, huey, 0",
    "alice@[2001:db8::1]:2003 Referral, 2001:db8::1, 2003",
    "<a> alice@192.0.2.1:24 x, 192.0.2.1, 24",
  })
  void referralOfOneRecipientIsRead(String text, String host, int port) {
    assertEquals(
        new HostPort(host, port), ReferralPattern.ofRecipient(LmtpReply.of(550, "5.2.900", text)));
    assertNull(ReferralPattern.ofRecipient(LmtpReply.of(550, "5.2.1", text)));
    assertNull(ReferralPattern.ofRecipient(LmtpReply.of(450, "5.2.900", text)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "<a>", "<a b", "<a> ", "<a> alice@ Referral", "<a> a@b:0 x", "a@b/c"})
  void malformedReferralOfOneRecipientLeadsNowhereAndIsStillOne(String text) {
    LmtpReply reply = LmtpReply.of(550, "5.2.900", text);

    assertTrue(ReferralPattern.refersRecipient(reply));
    assertNull(ReferralPattern.ofRecipient(reply));
  }
}
