package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.it.attack.DeliveryScript.Point;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.DeliveryConnection;

/** Rows L6 and L9 and section 8 for the relay: memory, disk, descriptors, and the end of it all. */
@Tag("slow")
final class RelayResourceTest {
  private static final long MIB = 1 << 20;
  private static final String STORED = "250 2.0.0";
  private static final Duration LIMIT = Duration.ofSeconds(15);

  @TempDir private Path workplace;

  // L9, B5.9, B5.15
  @Tag("slow")
  @Test
  void gigabyteToAStoreThatReadsLateStaysOutOfMemory() throws Exception {
    long size = 1024 * MIB;
    try (AttackedRelay relay =
        new AttackedRelay(
            workplace,
            1,
            1,
            "openmmp.lmtp { spool.max-message = 2000000000",
            "  timeouts { stall = 60s, final-replies = 60s } }")) {
      AttackedRelay.Group group = relay.next();
      try (GulpingStore store = new GulpingStore(group.address(0), group.port());
          DeliveryConnection mta = relay.mta()) {
        mta.envelope("mta@example.org", List.of(group.user("a")));
        assertTrue(mta.command("DATA").startsWith("354"));
        store.awaitMessage();
        long heapBefore = heap();
        DirectMemory direct = DirectMemory.now();

        String line = "0123456789".repeat(100) + "\r\n";
        String piece = line.repeat(256);
        AtomicLong sent = new AtomicLong();
        CompletableFuture<Void> sending =
            CompletableFuture.runAsync(
                () -> {
                  while (sent.get() < size) {
                    mta.send(piece);
                    sent.addAndGet(piece.length());
                  }
                });
        Await.until("what goes ahead of the store", LIMIT, () -> sent.get() > MIB);
        assertEquals(0, store.octets());
        store.letGo();
        for (long part = 256 * MIB; part <= size; part += 256 * MIB) {
          long awaited = part;
          Await.until("the message goes on", LIMIT, () -> sent.get() >= awaited);
          direct.assertFlat();
          long grown = heap() - heapBefore;
          assertTrue(grown < 48 * MIB, "the heap grew by " + grown);
        }
        sending.join();
        mta.send(".\r\n");
        String reply = mta.reply();
        assertTrue(reply.startsWith(STORED), reply);
        assertEquals(sent.get() + 3, store.octets());
        direct.assertFlat();
      }
    }
  }

  private static long heap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  // L6: the one that hangs does not read a long message, the other has it meanwhile
  @Test
  void longMessageOfAHungStoreDoesNotDelayAnothers() {
    try (AttackedRelay relay = new AttackedRelay(workplace, 2, 1)) {
      AttackedRelay.Group hung = relay.next();
      AttackedRelay.Group fast = relay.next();
      DeliveryScript stuck = new DeliveryScript();
      DeliveryScript healthy = new DeliveryScript();
      CountDownLatch over = new CountDownLatch(1);
      stuck.at(Point.BODY, (peer, time) -> untilOver(over));
      hung.open(0, stuck);
      fast.open(0, healthy);
      String waiting = hung.user("a");
      String served = fast.user("b");
      String message = "Subject: x\r\n\r\n" + ("y".repeat(998) + "\r\n").repeat(16_000);
      try (DeliveryConnection mta = relay.mta()) {
        mta.envelope("mta@example.org", List.of(waiting, served));
        assertTrue(mta.command("DATA").startsWith("354"));
        mta.send(message + ".\r\n");
        Await.until("stored at once", LIMIT, () -> healthy.deliveriesTo(served) == 1);
        assertTrue(mta.reply().startsWith("451 4."), "the hung one's");
        assertTrue(mta.reply().startsWith(STORED), "the fast one's");
      }
      over.countDown();
      assertEquals(
          message.replace("\r\n", "\n"), healthy.messages().get(0).text(), "octet for octet");
    }
  }

