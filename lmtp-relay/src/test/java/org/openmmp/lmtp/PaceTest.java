package org.openmmp.lmtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PaceTest {
  private static final long LIMIT_SECONDS = 20;
  private static final int STEP_OCTETS = 64 * 1024;

  @TempDir Path directory;

  // L6, B5.9: the fast store has the message though the slow one has not begun to read it
  @Test
  void hungStoreDelaysNoOther() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch fast = new CountDownLatch(1);
    try (RelaySite site = new RelaySite(directory, "openmmp.lmtp.spool.memory = 10000");
        LmtpLine client = site.client()) {
      site.huey.behaviour =
          (store, line) -> {
            store.serveEnvelope(line);
            line.say("354 go on");
            await(goOn);
            store.messages.add(line.data());
            line.say("250 2.0.0 at last");
          };
      site.gus.behaviour =
          (store, line) -> {
            store.serveEnvelope(line);
            line.say("354 go on");
            store.messages.add(line.data());
            fast.countDown();
            line.say("250 2.0.0 at once");
          };
      client.say("MAIL FROM:<s@test>", "RCPT TO:<ducks-a@test>", "RCPT TO:<geese-g@test>", "DATA");
      client.replies(4);
      // longer than what is kept in memory, so that the slow store's share waits in the spool's
      // file
      String text = ("x".repeat(998) + "\r\n").repeat(900);
      client.send(text + ".\r\n");
      assertTrue(fast.await(LIMIT_SECONDS, TimeUnit.SECONDS));
      assertTrue(site.huey.messages.isEmpty());
      goOn.countDown();
      assertEquals(List.of("250 2.0.0 at last", "250 2.0.0 at once"), client.replies(2));
      assertEquals(text, site.huey.messages.get(0));
    }
  }

  // B5.15: no store is more than a mebioctet, and what sockets hold, ahead of the slowest
  @Test
  void slowStoreSlowsTheClientDownAndGetsItsMessage() throws Exception {
    int total = 24 << 20;
    AtomicLong slow = new AtomicLong();
    AtomicLong fast = new AtomicLong();
    AtomicLong mostAhead = new AtomicLong();
    try (RelaySite site = new RelaySite(directory);
        LmtpLine client = site.client()) {
      site.huey.behaviour =
          (store, line) -> {
            store.serveEnvelope(line);
            line.say("354 go on");
            while (slow.get() < total) {
              long wanted = Math.min(total, slow.get() + STEP_OCTETS);
              awaitAtLeast(fast, wanted);
              slow.addAndGet(line.octets((int) (wanted - slow.get())).length());
            }
            assertEquals(".", line.line());
            line.say("250 2.0.0 at last");
          };
      site.gus.behaviour =
          (store, line) -> {
            store.serveEnvelope(line);
            line.say("354 go on");
            while (fast.get() < total) {
              int wanted = (int) Math.min(STEP_OCTETS, total - fast.get());
              long now = addAndTell(fast, line.octets(wanted).length());
              mostAhead.accumulateAndGet(now - slow.get(), Math::max);
            }
            assertEquals(".", line.line());
            line.say("250 2.0.0 in time");
          };
      client.say("MAIL FROM:<s@test>", "RCPT TO:<ducks-a@test>", "RCPT TO:<geese-g@test>", "DATA");
      client.replies(4);
      String piece = ("x".repeat(1022) + "\r\n").repeat(1024);
      for (int sent = 0; sent < total; sent += piece.length()) {
        client.send(piece);
      }
      client.say(".");
      assertEquals(List.of("250 2.0.0 at last", "250 2.0.0 in time"), client.replies(2));
      assertTrue(mostAhead.get() < 12 << 20, "ahead by " + mostAhead);
    }
  }

  // B5.9, B6.1: longer than what is taken, told by SIZE and found out without
  @Test
  void messageThatIsTooLongIsRefusedAndNothingIsDelivered() throws Exception {
    try (RelaySite site = new RelaySite(directory, "openmmp.lmtp.spool.max-message = 65536");
        LmtpLine client = site.client()) {
      client.say("MAIL FROM:<s@test> SIZE=65537");
      assertEquals("552 5.3.4 The message is too big", client.reply());
      client.say("MAIL FROM:<s@test> SIZE=10", "RCPT TO:<ducks-a@test>", "DATA").replies(3);
      client.send("x".repeat(900).concat("\r\n").repeat(80) + ".\r\n");
      assertEquals("552 5.3.4 The message is too big", client.reply());
      assertEquals("250 2.0.0 OK", client.say("NOOP").reply());
      assertTrue(site.huey.messages.isEmpty());
    }
  }

  private static long addAndTell(AtomicLong counter, int octets) {
    synchronized (counter) {
      counter.notifyAll();
      return counter.addAndGet(octets);
    }
  }

  private static void awaitAtLeast(AtomicLong counter, long wanted) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    synchronized (counter) {
      while (counter.get() < wanted) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw new IOException("nobody got on");
        }
        try {
          counter.wait(left);
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }
    }
  }

  static void await(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("nobody said to go on");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
