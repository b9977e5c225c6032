package org.openmmp.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.flush.FlushConsolidationHandler;

/**
 * Lets what is written in one turn of the event loop leave together: the recipients of one packet,
 * the replies to them, a short message and its end.
 */
public final class JoinedWrites {
  private JoinedWrites() {}

  /** For all that this handler's channel is written. */
  public static void before(ChannelHandlerContext context) {
    context
        .pipeline()
        .addBefore(
            context.name(),
            null,
            new FlushConsolidationHandler(
                FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES, true));
  }
}
