package org.openmmp.lmtp.netty;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.config.LmtpConfig;
import org.openmmp.lmtp.spool.MessageSpool;
import org.openmmp.lmtp.transaction.RelayStep;

final class SpoolWriterTest {
  private static final int PIECE_OCTETS = 64 * 1024;
  private static final int WORKERS = 4;

  private final EventLoop loop = new DefaultEventLoop();
  private final ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
  private final CountDownLatch disk = new CountDownLatch(1);
  private final CountDownLatch failure = new CountDownLatch(1);

  @AfterEach
  void stop() throws InterruptedException {
    disk.countDown();
    workers.shutdownNow();
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).await();
  }

  @Test
  void clientIsReadOnWhenTheDiskFailsWhileMuchWaitsForIt(@TempDir Path workplace) throws Exception {
    for (int i = 0; i < WORKERS; i++) {
      workers.execute(this::occupy);
    }
    var settings = new LmtpConfig.Spool(0, Optional.of(workplace.resolve("missing")), 1 << 30);
    SpoolWriter writer =
        new SpoolWriter(
            new MessageSpool(settings),
            loop,
            workers,
            () -> {
              throw new AssertionError("nothing can be kept there");
            },
            why -> failure.countDown());
    loop.submit(
            () -> {
              writer.append(piece(1));
              while (writer.hasRoom()) {
                writer.append(piece(PIECE_OCTETS));
              }
            })
        .get();
    assertFalse(loop.submit(writer::hasRoom).get());

    disk.countDown();

    assertTrue(failure.await(20, TimeUnit.SECONDS));
    // Else the rest of a message that is refused already would never be read.
    assertTrue(loop.submit(writer::hasRoom).get());
    loop.submit(writer::close).get();
  }

  private void occupy() {
    try {
      disk.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static RelayStep.Spool piece(int octets) {
    return new RelayStep.Spool(new byte[octets], 0, octets, false);
  }
}
