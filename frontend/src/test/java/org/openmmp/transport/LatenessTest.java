package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How late an event loop is (rules B2.21, B2.28). */
class LatenessTest {
  private final EmbeddedChannel client = new EmbeddedChannel();
  private final SessionLoop loop = new SessionLoop(client, () -> {}, () -> false);

  LatenessTest() {
    client.freezeTime();
  }

  private void passes(long millis) {
    client.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
  }

  private long lateMillis() {
    return TimeUnit.NANOSECONDS.toMillis(loop.lateNanos());
  }

  @Test
  void loopThatHasTimeIsNotLate() {
    long before = lateMillis();
    for (int i = 0; i < 100; i++) {
      passes(100);
      client.runScheduledPendingTasks();
    }
    assertEquals(0, lateMillis() - before);
  }

  @Test
  void whatItIsLateWithNowIsCountedAndStaysCountedOnce() {
    long before = lateMillis();
    passes(3_000);
    assertEquals(2_900, lateMillis() - before, "what is read first has waited");
    client.runScheduledPendingTasks();
    assertEquals(2_900, lateMillis() - before);
    passes(700);
    assertEquals(3_500, lateMillis() - before);
    client.runScheduledPendingTasks();
    passes(50);
    assertEquals(3_500, lateMillis() - before);
  }

  @Test
  void nobodyLooksOnceNobodyAsks() {
    lateMillis();
    int looks = 0;
    while (client.runScheduledPendingTasks() >= 0 && looks < 1_000) {
      passes(100);
      looks++;
    }
    assertEquals(-1, client.runScheduledPendingTasks());
    long before = lateMillis();
    passes(1_100);
    assertEquals(1_000, lateMillis() - before, "it looks again");
  }
}
