package org.openmmp.lmtp.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters of MAIL, RCPT and XCLIENT: understood and exact, or refused (B5.1, L11). */
final class ParametersTest {
  private static final Map<String, LmtpReply> FAULTS =
      Map.of(
          "MALFORMED_ARGUMENT", Parsed.MALFORMED_ARGUMENT,
          "BAD_PARAMETER", Parsed.BAD_PARAMETER,
          "UNKNOWN_PARAMETER", Parsed.UNKNOWN_PARAMETER,
          "BAD_REVERSE_PATH", Parsed.BAD_REVERSE_PATH,
          "BAD_RECIPIENT", Parsed.BAD_RECIPIENT);

  private static final Extensions ALL = Extensions.of(EnumSet.allOf(Extension.class));

  private static EnvelopeCommand mail(String parameters) {
    var parsed = EnvelopeCommand.mail("FROM:<a@example.com> " + parameters, ALL);
    return Objects.requireNonNull(parsed.value());
  }

  @Test
  void parametersOfMailAreRead() {
    EnvelopeCommand command = mail("size=1000 BODY=8bitmime SMTPUTF8 RET=HDRS  ENVID=QQ+2B314");

    assertEquals(OptionalLong.of(1000), command.sizeOctets());
    assertTrue(command.smtpUtf8());
    assertEquals(
        "MAIL FROM:<a@example.com> SIZE=1000 BODY=8bitmime SMTPUTF8 RET=HDRS ENVID=QQ+2B314",
        command.line(ALL));
    assertEquals(
        "MAIL FROM:<a@example.com> SIZE=1000 BODY=8bitmime SMTPUTF8",
        command.line(ALL.without(Extension.DSN)));
    assertEquals("MAIL FROM:<a@example.com>", command.line(Extensions.NONE));
  }

  @Test
  void mailWithoutParametersAsksForNothing() {
    EnvelopeCommand command = mail("");

    assertEquals(OptionalLong.empty(), command.sizeOctets());
    assertFalse(command.smtpUtf8());
  }

