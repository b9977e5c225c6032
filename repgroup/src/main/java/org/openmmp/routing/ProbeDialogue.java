package org.openmmp.routing;

import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;

/**
 * One protocol's dialogue with a store up to the point where a login would begin: the greeting, and
 * TLS as the group's policy has it. No name and no credential is ever said (rule B2.9).
 */
public interface ProbeDialogue {
  /**
   * What is to be done next, in this order.
   *
   * @param send octets to write; may be none
   * @param startTls whether TLS begins now
   * @param end there exactly if this was the last step
   */
  @SuppressWarnings("ArrayRecordComponent") // a message in passing, never compared
  record Step(byte[] send, boolean startTls, @Nullable End end) {}

  /**
   * How a probe ended.
   *
   * @param outcome {@link AttemptOutcome#ACCEPTED} if the store would be logged in to now; {@link
   *     AttemptOutcome#ABANDONED} if nothing was learnt of it
   * @param reason one sentence for the log; safe to print
   */
  record End(AttemptOutcome outcome, String reason) {
    /** Whether the store greeted as it should. */
    public boolean greeted() {
      return outcome == AttemptOutcome.ACCEPTED;
    }
  }

  /** Octets from the store, in order, cut anywhere. */
  Step onBytes(byte[] octets);

  /** TLS stands after a step that began it. */
  Step onTls();

  /** The octets that take leave, such as {@code LOGOUT}; none before the greeting. */
  byte[] leave();
}
