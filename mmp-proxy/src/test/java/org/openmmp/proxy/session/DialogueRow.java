package org.openmmp.proxy.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Function;
import org.openmmp.wire.Splits;

/**
 * What a peer sends and what comes of it.
 *
 * @param talk a dialogue of its own with each list of packets, written down
 */
public record DialogueRow(String name, String in, String out, Function<List<byte[]>, String> talk) {
  /** Longer texts come in one piece only, and what is left of them does not matter. */
  private static final int MAX_SPLIT_OCTETS = 5000;

  public void assertSameAtEverySplit() {
    byte[] octets = DialogueFixtures.octets(in);
    if (octets.length > MAX_SPLIT_OCTETS) {
      String seen = talk.apply(List.of(octets));
      assertTrue(seen.startsWith(out), seen);
      return;
    }
    for (List<byte[]> split : Splits.everySplitOf(octets)) {
      assertEquals(out, talk.apply(split));
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