  @Test
  void parametersOfRcptAreKeptAsTheyWereSent() {
    String parameters = " NOTIFY=success,DELAY ORCPT=rfc822;Bob+2B1@Example.COM";
    var parsed = EnvelopeCommand.rcpt("to:<b@example.com>" + parameters, ALL);

    EnvelopeCommand command = Objects.requireNonNull(parsed.value());
    assertEquals("RCPT TO:<b@example.com>" + parameters, command.line(ALL));
    assertEquals("RCPT TO:<b@example.com>", command.line(Extensions.NONE));
    EnvelopeAddress other = new EnvelopeAddress("c", "c", "");
    assertEquals("RCPT TO:<c>" + parameters, command.at(other).line(ALL));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MAIL|FROM:<a@b> SIZE=|MALFORMED_ARGUMENT",
        "MAIL|FROM:<a@b> =1|MALFORMED_ARGUMENT",
        "MAIL|FROM:<a@b> SI_ZE=1|MALFORMED_ARGUMENT",
        "MAIL|FROM:<a@b>SIZE=1|BAD_REVERSE_PATH",
        "MAIL|FROM:<a@b>\tSIZE=1|BAD_REVERSE_PATH",
        "MAIL|FROM <a@b>|MALFORMED_ARGUMENT",
        "MAIL|TO:<a@b>|MALFORMED_ARGUMENT",
        "MAIL|FROM|MALFORMED_ARGUMENT",
        "MAIL|FROM:<a@b> SIZE|BAD_PARAMETER",
        "MAIL|FROM:<a@b> SIZE=-1|BAD_PARAMETER",
        "MAIL|FROM:<a@b> SIZE=1234567890123456789|BAD_PARAMETER",
        "MAIL|FROM:<a@b> SIZE=1 SIZE=1|BAD_PARAMETER",
        "MAIL|FROM:<a@b> BODY|BAD_PARAMETER",
        "MAIL|FROM:<a@b> BODY=BINARYMIME|BAD_PARAMETER",
        "MAIL|FROM:<a@b> BODY=8B\u0131TMIME|BAD_PARAMETER",
        "MAIL|FROM:<a@b> SMTPUTF8=yes|BAD_PARAMETER",
        "MAIL|FROM:<a@b> RET=SOME|BAD_PARAMETER",
        "MAIL|FROM:<a@b> ENVID=+0D+0A|BAD_PARAMETER",
        "MAIL|FROM:<a@b> ENVID=a+2|BAD_PARAMETER",
        "MAIL|FROM:<a@b> ENVID|BAD_PARAMETER",
        "MAIL|FROM:<a@b> AUTH=<>|UNKNOWN_PARAMETER",
        "MAIL|FROM:<a@b> NOTIFY=NEVER|UNKNOWN_PARAMETER",
        "MAIL|FROM:<a@b> X-NEW|UNKNOWN_PARAMETER",
        "RCPT|TO:<a@b> NOTIFY|BAD_PARAMETER",
        "RCPT|TO:<a@b> NOTIFY=NEVER,DELAY|BAD_PARAMETER",
        "RCPT|TO:<a@b> NOTIFY=SUCCESS,|BAD_PARAMETER",
        "RCPT|TO:<a@b> ORCPT=a@b|BAD_PARAMETER",
        "RCPT|TO:<a@b> ORCPT=;a@b|BAD_PARAMETER",
        "RCPT|TO:<a@b> ORCPT=rfc822;|BAD_PARAMETER",
        "RCPT|TO:<a@b> ORCPT=rfc822;a+0Ab|BAD_PARAMETER",
        "RCPT|TO:<a@b> ORCPT=rfc 822;a|BAD_PARAMETER",
        "RCPT|TO:<a@b> SIZE=1|UNKNOWN_PARAMETER",
        "RCPT|FROM:<a@b>|MALFORMED_ARGUMENT",
      })
  void badParameterIsRefused(LmtpVerb verb, String argument, String fault) {
    assertEquals(
        Parsed.refused(Objects.requireNonNull(FAULTS.get(fault))),
        verb == LmtpVerb.MAIL
            ? EnvelopeCommand.mail(argument, ALL)
            : EnvelopeCommand.rcpt(argument, ALL));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SIZE=1", "BODY=7BIT", "SMTPUTF8", "RET=FULL", "ENVID=x"})
  void parameterOfAnExtensionThatIsNotOfferedIsUnknown(String parameter) {
    assertEquals(
        Parsed.refused(Parsed.UNKNOWN_PARAMETER),
        EnvelopeCommand.mail("FROM:<a@b> " + parameter, Extensions.NONE));
  }

  @Test
  void envelopeIdentifierIsBounded() {
    assertEquals("x".repeat(100), mail("ENVID=" + "x".repeat(100)).parameters().get(0).value());
    assertEquals(
        Parsed.refused(Parsed.BAD_PARAMETER),
        EnvelopeCommand.mail("FROM:<a@b> ENVID=" + "x".repeat(101), ALL));
    assertEquals(
        Parsed.refused(Parsed.BAD_PARAMETER),
        EnvelopeCommand.rcpt("TO:<a@b> ORCPT=rfc822;" + "x".repeat(494), ALL));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {"abc|abc", "a+2Bb+3D|a+b=", "+20|\" \"", "+7F|\u007f", "j\u00f6|j\u00f6"})
  void xtextIsDecodedAndEncodedExactly(String encoded, String decoded) {
    assertEquals(decoded, Xtext.decode(encoded));
    assertEquals(encoded, Xtext.encode(decoded));
  }

  @ParameterizedTest
  @ValueSource(strings = {"+", "+2", "+G0", "a b", "a=b", "\u007f", "a\r"})
  void whatIsNoXtextIsNotDecoded(String encoded) {
    assertNull(Xtext.decode(encoded));
  }

  @Test
  void xtextDigitsMayBeOfAnyCase() {
    assertEquals("+\n", Xtext.decode("+2b+0a"));
  }

  @Test
  void xclientAttributesAreDecodedAndSentOnAsThePeerTakesThem() {
    var parsed = XclientCommand.parse("name=mx.example.com ADDR=IPv6:2001:db8::1  LOGIN=a+20b");

    XclientCommand command = Objects.requireNonNull(parsed.value());
    assertEquals(
        "{NAME=mx.example.com, ADDR=IPv6:2001:db8::1, LOGIN=a b}", command.attributes().toString());
    Extensions peer = Extensions.NONE.withXclient(List.of("LOGIN", "ADDR", "PORT"));
    assertEquals("XCLIENT ADDR=IPv6:2001:db8::1 LOGIN=a+20b", command.line(peer));
    assertEquals("", command.line(Extensions.NONE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "ADDR", "ADDR=", "ADDR=+0D+0A", "ADDR=a ADDR=b", "=x", "A\0=x"})
  void badXclientIsRefused(String argument) {
    assertEquals(Parsed.refused(Parsed.MALFORMED_ARGUMENT), XclientCommand.parse(argument));
  }
}
