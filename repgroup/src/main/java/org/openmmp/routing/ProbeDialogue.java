package org.openmmp.routing;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;

/**
 * One protocol's dialogue with a store up to the point where a login would begin: the greeting, and
 * TLS as the group's policy has it. No name and no credential is ever said (rule B2.9), unless an
 * administrator gave them to try them (rule B8.4).
 */
public interface ProbeDialogue {
  /**
   * The last step: how a probe ended.
   *
   * @param outcome {@link AttemptOutcome#ACCEPTED} if the store would be logged in to now; {@link
   *     AttemptOutcome#ABANDONED} if nothing was learnt of it
   * @param reason one sentence for the log; safe to print
   * @param referral where the store refers a login to that was tried; null if it does not
   * @param seen what it saw of the host; null if that did not greet
   */
  record End(
      AttemptOutcome outcome, String reason, @Nullable Referral referral, @Nullable HostTraits seen)
      implements StoreStep {
    /** One that refers to no other host. */
    public End(AttemptOutcome outcome, String reason) {
      this(outcome, reason, null);
    }

    /** One that tells nothing of what it saw. */
    public End(AttemptOutcome outcome, String reason, @Nullable Referral referral) {
      this(outcome, reason, referral, null);
    }

    /** Whether the store greeted as it should. */
    public boolean greeted() {
      return outcome == AttemptOutcome.ACCEPTED;
    }
  }

  /** Octets from the store, in order, cut anywhere. */
  List<StoreStep> onBytes(byte[] octets);

  /** TLS stands after {@link StoreStep.Simple#START_TLS}. */
  List<StoreStep> onTls();

  /** What was seen of the host until now, but for its certificate and its clock's distance. */
  default HostTraits seen() {
    return HostTraits.NONE;
  }

  /** The octets that take leave, such as {@code LOGOUT}; none before the greeting. */
  byte[] leave();
}
