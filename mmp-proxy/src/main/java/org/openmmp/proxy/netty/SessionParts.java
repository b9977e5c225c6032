package org.openmmp.proxy.netty;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.CertificateField;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.directory.CertificateMap;
import org.openmmp.proxy.session.ClientFacts;
import org.openmmp.proxy.session.FrontEnd;
import org.openmmp.proxy.session.LoginAttempt;
import org.openmmp.routing.StoreAccess;
import org.openmmp.text.AddressLiteral;
import org.openmmp.transport.CertificateFields;
import org.openmmp.transport.ClientOrigin;
import org.openmmp.transport.Refusal;
import org.openmmp.transport.RefusalListener;
import org.openmmp.transport.ServerTls;
import org.openmmp.transport.SpliceSettings;
import org.openmmp.transport.StoreConnector;
import org.openmmp.transport.StoreTarget;
import org.openmmp.transport.StoreTrust;
import org.openmmp.transport.TlsFacts;
import org.openmmp.transport.TlsListener;
import org.openmmp.transport.TlsUpgrade;

/**
 * What the sessions of one listener are made of.
 *
 * @param frontEnd the pure part
 * @param connector reaches the stores
 * @param trust whose certificates are believed
 * @param tls towards clients; null if no certificate is configured
 * @param certificates whom clients' certificates stand for
 * @param handshakeLimit for a client's TLS handshake
 * @param refusals hears of clients that are turned away
 * @param splice how a session is relayed after its login
 */
public record SessionParts(
    FrontEnd frontEnd,
    StoreConnector connector,
    Supplier<StoreTrust> trust,
    @Nullable ServerTls tls,
    CertificateMap certificates,
    Duration handshakeLimit,
    RefusalListener refusals,
    SpliceSettings splice) {

  /** Begins TLS with a client. */
  void startTls(Channel client, TlsListener listener) {
    if (tls == null) {
      throw new IllegalStateException("STARTTLS was offered without a certificate");
    }
    TlsUpgrade.ofClient(client, tls, handshakeLimit, listener);
  }

  /** Tells that a client was turned away. */
  void refused(Refusal why, ClientOrigin origin, String detail) {
    refusals.refused(why, origin.client().getAddress(), origin.client().getPort(), detail);
  }

  /**
   * Whom a client's verified certificate stands for; nobody if it shows none. Of one that it showed
   * to a load balancer only the CN is known.
   */
  CertificateIdentity certificateOf(Channel client, ClientOrigin origin) {
    TlsFacts atBalancer = origin.balancerTls();
    if (atBalancer != null) {
      return certificates.identify(Map.of(CertificateField.SUBJECT_CN, atBalancer.commonName()));
    }
    return ServerTls.clientCertificate(client)
        .map(shown -> certificates.identify(CertificateFields.of(shown)))
        .orElse(CertificateIdentity.NOBODY);
  }

  /** Where an attempt goes. */
  StoreTarget target(LoginAttempt attempt, Channel client, ClientOrigin origin) {
    StoreAccess access = attempt.access();
    boolean announce = access.clientId() == StoreAccess.ClientId.PROXY_V2;
    return new StoreTarget(
        attempt.host().name(),
        access.port(),
        access.tls(),
        trust.get().of(attempt.group().name()),
        access.connectTimeout(),
        attempt.stranger(),
        announce ? announcement(attempt.client(), client, origin) : null);
  }

  private static StoreTarget.Announcement announcement(
      ClientFacts seen, Channel client, ClientOrigin origin) {
    InetSocketAddress from = address(seen.clientIp(), seen.clientPort());
    TlsFacts tls = origin.balancerTls() == null ? ServerTls.facts(client) : origin.balancerTls();
    // A certificate is that of whoever connected, and not of a client that it speaks for.
    boolean itself = from.equals(origin.client());
    return new StoreTarget.Announcement(
        from,
        address(seen.serverIp(), seen.serverPort()),
        tls == null || itself ? tls : tls.withoutCertificate(),
        seen.sessionId());
  }

  private static InetSocketAddress address(String ip, int port) {
    return new InetSocketAddress(
        Objects.requireNonNull(AddressLiteral.parse(ip), "facts hold addresses"), port);
  }
}
