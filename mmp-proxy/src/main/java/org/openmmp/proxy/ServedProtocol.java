package org.openmmp.proxy;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.SessionMeters;
import org.openmmp.config.ClearTextPasswords;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.ListenConfig;
import org.openmmp.config.StoreService;
import org.openmmp.guard.RejectionPace;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.SharedRooms;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.netty.SessionParts;
import org.openmmp.proxy.session.FrontEnd;
import org.openmmp.proxy.session.Guards;
import org.openmmp.proxy.session.Protocol;
import org.openmmp.proxy.session.SessionState;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.Service;
import org.openmmp.routing.Routing;
import org.openmmp.transport.ClientArrivals;
import org.openmmp.transport.RefusalListener;
import org.openmmp.transport.ServerTls;
import org.openmmp.transport.SpliceSettings;

/**
 * A protocol that the proxy serves, and how clients come in. The labels of its listeners are the
 * service's name and, under TLS, that name with an {@code s}, as their ports are registered.
 */
final class ServedProtocol {
  /** How long a store is taken to need for a refusal until one was heard. */
  private static final Duration FIRST_PACE = Duration.ofSeconds(1);

  private final SharedRooms rooms;
  private final Protocol protocol;
  private final Service service;
  private final ListenConfig listen;
  private final @Nullable ServerTls tls;

  /**
   * One that is not served yet.
   *
   * @param protocol what is spoken; its service's name is its name in TLS' application layer
   *     negotiation too
   * @param listen how clients come in
   * @throws IOException if a certificate cannot be used
   */
  ServedProtocol(SharedRooms rooms, Protocol protocol, ListenConfig listen) throws IOException {
    this.rooms = rooms;
    this.protocol = protocol;
    this.service = protocol.service();
    this.listen = listen;
    boolean certified = rooms.config().tls().certificate().isPresent();
    this.tls = certified ? rooms.serverTls(service.name()) : null;
  }

  /**
   * Opens all of its listeners.
   *
   * @throws IOException if an address cannot be bound; the server is closed then
   */
  void serve(FrontEndServer server) throws IOException {
    Routing routing =
        rooms.serve(
            service,
            ClientKind.WRITER,
            (host, group, access) -> protocol.probe(host, access.tls()));
    Guards guards =
        new Guards(rooms.limits(), rooms.penalty(), rooms.proven(), new RejectionPace(FIRST_PACE));
    SessionMeters<LoginFailure, SessionState> meters =
        rooms
            .metrics()
            .sessions(service, LoginFailure.class, SessionState.class, LoginFailure::cause);
    AdministratorLog administrators = new AdministratorLog(rooms.events());
    for (boolean implicit : new boolean[] {false, true}) {
      String label = service.name() + (implicit ? "s" : "");
      for (ListenAddress at : implicit ? listen.tls() : listen.plain()) {
        RefusalListener refusals = rooms.refusals(service, at.toString());
        FrontEnd frontEnd =
            new FrontEnd(
                protocol,
                rooms.directory(),
                rooms.selector(),
                () -> routing,
                guards,
                new SessionLog(
                    meters, rooms.events(), rooms.healthChecks(), refusals, administrators),
                at.defaultDomain(),
                listen.beforeLogin(),
                rooms.config().login());
        server.listen(
            label,
            at,
            new ClientArrivals.Door(implicit, tls, true, null, refusals),
            parts(frontEnd, at.clearTextPasswords()));
      }
    }
  }

  private SessionParts parts(FrontEnd frontEnd, ClearTextPasswords clearTextPasswords) {
    return new SessionParts(
        frontEnd,
        rooms.connector(),
        () -> rooms.trust(StoreService.named(service.name())),
        rooms.config().tls().certificateMap(),
        clearTextPasswords,
        SpliceSettings.DEFAULT.withIdleLimit(listen.idle()));
  }
}
