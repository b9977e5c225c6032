package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Octets on their way between buffers and dialogues. */
public final class Octets {
  /**
   * Hears of one write that nothing may be missing from: what lacked for it here (rule B2.22) ends
   * the connection, for the octets behind a gap would be understood as others. What the peer did is
   * heard of otherwise.
   */
  static final ChannelFutureListener NO_GAP =
      written -> {
        if (!written.isSuccess() && !(written.cause() instanceof IOException)) {
          written.channel().pipeline().fireExceptionCaught(written.cause());
        }
      };

  private Octets() {}

  /** Writes what a client is told, all of it or nothing more. */
  public static void tell(Channel client, byte[] octets) {
    ByteBuf copy = copied(octets, client);
    if (copy != null) {
      client.writeAndFlush(copy).addListener(NO_GAP);
    }
  }

  /**
   * A copy in a buffer as that channel writes them, for Netty would make one of any other; null,
   * and an exception in its pipeline, if this machine has none left (rule B2.22).
   */
  static @Nullable ByteBuf copied(byte[] octets, Channel to) {
    try {
      return to.alloc().buffer(octets.length).writeBytes(octets);
    } catch (OutOfMemoryError none) {
      to.pipeline().fireExceptionCaught(none);
      return null;
    }
  }

  /**
   * Copies what is readable, overwrites it, for it may hold a secret and its memory is used again,
   * and releases the buffer.
   */
  public static byte[] takenFrom(ByteBuf buffer) {
    try {
      byte[] octets = new byte[buffer.readableBytes()];
      int from = buffer.readerIndex();
      buffer.readBytes(octets); // getBytes would make a view of the buffer first
      if (!buffer.isReadOnly()) {
        buffer.setZero(from, octets.length);
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
