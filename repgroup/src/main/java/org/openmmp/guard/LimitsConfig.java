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
 */
public record LimitsConfig(
    int maxConnections,
    int connectionsPerAddress,
    int sessionsPerUser,
    int loginsPerSecondPerAddress,
    NetworkSet exemptNetworks,
    Penalty penalty,
    BeforeLogin beforeLogin) {

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
        new BeforeLogin(0, 0));
  }

  /**
   * What all clients together may take before they have logged in.
   *
   * @param connections how many they are at most; 0: as many as the octets allow
   * @param octets of memory at most; 0: a quarter of the heap
   */
  public record BeforeLogin(int connections, int octets) {}

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
