package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openmmp.guard.Farewell;

final class ClientHandlerTest {
  private static final class Session extends QuietSession {
    private final List<String> heard = new ArrayList<>();

    Session() {
      super("client");
    }

    @Override
    public void clientSent(byte[] octets) {
      heard.add(octets.length + " octets");
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
}
