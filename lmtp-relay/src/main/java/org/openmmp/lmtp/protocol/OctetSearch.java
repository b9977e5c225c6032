package org.openmmp.lmtp.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Finds line ends, eight octets at a time. */
final class OctetSearch {
  private static final VarHandle EIGHT =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long LINE_FEEDS = ONES * '\n';
  private static final long CARRIAGE_RETURNS = ONES * '\r';

  private OctetSearch() {}

  /** The position of the first LF in the range, or -1. */
  static int lineFeed(ByteBuffer octets, int from, int to) {
    int at = from;
    for (; at <= to - Long.BYTES; at += Long.BYTES) {
      long found = zeros((long) EIGHT.get(octets, at) ^ LINE_FEEDS);
      if (found != 0) {
        return at + Long.numberOfTrailingZeros(found) / Byte.SIZE;
      }
    }
    for (; at < to; at++) {
      if (octets.get(at) == '\n') {
        return at;
      }
    }
    return -1;
  }

  /** The position of the first CR or LF in the range, or -1. */
  static int lineEnd(ByteBuffer octets, int from, int to) {
    int at = from;
    for (; at <= to - Long.BYTES; at += Long.BYTES) {
      long eight = (long) EIGHT.get(octets, at);
      long found = zeros(eight ^ LINE_FEEDS) | zeros(eight ^ CARRIAGE_RETURNS);
      if (found != 0) {
        return at + Long.numberOfTrailingZeros(found) / Byte.SIZE;
      }
    }
    for (; at < to; at++) {
      if (octets.get(at) == '\n' || octets.get(at) == '\r') {
        return at;
      }
    }
    return -1;
  }

  /**
   * Marks with its high bit each octet that is zero; octets above such a one may be marked wrongly,
   * the lowest mark is always right.
   */
  private static long zeros(long octets) {
    return (octets - ONES) & ~octets & HIGH_BITS;
  }
}
