package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import org.openmmp.guard.Farewell;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands a client's octets and events to its session, until something takes its place. Of a crowd
 * that goes before its logins each session ends in its turn (rule B2.29).
 */
public final class ClientHandler extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(ClientHandler.class);

  private final ClientSession session;
  private boolean failed;

  /** The last handler of a client's pipeline. */
  public ClientHandler(ClientSession session) {
    this.session = session;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    session.clientSent((ByteBuf) message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    session.readMore();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    session.readMore();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      EventLoops.end(context.channel(), session::clientFinished);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    EventLoops.end(context.channel(), () -> session.clientGone("the client closed the connection"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    boolean want = EventLoops.tellWant(context.channel(), cause, "hearing a client");
    if (!want && (cause instanceof IOException || cause instanceof DecoderException)) {
      EventLoops.end(
          context.channel(),
          () -> {
            session.clientGone("the client's connection broke");
            context.close();
          });
    } else {
      // Bugs end here: one session, one stack trace, and an honest farewell if that works.
      if (!want) {
        log.error("a session failed", cause);
      }
      if (failed) {
        context.close();
      } else {
        failed = true;
        session.end(Farewell.INTERNAL_ERROR);
      }
    }
  }
}
