package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.time.Instant;
import org.openmmp.guard.Farewell;
import org.openmmp.wire.Network;

/** A session that does nothing by itself. */
public class QuietSession implements ClientSession {
  private final String id;

  /** One of that name in the log. */
  protected QuietSession(String id) {
    this.id = id;
  }

  @Override
  public void open() {}

  @Override
  public void secured() {}

  @Override
  public void clientSent(ByteBuf octets) {
    octets.release();
  }

  @Override
  public void readMore() {}

  @Override
  public void clientFinished() {}

  @Override
  public void clientGone(String reason) {}

  @Override
  public void end(Farewell why) {}

  @Override
  public SessionFacts facts() {
    Network network = Network.of(InetAddress.getLoopbackAddress());
    return new SessionFacts(id, "imap", network, Instant.EPOCH, "", "", "", "", 0, 0);
  }

  @Override
  public void endAtSafePoint(Farewell why) {}
}
