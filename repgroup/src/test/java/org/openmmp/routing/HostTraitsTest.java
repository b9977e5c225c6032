package org.openmmp.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.text.SafeText;

/** What of a greeting is compared, and which time it tells (rule B2.39). */
class HostTraitsTest {
  @ParameterizedTest // B2.39
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // Dovecot, Cyrus, Courier, UW, Exchange, Gmail, Zimbra, Stalwart
        "[CAPABILITY IMAP4rev1 SASL-IR] Dovecot (Debian) ready. | Dovecot (Debian) ready.",
        "Dovecot ready. <1a2b.7.6912abcd.cGxhaW4gdGV4dCBoZQ==@huey> | Dovecot ready.",
        "[CAPABILITY IMAP4rev1] huey.example.com Cyrus IMAP 3.6.1-Debian-3.6.1-4+deb12u3 server"
            + " ready | * Cyrus IMAP 3.6.1-Debian-3.6.1-4+deb12u3 server ready",
        "<3345678901.1764484313@huey> huey Cyrus POP3 3.6.1 server ready"
            + " | * Cyrus POP3 3.6.1 server ready",
        "[CAPABILITY IMAP4rev1] Courier-IMAP ready. Copyright 1998-2021 Double Precision, Inc."
            + " | Courier-IMAP ready. Copyright * Double Precision, Inc.",
        "huey.example.com IMAP4rev1 2007f.404 at Mon, 30 Nov 2026 06:31:53 +0000 (UTC)"
            + " | * IMAP4rev1 2007f.404 at",
        "The Microsoft Exchange IMAP4 service is ready. [QQBNADQAUABSADAA]"
            + " | The Microsoft Exchange IMAP4 service is ready.",
        "Gimap ready for requests from 192.0.2.1 x12mb123456qtx | Gimap ready for requests from"
            + " 192.0.2.1 *",
        "Welcome, session 8f3a91c2e7d04b6f | Welcome, session *",
        "ready [192.0.2.1] (4711) | ready",
        "store-7.example.net ready, 2026-11-30T06:31:53Z | * ready,",
        "huey (pid 83741) ready at 06:31:53 | * (pid *) ready at",
        "Exim 4.96 Mon, 30 Nov 2026 06:31:53 +0000 | Exim 4.96",
        "Version 2.3.19.1 | Version 2.3.19.1",
        "2001:db8::7 ready | * ready",
      })
  void whatDiffersLawfullyIsLeftOut(String greeting, String compared) {
    assertEquals(
        Set.of(compared),
        HostTraits.NONE
            .greeted(greeting, "huey.example.com")
            .words()
            .get(HostTraits.Aspect.GREETING));
  }

  @ParameterizedTest // B2.39
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "<1a2b.7.6a1b2c3d.cGxhaW4=@huey>                 | 2026-05-30T18:28:13Z",
        "<3345678901.1764484313@huey>                    | 2025-11-30T06:31:53Z",
        "<1896.1764484313@huey>                          | 2025-11-30T06:31:53Z",
        "x at Mon, 30 Nov 2026 06:31:53 +0100 (CET)      | 2026-11-30T05:31:53Z",
        "x 30 Nov 2026 06:31:53 GMT                      | 2026-11-30T06:31:53Z",
        "x 30 Nov 2026 06:31:53 UTC                      | 2026-11-30T06:31:53Z",
        "x 2026-11-30T06:31:53Z                          | 2026-11-30T06:31:53Z",
        "x 2026-11-30 06:31:53+02:00                     | 2026-11-30T04:31:53Z",
        "x 2026-11-30 06:31:53                           | ",
        "x Mon Nov 30 06:31:53 CET 2026                  | ",
        "x Tue, 30 Nov 2026 06:31:53 +0000               | ",
        "x 99 Nov 2026 99:99:99 +9999                    | ",
        "x 30 Nov 2026 06:31:53 EST                      | ",
        "Dovecot ready.                                  | ",
        "<4711@huey>                                     | ",
      })
  void timeOfAGreetingIsReadWhereItIsSure(String greeting, String time) {
    Long told = HostTraits.timeIn(greeting);
    assertEquals(time, told == null ? null : Instant.ofEpochMilli(told).toString());
  }

  @Test // B2.39
  void clockIsAheadByAtLeastWhatWasToldWhenItWasHeard() {
    HostTraits seen =
        HostTraits.NONE
            .greeted("2026-11-30T06:31:53Z", "huey")
            .within(1_796_020_310_500L, 1_796_020_311_000L);
    assertEquals(2_000, seen.aheadMillis());
    assertEquals(1_500, seen.unsureMillis());
    assertNull(HostTraits.NONE.greeted("ready", "huey").within(1, 2).told());
  }

  @Test // B2.39
  void hostileWordsAreBoundedAndSafe() {
    String hostile = "\u001b[31m\u0085\r\n" + "a".repeat(100_000) + " (((".repeat(10_000);
    List<String> names =
        IntStream.range(0, 100_000).mapToObj(i -> "X\u0007\u009b" + "y".repeat(100) + i).toList();
    HostTraits seen =
        HostTraits.NONE
            .greeted(hostile, "huey")
            .offering(HostTraits.Aspect.OFFERED_UNDER_TLS, names)
            .showing(List.of("issuer \u202e" + "z".repeat(100_000)));
    String all =
        seen.words().values().stream().flatMap(Set::stream).collect(Collectors.joining(" "));
    assertTrue(all.length() < 128 * 65 + 400, () -> all.length() + " characters");
    assertTrue(SafeText.isVisible(all), all);
  }
}
