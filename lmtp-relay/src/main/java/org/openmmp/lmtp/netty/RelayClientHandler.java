package org.openmmp.lmtp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import org.openmmp.lmtp.transaction.Farewell;
import org.openmmp.transport.Octets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands a client's octets and events to its session. */
final class RelayClientHandler extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(RelayClientHandler.class);

  private final RelayDriver driver;
  private boolean failed;

  RelayClientHandler(RelayDriver driver) {
    this.driver = driver;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    JoinedWrites.before(context);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    driver.clientSent(Octets.takenFrom((ByteBuf) message));
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    driver.readMore();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    driver.readMore();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    driver.clientGone("the client closed the connection");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException || cause instanceof DecoderException) {
      driver.clientGone("the client's connection broke");
      context.close();
    } else {
      // Bugs end here: one session, one stack trace, and an honest farewell if that works.
      log.error("a session failed", cause);
      if (failed) {
        context.close();
      } else {
        failed = true;
        driver.end(Farewell.INTERNAL_ERROR);
      }
    }
  }
}
