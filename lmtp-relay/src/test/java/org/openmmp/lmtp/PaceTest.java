package org.openmmp.lmtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PaceTest {
  private static final long LIMIT_SECONDS = 20;

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
      // more than sockets hold, so that the slow store's share waits in the spool's file
      String text = ("x".repeat(998) + "\r\n").repeat(8_000);
      client.send(text + ".\r\n");
      assertTrue(fast.await(LIMIT_SECONDS, TimeUnit.SECONDS));
      assertTrue(site.huey.messages.isEmpty());
      goOn.countDown();
      assertEquals(List.of("250 2.0.0 at last", "250 2.0.0 at once"), client.replies(2));
      assertEquals(text, site.huey.messages.get(0));
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
