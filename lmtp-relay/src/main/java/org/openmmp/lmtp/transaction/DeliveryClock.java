package org.openmmp.lmtp.transaction;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.LmtpConfig;
import org.openmmp.repgroup.Choice;

/** The time that one delivery took, and what it has. */
final class DeliveryClock {
  /** What a delivery's time has run out for. */
  enum Due {
    NOTHING,
    SEARCH,
    FINAL_REPLIES,
    WAIT,
    STORE
  }

  private final LmtpConfig.Timeouts timeouts;
  private final Timeline timeline;
  private boolean messageComplete;
  private long finalNanos;

  DeliveryClock(LmtpConfig.Timeouts timeouts, long nowNanos) {
    this.timeouts = timeouts;
    this.timeline = new Timeline(nowNanos);
  }

  /** What took how long. */
  Timeline timeline() {
    return timeline;
  }

  /** What happened, with what took how long. */
  DeliveryReport report(String group, int attempts, int hops, String why) {
    return new DeliveryReport(group, attempts, hops, timeline.stage(), why, timeline.spentNanos());
  }

  /** How long a store may take nothing of the message. */
  Duration stall() {
    return timeouts.stall();
  }

  /** The client's message is complete. */
  void onMessageComplete(Turn turn) {
    messageComplete = true;
    finalNanos = turn.nowNanos() + timeouts.finalReplies().toNanos();
  }

  /** When the client must have its replies. */
  long finalNanos() {
    return finalNanos;
  }

  /** Considers all that is awaited. */
  void consider(
      HostSearch search, @Nullable Choice wait, @Nullable StoreAttempt attempt, NextDeadline next) {
    if (search.underWay()) {
      next.consider(search.deadlineNanos());
    }
    if (messageComplete) {
      next.consider(finalNanos);
    }
    if (wait != null) {
      next.consider(wait.untilNanos());
    }
    if (attempt != null && attempt.timed()) {
      next.consider(attempt.deadlineNanos());
    }
  }

  /** What has run out first. */
  Due due(HostSearch search, @Nullable Choice wait, @Nullable StoreAttempt attempt, long nowNanos) {
    if (search.underWay() && nowNanos - search.deadlineNanos() >= 0) {
      return Due.SEARCH;
    }
    if (messageComplete && nowNanos - finalNanos >= 0) {
      return Due.FINAL_REPLIES;
    }
    if (wait != null && nowNanos - wait.untilNanos() >= 0) {
      return Due.WAIT;
    }
    boolean silent = attempt != null && attempt.timed() && nowNanos - attempt.deadlineNanos() >= 0;
    return silent ? Due.STORE : Due.NOTHING;
  }
}
