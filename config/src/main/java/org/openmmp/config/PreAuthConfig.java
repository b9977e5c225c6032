package org.openmmp.config;

import java.util.List;
import org.openmmp.guard.PreAuthLimits;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.NetworkSet;

/**
 * What clients may do before their login, in any protocol with logins.
 *
 * @param mechanisms of SASL, in the order in which they are offered
 * @param capabilities offered before login; empty: learnt from the stores (rules B3.3, B4.1)
 * @param trustedProxies networks of proxies whose word about a client is believed (rule B3.12)
 */
public record PreAuthConfig(
    List<Mechanism> mechanisms,
    List<String> capabilities,
    NetworkSet trustedProxies,
    PreAuthLimits limits) {

  /** Copies the lists. */
  public PreAuthConfig {
    mechanisms = List.copyOf(mechanisms);
    capabilities = List.copyOf(capabilities);
  }
}
