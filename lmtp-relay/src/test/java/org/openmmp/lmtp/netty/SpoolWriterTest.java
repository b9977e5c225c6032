package org.openmmp.lmtp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.config.LmtpConfig;
import org.openmmp.lmtp.spool.MessageSpool;

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
            settings.memoryOctets(),
            loop,
            workers,
            () -> {
              throw new AssertionError("nothing can be kept there");
            },
            why -> failure.countDown());
    loop.submit(
            () -> {
              append(writer, 1);
              while (writer.hasRoom()) {
                append(writer, PIECE_OCTETS);
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

  // B5.7, B5.9: whatever the pieces, the disk's pace, and how much may stay in memory
  @ParameterizedTest
  @ValueSource(ints = {0, 1000, 50_000, 300_000})
  void whatIsHeldOrInTheFileIsWhatWasAppended(int memory, @TempDir Path workplace)
      throws Exception {
    Random random = new Random(memory);
    EmbeddedChannel channel = new EmbeddedChannel();
    Deque<Runnable> writes = new ArrayDeque<>();
    MessageSpool spool =
        new MessageSpool(new LmtpConfig.Spool(memory, Optional.of(workplace), 1 << 30));
    SpoolWriter writer =
        new SpoolWriter(
            spool,
            memory,
            channel.eventLoop(),
            writes::add,
            () -> {},
            why -> {
              throw new AssertionError(why);
            });
    ByteBuf message = Unpooled.buffer();
    while (message.readableBytes() < 900_000) {
      byte[] octets = new byte[1 + random.nextInt(random.nextBoolean() ? 100 : 60_000)];
      random.nextBytes(octets);
      message.writeBytes(octets);
      ByteBuf buffer = Unpooled.buffer(octets.length * (1 + random.nextInt(4)) + 3);
      buffer.writeZero(3).writeBytes(octets);
      writer.append(buffer, 3, octets.length);
      buffer.release();
      if (random.nextInt(3) == 0 && !writes.isEmpty()) {
        writes.remove().run();
        channel.runPendingTasks();
      }
      assertEquals(message.readableBytes(), writer.octets());
      assertReads(message, writer, random.nextInt(message.readableBytes()));
    }
    writer.end();
    assertEquals(writes.isEmpty(), writer.complete());
    while (!writes.isEmpty()) {
      writes.remove().run();
      channel.runPendingTasks();
    }
    assertTrue(writer.complete());
    assertReads(message, writer, 0);
    assertTrue(writer.octets() - writer.heldFrom() <= Math.max(memory, 256 * 1024) + 120_000);
    writer.close();
    channel.finish();
  }

  private static void assertReads(ByteBuf message, SpoolWriter writer, int position)
      throws IOException {
    ByteBuf read = Unpooled.buffer();
    int inFile = (int) Math.max(0, writer.heldFrom() - position);
    byte[] octets = new byte[inFile];
    if (inFile > 0) {
      writer.file().read(position, ByteBuffer.wrap(octets));
    }
    read.writeBytes(octets);
    while (position + read.readableBytes() < writer.octets()) {
      for (ByteBuf each : writer.held(position + read.readableBytes(), 10_000)) {
        read.writeBytes(each);
        each.release();
      }
    }
    assertEquals(message.slice(position, message.readableBytes() - position), read);
  }

  // L9, B5.9: what is kept is not much more than the message has octets
  @Test
  void smallPiecesDoNotHoldTheBuffersThatTheyCameIn(@TempDir Path workplace) {
    var settings = new LmtpConfig.Spool(1 << 20, Optional.of(workplace), 1 << 30);
    SpoolWriter writer =
        new SpoolWriter(new MessageSpool(settings), 1 << 20, loop, workers, () -> {}, why -> {});
    for (int octets : List.of(1, 100, 511, 20_000, 32_767)) {
      ByteBuf buffer = Unpooled.buffer(PIECE_OCTETS).writeZero(PIECE_OCTETS);
      writer.append(buffer, 7, octets);
      assertTrue(buffer.release(), octets + " octets hold " + PIECE_OCTETS);
    }
    ByteBuf full = Unpooled.buffer(PIECE_OCTETS).writeZero(PIECE_OCTETS);
    writer.append(full, 0, PIECE_OCTETS - 1);
    assertFalse(full.release(), "it is kept as it is");
    writer.close();
    assertEquals(0, full.refCnt());
  }

  private void occupy() {
    try {
      disk.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void append(SpoolWriter writer, int octets) {
    writer.append(Unpooled.wrappedBuffer(new byte[octets]), 0, octets);
  }
}
