package org.openmmp.lmtp.netty;

import io.netty.buffer.ByteBuf;
import org.openmmp.lmtp.protocol.DotStuffer;

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
  public void piece(byte[] octets, int count, ByteBuf into) {
    stuffer.stuff(octets, 0, count, (some, from, to) -> into.writeBytes(some, from, to - from));
  }

  @Override
  public void end(byte[] octets, int count, ByteBuf into) {
    stuffer.end((some, from, to) -> into.writeBytes(some, from, to - from));
  }
}
