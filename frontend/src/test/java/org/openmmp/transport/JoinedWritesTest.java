package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class JoinedWritesTest {
  private final Departures departures = new Departures();
  private final EmbeddedChannel channel = new EmbeddedChannel(departures, new Talker());

  @AfterEach
  void releasesAll() {
    channel.finishAndReleaseAll();
  }

  @Test
  void answersToOnePacketLeaveTogether() {
    channel.writeInbound(Unpooled.wrappedBuffer(new byte[3]));
    assertEquals(1, departures.count);
    assertEquals(3, channel.outboundMessages().size());
  }

  @Test
  void whatTasksOfOneTurnWriteLeavesTogether() {
    for (byte i = 0; i < 3; i++) {
      byte octet = i;
      channel.eventLoop().execute(() -> say(octet));
    }
    channel.runPendingTasks();
    assertEquals(1, departures.count);
    assertEquals(3, channel.outboundMessages().size());
  }

  @Test
  void lastWordsLeaveBeforeTheClose() {
    say((byte) 1);
    channel.close();
    assertEquals(1, departures.count);
    ByteBuf words = channel.readOutbound();
    assertEquals(1, words.readableBytes());
    words.release();
  }

  private void say(byte octet) {
    channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {octet}));
  }

  /** Answers each octet by one of its own. */
  private static final class Talker extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      Octets.leaveTogether(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      int octets = ((ByteBuf) message).readableBytes();
      ReferenceCountUtil.release(message);
      for (int i = 0; i < octets; i++) {
        context.channel().writeAndFlush(Unpooled.wrappedBuffer(new byte[1]));
      }
    }
  }

  /** Counts how often something leaves. */
  private static final class Departures extends ChannelOutboundHandlerAdapter {
    private int count;

    @Override
    public void flush(ChannelHandlerContext context) {
      count++;
      context.flush();
    }
  }
}
