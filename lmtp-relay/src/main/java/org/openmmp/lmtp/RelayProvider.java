package org.openmmp.lmtp;

import java.io.IOException;
import java.util.List;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.program.FrontEndProvider;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.SharedRooms;

/** Brings the LMTP relay into the program. */
public final class RelayProvider implements FrontEndProvider {
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
  public FrontEndServer open(SharedRooms rooms) throws IOException {
    return RelayServer.open(rooms);
  }
}
