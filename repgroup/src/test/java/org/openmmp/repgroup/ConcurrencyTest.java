package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Many threads, and times so long that a wait ends by a wake-up or not at all: a lost one would
 * leave its login behind.
 */
class ConcurrencyTest {
  private static final int LOGINS = 5_000;
  private static final Duration LONG = Duration.ofHours(1);
  private static final SelectorSettings SETTINGS =
      new SelectorSettings(
          new GrowingPause(Duration.ofNanos(1), Duration.ofNanos(1)),
          3,
          Duration.ofMillis(1),
          LONG,
          LONG,
          new GrowingPause(LONG, LONG),
          LONG,
          SelectorSettings.AdmissionTerms.off(),
          SelectorSettings.ReadOnlyFallback.off(),
          SelectorSettings.Patience.endless());

  private static final Caller KNOWN = new Caller(7, true, true, "192.0.2.0/24");

  private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(8);
  private final CountDownLatch ended = new CountDownLatch(LOGINS);
  private final AtomicInteger mostUnderWay = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  @Test
  void noWakeUpIsLostAndNoPlaceIsLeaked() throws InterruptedException { // B2.9, B2.10
    allEnd(SETTINGS, Caller.UNKNOWN);
  }

  @Test
  void nobodyIsLeftBehindWhereTheRateLimitsThem() throws InterruptedException { // B2.28
    allEnd(
        SETTINGS.with(new SelectorSettings.AdmissionTerms(false, 1, 4_000, 0, LOGINS, LONG)),
        KNOWN);
  }

  private void allEnd(SelectorSettings settings, Caller caller) throws InterruptedException {
    StoreSelector selector = new StoreSelector(settings, SelectionListener.NONE);
    ReplicationGroup group = Walks.group("one", "store1a");
    selector.replaceTable(GroupTable.of(List.of(group)));
    for (int i = 0; i < LOGINS; i++) {
      AttemptWalk walk =
          selector.walk(
              group,
              Walks.IMAP,
              ClientKind.WRITER,
              caller,
              System.nanoTime() + LONG.toNanos(),
              System.nanoTime());
      threads.execute(() -> goOn(walk));
    }
    assertTrue(ended.await(60, TimeUnit.SECONDS), ended.getCount() + " logins were left behind");
    GroupSnapshot.HostSnapshot host = selector.snapshot(System.nanoTime()).get(0).hosts().get(0);
    assertEquals(0, host.attemptsUnderWay());
    assertEquals(0, host.waiting());
    assertTrue(mostUnderWay.get() <= 3, "at most three at once: " + mostUnderWay);
  }

  private void goOn(AttemptWalk walk) {
    Choice choice = walk.next(System.nanoTime());
    switch (choice.kind()) {
      case WAIT -> {
        AtomicBoolean woken = new AtomicBoolean();
        Runnable again =
            () -> {
              if (woken.compareAndSet(false, true)) {
                threads.execute(() -> goOn(walk));
              }
            };
        if (choice.untilNanos() - System.nanoTime() < Duration.ofMinutes(1).toNanos()) {
          threads.schedule(again, choice.untilNanos() - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
        walk.awaitChange(choice, again);
      }
      case ATTEMPT -> attempt(walk);
      case ATTEMPT_READ_ONLY, FAIL_NO_STORE, FAIL_NO_MASTER -> ended.countDown();
    }
  }

  private void attempt(AttemptWalk walk) {
    mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
    int dice = ThreadLocalRandom.current().nextInt(10);
    threads.execute(
        () -> {
          if (dice > 1) {
            walk.reached(AttemptStage.OPENING, System.nanoTime());
          }
          threads.execute(() -> end(walk, dice));
        });
  }

  private void end(AttemptWalk walk, int dice) {
    underWay.decrementAndGet();
    AttemptOutcome outcome =
        switch (dice) {
          case 0 -> AttemptOutcome.ABANDONED;
          case 1 -> AttemptOutcome.TEMPORARY_FAILURE;
          case 2 -> AttemptOutcome.AUTH_REJECTED;
          default -> AttemptOutcome.ACCEPTED;
        };
    walk.report(outcome, null, false, "", System.nanoTime(), 0.5);
    walk.abandon(System.nanoTime());
    ended.countDown();
  }
}
