package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.routing.TlsPolicy;

/** A store begins to hang, and many come before anybody has found that out. */
@DisplayName("B2.9: no more than four wait for a greeting that is overdue")
final class OverdueGreetingTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** So many greetings tell how long they take. */
  private static final int KNOWN = 24;

  private static final int CROWD = 20;
  private static final int MOST_UNANSWERED = 4;

  /** Longer than most of them take on any machine. */
  private static final Duration LONG = Duration.ofMillis(500);

  /** What the store said counts for long, so that nothing here depends on how fast this goes. */
  private static final String TRUSTING =
      "openmmp.proxy-defaults { confirm-window = 10s, greeting-timeout = 1m }\n";

  private static final Pattern HELD =
      Pattern.compile("(?m)^openmmp_greetings_overdue_total\\{.*} (\\d+)\\.0$");

  /** Lets connections through one by one, and then all. */
  private static final class Gate {
    private volatile CountDownLatch open = new CountDownLatch(0);

    void shut() {
      open = new CountDownLatch(1);
    }

    void open() {
      open.countDown();
    }

    void pass() {
      try {
        open.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void awaitLong() {
    long began = System.nanoTime();
    Await.until("time passes", LIMIT, () -> System.nanoTime() - began > LONG.toNanos());
  }

  @ParameterizedTest
  @EnumSource
  void crowdOfLoginsWaitsForAGreeting(MailProtocol protocol, @TempDir Path workplace) {
    Gate gate = new Gate();
    try (Arena arena = new Arena(workplace, Map.of(TlsPolicy.OFF, 1), 1, TRUSTING)) {
      Arena.Round round = arena.next(protocol, TlsPolicy.OFF);
      StoreScript honest = round.honest();
      ScriptedStore store =
          round.open(
              0,
              peer -> {
                gate.pass();
                honest.play(peer);
              });
      for (int i = 0; i < KNOWN; i++) {
        round.assertAccepted(round.logIn());
      }
      gate.shut();
      awaitLong();
      List<Thread> crowd = new ArrayList<>();
      List<String> answers = Collections.synchronizedList(new ArrayList<>());
      for (int i = 0; i < CROWD; i++) {
        Thread each = new Thread(() -> answers.add(round.logIn()), "one of the crowd");
        each.start();
        crowd.add(each);
      }
      Await.until(
          () -> arena.proxy().page("/metrics"),
          LIMIT,
          () ->
              held(arena) >= CROWD - MOST_UNANSWERED
                  && store.connections() >= KNOWN + MOST_UNANSWERED);
      assertEquals(KNOWN + MOST_UNANSWERED, store.connections());
      assertTrue(arena.proxy().log().text().contains(" greetings-overdue "));
      gate.open();
      crowd.forEach(OverdueGreetingTest::join);
      answers.forEach(round::assertAccepted);
      assertEquals(CROWD, answers.size());
      assertEquals(KNOWN + CROWD, store.connections());
    } finally {
      gate.open();
    }
  }

  private static int held(Arena arena) {
    Matcher held = HELD.matcher(arena.proxy().page("/metrics"));
    int all = 0;
    while (held.find()) {
      all += Integer.parseInt(held.group(1));
    }
    return all;
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test // B5.17
  void crowdOfDeliveriesWaitsForAGreeting(@TempDir Path workplace) {
    Gate gate = new Gate();
    DeliveryScript script =
        new DeliveryScript()
            .at(
                DeliveryScript.Point.GREETING,
                (peer, time) -> {
                  gate.pass();
                  return "";
                });
    String alone =
        "openmmp.lmtp { group-share = 100, pool { idle = 0s, max-transactions = 1 } }\n"
            + "openmmp.lmtp.timeouts { command = 1m, search = 1m }\n";
    try (AttackedRelay relay = new AttackedRelay(workplace, 1, 1, TRUSTING, alone)) {
      AttackedRelay.Group group = relay.next();
      ScriptedStore store = group.open(0, script);
      String user = group.user("amy");
      for (int i = 0; i < KNOWN; i++) {
        assertEquals(List.of("250 2.0.0"), relay.deliver(List.of(user)));
      }
      int before = store.connections();
      assertEquals(KNOWN, before, "each on a connection of its own");
      gate.shut();
      awaitLong();
      List<DeliveryConnection> crowd = Stream.generate(relay::mta).limit(CROWD).toList();
      for (DeliveryConnection each : crowd) {
        assertTrue(each.command("MAIL FROM:<mta@example.org>").startsWith("250"));
        each.send("RCPT TO:<" + user + ">\r\n");
      }
      Await.until(
          () -> relay.log().text(),
          LIMIT,
          () ->
              relay.log().text().contains(" greetings-overdue ")
                  && store.connections() >= before + MOST_UNANSWERED);
      assertEquals(before + MOST_UNANSWERED, store.connections());
      gate.open();
      for (DeliveryConnection each : crowd) {
        assertTrue(each.reply().startsWith("250"), relay.log()::text);
      }
      assertEquals(before + CROWD, store.connections());
    } finally {
      gate.open();
    }
  }
}
