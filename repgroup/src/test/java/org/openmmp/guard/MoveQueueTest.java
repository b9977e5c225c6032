package org.openmmp.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Sessions are moved at their group's pace, those first whose clients wait. */
class MoveQueueTest {
  private static final long START = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1);
  private final MoveQueue queue = new MoveQueue();

  private static long after(long millis) {
    return START + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private List<Runnable> wait(int count) {
    List<Runnable> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = i;
      Runnable wake = () -> all.set(number, null);
      all.add(wake);
      queue.add(wake);
    }
    return all;
  }

  @Test // B9.5
  void soManyGoInASecondWhateverTheTimeBetweenLooks() {
    wait(5_000);
    int first = queue.due(500, START).size();
    int gone = first;
    for (int millis = 20; millis <= 2_000; millis += 20) {
      gone += queue.due(500, after(millis)).size();
    }
    assertEquals(25, first, "a twentieth of a second's worth at once");
    assertTrue(Math.abs(gone - first - 1_000) <= 1, gone + " in two seconds");
    assertEquals(5_000 - gone, queue.size());
  }

  @Test // B9.5
  void whoseClientHasSaidSomethingGoesFirst() {
    List<Runnable> all = wait(10);
    queue.due(1, START);
    queue.hurry(all.get(7));
    queue.hurry(all.get(3));
    queue.leave(all.get(1));
    List<Runnable> order = new ArrayList<>();
    for (int second = 1; second <= 9; second++) {
      order.addAll(queue.due(1, after(second * 1_000L)));
    }
    assertEquals(List.of(all.get(7), all.get(3), all.get(2), all.get(4)), order.subList(0, 4));
    assertEquals(8, order.size());
    assertEquals(0, queue.size());
  }

  @Test
  void whoDoesNotWaitIsNotHurriedAndATimeWithoutAnybodySavesLittle() {
    queue.hurry(() -> {});
    assertEquals(0, queue.size());
    queue.due(100, START);
    wait(100);
    assertEquals(5, queue.due(100, after(3_600_000)).size());
  }
}
