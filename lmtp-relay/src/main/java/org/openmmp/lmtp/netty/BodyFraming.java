package org.openmmp.lmtp.netty;

import io.netty.buffer.ByteBuf;

/** How a message stands on the wire; for one message to one store. */
interface BodyFraming {
  /** Whether the store owes a reply to each piece. */
  boolean repliesToPieces();

  /** Whether the last piece says itself that it is the last. */
  boolean endsWithPiece();

  /** Most octets that a piece of so many may need. */
  int room(int octets);

  /** Writes a piece of the message, the first so many of the octets. */
  void piece(byte[] octets, int count, ByteBuf into);

  /** Writes the end of the message with the last piece, which is empty where that ends nothing. */
  void end(byte[] octets, int count, ByteBuf into);
}
