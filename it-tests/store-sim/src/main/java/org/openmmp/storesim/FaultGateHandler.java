package org.openmmp.storesim;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;

/**
 * The first handler of every connection to a node: it swallows bytes while the node hangs and
 * resets the connection where that is the fault.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the promise is the writer's, and a close needs none
final class FaultGateHandler extends ChannelDuplexHandler {
  /** Set on a connection that lost bytes or its greeting here: it can never go on. */
  static final AttributeKey<Boolean> SWALLOWED =
      AttributeKey.valueOf(FaultGateHandler.class, "swallowed");

  private final StoreNode node;

  FaultGateHandler(StoreNode node) {
    this.node = node;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (node.behaviour().fault() == Fault.RESET) {
      ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
      ctx.close();
    } else if (hangs()) {
      swallow(ctx);
    } else {
      ctx.fireChannelActive();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (hangs() || ctx.channel().hasAttr(SWALLOWED)) {
      swallow(ctx);
      ReferenceCountUtil.release(message);
    } else {
      ctx.fireChannelRead(message);
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (hangs()) {
      swallow(ctx);
      ReferenceCountUtil.release(message);
    } else {
      ctx.write(message, promise);
    }
  }

  private boolean hangs() {
    return node.behaviour().fault() == Fault.HANG;
  }

  private static void swallow(ChannelHandlerContext ctx) {
    ctx.channel().attr(SWALLOWED).set(true);
  }
}
