package org.openmmp.lmtp.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths are refused or exact (L11). */
final class EnvelopeAddressTest {
  private static Parsed<EnvelopeCommand> recipient(String path) {
    return EnvelopeCommand.rcpt("TO:" + path, Extensions.NONE);
  }

  private static EnvelopeAddress address(String path) {
    return Objects.requireNonNull(recipient(path).value()).address();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "<user@example.com>, user, example.com",
        "<user+detail@example.com>, user+detail, example.com",
        "<!#$%&`*+-/=?^_{|}~@example.com>, !#$%&`*+-/=?^_{|}~, example.com",
        "<a.b@xn--bcher-kva.example>, a.b, xn--bcher-kva.example",
        // As MTAs let pass.
        "<.a..b.@example.com>, .a..b., example.com",
        "<user@my_host.example.com.>, user, my_host.example.com.",
        "<postmaster>, postmaster, ''",
        // Section 4.1.3.
        "<user@[192.0.2.1]>, user, [192.0.2.1]",
        "<user@[IPv6:2001:db8::1]>, user, [IPv6:2001:db8::1]",
        // Quotes; what they mean is looked up, what was sent goes on.
        "<\"a b\"@example.com>, a b, example.com",
        "<\"a@evil\"@example.com>, a@evil, example.com",
        "<\"a\\\"\\\\>b\"@example.com>, a\"\\>b, example.com",
        // RFC 6531.
        "<j\u00f6rg@b\u00fccher.example>, j\u00f6rg, b\u00fccher.example",
        "<\uD83D\uDC4D@example.com>, \uD83D\uDC4D, example.com",
      })
  void pathIsTakenApartAndKeptAsItWasSent(String path, String localPart, String domain) {
    EnvelopeAddress address = address(path);

    assertEquals(
        new EnvelopeAddress(path.substring(1, path.length() - 1), localPart, domain), address);
    assertEquals(path, address.path());
    assertEquals(domain.isEmpty() ? localPart : localPart + "@" + domain, address.mailbox());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "'<@a.example:user@b.example>', user@b.example",
        "'<@a.example,@[192.0.2.1],@c:user@b.example>', user@b.example",
        "' <user@b.example>', user@b.example",
        "'user@b.example', user@b.example",
      })
  void sourceRouteIsDroppedAndBracketsArePut(String path, String text) {
    assertEquals(text, address(path).text());
  }

  // B5.12: what is no address by the grammar is carried as it came
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<user@>",
        "<user@example..com>",
        "<user@.example.com>",
        "<user@@example.com>",
        "<user@a@b>",
        "<us er@example.com>",
        "<user(comment)@example.com>",
        "<user\\@x@example.com>",
        "<\"user@example.com>",
        "<\"\"@example.com>",
        "<\"a\"b@example.com>",
        "<a,b;c:d@example.com>",
        "<@a.example user@example.com>",
        "<@:user@example.com>",
        "<user@[192.0.2.256]>",
        "<user@[2001:db8::1]>",
        "<user@[x-tag:what]>",
        "<user@[192.0.2.1>",
        "<user@exam ple.com>",
        "<user@example.com/x>",
        "<user@-example-.com>",
        "<\"a>b\"c@example.com>",
        "<prvs=1234567890=user@example.com>",
        "<SRS0=HHH=TT=example.org=user@example.com>",
        "<bounce-1_HTML-2-3-user#a%b$c!d|e@example.com>",
      })
  void oddPathIsCarriedAsItCame(String path) {
    assertEquals(path, address(path).path());
    var parsed = EnvelopeCommand.mail("FROM:" + path, Extensions.NONE);
    assertEquals("MAIL FROM:" + path, Objects.requireNonNull(parsed.value()).line(Extensions.NONE));
  }

  // B5.12
  @Test
  void longPathIsCarriedAndAnEndlessOneIsNot() {
    String label = "a".repeat(64) + ".com";
    assertEquals("user@" + label, address("<user@" + label + ">").text());
    String local = "u".repeat(500);
    assertEquals(local + "@example.com", address("<" + local + "@example.com>").text());
    assertEquals(Parsed.refused(Parsed.BAD_RECIPIENT), recipient("<" + local + "u@example.com>"));
  }

  // B5.12: parameters stand behind the bracket, whatever stands before it
  @Test
  void oddPathSwallowsNoParameter() {
    Extensions size = Extensions.of(EnumSet.of(Extension.SIZE));
    var parsed = EnvelopeCommand.mail("FROM:<a@@b> SIZE=7", size);
    assertEquals(7, Objects.requireNonNull(parsed.value()).sizeOctets().orElse(0));
    assertEquals(
        Parsed.refused(Parsed.BAD_REVERSE_PATH), EnvelopeCommand.mail("FROM:<a@@b>SIZE=7", size));
  }

  static Stream<String> bad() {
    return Stream.of(
        "",
        "<>",
        "<",
        "< >",
        "<@>",
        "<user@example.com",
        "user@example.com>",
        "user@@example.com",
        "<@example.com>",
        "<@a.example:>",
        "<<user@example.com>>",
        "<a<b@example.com>",
        "<\"a\\",
        "<a\rb@example.com>",
        "<a\nb@example.com>",
        "<a\0b@example.com>",
        "<\"a\rb\"@example.com>",
        "<\"a\\\nb\"@example.com>",
        "<\"a\tb\"@example.com>",
        "<a\u0085b@example.com>",
        "<a\u2028b@example.com>",
        "<a\uFFFDb@example.com>",
        "<user@exa\0mple.com>",
        "<user@exa\u0085mple.com>");
  }

  @ParameterizedTest
  @MethodSource("bad")
  void anythingElseIsRefused(String path) {
    assertEquals(Parsed.refused(Parsed.BAD_RECIPIENT), recipient(path));
  }

  @Test
  void longestPartsAreTaken() {
    String local = "u".repeat(256);
    String domain = "abc.".repeat(63) + "com";

    assertEquals(domain, address("<" + local + "@" + domain + ">").domain());
  }

  @Test
  void nullReversePathIsOneOfTheSenderOnly() {
    var parsed = EnvelopeCommand.mail("FROM:<>", Extensions.NONE);

    EnvelopeCommand command = Objects.requireNonNull(parsed.value());
    assertTrue(command.address().isNull());
    assertEquals("MAIL FROM:<>", command.line(Extensions.NONE));
  }

  @Test
  void badReversePathHasItsOwnReply() {
    var parsed = EnvelopeCommand.mail("FROM:<a<b>", Extensions.NONE);

    assertEquals(Parsed.refused(Parsed.BAD_REVERSE_PATH), parsed);
    assertEquals("501 5.1.7 Bad sender address syntax", Parsed.BAD_REVERSE_PATH.toString());
    assertEquals("501 5.1.3 Bad recipient address syntax", Parsed.BAD_RECIPIENT.toString());
  }

  @Test
  void addressBeyondAsciiNeedsSmtpUtf8() {
    assertTrue(address("<j\u00f6rg@example.com>").needsSmtpUtf8());
    assertFalse(address("<joerg@example.com>").needsSmtpUtf8());
  }

  @Test
  void addressOfATemplateIsReadAsAPath() {
    var read = EnvelopeCommand.rcptTo("user@example.com");

    assertEquals(
        "RCPT TO:<user@example.com>", Objects.requireNonNull(read.value()).line(Extensions.NONE));
    assertEquals(Parsed.refused(Parsed.BAD_RECIPIENT), EnvelopeCommand.rcptTo("a\r\nDATA"));
    assertEquals(Parsed.refused(Parsed.BAD_RECIPIENT), EnvelopeCommand.rcptTo("a b@example.com"));
  }
}
