package org.openmmp.it.bench;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Tells nginx where every user's store is. */
final class NginxAuthority implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(2);

  /**
   * Starts it.
   *
   * @param ports of the store, by protocol
   */
  NginxAuthority(String store, Map<String, Integer> ports) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          String protocol = exchange.getRequestHeaders().getFirst("Auth-Protocol");
          exchange.getResponseHeaders().set("Auth-Status", "OK");
          exchange.getResponseHeaders().set("Auth-Server", store);
          exchange.getResponseHeaders().set("Auth-Port", String.valueOf(ports.get(protocol)));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
