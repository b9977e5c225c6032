package org.openmmp.guard;

import java.time.Duration;
import org.openmmp.wire.NetworkSet;

/**
 * Limits on clients (rules B6.3, B6.4, B6.7): {@code openmmp.limits}. In a limit 0 stands for none.
 *
 * @param maxConnections of all clients; always limited
 * @param connectionsPerAddress of one address
 * @param sessionsPerUser of one user after login
 * @param loginsPerSecondPerAddress taken up from one address
 * @param exemptNetworks whose clients only {@code maxConnections} limits, and nothing delays
 * @param connectionsBeforeLogin how many of all clients may not have logged in yet; 0: as many as
 *     their octets allow
 * @param octetsBeforeLogin of memory that those may take together; 0: a quarter of the heap
 */
public record LimitsConfig(
    int maxConnections,
    int connectionsPerAddress,
    int sessionsPerUser,
    int loginsPerSecondPerAddress,
    NetworkSet exemptNetworks,
    Penalty penalty,
    int connectionsBeforeLogin,
    int octetsBeforeLogin) {

  /** With limits before login that follow from the heap. */
  public LimitsConfig(
      int maxConnections,
      int connectionsPerAddress,
      int sessionsPerUser,
      int loginsPerSecondPerAddress,
      NetworkSet exemptNetworks,
      Penalty penalty) {
    this(
        maxConnections,
        connectionsPerAddress,
        sessionsPerUser,
        loginsPerSecondPerAddress,
        exemptNetworks,
        penalty,
        0,
        0);
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
