package org.openmmp.lmtp.store;

import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.protocol.ReferralPattern;
import org.openmmp.routing.Referral;
import org.openmmp.text.HostPort;

/**
 * What holds for every connection to a store.
 *
 * @param hostName this relay's name for LHLO
 * @param referrals finds a referral in a greeting
 * @param mostTransactions of one connection
 */
public record StoreIntroduction(String hostName, ReferralPattern referrals, int mostTransactions) {
  /** The referral in a greeting; null if there is none. */
  @Nullable Referral referralOf(LmtpReply greeting) {
    HostPort target = referrals.in(greeting);
    return target == null ? null : new Referral(target.host(), target.port(), "", false);
  }

  /** The referral in a reply to RCPT (rule B5.6), to no host if none can be read; null if none. */
  public static @Nullable Referral referralOfRecipient(LmtpReply reply) {
    if (!ReferralPattern.refersRecipient(reply)) {
      return null;
    }
    HostPort target = ReferralPattern.ofRecipient(reply);
    return target == null
        ? new Referral("", 0, "", false)
        : new Referral(target.host(), target.port(), "", false);
  }
}
