package org.openmmp.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sits behind the decoder of a PROXY header until it has come or its time is over, tells whose the
 * connection is, and goes. What came behind the header goes through the pipeline from its begin,
 * where TLS may stand by then.
 */
final class ProxyHeaderHandler extends ChannelInboundHandlerAdapter {
  private final ClientOrigin socket;
  private final Duration limit;
  private final Consumer<ClientOrigin> ended;
  private final Consumer<Refusal> refused;
  private @Nullable ClientOrigin announced;
  private @Nullable Future<?> deadline;
  private boolean over;

  /**
   * Awaits one header.
   *
   * @param ended hears whose the connection is
   * @param refused hears that it may not be here; at most one of the two is told
   */
  ProxyHeaderHandler(
      ClientOrigin socket,
      Duration limit,
      Consumer<ClientOrigin> ended,
      Consumer<Refusal> refused) {
    this.socket = socket;
    this.limit = limit;
    this.ended = ended;
    this.refused = refused;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    deadline =
        ctx.executor()
            .schedule(() -> refuse(Refusal.SLOW_HEADER), limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof HAProxyMessage header) {
      take(header);
    } else if (announced != null && !over) {
      finish(ctx, announced);
      ctx.pipeline().fireChannelRead(message);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  /** The decoder has left by now, so that nothing it holds can go astray. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (announced != null && !over) {
      finish(ctx, announced);
    }
    ctx.fireChannelReadComplete();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      over = true;
      ctx.close();
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      over = true;
      ctx.close();
    } else {
      refuse(Refusal.BAD_HEADER);
    }
  }

  private void take(HAProxyMessage header) {
    try {
      announced = ProxyHeader.origin(header, socket).orElse(null);
    } finally {
      header.release();
    }
    if (announced == null) {
      refuse(Refusal.BAD_HEADER);
    }
  }

  private void finish(ChannelHandlerContext ctx, ClientOrigin origin) {
    over = true;
    ctx.pipeline().remove(this);
    ended.accept(origin);
  }

  private void refuse(Refusal why) {
    if (!over) {
      over = true;
      refused.accept(why);
    }
  }
}
