package org.openmmp.lmtp.netty;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.openmmp.lmtp.protocol.BdatCommand;
import org.openmmp.lmtp.transaction.RelayStep;

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
  public void piece(List<RelayStep.Spool> octets, ByteBuf into) {
    chunk(octets, false, into);
  }

  @Override
  public void end(List<RelayStep.Spool> last, ByteBuf into) {
    chunk(last, true, into);
  }

  private static void chunk(List<RelayStep.Spool> octets, boolean last, ByteBuf into) {
    BdatCommand command = new BdatCommand(BodyFraming.count(octets), last);
    into.writeCharSequence(command.line() + "\r\n", StandardCharsets.US_ASCII);
    octets.forEach(each -> into.writeBytes(each.octets(), each.from(), each.count()));
  }
}
