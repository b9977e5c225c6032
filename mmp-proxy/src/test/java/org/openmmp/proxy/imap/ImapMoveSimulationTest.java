package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rule B9.3, as the proof wants it: no client is ever told something wrong. */
final class ImapMoveSimulationTest {
  @Test // B9.3
  void noClientBelievesAnythingWrongAfterAMove() {
    assertTrue(moved(Integer.getInteger("moves", 1_000), 1) > 0);
  }

  @Test // B9.3
  @Tag("slow")
  void noClientBelievesAnythingWrongAfterAHundredThousandMoves() {
    assertTrue(moved(100_000, 1_000_000) > 0);
  }

  private static int moved(int wanted, long firstSeed) {
    Map<String, Integer> ends = new TreeMap<>();
    int moves = 0;
    int lost = 0;
    int questions = 0;
    for (long seed = firstSeed; moves < wanted; seed++) {
      MoveWorld world = new MoveWorld(seed, ends);
      String wrong;
      try {
        wrong = world.play();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + "\n" + world.transcript(), e);
      }
      String said = world.transcript();
      long one = seed;
      assertEquals("", wrong, () -> "seed " + one + "\n" + said);
      moves += world.moves;
      lost += world.lost;
      questions += world.questions;
    }
    System.out.println(
        "%d moves, %d new stores lost meanwhile, %d stores asked whether they are there: %s"
            .formatted(moves, lost, questions, ends));
    assertTrue(lost > 0);
    assertTrue(questions > 0);
    return ends.getOrDefault("moved", 0);
  }
}
