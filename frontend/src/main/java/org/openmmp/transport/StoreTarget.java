package org.openmmp.transport;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.TlsPolicy;

/**
 * A store to connect to.
 *
 * @param host a name or an address literal without brackets
 * @param port 1..65535
 * @param tls how the connection will be protected; only {@link TlsPolicy#IMPLICIT} concerns the
 *     connect, the others concern {@link TlsUpgrade}
 * @param trust whose certificates are believed
 * @param connectTimeout covers name, connect to any of its addresses and implicit TLS
 * @param stranger the host stands in no group and came by a referral: it must not lead to this
 *     machine or its link (row R2)
 * @param announce the client to announce by a PROXY protocol v2 header; none if null
 */
public record StoreTarget(
    String host,
    int port,
    TlsPolicy tls,
    StoreTls trust,
    Duration connectTimeout,
    boolean stranger,
    @Nullable ClientAddresses announce) {

  /** Checks the port. */
  public StoreTarget {
    if (host.isEmpty() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException("not a store's address: " + host + ":" + port);
    }
  }

  /**
   * The two ends of a client's connection.
   *
   * @param client where it came from
   * @param server where it was accepted, an address of the same family
   */
  public record ClientAddresses(InetSocketAddress client, InetSocketAddress server) {}
}
