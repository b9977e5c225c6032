package org.openmmp.lmtp;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.LmtpConfig;
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
import org.openmmp.program.FrontEndProvider;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.SharedRooms;
import org.openmmp.repgroup.Service;
import org.openmmp.routing.Routing;
import org.openmmp.transport.ClientArrivals;
import org.openmmp.transport.RefusalListener;
import org.openmmp.transport.ServerTls;
import org.openmmp.wire.NetworkSet;

/** Brings the LMTP relay into the program. */
public final class RelayProvider implements FrontEndProvider {
  private static final Duration LONGEST_TRIAL = Duration.ofSeconds(30);

  @Override
  public String name() {
    return "relay";
  }

  @Override
  public List<String> listenKeys() {
    return List.of("openmmp.lmtp.listen");
  }

  @Override
  public boolean listens(OpenMmpConfig config) {
    return !config.lmtp().listen().isEmpty();
  }

  @Override
  public List<String> findings(OpenMmpConfig config) throws IOException, InterruptedException {
    if (!config.lmtp().dsn() || !listens(config)) {
      return List.of();
    }
    try (SharedRooms rooms = SharedRooms.openForAsking(config)) {
      return new DsnTrial(rooms, settings(config)).findings(LONGEST_TRIAL);
    }
  }

  @Override
  public FrontEndServer open(SharedRooms rooms) throws IOException {
    LmtpConfig lmtp = rooms.config().lmtp();
    Service service = RelaySettings.SERVICE;
    boolean startTls = lmtp.clients().startTls();
    ServerTls tls = startTls ? rooms.serverTls(service.name()) : null;
    NetworkSet networks = lmtp.clients().networks();
    RelayParts parts = parts(rooms, settings(rooms.config()), startTls);
    RelaySessions sessions = new RelaySessions(parts);
    FrontEndServer server = new FrontEndServer(rooms, parts::close);
    for (ListenAddress at : lmtp.listen()) {
      RefusalListener refusals = rooms.refusals(service, at.toString());
      server.listen(
          service.name(),
          at,
          new ClientArrivals.Door(false, tls, false, networks, refusals),
          sessions);
    }
    return server;
  }

  /** How the relay works, as the operator has it. */
  private static RelaySettings settings(OpenMmpConfig config) {
    String pattern = config.lmtp().referralPattern();
    return new RelaySettings(
        config.hostname(),
        config.lmtp(),
        new ReferralPattern(pattern.isEmpty() ? ReferralPattern.OWN_FORM : pattern));
  }

  private static RelayParts parts(SharedRooms rooms, RelaySettings settings, boolean startTls) {
    Routing routing =
        rooms.serve(
            RelaySettings.SERVICE,
            settings.clientKind(),
            (host, group, access) ->
                new RelayProbe(
                    settings.introduction(), new StorePlace(host, group, access, Map.of())));
    RelayListener listener =
        new RelayLog(
            rooms
                .metrics()
                .deliveries(
                    RelaySettings.SERVICE, DeliveryStage.class, RecipientReport.Outcome.class),
            rooms.events(),
            rooms.healthChecks(),
            rooms.refusals(RelaySettings.SERVICE, ""));
    return new RelayParts(
        new RelayParts.Core(settings, rooms.selector(), () -> routing, listener),
        new RelayParts.Reach(
            rooms.directory(), rooms.connector(), rooms.trust(StoreService.LMTP), startTls));
  }
}
