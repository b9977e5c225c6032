package org.openmmp.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Closes connections whose last words are still on their way. */
public final class BoundedClose {
  private static final long LIMIT_SECONDS = 5;

  private BoundedClose() {}

  /** Closes once all that was written is out, or the peer has not taken it for five seconds. */
  public static void behindPending(Channel channel) {
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    if (channel.isOpen()) {
      Future<?> limit =
          channel.eventLoop().schedule(() -> channel.close(), LIMIT_SECONDS, TimeUnit.SECONDS);
      channel.closeFuture().addListener(closed -> limit.cancel(false));
    }
  }
}
