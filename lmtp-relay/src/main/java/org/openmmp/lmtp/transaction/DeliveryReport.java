package org.openmmp.lmtp.transaction;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the delivery to one group went.
 *
 * @param group its name
 * @param attempts hosts that were tried
 * @param hops referrals that were followed
 * @param lastStage how far the last attempt came
 * @param why the reason of the last choice, or of the failure; no secret, not yet safe to print
 * @param spentNanos nanoseconds by stage, over all attempts
 */
public record DeliveryReport(
    String group,
    int attempts,
    int hops,
    DeliveryStage lastStage,
    String why,
    Map<DeliveryStage, Long> spentNanos) {
  /** Copies the map, in the order of its keys, which is that of time. */
  public DeliveryReport {
    spentNanos = Collections.unmodifiableMap(new TreeMap<>(spentNanos));
  }
}
