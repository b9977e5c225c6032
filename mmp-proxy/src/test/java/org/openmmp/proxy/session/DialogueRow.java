package org.openmmp.proxy.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
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

  /**
   * The same for a peer that waits to be asked.
   *
   * @param turn how its turns begin, a regular expression: no packet goes on into another turn
   */
  public void assertSameAtEverySplitWithin(String turn) {
    List<byte[]> turns =
        Arrays.stream(in.split("(?<=\n)(?=" + turn + ")", -1))
            .map(DialogueFixtures::octets)
            .toList();
    if (in.length() > MAX_SPLIT_OCTETS) {
      String seen = talk.apply(turns);
      assertTrue(seen.startsWith(out), seen);
      return;
    }
    for (int i = 0; i < turns.size(); i++) {
      for (List<byte[]> split : Splits.everySplitOf(turns.get(i))) {
        List<byte[]> packets = new ArrayList<>(turns.subList(0, i));
        packets.addAll(split);
        packets.addAll(turns.subList(i + 1, turns.size()));
        assertEquals(out, talk.apply(packets));
      }
    }
  }

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
