package org.openmmp.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.StoreService;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.SharedRooms;

/** The proxy, open for the clients of every protocol that has listeners. */
final class ProxyServer implements FrontEndServer {
  private final List<ProtocolListeners> protocols = new ArrayList<>();

  private ProxyServer() {}

  /**
   * Opens every listener.
   *
   * @throws IOException if a certificate cannot be used or an address cannot be bound; none is left
   *     open then
   */
  static ProxyServer open(SharedRooms rooms) throws IOException {
    ProxyServer server = new ProxyServer();
    try {
      for (ProtocolListeners.Served served : served(rooms.config())) {
        server.protocols.add(ProtocolListeners.open(rooms, served));
      }
    } catch (IOException cannotOpen) {
      server.close();
      throw cannotOpen;
    }
    return server;
  }

  private static List<ProtocolListeners.Served> served(OpenMmpConfig config) {
    List<ProtocolListeners.Served> all =
        List.of(
            new ProtocolListeners.Served(
                MailProtocols.imap(config), config.imap().listen(), StoreService.IMAP),
            new ProtocolListeners.Served(
                MailProtocols.pop3(config), config.pop3().listen(), StoreService.POP3));
    return all.stream().filter(each -> !each.listen().isEmpty()).toList();
  }

  @Override
  public Map<String, List<InetSocketAddress>> addresses() {
    Map<String, List<InetSocketAddress>> all = new LinkedHashMap<>();
    protocols.forEach(each -> all.putAll(each.addresses()));
    return all;
  }

  @Override
  public void stopAccepting() {
    protocols.forEach(ProtocolListeners::close);
  }

  @Override
  public void close() {
    stopAccepting();
  }
}
