package org.openmmp.storesim.pop3;

import org.openmmp.storesim.StoreNode.Target;

/** The response code of a referral. */
final class Pop3ReferralCode {
  private Pop3ReferralCode() {}

  /**
   * {@code SYS/REFER/host}, or, where a port is to be named, the form that has one: Dovecot's
   * {@code REFERRAL/user@host:port}.
   *
   * @param user empty if nobody has given a name yet
   */
  static String code(Target target, String user) {
    if (!target.verbatim().isEmpty()) {
      return target.verbatim();
    }
    return target.port() == 0
        ? "SYS/REFER/" + target.host()
        : "REFERRAL/" + (user.isEmpty() ? "" : user + "@") + target.host() + ":" + target.port();
  }
}
