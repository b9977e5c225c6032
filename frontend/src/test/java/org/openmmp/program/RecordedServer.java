package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.guard.Farewell;
import org.openmmp.transport.QuietSession;

/** A server that listens nowhere, and tells what is done to it. */
final class RecordedServer implements FrontEndProvider {
  private final List<String> events;
  private final String label;
  private final int port;
  private final List<SharedRooms> opened = new ArrayList<>();
  private String refusal = "";
  private Runnable atStop = () -> {};

  RecordedServer(List<String> events, String label, int port) {
    this.events = events;
    this.label = label;
    this.port = port;
  }

  RecordedServer refusing(String reason) {
    refusal = reason;
    return this;
  }

  void whenStopped(Runnable then) {
    atStop = then;
  }

  SharedRooms rooms() {
    assertFalse(opened.isEmpty());
    return opened.get(opened.size() - 1);
  }

  void letIn(String client) {
    rooms()
        .sessions()
        .add(
            new QuietSession(client) {
              @Override
              public void end(Farewell why) {
                events.add(client + " ends");
                rooms().sessions().remove(this);
              }
            },
            Runnable::run);
  }

  @Override
  public String name() {
    return label + " server";
  }

  @Override
  public List<String> listenKeys() {
    return List.of("openmmp." + label + ".listen");
  }

  @Override
  public boolean listens(OpenMmpConfig config) {
    return port != 0;
  }

  @Override
  public FrontEndServer open(SharedRooms rooms) throws IOException {
    if (!refusal.isEmpty()) {
      throw new IOException(refusal);
    }
    opened.add(rooms);
    return new FrontEndServer(rooms, settings -> List.of(), () -> {}, () -> {}) {
      @Override
      public Map<String, List<InetSocketAddress>> addresses() {
        InetSocketAddress at = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        return Map.of(label, List.of(at));
      }

      @Override
      public void stopAccepting() {
        events.add(label + " stops");
        atStop.run();
      }

      @Override
      public void close() {
        events.add(label + " closes");
      }
    };
  }
}
