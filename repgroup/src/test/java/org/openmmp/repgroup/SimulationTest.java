package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hundreds of logins against a group whose stores die, hang, come back and elect masters. */
class SimulationTest {

  @Test
  void silentHostsAreLeftInTimeByAFew() { // B2.31
    SimulatedGroup group = new SimulatedGroup(89);
    group.run(Duration.ofMinutes(10), 1_500);
    assertTrue(group.hedges() > 0 && group.left() > 0, group.hedges() + ", " + group.left());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
  void groupInTroubleIsWalkedByTheRules(long seed) { // B2.4 to B2.11
    SimulatedGroup group = new SimulatedGroup(seed);
    group.run(Duration.ofMinutes(10), 1_500);
    assertEquals(List.of(), group.violations());
    assertEquals(0, group.stillUnderWay(), "every walk ends");
    int most = group.logins() / 50 + 2 * HedgeBudget.MOST_SAVED;
    assertTrue(group.hedges() <= most, () -> group.hedges() + " hedges of " + group.logins());
    assertTrue(group.served() > 300, "most logins find a master: " + group.served());
    AttemptWalk after = group.walkOfAWholeGroup();
    assertTrue(after.next(group.now()).kind().attempt(), "nothing is held for ever");
  }
}
