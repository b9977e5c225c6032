package org.openmmp.lmtp.protocol;

/** Takes octets in the order in which they stand in a message. */
@FunctionalInterface
public interface OctetSink {
  /**
   * Takes a range of an array; nothing is copied for it.
   *
   * @param octets not to be changed by the taker, and the caller's again once this returns
   * @param from the first
   * @param to behind the last; more than {@code from}
   */
  void octets(byte[] octets, int from, int to);
}
