package org.openmmp.transport;

import io.netty.channel.WriteBufferWaterMark;
import java.time.Duration;

/**
 * How two joined connections are served.
 *
 * @param idleLimit silence of both sides after which the session ends (rule B3.14)
 * @param closingLimit standstill of both sides after which it ends once we close both
 * @param waterMarks octets waiting for a side above which the other is read no more, and below
 *     which it is read again
 * @param kernelSplice let the kernel move bulk data where both sides are plain TCP on epoll
 */
public record SpliceSettings(
    Duration idleLimit,
    Duration closingLimit,
    WriteBufferWaterMark waterMarks,
    boolean kernelSplice) {

  /** Half an hour, one minute, 32 and 64 KiB, with the kernel's help. */
  public static final SpliceSettings DEFAULT =
      new SpliceSettings(
          Duration.ofMinutes(30), Duration.ofMinutes(1), WriteBufferWaterMark.DEFAULT, true);

  /** The same with another idle limit. */
  public SpliceSettings withIdleLimit(Duration limit) {
    return new SpliceSettings(limit, closingLimit, waterMarks, kernelSplice);
  }
}
