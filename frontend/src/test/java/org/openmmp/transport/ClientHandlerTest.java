package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.handler.codec.DecoderException;
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
}
