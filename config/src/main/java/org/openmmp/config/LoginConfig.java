package org.openmmp.config;

import java.time.Duration;
import org.openmmp.repgroup.ReferralTrust;

/**
 * What holds for every login: {@code openmmp.login}.
 *
 * @param deadline covers look-up and all attempts of one login (rule B2.6)
 * @param maxPasswordOctets a longer password is refused as a wrong one (rule B3.15)
 * @param masterUserSeparator stands between the user and who authenticates, in a login name such as
 *     {@code user*master}; empty: no login name has that form
 * @param referrals which referrals are followed (rules B3.5 to B3.8)
 * @param referralsUser whether the user that a referral names replaces the login's
 */
public record LoginConfig(
    Duration deadline,
    int maxPasswordOctets,
    String masterUserSeparator,
    ReferralTrust referrals,
    boolean referralsUser) {}
