package org.openmmp.lmtp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.StoreService;
import org.openmmp.lmtp.netty.RelayParts;
import org.openmmp.lmtp.netty.RelaySessions;
import org.openmmp.lmtp.protocol.ReferralPattern;
import org.openmmp.lmtp.store.RelayProbe;
import org.openmmp.lmtp.store.StorePlace;
import org.openmmp.lmtp.transaction.DeliveryStage;
import org.openmmp.lmtp.transaction.RecipientReport;
import org.openmmp.lmtp.transaction.RelayListener;
import org.openmmp.lmtp.transaction.RelaySettings;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.SharedRooms;
import org.openmmp.routing.Routing;
import org.openmmp.transport.ClientArrivals;
import org.openmmp.transport.Listener;
import org.openmmp.transport.RefusalListener;
import org.openmmp.transport.ServerTls;
import org.openmmp.wire.NetworkSet;

/** The relay, open for MTAs. */
final class RelayServer implements FrontEndServer {
  private static final String LABEL = RelaySettings.SERVICE.name();

  private final List<Listener> listeners = new ArrayList<>();
  private final SharedRooms rooms;
  private final RelayParts parts;

  private RelayServer(SharedRooms rooms, RelayParts parts) {
    this.rooms = rooms;
    this.parts = parts;
  }

  /**
   * Opens every listener.
   *
   * @throws IOException if a certificate cannot be used or an address cannot be bound; none is left
   *     open then
   */
  static RelayServer open(SharedRooms rooms) throws IOException {
    OpenMmpConfig config = rooms.config();
    ServerTls tls = serverTls(rooms);
    RelayParts parts = parts(rooms, tls != null);
    RelaySessions sessions = new RelaySessions(parts);
    RelayServer server = new RelayServer(rooms, parts);
    NetworkSet networks = NetworkSet.parse(config.lmtp().clients().networks());
    try {
      for (ListenAddress at : config.lmtp().listen()) {
        RefusalListener refusals = rooms.refusals(RelaySettings.SERVICE, at.toString());
        server.listeners.add(
            rooms.listen(
                at, new ClientArrivals.Door(false, tls, false, networks, refusals), sessions));
      }
    } catch (IOException cannotBind) {
      server.close();
      throw cannotBind;
    }
    return server;
  }

  /** How the relay works, as the operator has it. */
  static RelaySettings settings(OpenMmpConfig config) {
    String pattern = config.lmtp().referralPattern();
    return new RelaySettings(
        config.hostname(),
        config.lmtp(),
        new ReferralPattern(pattern.isEmpty() ? ReferralPattern.OWN_FORM : pattern));
  }

  private static RelayParts parts(SharedRooms rooms, boolean startTls) {
    OpenMmpConfig config = rooms.config();
    Routing routing = rooms.routing(StoreService.LMTP);
    RelaySettings settings = settings(config);
    rooms.selector().serve(RelaySettings.SERVICE, settings.clientKind());
    rooms.probe(
        RelaySettings.SERVICE,
        () -> routing,
        (host, group, access) ->
            new RelayProbe(settings.introduction(), new StorePlace(host, group, access, Map.of())));
    RelayListener listener =
        new RelayMetrics(
            rooms
                .metrics()
                .deliveries(
                    RelaySettings.SERVICE, DeliveryStage.class, RecipientReport.Outcome.class),
            new RelayLog(
                rooms.events(), rooms.healthChecks(), rooms.refusals(RelaySettings.SERVICE, "")));
    return new RelayParts(
        new RelayParts.Core(settings, rooms.selector(), () -> routing, listener),
        new RelayParts.Reach(
            rooms.directory(), rooms.connector(), rooms.trust(StoreService.LMTP), startTls));
  }

  private static @Nullable ServerTls serverTls(SharedRooms rooms) throws IOException {
    return rooms.config().lmtp().clients().startTls() ? rooms.serverTls(LABEL) : null;
  }

  @Override
  public Map<String, List<InetSocketAddress>> addresses() {
    return Map.of(LABEL, listeners.stream().map(Listener::address).toList());
  }

  @Override
  public void stopAccepting() {
    listeners.forEach(Listener::close);
    rooms.sessions().endWhenIdle();
  }

  @Override
  public void close() {
    stopAccepting();
    parts.close();
  }
}
