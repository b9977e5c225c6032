package org.openmmp.lmtp.netty;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.openmmp.lmtp.protocol.BdatCommand;

/** A message in chunks (RFC 3030): every octet as it is. */
final class ChunkFraming implements BodyFraming {
  private static final int LONGEST_COMMAND = 40;

  @Override
  public boolean repliesToPieces() {
    return true;
  }

  @Override
  public boolean endsWithPiece() {
    return true;
  }

  @Override
  public int room(int octets) {
    return octets + LONGEST_COMMAND;
  }

  @Override
  public void piece(byte[] octets, int count, ByteBuf into) {
    command(new BdatCommand(count, false), into);
    into.writeBytes(octets, 0, count);
  }

  @Override
  public void end(byte[] octets, int count, ByteBuf into) {
    command(new BdatCommand(count, true), into);
    into.writeBytes(octets, 0, count);
  }

  private static void command(BdatCommand command, ByteBuf into) {
    into.writeCharSequence(command.line() + "\r\n", StandardCharsets.US_ASCII);
  }
}
