package org.openmmp.proxy.netty;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.proxy.session.Attempt;
import org.openmmp.proxy.session.FrontEnd;
import org.openmmp.routing.StoreAccess;
import org.openmmp.transport.ServerTls;
import org.openmmp.transport.SpliceSettings;
import org.openmmp.transport.StoreConnector;
import org.openmmp.transport.StoreTarget;
import org.openmmp.transport.StoreTrust;
import org.openmmp.transport.TlsListener;
import org.openmmp.transport.TlsUpgrade;

/**
 * What the sessions of one listener are made of.
 *
 * @param frontEnd the pure part
 * @param connector reaches the stores
 * @param trust whose certificates are believed
 * @param tls towards clients; null if no certificate is configured
 * @param certificateName which field of a client's certificate is its login name
 * @param handshakeLimit for a client's TLS handshake
 * @param splice how a session is relayed after its login
 */
public record SessionParts(
    FrontEnd frontEnd,
    StoreConnector connector,
    Supplier<StoreTrust> trust,
    @Nullable ServerTls tls,
    ServerTlsConfig.CertificateName certificateName,
    Duration handshakeLimit,
    SpliceSettings splice) {

  /** Begins TLS with a client. */
  void startTls(Channel client, TlsListener listener) {
    if (tls == null) {
      throw new IllegalStateException("STARTTLS was offered without a certificate");
    }
    TlsUpgrade.ofClient(client, tls, handshakeLimit, listener);
  }

  /** The name that a client's verified certificate maps to; empty if it shows none. */
  String certificateNameOf(Channel client) {
    return ServerTls.clientCertificate(client)
        .map(shown -> CertificateNames.of(shown, certificateName))
        .orElse("");
  }

  /** Where an attempt goes. */
  StoreTarget target(Attempt attempt, Channel client) {
    StoreAccess access = attempt.access();
    boolean announce = access.clientId() == StoreAccess.ClientId.PROXY_V2;
    return new StoreTarget(
        attempt.host().name(),
        access.port(),
        access.tls(),
        trust.get().of(attempt.group().name()),
        access.connectTimeout(),
        attempt.stranger(),
        announce
            ? new StoreTarget.ClientAddresses(
                (InetSocketAddress) client.remoteAddress(),
                (InetSocketAddress) client.localAddress())
            : null);
  }
}
