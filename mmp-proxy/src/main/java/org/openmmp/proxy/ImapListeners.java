package org.openmmp.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.Metrics;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.ListenConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.directory.Directory;
import org.openmmp.proxy.imap.ImapProtocol;
import org.openmmp.proxy.netty.OpenSessions;
import org.openmmp.proxy.netty.SessionInitializer;
import org.openmmp.proxy.netty.SessionParts;
import org.openmmp.proxy.session.FrontEnd;
import org.openmmp.proxy.session.Guards;
import org.openmmp.proxy.session.SessionListener;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.Routing;
import org.openmmp.transport.Listener;
import org.openmmp.transport.ServerTls;
import org.openmmp.transport.SpliceSettings;
import org.openmmp.transport.StoreConnector;
import org.openmmp.transport.Transports;

/** The listeners of the IMAP front end. */
final class ImapListeners implements AutoCloseable {
  private static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(10);

  /** What the sessions work with. */
  record Rooms(
      Directory directory,
      StoreSelector selector,
      GroupTable table,
      Guards guards,
      Metrics metrics,
      SessionListener log,
      OpenSessions sessions) {}

  private final List<Listener> plain = new ArrayList<>();
  private final List<Listener> tls = new ArrayList<>();

  private ImapListeners() {}

  /**
   * Opens all of them.
   *
   * @throws IOException if a certificate cannot be used or an address cannot be bound; none is left
   *     open then
   */
  static ImapListeners open(
      OpenMmpConfig config,
      Rooms rooms,
      Transports transports,
      StoreConnector connector,
      SessionParts.Trust trust)
      throws IOException {
    ImapProtocol protocol = ImapFrontEnd.protocol(config);
    SessionListener listener = new SessionMetrics(rooms.metrics(), protocol.service(), rooms.log());
    Routing routing = Routes.routing(config, rooms.table(), GroupConfig.Ports::imap);
    ServerTls serverTls = serverTls(config);
    ListenConfig imap = config.imap().listen();
    ImapListeners opened = new ImapListeners();
    try {
      for (boolean implicit : new boolean[] {false, true}) {
        for (ListenAddress at : implicit ? imap.tls() : imap.plain()) {
          FrontEnd frontEnd =
              new FrontEnd(
                  protocol,
                  rooms.directory(),
                  rooms.selector(),
                  () -> routing,
                  rooms.guards(),
                  listener,
                  at.defaultDomain(),
                  imap.times().beforeLogin(),
                  config.login().deadline());
          SessionParts parts =
              new SessionParts(
                  frontEnd,
                  connector,
                  () -> trust,
                  serverTls,
                  config.tls().certificateName(),
                  HANDSHAKE_LIMIT,
                  SpliceSettings.DEFAULT.withIdleLimit(imap.times().idle()));
          SessionInitializer sessions =
              new SessionInitializer(parts, rooms.sessions(), implicit, imap.clearTextPasswords());
          (implicit ? opened.tls : opened.plain)
              .add(Listener.bind(transports, at, config.transport(), sessions));
        }
      }
    } catch (IOException cannotBind) {
      opened.close();
      throw cannotBind;
    }
    return opened;
  }

  private static @Nullable ServerTls serverTls(OpenMmpConfig config) throws IOException {
    return config.tls().certificate().isPresent() ? ServerTls.of(config.tls(), "imap") : null;
  }

  List<InetSocketAddress> plainAddresses() {
    return plain.stream().map(Listener::address).toList();
  }

  List<InetSocketAddress> tlsAddresses() {
    return tls.stream().map(Listener::address).toList();
  }

  /** Stops accepting; sessions go on. May be called again. */
  @Override
  public void close() {
    plain.forEach(Listener::close);
    tls.forEach(Listener::close);
  }
}
