package org.openmmp.proxy.netty;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.openmmp.config.ClearTextPasswords;
import org.openmmp.directory.CertificateField;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.directory.CertificateMapping;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.session.FrontEnd;
import org.openmmp.proxy.session.FrontEndSession;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.routing.StoreAccess;
import org.openmmp.text.AddressLiteral;
import org.openmmp.transport.CertificateFields;
import org.openmmp.transport.ClientArrivals;
import org.openmmp.transport.ClientOrigin;
import org.openmmp.transport.ClientSession;
import org.openmmp.transport.ServerTls;
import org.openmmp.transport.SpliceSettings;
import org.openmmp.transport.StoreConnector;
import org.openmmp.transport.StoreTarget;
import org.openmmp.transport.StoreTls;
import org.openmmp.transport.TlsFacts;

/**
 * What the sessions of one listener are made of.
 *
 * @param frontEnd the pure part
 * @param connector reaches the stores
 * @param tls to stores that are reached so, as it is now
 * @param certificates whom clients' certificates stand for
 * @param clearTextPasswords where a password may be taken without TLS
 * @param splice how a session is relayed after its login
 * @param moves what sessions that outlive their store share
 */
public record SessionParts(
    FrontEnd frontEnd,
    StoreConnector connector,
    Function<StoreAccess, StoreTls> tls,
    List<CertificateMapping> certificates,
    ClearTextPasswords clearTextPasswords,
    SpliceSettings splice,
    MoveRoom moves)
    implements ClientArrivals.Server {
  private static final int PROXY_TTL = 10;

  @Override
  public byte[] lastWords(Farewell why) {
    return frontEnd.protocol().lastWords(why, "");
  }

  @Override
  public ClientSession session(ClientArrivals.Arrival arrival) {
    return new SessionDriver(
        this, arrival, new FrontEndSession(frontEnd, factsOf(arrival), System.nanoTime()));
  }

  private ClientFacts factsOf(ClientArrivals.Arrival arrival) {
    ClientOrigin origin = arrival.origin();
    return new ClientFacts(
        arrival.id(),
        AddressLiteral.textOf(origin.client().getAddress()),
        origin.client().getPort(),
        AddressLiteral.textOf(origin.server().getAddress()),
        origin.server().getPort(),
        arrival.underTls(),
        "",
        switch (clearTextPasswords) {
          case NEVER -> false;
          case LOOPBACK -> origin.onThisMachine();
          case ALWAYS -> true;
        },
        PROXY_TTL);
  }

  /**
   * Whom a client's verified certificate stands for; nobody if it shows none. Of one that it showed
   * to a load balancer only the CN is known.
   */
  CertificateIdentity certificateOf(Channel client, ClientOrigin origin) {
    TlsFacts atBalancer = origin.balancerTls();
    if (atBalancer != null) {
      return CertificateMapping.identify(
          certificates, Map.of(CertificateField.SUBJECT_CN, atBalancer.commonName()));
    }
    return ServerTls.clientCertificate(client)
        .map(shown -> CertificateMapping.identify(certificates, CertificateFields.of(shown)))
        .orElse(CertificateIdentity.NOBODY);
  }

  /** Where an attempt goes. */
  StoreTarget target(LoginAttempt attempt, Channel client, ClientOrigin origin) {
    ClientFacts seen = attempt.client();
    return StoreTarget.of(
        attempt.host(),
        attempt.access(),
        tls.apply(attempt.access()),
        attempt.stranger(),
        () ->
            StoreTarget.Announcement.of(
                client,
                origin,
                address(seen.clientIp(), seen.clientPort()),
                address(seen.serverIp(), seen.serverPort()),
                seen.sessionId()));
  }

  private static InetSocketAddress address(String ip, int port) {
    return new InetSocketAddress(
        Objects.requireNonNull(AddressLiteral.parse(ip), "facts hold addresses"), port);
  }
}
