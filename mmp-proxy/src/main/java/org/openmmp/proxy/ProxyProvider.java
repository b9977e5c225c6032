package org.openmmp.proxy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.program.FrontEndProvider;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.SharedRooms;
import org.openmmp.proxy.imap.ImapCapabilities;
import org.openmmp.proxy.imap.ImapProtocol;
import org.openmmp.proxy.pop3.Pop3Capabilities;
import org.openmmp.proxy.pop3.Pop3Protocol;
import org.openmmp.proxy.store.StoreCapabilities;

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

  @Override
  public List<String> findings(OpenMmpConfig config) throws IOException, InterruptedException {
    if (!SurvivalTrial.wanted(config)) {
      return List.of();
    }
    try (SharedRooms rooms = SharedRooms.openForAsking(config)) {
      return new SurvivalTrial(rooms, imap(config, ImapCapabilities.learnt(System::nanoTime)))
          .findings(config, LONGEST_TRIAL);
    }
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
