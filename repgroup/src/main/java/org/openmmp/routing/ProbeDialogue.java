package org.openmmp.routing;

import java.util.List;
import org.openmmp.repgroup.AttemptOutcome;

/**
 * One protocol's dialogue with a store up to the point where a login would begin: the greeting, and
 * TLS as the group's policy has it. No name and no credential is ever said (rule B2.9).
 */
public interface ProbeDialogue {
  /**
   * The last step: how a probe ended.
   *
   * @param outcome {@link AttemptOutcome#ACCEPTED} if the store would be logged in to now; {@link
   *     AttemptOutcome#ABANDONED} if nothing was learnt of it
   * @param reason one sentence for the log; safe to print
   */
  record End(AttemptOutcome outcome, String reason) implements StoreStep {
    /** Whether the store greeted as it should. */
    public boolean greeted() {
      return outcome == AttemptOutcome.ACCEPTED;
    }
  }

  /** Octets from the store, in order, cut anywhere. */
  List<StoreStep> onBytes(byte[] octets);

  /** TLS stands after {@link StoreStep.Simple#START_TLS}. */
  List<StoreStep> onTls();

  /** The octets that take leave, such as {@code LOGOUT}; none before the greeting. */
  byte[] leave();
}
