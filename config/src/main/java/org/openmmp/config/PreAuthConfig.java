package org.openmmp.config;

import java.util.List;
import org.openmmp.guard.PreAuthLimits;
import org.openmmp.wire.NetworkSet;

/**
 * What clients may do before their login, in any protocol with logins.
 *
 * @param mechanisms SASL names in upper case, in the order in which they are offered: some of
 *     PLAIN, LOGIN, OAUTHBEARER, XOAUTH2, EXTERNAL, SCRAM-SHA-1, SCRAM-SHA-256
 * @param capabilities offered before login; empty: learnt from the stores (rules B3.3, B4.1)
 * @param trustedProxies networks of proxies whose word about a client is believed (rule B3.12)
 */
public record PreAuthConfig(
    List<String> mechanisms,
    List<String> capabilities,
    NetworkSet trustedProxies,
    PreAuthLimits limits) {

  /** Copies the lists. */
  public PreAuthConfig {
    mechanisms = List.copyOf(mechanisms);
    capabilities = List.copyOf(capabilities);
  }
}
