package org.openmmp.transport;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Lets a listener pause for a second where a connection cannot be accepted, for want of descriptors
 * as a rule: trying again at once would only spin. The connections wait in the kernel meanwhile.
 */
@ChannelHandler.Sharable // an address may be bound again and again
public final class AcceptPause extends ChannelInboundHandlerAdapter {
  private final Consumer<Throwable> why;

  /**
   * One for the listeners of one bootstrap.
   *
   * @param why hears why, at the begin of each pause
   */
  public AcceptPause(Consumer<Throwable> why) {
    this.why = why;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (ctx.channel().config().isAutoRead()) {
      ctx.channel().config().setAutoRead(false);
      why.accept(cause);
      ctx.executor().schedule(() -> ctx.channel().config().setAutoRead(true), 1, TimeUnit.SECONDS);
    }
  }
}
