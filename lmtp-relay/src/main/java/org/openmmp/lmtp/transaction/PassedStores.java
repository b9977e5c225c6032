package org.openmmp.lmtp.transaction;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.store.StoreCapacity;
import org.openmmp.lmtp.store.StorePlace;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.StoreHost;

/**
 * The hosts of its group that one delivery passes by: for good those that have failed with its
 * message, and those that owe others an answer as long as another may take it (rule B5.17).
 */
final class PassedStores {
  private final StoreCapacity capacity;
  private final StoreCapacity.Claim claim;

  /** None of them is given the message twice. */
  private final Map<StoreHost, AttemptOutcome> failed = new HashMap<>();

  private final Set<StoreHost> silent = new HashSet<>();
  private boolean asksSilentToo;
  private boolean neverAsksSilent;

  /** Of a delivery that passes by none. */
  PassedStores(StoreCapacity capacity, StoreCapacity.Claim claim) {
    this.capacity = capacity;
    this.claim = claim;
  }

  /** That host failed once the walk had ended with it. */
  void failed(StoreHost host, AttemptOutcome outcome) {
    failed.put(host, outcome);
  }

  /** Whether some of these owe others an answer, and some do not. */
  boolean divide(List<StorePlace> places, long nowNanos) {
    long owe = places.stream().filter(place -> capacity.isSilent(claim, place, nowNanos)).count();
    return owe > 0 && owe < places.size();
  }

  /** Too many wait at hosts that owe them an answer: this goes to none of those, whatever comes. */
  void neverAskSilent() {
    neverAsksSilent = true;
  }

  /** How a host has failed that is passed by; null: it is asked. */
  @Nullable AttemptOutcome without(StorePlace place, long nowNanos) {
    AttemptOutcome before = failed.get(place.host());
    if (before != null || asksSilentToo) {
      return before;
    }
    if (capacity.isSilent(claim, place, nowNanos)) {
      silent.add(place.host());
    }
    return silent.contains(place.host()) ? AttemptOutcome.UNREACHABLE : null;
  }

  /** Nobody else takes the message: whether the delivery ends without those that owe an answer. */
  boolean endsWithoutSilent() {
    return !silent.isEmpty() && neverAsksSilent;
  }

  /** Nobody else takes the message: whether those that owe an answer are asked too, from now on. */
  boolean turnsToSilent() {
    boolean turns = !silent.isEmpty() && !asksSilentToo;
    asksSilentToo |= turns;
    return turns;
  }
}
