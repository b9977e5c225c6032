package org.openmmp.program;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openmmp.config.ListenAddress;
import org.openmmp.transport.ClientArrivals;
import org.openmmp.transport.ClientOrigins;
import org.openmmp.transport.Listener;

/**
 * A server that runs: its listeners, and what is given back with them. Its sessions stand in {@link
 * SharedRooms#sessions}, where the program counts them and ends those that outlive a drain. Called
 * on the thread that starts or drains the program.
 */
public class FrontEndServer implements AutoCloseable {
  private final SharedRooms rooms;
  private final Runnable atClose;
  private final Map<String, List<Listener>> listeners = new LinkedHashMap<>();

  /**
   * A server without listeners.
   *
   * @param atClose gives back what it holds beside its sessions; may be run again
   */
  public FrontEndServer(SharedRooms rooms, Runnable atClose) {
    this.rooms = rooms;
    this.atClose = atClose;
  }

  /**
   * Opens a listener.
   *
   * @param label such as {@code imap} or {@code imaps}; those of several servers differ
   * @throws IOException if its address cannot be bound; the server is closed then
   */
  public final void listen(
      String label, ListenAddress at, ClientArrivals.Door door, ClientArrivals.Server sessions)
      throws IOException {
    try {
      listeners.computeIfAbsent(label, none -> new ArrayList<>()).add(open(at, door, sessions));
    } catch (IOException cannotBind) {
      close();
      throw cannotBind;
    }
  }

  private Listener open(ListenAddress at, ClientArrivals.Door door, ClientArrivals.Server sessions)
      throws IOException {
    ClientOrigins origins =
        new ClientOrigins(at, rooms.config().proxyProtocol(), door.implicitTls(), door.refusals());
    return Listener.bind(
        rooms.transports(),
        at,
        rooms.config().transport(),
        new ClientArrivals(door, origins, rooms.limits(), rooms.sessions(), sessions));
  }

  /** Where clients come in, by label, in the order in which they are told. */
  public Map<String, List<InetSocketAddress>> addresses() {
    Map<String, List<InetSocketAddress>> all = new LinkedHashMap<>();
    listeners.forEach(
        (label, open) -> all.put(label, open.stream().map(Listener::address).toList()));
    return all;
  }

  /**
   * Accepts no more clients; sessions go on, and those that can are told goodbye as soon as nothing
   * is under way. May be called again.
   */
  public void stopAccepting() {
    listeners.values().forEach(open -> open.forEach(Listener::close));
    rooms.sessions().endWhenIdle();
  }

  /**
   * Gives back what the server holds beside its sessions, which are gone then or about to go. May
   * be called without {@link #stopAccepting} before it, and again.
   */
  @Override
  public void close() {
    stopAccepting();
    atClose.run();
  }
}
