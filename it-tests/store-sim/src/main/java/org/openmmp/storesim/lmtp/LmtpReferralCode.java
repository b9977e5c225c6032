package org.openmmp.storesim.lmtp;

import org.openmmp.storesim.StoreNode.Target;

/** The words of a referral (rule B5.6). */
final class LmtpReferralCode {
  private LmtpReferralCode() {}

  /** The project's own form, for a greeting. */
  static String inGreeting(Target target) {
    return target.verbatim().isEmpty()
        ? "[REFERRAL lmtp://" + server(target) + "/]"
        : target.verbatim();
  }

  /** Where one recipient is to be delivered, as Dovecot says it. */
  static String ofRecipient(Target target, String user) {
    return target.verbatim().isEmpty() ? user + '@' + server(target) : target.verbatim();
  }

  private static String server(Target target) {
    return target.host() + (target.port() == 0 ? "" : ":" + target.port());
  }
}
