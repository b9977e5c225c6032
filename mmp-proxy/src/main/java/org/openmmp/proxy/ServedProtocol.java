package org.openmmp.proxy;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.MoveMeters;
import org.openmmp.admin.SessionMeters;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.ListenConfig;
import org.openmmp.config.StoreService;
import org.openmmp.guard.MinutePace;
import org.openmmp.guard.RejectionPace;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.Settings;
import org.openmmp.program.SharedRooms;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.netty.MoveRoom;
import org.openmmp.proxy.netty.SessionParts;
import org.openmmp.proxy.session.FrontEnd;
import org.openmmp.proxy.session.Protocol;
import org.openmmp.proxy.session.SessionGuard;
import org.openmmp.proxy.session.SessionState;
import org.openmmp.proxy.session.Stranded;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.Service;
import org.openmmp.transport.ClientArrivals;
import org.openmmp.transport.RefusalListener;
import org.openmmp.transport.SpliceSettings;

/**
 * A protocol that the proxy serves: what outlives a reload, and how clients come in. The labels of
 * its listeners are the service's name and, under TLS, that name with an {@code s}, as their ports
 * are registered.
 */
final class ServedProtocol {
  /** How long a store is taken to need for a refusal until one was heard. */
  private static final Duration FIRST_PACE = Duration.ofSeconds(1);

  /** What told messages are remembered by. */
  private static final int KEY_OCTETS = 16;

  /** Of so many stores it is told within a minute that they refuse the administrator. */
  private static final int MOST_STORES_TOLD = 20;

  private final SharedRooms rooms;
  private final RejectionPace pace = new RejectionPace(FIRST_PACE);
  private final MinutePace<String> administrators = new MinutePace<>(MOST_STORES_TOLD);
  private final MoveRoom moves;
  private @Nullable SessionMeters<LoginFailure, SessionState> meters;
  private @Nullable MoveMeters<Stranded> moveMeters;

  /** One that is not served yet. */
  ServedProtocol(SharedRooms rooms) {
    this.rooms = rooms;
    byte[] key = new byte[KEY_OCTETS];
    new SecureRandom().nextBytes(key);
    moves = new MoveRoom(key, rooms.transports().loops().next());
  }

  /**
   * How clients come in under these settings.
   *
   * @param protocol what is spoken; its service's name is its name in TLS' application layer
   *     negotiation too
   * @param listen where they do
   * @throws IOException if a certificate cannot be used
   */
  List<FrontEndServer.Entrance> entrances(Settings settings, Protocol protocol, ListenConfig listen)
      throws IOException {
    Service service = protocol.service();
    StoreService stores = StoreService.named(service.name());
    settings.readTls(stores);
    List<FrontEndServer.Entrance> all = new ArrayList<>();
    for (boolean implicit : new boolean[] {false, true}) {
      String label = service.name() + (implicit ? "s" : "");
      for (ListenAddress at : implicit ? listen.tls() : listen.plain()) {
        RefusalListener refusals = rooms.refusals(service, at.toString());
        FrontEnd frontEnd =
            new FrontEnd(
                protocol,
                rooms.directory(),
                rooms.selector(),
                () -> rooms.now().routing(stores),
                () -> new SessionGuard(rooms.limits(), rooms.penalty(), rooms.proven(), pace),
                new SessionLog(
                    meters(service),
                    rooms.events(),
                    settings.healthChecks(),
                    refusals,
                    administrators,
                    moveMeters(service)),
                at.defaultDomain(),
                listen.beforeLogin(),
                settings.config().login());
        all.add(
            new FrontEndServer.Entrance(
                service,
                ClientKind.WRITER,
                (host, group, access, name, password, asAdministrator) ->
                    asAdministrator
                        ? protocol.trial(StoreLogin.administrators(host, access, name))
                        : password.isEmpty()
                            ? protocol.probe(host, access.tls())
                            : protocol.trial(StoreLogin.trial(host, access.tls(), name, password)),
                label,
                at,
                new ClientArrivals.Door(
                    implicit, () -> rooms.now().tls(stores), true, null, refusals),
                new SessionParts(
                    frontEnd,
                    rooms.connector(),
                    access -> rooms.now().tlsTo(access),
                    settings.config().tls().certificateMap(),
                    at.clearTextPasswords(),
                    SpliceSettings.DEFAULT.withIdleLimit(listen.idle()),
                    moves)));
      }
    }
    return all;
  }

  private MoveMeters<Stranded> moveMeters(Service service) {
    if (moveMeters == null) {
      moveMeters = rooms.metrics().moves(service, Stranded.class, moves::waiting);
    }
    return moveMeters;
  }

  private SessionMeters<LoginFailure, SessionState> meters(Service service) {
    if (meters == null) {
      meters =
          rooms
              .metrics()
              .sessions(service, LoginFailure.class, SessionState.class, LoginFailure::cause);
    }
    return meters;
  }
}
