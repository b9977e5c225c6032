package org.openmmp.shared;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.openmmp.wire.Secret;

/** What one front end tells is heard as it is now, or not at all (B10.1). */
class ShelfTest {
  private static final Seal SEAL = new Seal(Secret.of("0123456789abcdef"), "site");

  private final Shelf<String> teller = shelf("mmp1/1");
  private final Shelf<String> hearer = shelf("mmp2/2");

  private static Shelf<String> shelf(String field) {
    return new Shelf<>(
        "held",
        0,
        "k:",
        field,
        SEAL,
        (octets, of) ->
            Optional.of(new String(octets, StandardCharsets.UTF_8)).filter(any -> !any.isEmpty()));
  }

  private byte[] told(String text) {
    List<byte[]> words = teller.tell(text, () -> text.getBytes(StandardCharsets.UTF_8)).words();
    return words.get(words.size() - 1);
  }

  private static Beacon beacon(long newest) {
    return new Beacon(
        "mmp1", 1, newest, Map.of(), List.of(newest), 0, new NodeFacts("f", "1", 0, false));
  }

  @Test
  void itIsHeardOnceAndReadAgainWhenTheBeaconTellsOfMore() {
    byte[] first = told("a");
    assertEquals(List.of(), hearer.newer(List.of(beacon(0))));
    assertEquals(1, hearer.newer(List.of(beacon(1))).size());
    assertFalse(hearer.isForged(beacon(1), first));
    assertEquals(List.of(), hearer.newer(List.of(beacon(1))));
    byte[] second = told("b");
    assertFalse(hearer.isForged(beacon(1), second), "it was told between the two readings");
    assertEquals(List.of("b"), hearer.all());
    assertEquals(List.of(), hearer.newer(List.of(beacon(2))));
  }

  @Test
  void whatIsPutThereAgainOrTakenAwayIsAsIfNothingWereTold() {
    byte[] first = told("a");
    hearer.isForged(beacon(1), first);
    byte[] second = told("b");
    assertFalse(hearer.isForged(beacon(2), first));
    assertEquals(List.of(), hearer.all());
    assertEquals(1, hearer.newer(List.of(beacon(2))).size(), "it is asked for again");
    assertFalse(hearer.isForged(beacon(2), second));
    assertEquals(List.of("b"), hearer.all());
    assertFalse(hearer.isForged(beacon(3), new byte[0]));
    assertEquals(List.of(), hearer.all());
  }

  @Test
  void whatNobodyWroteIsForgedAndHeardOfNobody() {
    hearer.isForged(beacon(1), told("a"));
    for (byte[] forged :
        List.of(
            new byte[] {1},
            new byte[100],
            SEAL.close("held/mmp1/1", new byte[3]),
            SEAL.close("held/mmp1/1", new byte[] {0, 0, 0, 0, 0, 0, 0, 9}),
            SEAL.close("words/mmp1/1", new byte[20]))) {
      assertTrue(hearer.isForged(beacon(2), forged));
      assertEquals(List.of(), hearer.all());
    }
  }
}
