package org.openmmp.lmtp.transaction;

import org.jspecify.annotations.Nullable;
import org.openmmp.config.LmtpConfig;
import org.openmmp.repgroup.Choice;
import org.openmmp.routing.StoreSearch;
import org.openmmp.routing.Timeline;

/** The time that one delivery took, and what it has. */
final class DeliveryClock {
  /** What a delivery's time has run out for. */
  enum Due {
    NOTHING,
    SEARCH,
    GIVE_UP,
    WAIT,
    LEAVE,
    STORE
  }

  private final LmtpConfig.Timeouts timeouts;
  private final Timeline<DeliveryStage> timeline;
  private boolean messageComplete;
  private long giveUpNanos;

  DeliveryClock(LmtpConfig.Timeouts timeouts, long nowNanos) {
    this.timeouts = timeouts;
    this.timeline = new Timeline<>(DeliveryStage.CONNECTING, nowNanos);
  }

  /** What took how long. */
  Timeline<DeliveryStage> timeline() {
    return timeline;
  }

  /** What happened, with what took how long. */
  DeliveryReport report(String group, int attempts, int hops, String why) {
    return new DeliveryReport(group, attempts, hops, timeline.state(), why, timeline.spentNanos());
  }

  /** The client's message is complete: who has not got all of it in time never gets it. */
  void onMessageComplete(Turn turn) {
    messageComplete = true;
    giveUpNanos = turn.nowNanos() + timeouts.giveUp().toNanos();
  }

  private boolean mayGiveUp(@Nullable StoreAttempt attempt) {
    return messageComplete && (attempt == null || !attempt.hasAll());
  }

  /** The earliest of all that is awaited, and of that other time if there is one. */
  @Nullable Long earliest(
      @Nullable Long other,
      StoreSearch search,
      @Nullable Choice wait,
      @Nullable StoreAttempt attempt) {
    Long next = other;
    if (search.underWay()) {
      next = earlier(next, search.deadlineNanos());
    }
    if (mayGiveUp(attempt)) {
      next = earlier(next, giveUpNanos);
    }
    if (wait != null) {
      next = earlier(next, wait.untilNanos());
    }
    Long leaves = attempt == null ? null : search.leavesNanos();
    if (leaves != null) {
      next = earlier(next, leaves);
    }
    if (attempt != null && attempt.timed()) {
      next = earlier(next, attempt.deadlineNanos());
    }
    return next;
  }

  /** The earlier of both. */
  static Long earlier(@Nullable Long one, long other) {
    return one == null || other - one < 0 ? Long.valueOf(other) : one;
  }

  /** What has run out first. */
  Due due(
      StoreSearch search, @Nullable Choice wait, @Nullable StoreAttempt attempt, long nowNanos) {
    if (search.underWay() && nowNanos - search.deadlineNanos() >= 0) {
      return Due.SEARCH;
    }
    if (mayGiveUp(attempt) && nowNanos - giveUpNanos >= 0) {
      return Due.GIVE_UP;
    }
    if (wait != null && nowNanos - wait.untilNanos() >= 0) {
      return Due.WAIT;
    }
    Long leaves = attempt == null ? null : search.leavesNanos();
    if (leaves != null && nowNanos - leaves >= 0) {
      return Due.LEAVE;
    }
    boolean silent = attempt != null && attempt.timed() && nowNanos - attempt.deadlineNanos() >= 0;
    return silent ? Due.STORE : Due.NOTHING;
  }
}
