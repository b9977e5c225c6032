package org.openmmp.lmtp.transaction;

import org.openmmp.lmtp.store.StoreConversation;
import org.openmmp.lmtp.store.StorePlace;

/** Makes the attempts of one delivery, on connections that were kept or on new ones. */
final class Attempts {
  private final Relay relay;
  private final Envelope envelope;
  private final DeliveryTimeline timeline;
  private final AttemptEnding ending;
  private int count;

  Attempts(Relay relay, Envelope envelope, DeliveryTimeline timeline, AttemptEnding ending) {
    this.relay = relay;
    this.envelope = envelope;
    this.timeline = timeline;
    this.ending = ending;
  }

  /** How many hosts were tried. */
  int count() {
    return count;
  }

  /** One at the host that is next. */
  StoreAttempt at(StorePlace place, Turn turn) {
    count++;
    StoreConversation kept = relay.idle().take(place, turn.nowNanos());
    return kept == null ? again(place, turn) : attempt(kept, true, turn);
  }

  /** One more at the same host, whose kept connection was no good. */
  StoreAttempt again(StorePlace place, Turn turn) {
    var introduction = relay.settings().introduction();
    return attempt(new StoreConversation(place, introduction), false, turn);
  }

  private StoreAttempt attempt(StoreConversation store, boolean reused, Turn turn) {
    timeline.enter(DeliveryStage.CONNECTING, turn.nowNanos());
    var timeouts = relay.settings().config().timeouts();
    return new StoreAttempt(store, reused, envelope.mail(), timeouts, timeline, ending);
  }
}
