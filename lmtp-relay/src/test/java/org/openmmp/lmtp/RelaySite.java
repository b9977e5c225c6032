package org.openmmp.lmtp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.directory.Directory;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.SharedRooms;

/**
 * The relay on real sockets before two groups, the ducks (huey, dewey) and the geese (gus). Each
 * recipient's mail host is what stands before the @ up to the first dash, as in {@code
 * ducks-alice@test}; {@code down@test} finds the directory down.
 */
final class RelaySite implements AutoCloseable {
  final HandStore huey = new HandStore("127.0.0.2", 0);
  final HandStore dewey = new HandStore("127.0.0.3", huey.port());
  final HandStore gus = new HandStore("127.0.0.4", 0);
  final Map<String, LookupResult.Kind> refused = new ConcurrentHashMap<>();
  private final SharedRooms rooms;
  private final FrontEndServer server;

  RelaySite(Path directory, String... settings) throws IOException, BadConfigException {
    Path file =
        Files.writeString(
            directory.resolve("openmmp.conf"),
            """
            openmmp.hostname = relay.test
            openmmp.directory { urls = "ldap://127.0.0.1:1", base-dn = "dc=example,dc=com" }
            openmmp.resolver.hosts { huey = 127.0.0.2, dewey = 127.0.0.3, gus = 127.0.0.4 }
            openmmp.proxy-defaults.tls = off
            openmmp.proxy.ducks { storehostlist = "huey dewey", lmtpport = %d }
            openmmp.proxy.geese { storehostlist = "gus", lmtpport = %d }
            openmmp.lmtp { listen = "127.0.0.1:0", affinitylist = on }
            %s
            """
                .formatted(huey.port(), gus.port(), String.join("\n", settings)));
    rooms = SharedRooms.open(ConfigReader.load(file), listener -> new NameDirectory());
    server = new RelayProvider().open(rooms);
  }

  InetSocketAddress address() {
    return Objects.requireNonNull(server.addresses().get("lmtp")).get(0);
  }

  FrontEndServer server() {
    return server;
  }

  SharedRooms rooms() {
    return rooms;
  }

  /** A client that was greeted and has said LHLO. */
  LmtpLine client() throws IOException {
    LmtpLine client = LmtpLine.to(address());
    client.reply();
    client.say("LHLO mta.test").reply();
    return client;
  }

  @Override
  public void close() throws IOException {
    server.close();
    rooms.close();
    huey.close();
    dewey.close();
    gus.close();
  }

  /** Mail hosts stand in the names. */
  private final class NameDirectory implements Directory {
    @Override
    public CompletionStage<LookupResult> lookUp(LookupRequest request) {
      String name = request.loginName();
      LookupResult.Kind kind = refused.getOrDefault(name, LookupResult.Kind.FOUND);
      return CompletableFuture.completedStage(
          kind == LookupResult.Kind.FOUND
              ? new LookupResult(
                  kind,
                  name,
                  name.substring(0, name.indexOf('-')),
                  "",
                  "",
                  Map.of(),
                  LookupResult.Freshness.CACHED,
                  "found")
              : LookupResult.failed(kind, name, "as the test says"));
    }

    @Override
    public CompletionStage<BindResult> bind(LookupResult user, byte[] password) {
      return CompletableFuture.completedStage(BindResult.DIRECTORY_DOWN);
    }

    @Override
    public String identityOf(String typed, String defaultDomain) {
      return typed;
    }

    @Override
    public boolean preAuthenticates(String login) {
      return false;
    }

    @Override
    public void forget(String login) {}

    @Override
    public void forgetAll() {}

    @Override
    public void close() {}
  }
}
