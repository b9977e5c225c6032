package org.openmmp.lmtp.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is offered (B5.1, L10). */
final class ExtensionsTest {
  private static Extensions offer(String... lines) {
    String[] all = new String[lines.length + 1];
    all[0] = "store.example.com PIPELINING";
    System.arraycopy(lines, 0, all, 1, lines.length);
    return Extensions.of(new LmtpReply(250, "", List.of(all)));
  }

  @Test
  void extensionsAreReadInAnyCaseAndTheFirstLineIsAName() {
    Extensions offer =
        offer("8bitmime", "SIZE 1000", "Xclient name  ADDR", "STARTTLS ", "X-NEW 1", "", "DSN");

    assertEquals(
        EnumSet.of(
            Extension.EIGHT_BIT_MIME,
            Extension.SIZE,
            Extension.XCLIENT,
            Extension.STARTTLS,
            Extension.DSN),
        offer.known());
    assertEquals(1000, offer.maxMessageOctets());
    assertEquals(List.of("NAME", "ADDR"), offer.xclientAttributes());
    assertEquals(List.of("X-NEW 1", ""), offer.unknown());
  }

  @ParameterizedTest
  @CsvSource({"SIZE, 0", "SIZE 0, 0", "SIZE x, 0", "SIZE 99999999999999999999, 0", "SIZE 5, 5"})
  void sizeMayTellALimit(String line, long limit) {
    assertTrue(offer(line).has(Extension.SIZE));
    assertEquals(limit, offer(line).maxMessageOctets());
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "0, 5, 5", "5, 0, 5", "5, 7, 5", "7, 5, 5"})
  void bothHaveTheSmallerLimit(long one, long other, long both) {
    Extensions a = offer("SIZE " + one);
    Extensions b = offer("SIZE " + other);

    assertEquals(both, a.and(b).maxMessageOctets());
    assertEquals(both, Extensions.NONE.withLimit(one).withLimit(other).maxMessageOctets());
  }

  @Test
  void onlyWhatBothHaveIsKnownToBoth() {
    Extensions a = offer("PIPELINING", "DSN", "XCLIENT ADDR PORT", "X-NEW");
    Extensions b = offer("DSN", "CHUNKING", "XCLIENT PORT LOGIN", "X-NEW");

    assertEquals(
        new Extensions(Set.of(Extension.DSN, Extension.XCLIENT), 0, List.of("PORT"), List.of()),
        a.and(b));
    assertEquals(Extensions.NONE, a.and(Extensions.NONE));
  }

  @Test
  void extensionIsAddedAndTakenAwayWithItsArguments() {
    Extensions all = offer("SIZE 10", "XCLIENT ADDR");

    assertEquals(offer("XCLIENT ADDR"), all.without(Extension.SIZE));
    assertEquals(offer("SIZE 10"), all.without(Extension.XCLIENT));
    assertEquals(offer("SIZE 10"), offer("SIZE 10").without(Extension.DSN));
    assertEquals(offer("DSN"), offer().with(Extension.DSN));
    assertFalse(Extensions.NONE.has(Extension.DSN));
  }

  @Test
  void offerIsWrittenAsItIsRead() {
    Extensions all =
        Extensions.of(EnumSet.allOf(Extension.class))
            .withLimit(1000)
            .withXclient(List.of("ADDR", "PORT"));

    LmtpReply reply = all.reply("relay.example.com");
    assertEquals(
        "250 relay.example.com / PIPELINING / ENHANCEDSTATUSCODES / 8BITMIME / SMTPUTF8 / SIZE 1000"
            + " / CHUNKING / DSN / STARTTLS / XCLIENT ADDR PORT",
        reply.toString());
    assertEquals(all, Extensions.of(reply));
    assertEquals("250 relay", Extensions.NONE.reply("relay").toString());
  }
}
