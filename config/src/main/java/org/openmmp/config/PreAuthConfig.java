package org.openmmp.config;

import java.util.List;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.NetworkSet;

/**
 * What clients may do before their login, in any protocol with logins.
 *
 * @param mechanisms of SASL, in the order in which they are offered
 * @param capabilities offered before login; empty: learnt from the stores (rules B3.3, B4.1)
 * @param trustedProxies networks of proxies whose word about a client is believed (rule B3.12)
 * @param lineOctets the longest line (rule B6.1), SASL responses included; tokens need some
 *     thousands
 * @param pipelinedOctets how much is kept of what comes behind a login under way
 * @param badCommands the bad command of this number ends the connection
 * @param failedLogins the failed login of this number ends the connection
 */
public record PreAuthConfig(
    List<Mechanism> mechanisms,
    List<String> capabilities,
    NetworkSet trustedProxies,
    int lineOctets,
    int pipelinedOctets,
    int badCommands,
    int failedLogins) {

  /** Copies the lists, and checks that each limit is 1 or more. */
  public PreAuthConfig {
    if (Math.min(Math.min(lineOctets, pipelinedOctets), Math.min(badCommands, failedLogins)) < 1) {
      throw new IllegalArgumentException("a limit is 1 or more");
    }
    mechanisms = List.copyOf(mechanisms);
    capabilities = List.copyOf(capabilities);
  }
}
