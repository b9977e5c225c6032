package org.openmmp.lmtp.store;

import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.Referral;
import org.openmmp.routing.StoreStep;

/** What a store's octets come to beside what all protocols have. */
public sealed interface StoreEvent extends StoreStep {
  /** A referral stood in the greeting; if nothing is said of it, {@link StoreConversation#goOn}. */
  record Referred(Referral referral) implements StoreEvent {}

  /** A command was answered. */
  record Answered(StoreCommand command, LmtpReply reply) implements StoreEvent {}

  /** The connection is of no use any more. */
  record Failed(AttemptOutcome outcome, String reason) implements StoreEvent {}
}
