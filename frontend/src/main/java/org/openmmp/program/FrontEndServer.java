package org.openmmp.program;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.ListenAddress;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.Service;
import org.openmmp.text.AddressLiteral;
import org.openmmp.transport.ClientArrivals;
import org.openmmp.transport.ClientOrigins;
import org.openmmp.transport.Listener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that runs: its listeners, and what is given back with them. Its sessions stand in {@link
 * SharedRooms#sessions}, where the program counts them and ends those that outlive a drain.
 *
 * <p>What stands behind a listener is made anew of each configuration and put in the place of what
 * was there: a listener whose address stays is never closed. Called on one thread at a time.
 */
public class FrontEndServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FrontEndServer.class);

  /**
   * One way in for clients.
   *
   * @param clients what they do to their mailboxes
   * @param words how the service's stores are asked for their greeting
   * @param label such as {@code imap} or {@code imaps}; those of several servers differ
   * @param sessions makes the sessions
   */
  public record Entrance(
      Service service,
      ClientKind clients,
      ProbeWords words,
      String label,
      ListenAddress at,
      ClientArrivals.Door door,
      ClientArrivals.Server sessions) {}

  /** What a server makes of the settings. */
  @FunctionalInterface
  public interface Entrances {
    /**
     * Its ways in, in the order in which they are told; nothing is changed by asking. Blocks.
     *
     * @throws IOException if a certificate cannot be used
     */
    List<Entrance> of(Settings settings) throws IOException;
  }

  private final SharedRooms rooms;
  private final Entrances entrances;
  private final Runnable leaveWithdrawn;
  private final Runnable atClose;

  /** By label, address, and number where one address stands twice, as port 0 may. */
  private volatile Map<String, Listener> listeners = Map.of();

  /** What was wanted of each of them last. */
  private volatile Map<String, Entrance> entered = Map.of();

  /**
   * A server without listeners.
   *
   * @param leaveWithdrawn gives up what it keeps at stores that are not to be used any more
   * @param atClose gives back what it holds beside its sessions; may be run again
   */
  protected FrontEndServer(
      SharedRooms rooms, Entrances entrances, Runnable leaveWithdrawn, Runnable atClose) {
    this.rooms = rooms;
    this.entrances = entrances;
    this.leaveWithdrawn = leaveWithdrawn;
    this.atClose = atClose;
  }

  /**
   * Opens a server with all its listeners.
   *
   * @param leaveWithdrawn as above
   * @param atClose as above
   * @throws IOException if a certificate cannot be used or an address cannot be bound; nothing is
   *     left open then
   */
  public static FrontEndServer open(
      SharedRooms rooms, Entrances entrances, Runnable leaveWithdrawn, Runnable atClose)
      throws IOException {
    FrontEndServer server = new FrontEndServer(rooms, entrances, leaveWithdrawn, atClose);
    Takeover first = new Takeover(false);
    try {
      server.prepare(rooms.now(), first);
    } catch (IOException | RuntimeException cannotOpen) {
      first.drop();
      server.close();
      throw cannotOpen;
    }
    first.take();
    return server;
  }

  /**
   * Makes ready what other settings change here: listeners that come are bound and accept nobody
   * yet, those that leave are still open.
   *
   * @throws IOException if a certificate cannot be used or an address cannot be bound
   */
  final void prepare(Settings next, Takeover ready) throws IOException {
    Map<String, Entrance> wanted = new LinkedHashMap<>();
    Map<String, Integer> numbers = new HashMap<>();
    for (Entrance each : entrances.of(next)) {
      String place = each.label() + ' ' + each.at();
      wanted.put(place + ' ' + numbers.merge(place, 1, Integer::sum), each);
    }
    Map<String, Listener> before = listeners;
    List<Listener> leaving = new ArrayList<>();
    before.forEach(
        (place, open) -> {
          if (!wanted.containsKey(place)) {
            leaving.add(open);
          }
        });
    Map<String, Listener> after = new LinkedHashMap<>();
    Map<Listener, ClientArrivals> behind = new LinkedHashMap<>();
    for (Map.Entry<String, Entrance> each : wanted.entrySet()) {
      Entrance entrance = each.getValue();
      ClientArrivals arrivals = arrivals(entrance, next);
      Listener open = before.get(each.getKey());
      Listener listener =
          open == null ? opened(entrance.at(), arrivals, next, leaving, ready) : open;
      if (listener != null) {
        after.put(each.getKey(), listener);
        behind.put(listener, arrivals);
      }
    }
    ready.onTake(
        () -> {
          wanted
              .values()
              .forEach(each -> rooms.serve(each.service(), each.clients(), each.words()));
          behind.forEach(Listener::exchange);
          listeners = after;
          entered = wanted;
          leaving.forEach(Listener::close);
          after.values().forEach(Listener::accept);
        });
  }

  private ClientArrivals arrivals(Entrance entrance, Settings settings) {
    ClientArrivals.Door door = entrance.door();
    ClientOrigins origins =
        new ClientOrigins(
            entrance.at(), settings.config().proxyProtocol(), door.implicitTls(), door.refusals());
    return new ClientArrivals(door, origins, rooms.limits(), rooms.sessions(), entrance.sessions());
  }

  /**
   * A new listener, null if it is only a trial. Where one that leaves is in the way, as that of one
   * address is for that of all, it is closed first, and opened again if all is given back.
   */
  private @Nullable Listener opened(
      ListenAddress at,
      ClientArrivals arrivals,
      Settings settings,
      List<Listener> leaving,
      Takeover ready)
      throws IOException {
    List<Listener> inTheWay =
        leaving.stream().filter(each -> each.wantedPort() == at.port() && at.port() != 0).toList();
    if (ready.trial()) {
      if (inTheWay.isEmpty()) {
        Listener.check(rooms.transports(), at, settings.config().transport());
      }
      return null;
    }
    Listener listener;
    try {
      listener = reserve(at, arrivals, settings);
    } catch (IOException taken) {
      if (inTheWay.isEmpty()) {
        throw taken;
      }
      inTheWay.forEach(Listener::close);
      ready.onDrop(() -> inTheWay.forEach(this::openAgain));
      listener = reserve(at, arrivals, settings);
    }
    ready.onDrop(listener::close);
    return listener;
  }

  private Listener reserve(ListenAddress at, ClientArrivals arrivals, Settings settings)
      throws IOException {
    return Listener.reserve(rooms.transports(), at, settings.config().transport(), arrivals);
  }

  private void openAgain(Listener closed) {
    try {
      Listener listener = closed.again(rooms.transports());
      Map<String, Listener> all = new LinkedHashMap<>(listeners);
      all.replaceAll((place, open) -> open.equals(closed) ? listener : open);
      listeners = all;
    } catch (IOException gone) {
      log.error("a reload closed a listener that cannot be opened again: {}", gone.getMessage());
    }
  }

  /** Where clients come in, by label, in the order in which they are told. */
  public Map<String, List<InetSocketAddress>> addresses() {
    Map<String, List<InetSocketAddress>> all = new LinkedHashMap<>();
    listeners.forEach(
        (place, open) ->
            all.computeIfAbsent(place.substring(0, place.indexOf(' ')), none -> new ArrayList<>())
                .add(open.address()));
    return all;
  }

  /** Keeps nothing at stores that are not to be used any more. */
  final void leaveWithdrawn() {
    leaveWithdrawn.run();
  }

  /**
   * Each way in, for whoever tries it: its label, where it is, who may send a password without TLS,
   * and whether a PROXY header comes first.
   */
  List<Map<String, Object>> described() {
    List<Map<String, Object>> all = new ArrayList<>();
    Map<String, Listener> open = listeners;
    entered.forEach(
        (place, entrance) -> {
          Listener listener = open.get(place);
          if (listener != null) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("label", entrance.label());
            one.put("at", AddressLiteral.textOf(listener.address()));
            one.put(
                "clearTextPasswords",
                entrance.at().clearTextPasswords().name().toLowerCase(Locale.ROOT));
            one.put("proxyProtocol", entrance.at().proxyProtocol() ? "required" : "none");
            all.add(one);
          }
        });
    return all;
  }

  /**
   * Has another front end that listens on the same ports get their new clients, if there is one.
   */
  void stepAside() {
    listeners.values().forEach(Listener::stepAside);
  }

  /** Accepts no more clients; sessions go on. May be called again. */
  public void stopAccepting() {
    listeners.values().forEach(Listener::close);
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
