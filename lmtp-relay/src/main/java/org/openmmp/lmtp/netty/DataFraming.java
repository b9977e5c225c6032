package org.openmmp.lmtp.netty;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.openmmp.lmtp.protocol.DotStuffer;
import org.openmmp.lmtp.protocol.OctetSink;
import org.openmmp.lmtp.transaction.RelayStep;

/** A message behind DATA: dots stuffed, and a dot for its end. */
final class DataFraming implements BodyFraming {
  private static final int USUAL_DOTS = 64;

  private final DotStuffer stuffer = new DotStuffer();

  @Override
  public boolean repliesToPieces() {
    return false;
  }

  @Override
  public boolean endsWithPiece() {
    return false;
  }

  @Override
  public int room(int octets) {
    return octets + USUAL_DOTS;
  }

  @Override
  public void piece(List<RelayStep.Spool> octets, ByteBuf into) {
    OctetSink sink = (some, from, to) -> into.writeBytes(some, from, to - from);
    for (RelayStep.Spool each : octets) {
      if (each.cutAtDots()) {
        stuffer.stuffCutAtDots(each.octets(), each.from(), each.to(), sink);
      } else {
        stuffer.stuff(each.octets(), each.from(), each.to(), sink);
      }
    }
  }

  @Override
  public void end(List<RelayStep.Spool> last, ByteBuf into) {
    stuffer.end((some, from, to) -> into.writeBytes(some, from, to - from));
  }
}
