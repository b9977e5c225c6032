package org.openmmp.lmtp.netty;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.openmmp.lmtp.transaction.RelayStep;

/** How a message stands on the wire; for one message to one store. */
interface BodyFraming {
  /** Whether the store owes a reply to each piece. */
  boolean repliesToPieces();

  /** Whether the last piece says itself that it is the last. */
  boolean endsWithPiece();

  /** Most octets that a piece of so many may need. */
  int room(int octets);

  /** Writes a piece of the message. */
  void piece(List<RelayStep.Spool> octets, ByteBuf into);

  /** Writes the end of the message with the last piece, which is empty where that ends nothing. */
  void end(List<RelayStep.Spool> last, ByteBuf into);

  /** How many octets. */
  static int count(List<RelayStep.Spool> octets) {
    int count = 0;
    for (RelayStep.Spool each : octets) {
      count += each.count();
    }
    return count;
  }
}
