package org.openmmp.config;

import java.time.Duration;
import java.util.List;

/**
 * What holds for every login: {@code openmmp.login}.
 *
 * @param deadline covers look-up and all attempts of one login (rule B2.6)
 * @param maxPasswordOctets a longer password is refused as a wrong one (rule B3.15)
 * @param masterUserSeparator stands between the user and who authenticates, in a login name such as
 *     {@code user*master}; empty: no login name has that form
 */
public record LoginConfig(
    Duration deadline, int maxPasswordOctets, String masterUserSeparator, Referrals referrals) {
  /**
   * Which referrals are followed (rules B3.5 to B3.8).
   *
   * @param maxHops at most, for one login, 0..10
   * @param trusted patterns of host names outside every group, in lower case; {@code *} stands for
   *     any characters
   * @param followPorts ports other than the group's that a referral may name
   * @param useUser whether the user that a referral names replaces the login's
   */
  public record Referrals(
      int maxHops, List<String> trusted, List<Integer> followPorts, boolean useUser) {
    /** Copies the lists. */
    public Referrals {
      trusted = List.copyOf(trusted);
      followPorts = List.copyOf(followPorts);
    }
  }
}
