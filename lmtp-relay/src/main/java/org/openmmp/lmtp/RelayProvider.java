package org.openmmp.lmtp;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.openmmp.admin.DeliveryMeters;
import org.openmmp.config.LmtpConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.StoreService;
import org.openmmp.guard.MinutePace;
import org.openmmp.lmtp.netty.RelayMemory;
import org.openmmp.lmtp.netty.RelayParts;
import org.openmmp.lmtp.netty.RelaySessions;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.lmtp.protocol.ReferralPattern;
import org.openmmp.lmtp.store.RelayProbe;
import org.openmmp.lmtp.store.StorePlace;
import org.openmmp.lmtp.transaction.DeliveryStage;
import org.openmmp.lmtp.transaction.RecipientReport;
import org.openmmp.lmtp.transaction.RelayListener;
import org.openmmp.lmtp.transaction.RelaySettings;
import org.openmmp.program.FrontEndProvider;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.Settings;
import org.openmmp.program.SharedRooms;
import org.openmmp.program.StoreTrial;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.StoreAccess;
import org.openmmp.transport.ClientArrivals;
import org.openmmp.transport.StoreLink;
import org.openmmp.wire.NetworkSet;

/** Brings the LMTP relay into the program. */
public final class RelayProvider implements FrontEndProvider {
  private static final int MOST_GROUPS_TOLD = 20;
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

  /**
   * Asks every store whether it has DSN, as a delivery would ask: where the relay offers it, an MTA
   * hands its duty to report over to whichever store the recipient has (rule B5.1).
   */
  @Override
  public List<String> findings(OpenMmpConfig config) throws IOException, InterruptedException {
    if (!config.lmtp().dsn() || !listens(config)) {
      return List.of();
    }
    try (SharedRooms rooms = SharedRooms.openForAsking(config)) {
      StoreTrial trial =
          new StoreTrial(
              rooms, "openmmp.lmtp.dsn", "could not be asked whether it has DSN", LONGEST_TRIAL);
      RelaySettings relay = settings(config);
      for (ReplicationGroup group : rooms.now().table().groups()) {
        StoreAccess access = rooms.now().routing(StoreService.LMTP).accessTo(group);
        for (StoreHost host : group.hosts()) {
          StorePlace place = new StorePlace(host, group, access, Map.of());
          RelayProbe probe = new RelayProbe(relay.introduction(), place);
          trial.ask(group, host, access, StoreLink.Purpose.PROBE, probe, RelayProvider::lacking);
        }
      }
      return trial.findings();
    }
  }

  private static String lacking(RelayProbe probe) {
    return probe.offers(Extension.DSN)
        ? ""
        : " has no DSN: whoever asks for a report about a recipient there gets none";
  }

  @Override
  public FrontEndServer open(SharedRooms rooms) throws IOException {
    RelayMemory memory = new RelayMemory(rooms.transports()::tell);
    rooms
        .sessions()
        .tellFullness(host -> memory.capacity().fullness(new StoreHost(host), System.nanoTime()));
    DeliveryMeters<DeliveryStage, RecipientReport.Outcome> meters =
        rooms
            .metrics()
            .deliveries(RelaySettings.SERVICE, DeliveryStage.class, RecipientReport.Outcome.class);
    return FrontEndServer.open(
        rooms,
        settings -> entrances(rooms, settings, memory, meters),
        () -> memory.leaveWithdrawn(rooms.selector()),
        memory::close);
  }

  private static List<FrontEndServer.Entrance> entrances(
      SharedRooms rooms,
      Settings settings,
      RelayMemory memory,
      DeliveryMeters<DeliveryStage, RecipientReport.Outcome> meters)
      throws IOException {
    LmtpConfig lmtp = settings.config().lmtp();
    Service service = RelaySettings.SERVICE;
    RelaySettings relay = settings(settings.config());
    if (lmtp.clients().startTls()) {
      settings.readTls(StoreService.LMTP);
    }
    RelayListener listener =
        new RelayLog(
            meters,
            rooms.sessions(),
            rooms.events(),
            settings.healthChecks(),
            rooms.refusals(service, ""),
            new MinutePace<>(MOST_GROUPS_TOLD),
            new MinutePace<>(MOST_GROUPS_TOLD));
    RelayParts parts =
        new RelayParts(
            memory,
            relay,
            rooms.selector(),
            () -> rooms.now().routing(StoreService.LMTP),
            listener,
            rooms.directory(),
            rooms.connector(),
            access -> rooms.now().tlsTo(access),
            lmtp.clients().startTls());
    RelaySessions sessions = new RelaySessions(parts);
    NetworkSet networks = lmtp.clients().networks();
    return lmtp.listen().stream()
        .map(
            at ->
                new FrontEndServer.Entrance(
                    service,
                    relay.clientKind(),
                    (host, group, access, name, password, asAdministrator) ->
                        new RelayProbe(
                            relay.introduction(),
                            new StorePlace(host, group, access, Map.of()),
                            name),
                    service.name(),
                    at,
                    new ClientArrivals.Door(
                        false,
                        () -> rooms.now().tls(StoreService.LMTP),
                        false,
                        networks,
                        rooms.refusals(service, at.toString())),
                    sessions))
        .toList();
  }

  /** How the relay works, as the operator has it. */
  private static RelaySettings settings(OpenMmpConfig config) {
    String pattern = config.lmtp().referralPattern();
    return new RelaySettings(
        config.hostname(),
        config.lmtp(),
        new ReferralPattern(pattern.isEmpty() ? ReferralPattern.OWN_FORM : pattern));
  }
}
