package org.openmmp.storesim.lmtp;

import io.netty.channel.Channel;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How fast one connection is read; on its event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // the next step is all that the timer does
final class ReadingPace {
  private static final int STEPS_PER_SECOND = 20;

  private final Channel connection;
  private @Nullable RecvByteBufAllocator usual;

  ReadingPace(Channel connection) {
    this.connection = connection;
  }

  /** Reads so many octets in a second from now on; 0: as they come. */
  void reading(int octetsPerSecond) {
    if (octetsPerSecond > 0 && usual == null) {
      usual = connection.config().getRecvByteBufAllocator();
      int octets = Math.max(1, octetsPerSecond / STEPS_PER_SECOND);
      var few = new FixedRecvByteBufAllocator(octets);
      few.maxMessagesPerRead(1);
      connection.config().setRecvByteBufAllocator(few).setAutoRead(false);
      step(1000L * octets / octetsPerSecond);
    } else if (octetsPerSecond == 0 && usual != null) {
      connection.config().setRecvByteBufAllocator(usual).setAutoRead(true);
      usual = null;
    }
  }

  private void step(long millis) {
    connection
        .eventLoop()
        .schedule(
            () -> {
              if (usual != null && connection.isOpen()) {
                connection.read();
                step(millis);
              }
            },
            millis,
            TimeUnit.MILLISECONDS);
  }
}
