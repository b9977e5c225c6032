package org.openmmp.lmtp.transaction;

import java.util.EnumMap;
import java.util.Map;

/** How long a delivery's attempts took, by stage, in nanoseconds of the caller's clock. */
final class DeliveryTimeline {
  private final Map<DeliveryStage, Long> spentNanos = new EnumMap<>(DeliveryStage.class);
  private DeliveryStage stage = DeliveryStage.CONNECTING;
  private long sinceNanos;
  private boolean stopped;

  DeliveryTimeline(long nowNanos) {
    sinceNanos = nowNanos;
  }

  /** The time until now belongs to the stage before. */
  void enter(DeliveryStage next, long nowNanos) {
    stop(nowNanos);
    stopped = false;
    stage = next;
    sinceNanos = nowNanos;
  }

  /** The stage that was entered last ends now; what follows belongs to none. */
  void stop(long nowNanos) {
    if (!stopped) {
      stopped = true;
      spentNanos.merge(stage, nowNanos - sinceNanos, Long::sum);
    }
  }

  /** The stage that was entered last. */
  DeliveryStage stage() {
    return stage;
  }

  /** The stages that took time, with what they took. */
  Map<DeliveryStage, Long> spentNanos() {
    return spentNanos;
  }
}
