package org.openmmp.lmtp.transaction;

import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.store.StoreConversation;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.Referral;

/** Who hears what becomes of a {@link StoreAttempt}; the last four are its end, one of them. */
interface AttemptEnding {
  /** A referral stood in the greeting: leave, or {@link StoreConversation#goOn}. */
  void referred(Referral referral, Turn turn);

  /** The store answered RCPT. */
  void recipientAnswered(Recipient recipient, LmtpReply reply, Turn turn);

  /** The store has given its last word for a recipient. */
  void recipientFinished(Recipient recipient, LmtpReply reply, Turn turn);

  /** All has been said. */
  void completed(Turn turn);

  /** The store refuses all of it for good. */
  void refused(LmtpReply reply, Turn turn);

  /** Nothing was delivered here: another host may be tried. */
  void failed(AttemptOutcome outcome, String reason, Turn turn);

  /** The message may have been delivered to those who have no last word yet. */
  void lost(String reason, Turn turn);
}
