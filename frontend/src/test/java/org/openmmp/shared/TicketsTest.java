package org.openmmp.shared;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.wire.Secret;

/** How long tickets are opened, by whatever clock (B10.7). */
class TicketsTest {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private final Tickets one = new Tickets();
  private final Tickets other = new Tickets();

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 3, Long.MIN_VALUE})
  void newTicketsHaveNewSecretsEveryHourAndFormerOnesOpenForOneMore(long origin) {
    Secret first = one.own(origin).get(0);
    assertEquals(List.of(first), one.own(origin + 60 * MINUTE));
    List<Secret> second = one.own(origin + 61 * MINUTE);
    assertEquals(2, second.size());
    assertNotEquals(first, second.get(0));
    assertEquals(first, second.get(1));
    assertFalse(one.own(origin + 122 * MINUTE).contains(first));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 3, Long.MIN_VALUE})
  void ticketsOfOneThatIsGoneOpenForTwoHours(long origin) {
    List<Secret> told = Tickets.of(Tickets.packed(other.own(5))).orElseThrow();
    one.heard("mmp2/1", told, origin);
    List<Secret> all = one.all(origin + 119 * MINUTE);
    assertEquals(one.own(origin + 119 * MINUTE).get(0), all.get(0), "its own comes first");
    assertTrue(all.containsAll(told));
    assertFalse(one.all(origin + 121 * MINUTE).containsAll(told));
  }

  @ParameterizedTest
  @ValueSource(ints = {10_000})
  void thereAreNotMoreThanFrontEnds(int many) {
    for (int i = 0; i < many; i++) {
      one.heard("mmp/" + i, List.of(Secret.of("%032d".formatted(i))), 0);
    }
    assertEquals(65, one.all(0).size());
  }
}
