package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.attack.DeliveryScript.Point;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.DeliveryConnection;

/**
 * One group's stores say nothing more, and a tenth of an MTA's mail is for them: the mail of the
 * others goes on over the few connections that an MTA has to one destination.
 */
@Tag("slow")
final class StuckGroupTest {
  /** As many as Postfix has by default. */
  private static final int CONNECTIONS = 20;

  private static final int MESSAGES = 400;
  private static final int ONE_IN = 10;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Beyond the time that the test has: nothing here ends because a store is given up. */
  private static final String PATIENT =
      """
      openmmp {
        lmtp.timeouts { command = 5m, search = 5m, stall = 10m, final-replies = 10m }
        proxy-defaults { greeting-timeout = 1m, wait-for-store = 1m }
      }
      """;

  // L13, B5.17
  @ParameterizedTest
  @EnumSource(names = {"GREETING", "LHLO", "RSET", "DATA", "END_OF_DATA", "FINAL_REPLY"})
  void mailOfOtherGroupsGoesOn(Point point, @TempDir Path workplace) {
    AtomicBoolean hangs = new AtomicBoolean();
    DeliveryScript hung =
        new DeliveryScript()
            .at(point, (peer, time) -> hangs.get() ? DeliveryScript.hang(peer) : "");
    DeliveryScript well = new DeliveryScript();
    ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
    String kept = "openmmp.lmtp.pool.idle = " + (point == Point.RSET ? "1m" : "0");
    try (AttackedRelay relay = new AttackedRelay(workplace, 2, 1, PATIENT, kept)) {
      AttackedRelay.Group trouble = relay.next();
      AttackedRelay.Group other = relay.next();
      trouble.open(0, hung);
      other.open(0, well);
      String stuck = trouble.user("stuck");
      String served = other.user("served");
      for (int message = 0; message < ONE_IN; message++) {
        relay.deliver(List.of(stuck, served)); // what the groups take as a rule is known
      }
      hangs.set(true);
      List<DeliveryConnection> mtas = new ArrayList<>();
      for (int connection = 0; connection < CONNECTIONS; connection++) {
        mtas.add(relay.mta());
      }
      AtomicInteger next = new AtomicInteger();
      int before = well.deliveriesTo(served);
      for (DeliveryConnection mta : mtas) {
        threads.execute(() -> sendOn(relay, mta, next, stuck, served));
      }
      int awaited = MESSAGES - MESSAGES / ONE_IN;
      Await.until(relay.log()::text, LIMIT, () -> well.deliveriesTo(served) - before >= awaited);
      assertTrue(hung.deliveriesTo(stuck) <= ONE_IN + CONNECTIONS, "whose store hangs waits");
    } finally {
      threads.shutdownNow();
    }
  }

  // B5.17: at once means without a word of any store, for none would come in time
  @Test
  void mailForAGroupWithoutAMasterIsPutOffAtOnce(@TempDir Path workplace) {
    AtomicBoolean silent = new AtomicBoolean();
    DeliveryScript well = new DeliveryScript();
    String waits = "openmmp.proxy-defaults.wait-for-store = 500ms";
    try (AttackedRelay relay = new AttackedRelay(workplace, 2, 2, PATIENT, waits)) {
      AttackedRelay.Group masterless = relay.next();
      AttackedRelay.Group other = relay.next();
      for (int host = 0; host < 2; host++) {
        masterless.open(host, replica(masterless.host(1 - host), silent));
      }
      other.open(0, well);
      String late = masterless.user("late");
      String served = other.user("served");
      assertEquals(List.of("451 4.3.2"), relay.deliver(List.of(late)), relay.log()::text);
      silent.set(true);
      try (DeliveryConnection mta = relay.mta()) {
        for (int message = 0; message < MESSAGES / ONE_IN; message++) {
          assertTrue(mta.command("MAIL FROM:<mta@example.org>").startsWith("250"));
          String told = mta.command("RCPT TO:<" + late + ">");
          assertTrue(told.startsWith("451 4.3.2"), told);
          assertTrue(mta.command("RCPT TO:<" + served + ">").startsWith("250"));
          mta.data("Subject: x\r\n\r\nx\r\n".getBytes(StandardCharsets.US_ASCII), 1);
        }
      }
      assertEquals(MESSAGES / ONE_IN, well.deliveriesTo(served));
    }
  }

  private static DeliveryScript replica(String master, AtomicBoolean silent) {
    return new DeliveryScript()
        .at(
            Point.GREETING,
            (peer, time) ->
                silent.get()
                    ? DeliveryScript.hang(peer)
                    : "220 store.test LMTP [REFERRAL lmtp://" + master + "/]");
  }

  /** One of the MTA's connections: takes the next message whenever it is free. */
  private static void sendOn(
      AttackedRelay relay,
      DeliveryConnection mta,
      AtomicInteger next,
      String stuck,
      String served) {
    try {
      for (int message = next.getAndIncrement();
          message < MESSAGES;
          message = next.getAndIncrement()) {
        String recipient = message % ONE_IN == 0 ? stuck : served;
        relay.deliver(mta, List.of(recipient), "Subject: x\r\n\r\nx\r\n");
      }
    } catch (UncheckedIOException e) {
      // the test is over, and closes the connections that wait
    }
  }
}
