package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
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
