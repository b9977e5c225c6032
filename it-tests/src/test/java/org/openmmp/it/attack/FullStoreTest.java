package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.attack.DeliveryScript.Point;
import org.openmmp.it.fixture.DeliveryConnection;

/**
 * A store that allows a few connections, and an MTA that has more to the relay: it is full, not
 * down, and takes what it would take without a relay between.
 */
@Tag("slow")
final class FullStoreTest {
  /** As many as Postfix has by default. */
  private static final int CONNECTIONS = 20;

  private static final int ALLOWED = 8;
  private static final int MESSAGES = 300;
  private static final int FOR_BOTH = 100;
  private static final Duration AT_A_MESSAGE = Duration.ofMillis(20);
  private static final String TEXT = "Subject: %d\r\n\r\nx\r\n";

  /** Who waits for a connection in vain hears of it after a long time. */
  private static final String PATIENT =
      """
      openmmp.lmtp { group-share = 100, pool.wait = 1m }
      openmmp.lmtp.timeouts { command = 5m, search = 2m }
      """;

  /** How a full store turns a connection away. */
  private enum Manner {
    WORD,
    CLOSE,
    SILENCE
  }

  /** Takes so many connections at once. */
  private record Limited(Manner manner, Semaphore places, DeliveryScript script)
      implements ScriptedStore.Script {
    Limited(Manner manner, int allowed) {
      this(manner, new Semaphore(allowed), new DeliveryScript().at(Point.END_OF_DATA, slowly()));
    }

    private static DeliveryScript.Act slowly() {
      return (peer, time) -> {
        CompletableFuture.runAsync(
                () -> {},
                CompletableFuture.delayedExecutor(AT_A_MESSAGE.toMillis(), TimeUnit.MILLISECONDS))
            .join();
        return "";
      };
    }

    @Override
    public void play(StorePeer peer) throws IOException {
      if (manner == Manner.SILENCE) {
        places.acquireUninterruptibly();
      } else if (!places.tryAcquire()) {
        if (manner == Manner.WORD) {
          peer.say("421 4.3.2 Too many connections");
        }
        throw new EOFException("full");
      }
      try {
        script.play(peer);
      } finally {
        places.release();
      }
    }
  }

  // L14, B5.18
  @ParameterizedTest
  @EnumSource
  void storeWithEightConnectionsTakesAllMailOfTwenty(Manner manner, @TempDir Path workplace)
      throws Exception {
    try (AttackedRelay relay = new AttackedRelay(workplace, 1, 2)) {
      AttackedRelay.Group group = relay.next();
      Limited store = new Limited(manner, ALLOWED);
      group.open(0, store);
      String user = group.user("busy");
      Map<String, Integer> heard = deliverAll(relay, MESSAGES, List.of(user));
      assertEquals(Map.of("250 2.0.0", MESSAGES), heard, relay.log()::text);
      assertEquals(MESSAGES, store.script().deliveriesTo(user));
      assertEquals(MESSAGES, store.script().messages().stream().distinct().count());
    }
  }

  // L14, B5.18: groups of one message do not wait for each other
  @Test
  void messagesForTwoFullStoresPassThroughBoth(@TempDir Path workplace) throws Exception {
    try (AttackedRelay relay = new AttackedRelay(workplace, 2, 1, PATIENT)) {
      AttackedRelay.Group one = relay.next();
      AttackedRelay.Group other = relay.next();
      Limited first = new Limited(Manner.WORD, 2);
      Limited second = new Limited(Manner.CLOSE, 2);
      one.open(0, first);
      other.open(0, second);
      String here = one.user("here");
      String there = other.user("there");
      Map<String, Integer> heard = deliverAll(relay, FOR_BOTH, List.of(here, there));
      assertEquals(Map.of("250 2.0.0", 2 * FOR_BOTH), heard, relay.log()::text);
      assertEquals(FOR_BOTH, first.script().deliveriesTo(here));
      assertEquals(FOR_BOTH, second.script().deliveriesTo(there));
    }
  }

  // B5.18: with none of ours there it has failed
  @Test
  void storeThatServesNoneOfOursHasFailed(@TempDir Path workplace) {
    try (AttackedRelay relay = new AttackedRelay(workplace, 1, 2)) {
      AttackedRelay.Group group = relay.next();
      group.open(0, new DeliveryScript().saying(Point.GREETING, "421 4.3.2 Too many connections"));
      DeliveryScript well = new DeliveryScript();
      group.open(1, well);
      String user = group.user("failed");
      assertEquals(List.of("250 2.0.0"), relay.deliver(List.of(user)));
      assertEquals(1, well.deliveriesTo(user));
      assertTrue(!relay.log().text().contains("it is full"), relay.log()::text);
    }
  }

  /** What recipients heard last, each so often. */
  private static Map<String, Integer> deliverAll(
      AttackedRelay relay, int messages, List<String> recipients) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
    try {
      AtomicInteger next = new AtomicInteger();
      List<Callable<List<String>>> work = new ArrayList<>();
      for (int connection = 0; connection < CONNECTIONS; connection++) {
        DeliveryConnection mta = relay.mta();
        boolean turned = connection % 2 == 1;
        List<String> order = turned ? List.copyOf(reversed(recipients)) : recipients;
        work.add(
            () -> {
              List<String> heard = new ArrayList<>();
              for (int number = next.getAndIncrement();
                  number < messages;
                  number = next.getAndIncrement()) {
                heard.addAll(relay.deliver(mta, order, TEXT.formatted(number)));
              }
              return heard;
            });
      }
      Map<String, Integer> all = new TreeMap<>();
      for (Future<List<String>> each : threads.invokeAll(work)) {
        each.get().forEach(reply -> all.merge(reply, 1, Integer::sum));
      }
      return all;
    } finally {
      threads.shutdownNow();
    }
  }

  private static List<String> reversed(List<String> list) {
    List<String> turned = new ArrayList<>(list);
    Collections.reverse(turned);
    return turned;
  }
}
