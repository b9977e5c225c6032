package org.openmmp.lmtp.netty;

import io.netty.buffer.ByteBuf;

/** How a message stands on the wire; for one message to one store. */
interface BodyFraming {
  /** Whether the store owes a reply to each piece. */
  boolean repliesToPieces();

  /** Most octets that a piece of so many may need. */
  int room(int octets);

  /** Writes a piece of the message, the first so many of the octets. */
  void piece(byte[] octets, int count, ByteBuf into);

  /** Writes the end of the message. */
  void end(ByteBuf into);
}
