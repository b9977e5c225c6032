package org.openmmp.lmtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class RelayMemoryTest {
  private static final long MEBIOCTET = 1 << 20;
  private static final int MESSAGE_MEBIOCTETS = 192;

  @TempDir Path directory;

  // L9, B5.9: in the middle of a long message memory is where it was at its beginning
  @Test
  void longMessageIsInItsFile() throws Exception {
    AtomicLong heapGrown = new AtomicLong();
    AtomicLong directGrown = new AtomicLong();
    try (RelaySite site = new RelaySite(directory, "openmmp.lmtp.spool.max-message = 1073741824");
        LmtpLine client = site.client()) {
      long heapBefore = heap();
      long directBefore = direct();
      site.huey.behaviour =
          (store, line) -> {
            store.serveEnvelope(line);
            line.say("354 go on");
            for (int i = 0; i < MESSAGE_MEBIOCTETS; i++) {
              line.octets((int) MEBIOCTET);
              if (i == MESSAGE_MEBIOCTETS / 2) {
                heapGrown.set(heap() - heapBefore);
                directGrown.set(direct() - directBefore);
              }
            }
            assertEquals(".", line.line());
            line.say("250 2.0.0 got it");
          };
      client.say("MAIL FROM:<s@test>", "RCPT TO:<ducks-a@test>", "DATA").replies(3);
      String piece = ("x".repeat(1022) + "\r\n").repeat(1024);
      for (int i = 0; i < MESSAGE_MEBIOCTETS; i++) {
        client.send(piece);
      }
      assertEquals("250 2.0.0 got it", client.say(".").reply());
      assertTrue(heapGrown.get() < 24 * MEBIOCTET, "heap: " + heapGrown);
      assertTrue(directGrown.get() < 24 * MEBIOCTET, "direct memory: " + directGrown);
    }
  }

  private static long direct() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  /** What is used once garbage is gone. */
  private static long heap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
