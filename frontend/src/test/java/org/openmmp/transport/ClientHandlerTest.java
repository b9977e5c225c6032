package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openmmp.guard.Farewell;

final class ClientHandlerTest {
  private static final class Session extends QuietSession {
    private final List<String> heard = new ArrayList<>();

    Session() {
      super("client");
    }

    @Override
    public void clientSent(ByteBuf octets) {
      heard.add(octets.readableBytes() + " octets");
      octets.release();
    }

    @Override
    public void readMore() {}

    @Override
    public void clientGone(String reason) {
      heard.add("gone");
    }

    @Override
    public void end(Farewell why) {
      heard.add(why.name());
    }
  }

  private final Session session = new Session();
  private final EmbeddedChannel client = new EmbeddedChannel(new ClientHandler(session));

  @Test
  void mistakeIsAnsweredWithAGoodbyeAndASecondOneWithAClose() {
    client.pipeline().fireExceptionCaught(new IllegalStateException("first"));
    assertTrue(client.isOpen(), "the goodbye is on its way");
    client.pipeline().fireExceptionCaught(new IllegalStateException("in the goodbye"));
    assertFalse(client.isOpen());
    assertEquals(List.of("INTERNAL_ERROR", "gone"), session.heard);
  }

  // B2.22
  @Test
  void clientForWhomNoMemoryIsLeftHearsAGoodbyeAndItIsToldOnce() throws Exception {
    List<String> wants = new CopyOnWriteArrayList<>();
    EventLoops loops =
        new EventLoops(
            1, "loop", LocalIoHandler.newFactory(), (want, doing) -> wants.add(want + " " + doing));
    try {
      LocalChannel channel = new LocalChannel();
      channel.pipeline().addLast(new ClientHandler(session));
      loops.register(channel).sync();
      Throwable lacking = new DecoderException(new OutOfMemoryError("direct buffer memory"));
      loops.submit(() -> channel.pipeline().fireExceptionCaught(lacking)).sync();
      assertEquals(List.of("INTERNAL_ERROR"), session.heard);
      assertEquals(List.of("MEMORY hearing a client"), wants);
    } finally {
      loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  /** Writes fail for that reason. */
  private static final class Failing extends ChannelOutboundHandlerAdapter {
    private final Throwable why;

    Failing(Throwable why) {
      this.why = why;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      ReferenceCountUtil.release(message);
      promise.setFailure(why);
    }
  }

  // B2.22: the next answer would be taken for the one that is missing
  @Test
  void answerThatNoMemoryIsLeftForEndsTheSession() {
    client.pipeline().addFirst(new Failing(new OutOfMemoryError("direct buffer memory")));
    Octets.tell(client, "a OK\r\n".getBytes(StandardCharsets.US_ASCII));
    assertEquals(List.of("INTERNAL_ERROR"), session.heard);
  }

  @Test
  void answerToAClientThatHasGoneIsHeardOfOtherwise() {
    client.pipeline().addFirst(new Failing(new ClosedChannelException()));
    Octets.tell(client, "a OK\r\n".getBytes(StandardCharsets.US_ASCII));
    assertEquals(List.of(), session.heard);
  }
}
