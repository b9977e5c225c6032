package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.util.Arrays;

/** Octets on their way between buffers and dialogues. */
public final class Octets {
  private Octets() {}

  /**
   * Copies what is readable, overwrites it, for it may hold a secret and its memory is used again,
   * and releases the buffer.
   */
  public static byte[] takenFrom(ByteBuf buffer) {
    try {
      byte[] octets = new byte[buffer.readableBytes()];
      buffer.getBytes(buffer.readerIndex(), octets);
      if (!buffer.isReadOnly()) {
        buffer.setZero(buffer.readerIndex(), octets.length);
      }
      return octets;
    } finally {
      buffer.release();
    }
  }

  /**
   * Lets what is written to this handler's channel in one turn of the event loop leave together:
   * the recipients of one packet, the replies to them, a short message and its end.
   */
  static void leaveTogether(ChannelHandlerContext context) {
    context
        .pipeline()
        .addBefore(
            context.name(),
            null,
            new FlushConsolidationHandler(
                FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES, true));
  }

  /** Two runs of octets as one. */
  public static byte[] joined(byte[] first, byte[] second) {
    if (second.length == 0) {
      return first;
    }
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
