package org.openmmp.config;

/**
 * The LMTP client's side: {@code openmmp.lmtp}.
 *
 * @param affinityList whether there is failover, affinity and following of referrals; if not,
 *     exactly the mail host is used (rule B5.5)
 */
public record LmtpConfig(boolean affinityList) {}
