package org.openmmp.transport;

import io.netty.channel.Channel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.TlsPolicy;

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
 * @param announce what a PROXY protocol v2 header says of the client; no header if null
 */
public record StoreTarget(
    String host,
    int port,
    TlsPolicy tls,
    StoreTls trust,
    Duration connectTimeout,
    boolean stranger,
    @Nullable Announcement announce) {
  private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

  /** Checks the port. */
  public StoreTarget {
    if (host.isEmpty() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException("not a store's address: " + host + ":" + port);
    }
  }

  /**
   * A host as its group's stores are reached.
   *
   * @param client made only where these stores hear of the client by a header
   */
  public static StoreTarget of(
      StoreHost host,
      StoreAccess access,
      StoreTls trust,
      boolean stranger,
      Supplier<Announcement> client) {
    return new StoreTarget(
        host.name(),
        access.port(),
        access.tls(),
        trust,
        access.connectTimeout(),
        stranger,
        access.clientId() == StoreAccess.ClientId.PROXY_V2 ? client.get() : null);
  }

  /**
   * A client, as a store shall see it (rule B3.12).
   *
   * @param client where it came from
   * @param server where it was accepted
   * @param tls what is known of the client's TLS; null if it came without
   * @param uniqueId the session's name, at most 128 octets; empty if it has none
   */
  public record Announcement(
      InetSocketAddress client, InetSocketAddress server, @Nullable TlsFacts tls, String uniqueId) {
    /** No client: a connection of our own, which a balancer's health check is to a server. */
    public static final Announcement OURSELVES =
        new Announcement(new InetSocketAddress(0), new InetSocketAddress(0), null, "");

    /**
     * The client of a connection, or one that it speaks for: a certificate is that of whoever
     * connected.
     *
     * @param connection on whose loop this is called
     * @param origin whose the connection is
     * @param client {@code origin.client()}, or whom it speaks for
     */
    public static Announcement of(
        Channel connection,
        ClientOrigin origin,
        InetSocketAddress client,
        InetSocketAddress server,
        String uniqueId) {
      TlsFacts ended = origin.balancerTls();
      TlsFacts tls = ended == null ? ServerTls.facts(connection) : ended;
      boolean itself = client.equals(origin.client());
      return new Announcement(
          client, server, tls == null || itself ? tls : tls.withoutCertificate(), uniqueId);
    }
  }

  /**
   * Whether a host may have this address that stands in no configuration and came by a referral
   * (row R2): none of this machine, of its link, or of a group of hosts.
   */
  static boolean permitsStranger(InetAddress address) {
    byte[] octets = address.getAddress();
    if (address instanceof Inet6Address six && embedsIpv4(six)) {
      return permitsStranger(lastFour(octets));
    }
    return !address.isLoopbackAddress()
        && !address.isAnyLocalAddress()
        && !address.isLinkLocalAddress()
        && !address.isMulticastAddress()
        && !(octets.length == 4 && (octets[0] == 0 || octets[0] == (byte) 255));
  }

  /** IPv4-compatible (RFC 4291, 2.5.5.1) or behind the translation prefix (RFC 6052, 2.1). */
  private static boolean embedsIpv4(Inet6Address address) {
    byte[] octets = address.getAddress();
    boolean unspecifiedOrLoopback = address.isAnyLocalAddress() || address.isLoopbackAddress();
    return (address.isIPv4CompatibleAddress() && !unspecifiedOrLoopback)
        || Arrays.equals(octets, 0, NAT64.length, NAT64, 0, NAT64.length);
  }

  private static InetAddress lastFour(byte[] octets) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(octets, octets.length - 4, octets.length));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
