package org.openmmp.lmtp;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.program.FrontEndProvider;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.SharedRooms;

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
      return new DsnTrial(rooms, RelayServer.settings(config)).findings(LONGEST_TRIAL);
    }
  }

  @Override
  public FrontEndServer open(SharedRooms rooms) throws IOException {
    return RelayServer.open(rooms);
  }
}
