package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.openmmp.lmtp.store.StoreCapacity;
import org.openmmp.lmtp.store.StorePlace;

@DisplayName("B5.18: a delivery waits for a connection")
final class ConnectionWaitTest {
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final StoreCapacity capacity = new StoreCapacity();
  private final StoreCapacity.Claim claim = capacity.party(new Object()).claim();
  private final ConnectionWait wait = new ConnectionWait(capacity, claim);

  private static Turn at(Duration time) {
    return new Turn(time.toNanos(), 0.5);
  }

  private void crowdWaitsAt(StorePlace place) {
    boolean more = true;
    while (more) {
      more = capacity.await(capacity.party(new Object()).claim(), place, 0);
    }
  }

  // Else it would wait there to the end, though a connection becomes free.
  @Test
  void itHearsOfFreeConnectionsWhereItsFirstWaitWasOfNoUse() {
    crowdWaitsAt(RelayRig.place("huey"));
    Turn first = at(Duration.ZERO);
    assertFalse(wait.begin(RelayRig.place("huey"), LONGEST, first));
    assertEquals(List.of(), first.steps());

    Turn second = at(Duration.ofSeconds(1));
    assertTrue(wait.begin(RelayRig.place("dewey"), LONGEST, second));
    assertEquals(1, second.steps().size());
    assertInstanceOf(RelayStep.Await.class, second.steps().get(0));
  }

  @Test
  void itAsksForNewsOnceAndAllItsWaitsHaveOneEnd() {
    assertTrue(wait.begin(RelayRig.place("huey"), LONGEST, at(Duration.ZERO)));
    wait.end();
    Turn again = at(Duration.ofSeconds(4));
    assertTrue(wait.begin(RelayRig.place("dewey"), LONGEST, again));
    assertEquals(List.of(), again.steps());
    assertNull(wait.failed(Duration.ofSeconds(4).toNanos()));
    assertEquals(RelayRig.place("dewey"), wait.failed(LONGEST.toNanos()));
    wait.end();
    assertFalse(wait.begin(RelayRig.place("huey"), LONGEST, at(LONGEST)));
  }
}
