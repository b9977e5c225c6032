package org.openmmp.lmtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.PooledByteBufAllocator;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RelayMemoryTest {
  private static final long MEBIOCTET = 1 << 20;
  private static final int MESSAGE_MEBIOCTETS = 192;

  @TempDir Path directory;

  // L9, B5.9: the client is read to its end, the store reads nothing, and memory stays where it was
  @Test
  void longMessageToAStoreThatDoesNotReadIsInItsFile() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (RelaySite site = new RelaySite(directory, "openmmp.lmtp.spool.max-message = 1073741824");
        LmtpLine client = site.client()) {
      site.huey.behaviour =
          (store, line) -> {
            store.serveEnvelope(line);
            line.say("354 go on");
            PaceTest.await(end);
          };
      client.say("MAIL FROM:<s@test>", "RCPT TO:<ducks-a@test>", "DATA").replies(3);
      long heapBefore = heap();
      long directBefore = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
      String piece = ("x".repeat(1022) + "\r\n").repeat(1024);
      for (int i = 0; i < MESSAGE_MEBIOCTETS; i++) {
        client.send(piece);
      }
      long heapGrown = heap() - heapBefore;
      long directGrown = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() - directBefore;
      end.countDown();
      assertTrue(heapGrown < 24 * MEBIOCTET, "heap: " + heapGrown);
      assertTrue(directGrown < 24 * MEBIOCTET, "direct memory: " + directGrown);
      assertEquals(0, site.huey.messages.size());
    }
  }

  /** What is used once garbage is gone. */
  private static long heap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
