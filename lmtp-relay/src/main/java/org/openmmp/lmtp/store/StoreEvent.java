package org.openmmp.lmtp.store;

import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.Referral;

/** What a store's octets come to. */
public sealed interface StoreEvent {
  /** Something is to be sent now. */
  @SuppressWarnings("ArrayRecordComponent") // a message in passing, never compared
  record Send(byte[] octets) implements StoreEvent {}

  /** TLS is to begin now; nothing waits behind the store's go-ahead (T2). */
  record StartTls() implements StoreEvent {}

  /** The greeting was a good one. */
  record Greeted() implements StoreEvent {}

  /** A referral stood in the greeting; if nothing is said of it, {@link StoreConversation#goOn}. */
  record Referred(Referral referral) implements StoreEvent {}

  /** The store is told next who the client is. */
  record Named() implements StoreEvent {}

  /** The store is ready for a transaction. */
  record Opened() implements StoreEvent {}

  /** A command was answered. */
  record Answered(StoreCommand command, LmtpReply reply) implements StoreEvent {}

  /** The connection is of no use any more. */
  record Failed(AttemptOutcome outcome, String reason) implements StoreEvent {}
}
