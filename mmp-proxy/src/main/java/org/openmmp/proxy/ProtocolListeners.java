package org.openmmp.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.SessionMeters;
import org.openmmp.config.ClearTextPasswords;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.ListenConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.StoreService;
import org.openmmp.directory.CertificateMap;
import org.openmmp.guard.RejectionPace;
import org.openmmp.program.SharedRooms;
import org.openmmp.proxy.netty.SessionParts;
import org.openmmp.proxy.session.FrontEnd;
import org.openmmp.proxy.session.Guards;
import org.openmmp.proxy.session.LoginFailure;
import org.openmmp.proxy.session.Protocol;
import org.openmmp.proxy.session.SessionState;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.Service;
import org.openmmp.routing.Routing;
import org.openmmp.transport.ClientArrivals;
import org.openmmp.transport.Listener;
import org.openmmp.transport.RefusalListener;
import org.openmmp.transport.ServerTls;
import org.openmmp.transport.SpliceSettings;

/**
 * The listeners of one protocol. Their labels are the service's name and, under TLS, that name with
 * an {@code s}, as their ports are registered.
 */
final class ProtocolListeners implements AutoCloseable {
  /** How long a store is taken to need for a refusal until one was heard. */
  private static final Duration FIRST_PACE = Duration.ofSeconds(1);

  /**
   * A protocol that is served.
   *
   * @param protocol what is spoken; its service's name is its name in TLS' application layer
   *     negotiation too
   * @param listen how clients come in
   * @param stores which of the stores' services answers it
   */
  record Served(Protocol protocol, ListenConfig listen, StoreService stores) {
    private String name() {
      return protocol.service().name();
    }
  }

  private final SharedRooms rooms;
  private final Served served;
  private final Map<String, List<Listener>> byLabel = new LinkedHashMap<>();

  private ProtocolListeners(SharedRooms rooms, Served served) {
    this.rooms = rooms;
    this.served = served;
  }

  /**
   * Opens all of them.
   *
   * @throws IOException if a certificate cannot be used or an address cannot be bound; none is left
   *     open then
   */
  static ProtocolListeners open(SharedRooms rooms, Served served) throws IOException {
    ProtocolListeners opened = new ProtocolListeners(rooms, served);
    try {
      opened.open();
    } catch (IOException cannotBind) {
      opened.close();
      throw cannotBind;
    }
    return opened;
  }

  private void open() throws IOException {
    ServerTls tls = serverTls();
    Routing routing = rooms.routing(served.stores());
    rooms.selector().serve(served.protocol().service(), ClientKind.WRITER);
    rooms.probe(
        served.protocol().service(),
        () -> routing,
        (host, group, access) -> served.protocol().probe(host, access.tls()));
    Guards guards =
        new Guards(rooms.limits(), rooms.penalty(), rooms.proven(), new RejectionPace(FIRST_PACE));
    Service service = served.protocol().service();
    SessionMeters<LoginFailure, SessionState> meters =
        rooms.metrics().sessions(service, LoginFailure.class, SessionState.class);
    AdministratorLog administrators = new AdministratorLog(rooms.events());
    for (boolean implicit : new boolean[] {false, true}) {
      List<Listener> open = new ArrayList<>();
      byLabel.put(served.name() + (implicit ? "s" : ""), open);
      for (ListenAddress at : implicit ? served.listen().tls() : served.listen().plain()) {
        RefusalListener refusals = rooms.refusals(service, at.toString());
        FrontEnd frontEnd =
            new FrontEnd(
                served.protocol(),
                rooms.directory(),
                rooms.selector(),
                () -> routing,
                guards,
                new SessionMetrics(
                    meters,
                    new SessionLog(rooms.events(), rooms.healthChecks(), refusals, administrators)),
                at.defaultDomain(),
                served.listen().times().beforeLogin(),
                rooms.config().login());
        open.add(
            rooms.listen(
                at,
                new ClientArrivals.Door(implicit, tls, true, null, refusals),
                parts(frontEnd, at.clearTextPasswords())));
      }
    }
  }

  private @Nullable ServerTls serverTls() throws IOException {
    OpenMmpConfig config = rooms.config();
    return config.tls().certificate().isPresent() ? rooms.serverTls(served.name()) : null;
  }

  private SessionParts parts(FrontEnd frontEnd, ClearTextPasswords clearTextPasswords) {
    return new SessionParts(
        frontEnd,
        rooms.connector(),
        () -> rooms.trust(served.stores()),
        new CertificateMap(rooms.config().tls().certificateMap()),
        clearTextPasswords,
        SpliceSettings.DEFAULT.withIdleLimit(served.listen().times().idle()));
  }

  /** Where clients come in, by label. */
  Map<String, List<InetSocketAddress>> addresses() {
    Map<String, List<InetSocketAddress>> all = new LinkedHashMap<>();
    byLabel.forEach((label, open) -> all.put(label, open.stream().map(Listener::address).toList()));
    return all;
  }

  /** Stops accepting; sessions go on. May be called again. */
  @Override
  public void close() {
    byLabel.values().forEach(open -> open.forEach(Listener::close));
  }
}
