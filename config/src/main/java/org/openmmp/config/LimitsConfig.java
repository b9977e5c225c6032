package org.openmmp.config;

import java.time.Duration;
import java.util.List;

/**
 * Limits on clients (rules B6.3, B6.4, B6.7): {@code openmmp.limits}. In a limit 0 stands for none.
 *
 * @param maxConnections of all clients; always limited
 * @param connectionsPerAddress of one address
 * @param sessionsPerUser of one user after login
 * @param loginsPerSecondPerAddress taken up from one address
 * @param exemptNetworks in the form {@code address/bits}: only {@code maxConnections} limits them
 *     and nothing delays them
 */
public record LimitsConfig(
    int maxConnections,
    int connectionsPerAddress,
    int sessionsPerUser,
    int loginsPerSecondPerAddress,
    List<String> exemptNetworks,
    Penalty penalty) {

  /** Copies the list. */
  public LimitsConfig {
    exemptNetworks = List.copyOf(exemptNetworks);
  }

  /**
   * The delay of answers after wrong passwords.
   *
   * @param first after the first wrong one; zero: no delay
   * @param max what it grows to
   * @param decay how long without a wrong password until it is forgotten
   * @param tableSize addresses remembered at most
   */
  public record Penalty(Duration first, Duration max, Duration decay, int tableSize) {}
}
