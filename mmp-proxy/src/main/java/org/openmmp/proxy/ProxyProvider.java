package org.openmmp.proxy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.StoreService;
import org.openmmp.program.FrontEndProvider;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.SharedRooms;
import org.openmmp.program.StoreTrial;
import org.openmmp.proxy.imap.ImapCapabilities;
import org.openmmp.proxy.imap.ImapProtocol;
import org.openmmp.proxy.pop3.Pop3Capabilities;
import org.openmmp.proxy.pop3.Pop3Protocol;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.HostTraits;
import org.openmmp.routing.StoreAccess;
import org.openmmp.transport.StoreLink;

/** Brings the proxy for mail clients into the program. */
public final class ProxyProvider implements FrontEndProvider {
  private static final Duration LONGEST_TRIAL = Duration.ofSeconds(30);

  @Override
  public String name() {
    return "proxy";
  }

  @Override
  public List<String> listenKeys() {
    return List.of(
        "openmmp.imap.listen",
        "openmmp.imap.listen-tls",
        "openmmp.pop3.listen",
        "openmmp.pop3.listen-tls");
  }

  @Override
  public boolean listens(OpenMmpConfig config) {
    return !config.imap().listen().isEmpty() || !config.pop3().listen().isEmpty();
  }

  @Override
  public FrontEndServer open(SharedRooms rooms) throws IOException {
    StoreCapabilities imapStores = ImapCapabilities.learnt(System::nanoTime);
    StoreCapabilities pop3Stores = Pop3Capabilities.learnt(System::nanoTime);
    ServedProtocol imap = new ServedProtocol(rooms);
    ServedProtocol pop3 = new ServedProtocol(rooms);
    return FrontEndServer.open(
        rooms,
        settings -> {
          OpenMmpConfig config = settings.config();
          List<FrontEndServer.Entrance> all = new ArrayList<>();
          if (!config.imap().listen().isEmpty()) {
            all.addAll(imap.entrances(settings, imap(config, imapStores), config.imap().listen()));
          }
          if (!config.pop3().listen().isEmpty()) {
            all.addAll(pop3.entrances(settings, pop3(config, pop3Stores), config.pop3().listen()));
          }
          return all;
        },
        () -> {},
        () -> {});
  }

  /**
   * Asks the stores of each group whose sessions are to outlive them whether they can: the group's
   * administrator logs in on behalf of its probe's user, as for a move, and what is offered then is
   * looked at (rule B9.6). Groups that name no such user are not asked.
   */
  @Override
  public List<String> findings(OpenMmpConfig config) throws IOException, InterruptedException {
    if (config.imap().listen().isEmpty()
        || config.groups().stream().noneMatch(ProxyProvider::canBeAskedToTakeSessions)) {
      return List.of();
    }
    ImapProtocol protocol = imap(config, ImapCapabilities.learnt(System::nanoTime));
    try (SharedRooms rooms = SharedRooms.openForAsking(config)) {
      StoreTrial trial =
          new StoreTrial(
              rooms,
              "survive-failover",
              "takes no session now that has lost its store",
              LONGEST_TRIAL);
      for (ReplicationGroup group : rooms.now().table().groups()) {
        GroupConfig wanted = config.group(group.name());
        StoreAccess access = rooms.now().routing(StoreService.IMAP).accessTo(group);
        for (StoreHost host : group.hosts()) {
          if (canBeAskedToTakeSessions(wanted)) {
            trial.ask(
                group,
                host,
                access,
                StoreLink.Purpose.LOGIN,
                protocol.trial(StoreLogin.administrators(host, access, wanted.probe().user())),
                dialogue -> lacking(protocol, dialogue.seen()));
          }
        }
      }
      return trial.findings();
    }
  }

  private static boolean canBeAskedToTakeSessions(GroupConfig group) {
    return group.imap().survival().on()
        && !group.imap().adminName().isEmpty()
        && !group.probe().user().isEmpty();
  }

  private static String lacking(ImapProtocol protocol, HostTraits seen) {
    String offered =
        String.join(
            " ",
            seen.words().getOrDefault(HostTraits.Aspect.OFFERED_BEHIND_LOGIN, new TreeSet<>()));
    String lacking = protocol.lacking(offered);
    return lacking.isEmpty()
        ? ""
        : " lacks " + lacking + ": no session that has selected a mailbox can be moved there";
  }

  /**
   * IMAP under that configuration.
   *
   * @param learnt what stores were heard to have, for a configuration that goes by it
   */
  private static ImapProtocol imap(OpenMmpConfig config, StoreCapabilities learnt) {
    List<String> offered = config.imap().preAuth().capabilities();
    return new ImapProtocol(
        config.hostname(),
        config.imap(),
        offered.isEmpty() ? learnt : ImapCapabilities.configured(offered));
  }

  /** POP3, likewise. */
  private static Pop3Protocol pop3(OpenMmpConfig config, StoreCapabilities learnt) {
    List<String> offered = config.pop3().preAuth().capabilities();
    return new Pop3Protocol(
        config.hostname(),
        config.pop3(),
        offered.isEmpty() ? learnt : Pop3Capabilities.configured(offered));
  }
}