  /** Reads nothing meanwhile, as nobody else does on this connection. */
  private static String untilOver(CountDownLatch over) throws IOException {
    try {
      over.await();
      return "";
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  // No space, and space again
  @Test
  void spoolThatIsNotThereRefusesLongMessagesForNowAndShortOnesNot() throws IOException {
    Path spool = Files.createDirectory(workplace.resolve("spool"));
    try (AttackedRelay relay =
        new AttackedRelay(
            workplace,
            2,
            1,
            "openmmp.lmtp.spool { memory = 1000, directory = \"" + spool + "\" }")) {
      AttackedRelay.Group first = relay.next();
      AttackedRelay.Group second = relay.next();
      DeliveryScript store = new DeliveryScript();
      first.open(0, store);
      second.open(0, store);
      List<String> both = List.of(first.user("a"), second.user("b"));
      String longer = "0123456789abcd\r\n".repeat(100_000);
      Files.delete(spool);
      relay.expectError("messages are put off, for they cannot be kept in " + spool);
      try (DeliveryConnection mta = relay.mta()) {
        for (int i = 0; i < 3; i++) {
          assertEquals(List.of("452 4.3.1", "452 4.3.1"), relay.deliver(mta, both, longer));
          assertEquals(List.of(STORED, STORED), relay.deliver(mta, both, "x\r\n"));
        }
        assertEquals(6, store.messages().size());
        Files.createDirectory(spool);
        assertEquals(List.of(STORED, STORED), relay.deliver(mta, both, longer));
      }
      assertEquals(8, store.messages().size());
      try (var files = Files.list(spool)) {
        assertEquals(0, files.count(), "files left behind");
      }
    }
  }

  // B2.22: a disk that is full, and has room again
  @Tag("real-servers")
  @Test
  void fullDiskPutsLongMessagesOffAndNothingNeedBeRestarted() throws IOException {
    Path spool = Files.createDirectory(workplace.resolve("small"));
    Command.run("mount", "-t", "tmpfs", "-o", "size=256k", "small", spool.toString()).succeeded();
    try (AttackedRelay relay =
        new AttackedRelay(
            workplace,
            1,
            1,
            "openmmp.lmtp.spool { memory = 1000, directory = \"" + spool + "\" }")) {
      AttackedRelay.Group group = relay.next();
      DeliveryScript store = new DeliveryScript();
      group.open(0, store);
      List<String> user = List.of(group.user("a"));
      String longer = "0123456789abcd\r\n".repeat(100_000);
      relay.expectError("no room is left for messages: messages are put off");
      try (DeliveryConnection mta = relay.mta()) {
        for (int i = 0; i < 3; i++) {
          assertEquals(List.of("452 4.3.1"), relay.deliver(mta, user, longer));
          assertEquals(List.of(STORED), relay.deliver(mta, user, "x\r\n"));
        }
        Command.run("mount", "-o", "remount,size=16m", spool.toString()).succeeded();
        assertEquals(List.of(STORED), relay.deliver(mta, user, longer));
      }
      assertEquals(4, store.messages().size());
    } finally {
      Command.run("umount", "-l", spool.toString()).succeeded();
    }
  }

  // B8: no descriptor is left of what broke
  @Test
  void brokenTransactionsLeaveNoDescriptorBehind() {
    try (AttackedRelay relay =
        new AttackedRelay(workplace, 2, 1, "openmmp.lmtp { spool.memory = 0, pool.idle = 1s }")) {
      AttackedRelay.Group dying = relay.next();
      AttackedRelay.Group healthy = relay.next();
      dying.open(
          0,
          new DeliveryScript()
              .at(
                  Point.BODY,
                  (peer, time) -> {
                    peer.reset();
                    throw new IOException("gone");
                  }));
      healthy.open(0, new DeliveryScript());
      List<String> both = List.of(dying.user("a"), healthy.user("b"));
      assertEquals(STORED, relay.deliver(both).get(1));
      int before = descriptors();
      for (int i = 0; i < 200; i++) {
        try (DeliveryConnection mta = relay.mta()) {
          mta.envelope("mta@example.org", both.subList(1, 2));
          switch (i % 4) {
            case 0 -> mta.send("DATA\r\nSubject: x\r\n");
            case 1 -> mta.send("DATA\r\nx\r\n.\r\n");
            case 2 -> mta.send("DATA\r\nbare\nx\r\n.\r\nQUIT\r\n");
            default -> mta.send("RCPT TO:<" + both.get(0) + ">\r\nDATA\r\nx\r\n");
          }
        }
      }
      Await.until(
          () -> descriptors() + " descriptors of " + before,
          LIMIT,
          () -> descriptors() <= before + 8);
      relay.assertAlive();
    }
  }

  private static int descriptors() {
    return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
  }

  // B5.1: a slow answer is the store's, and the client's time begins behind it
  @Test
  void slowAnswerCostsTheClientNothingOfItsTime() {
    try (AttackedRelay relay =
        new AttackedRelay(workplace, 1, 2, "openmmp.lmtp.timeouts.command = 1s")) {
      AttackedRelay.Group group = relay.next();
      group.open(0, new DeliveryScript().at(Point.MAIL, (peer, time) -> DeliveryScript.hang(peer)));
      group.open(1, new DeliveryScript());
      assertEquals(List.of(STORED), relay.deliver(List.of(group.user("a"))));
    }
  }

  // B8.1
  @Test
  void messageUnderWayIsDeliveredWhileTheRelayDrains() throws InterruptedException {
    AttackedRelay relay = new AttackedRelay(workplace, 1, 1);
    try (relay) {
      AttackedRelay.Group group = relay.next();
      DeliveryScript store = new DeliveryScript();
      group.open(0, store);
      String user = group.user("a");
      RawClient idle = relay.client();
      DeliveryConnection mta = relay.mta();
      mta.envelope("mta@example.org", List.of(user));
      assertTrue(mta.command("DATA").startsWith("354"));
      mta.send("first half\r\n");
      Thread drain = new Thread(() -> relay.program().drain());
      drain.start();
      assertTrue(idle.rest().startsWith("421 4.3.2"), idle.heard());

      mta.send("second half\r\n.\r\n");
      assertTrue(mta.reply().startsWith(STORED), "the message that was under way");
      mta.close();
      drain.join(LIMIT.toMillis());

      assertTrue(!drain.isAlive(), "nothing is left to wait for");
      assertEquals(1, store.deliveriesTo(user));
    }
  }
}
