package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SpliceMemoryTest {
  private static final String WAYS = "org.openmmp.transport.SpliceTest#ways";
  private static final int BULK = 50 * 1024 * 1024;
  private static final int STEP = 16 * 1024;

  /** The high water mark, and the reads that went over it. */
  private static final long PENDING_BOUND = 4 * 64 * 1024;

  private static final long BOUND = 4 * 1024 * 1024;

  // B6
  @ParameterizedTest
  @MethodSource(WAYS)
  void slowReaderCostsNoMoreThanTheWaterMarks(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings);
        SpliceRig.Pair pair = rig.connect()) {
      long before = usedDirect();
      CompletableFuture<Long> sent = SpliceRig.async(() -> send(pair.store().getOutputStream()));
      InputStream in = pair.client().getInputStream();
      Random expected = new Random(7);
      byte[] part = new byte[512 * 1024];
      byte[] wanted = new byte[part.length];
      for (int received = 0; received < BULK; received += part.length) {
        assertEquals(part.length, in.readNBytes(part, 0, part.length));
        expected.nextBytes(wanted);
        assertTrue(Arrays.equals(wanted, part), "wrong octets after " + received);
        rig.onLoop(() -> assertTrue(usedDirect() - before <= BOUND, SpliceMemoryTest::grown));
      }
      assertEquals(BULK, sent.get(30, TimeUnit.SECONDS));
    }
  }

  /** Netty's io_uring channel reads a peer that has closed to its end, whatever one does. */
  static Stream<Arguments> boundedWays() {
    return SpliceTest.ways().filter(way -> way.get()[0] != Transports.Kind.IO_URING);
  }

  /** The store is gone while the kernel still holds much of what it sent: nothing may slurp it. */
  @ParameterizedTest
  @MethodSource("boundedWays")
  void storeThatClosesBeforeASlowReaderCostsNoMore(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    byte[] data = new byte[5 * 1024 * 1024];
    new Random(8).nextBytes(data);
    try (SpliceRig rig = new SpliceRig(kind, settings);
        SpliceRig.Pair pair = rig.connect()) {
      pair.client().setReceiveBufferSize(64 * 1024);
      pair.clientChannel().config().setOption(ChannelOption.SO_SNDBUF, 64 * 1024);
      pair.storeChannel().config().setOption(ChannelOption.SO_RCVBUF, 1024 * 1024);
      SpliceRig.async(
          () -> {
            pair.store().getOutputStream().write(data);
            pair.store().close();
            return true;
          });
      InputStream in = pair.client().getInputStream();
      byte[] received = new byte[data.length];
      for (int at = 0; at < received.length; at += STEP) {
        assertEquals(STEP, in.readNBytes(received, at, STEP));
        rig.onLoop(() -> assertTrue(pending(pair.clientChannel()) <= PENDING_BOUND));
      }
      assertArrayEquals(data, received);
      assertEquals(-1, in.read());
      pair.client().close();
      assertEquals(SpliceEnd.Reason.STORE_CLOSED, rig.awaitEnd().reason());
    }
  }

  private static long pending(Channel channel) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    return out == null ? 0 : out.totalPendingWriteBytes();
  }

  @ParameterizedTest
  @MethodSource(WAYS)
  void idleSessionsHoldOneHandlerASideAndNoBuffer(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings)) {
      List<SpliceRig.Pair> pairs = new ArrayList<>();
      long before = usedDirect();
      for (int i = 0; i < 1_000; i++) {
        SpliceRig.Pair pair = rig.connect();
        pair.client().getOutputStream().write('x');
        assertEquals('x', pair.store().getInputStream().read());
        pair.store().getOutputStream().write('y');
        assertEquals('y', pair.client().getInputStream().read());
        pairs.add(pair);
      }
      rig.onLoop(() -> assertTrue(usedDirect() - before <= BOUND / 4, SpliceMemoryTest::grown));
      for (SpliceRig.Pair pair : pairs) {
        assertEquals(1, pair.clientChannel().pipeline().toMap().size());
        assertEquals(1, pair.storeChannel().pipeline().toMap().size());
        pair.close();
      }
    }
  }

  private static long send(OutputStream out) throws IOException {
    Random random = new Random(7);
    byte[] part = new byte[512 * 1024];
    for (int sent = 0; sent < BULK; sent += part.length) {
      random.nextBytes(part);
      out.write(part);
    }
    return BULK;
  }

  private static long usedDirect() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  private static String grown() {
    return "direct memory in use: " + usedDirect();
  }
}
