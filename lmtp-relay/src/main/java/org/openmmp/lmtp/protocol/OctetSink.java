package org.openmmp.lmtp.protocol;

import java.nio.ByteBuffer;

/** Takes octets in the order in which they stand in a message. */
@FunctionalInterface
public interface OctetSink {
  /**
   * Takes a range of a buffer; nothing is copied for it.
   *
   * @param octets neither it nor its position is to be changed by the taker, and it is the caller's
   *     again once this returns
   * @param from the index of the first
   * @param to behind the last; more than {@code from}
   */
  void octets(ByteBuffer octets, int from, int to);
}
