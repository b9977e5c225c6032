package org.openmmp.proxy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.program.FrontEndProvider;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.SharedRooms;

/** Brings the proxy for mail clients into the program. */
public final class ProxyProvider implements FrontEndProvider {
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
    OpenMmpConfig config = rooms.config();
    List<ServedProtocol> served = new ArrayList<>();
    if (!config.imap().listen().isEmpty()) {
      served.add(new ServedProtocol(rooms, MailProtocols.imap(config), config.imap().listen()));
    }
    if (!config.pop3().listen().isEmpty()) {
      served.add(new ServedProtocol(rooms, MailProtocols.pop3(config), config.pop3().listen()));
    }
    FrontEndServer server = new FrontEndServer(rooms, () -> {});
    for (ServedProtocol each : served) {
      each.serve(server);
    }
    return server;
  }
}
