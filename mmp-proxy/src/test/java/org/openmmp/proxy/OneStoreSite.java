package org.openmmp.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.openmmp.admin.Metrics;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.directory.Directory;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.guard.ConnectionLimits;
import org.openmmp.guard.LoginPenalty;
import org.openmmp.guard.RejectionPace;
import org.openmmp.proxy.netty.OpenSessions;
import org.openmmp.proxy.netty.SessionParts;
import org.openmmp.proxy.session.Guards;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.transport.HostResolver;
import org.openmmp.transport.StoreConnector;
import org.openmmp.transport.StoreTls;
import org.openmmp.transport.Transports;

/**
 * The IMAP front end on real sockets, before one store that accepts the password {@code secret},
 * refuses {@code wrong}, and hangs up on {@code fin}. The directory finds everybody there, but for
 * {@code bug}, who makes it throw.
 */
final class OneStoreSite implements AutoCloseable {
  private static final int KEY_OCTETS = 32;

  private final ServerSocket store = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Transports transports;
  private final HostResolver resolver;
  private final Metrics metrics;
  private final ImapListeners listeners;

  OneStoreSite(Path directory) throws IOException, BadConfigException {
    Thread serving = new Thread(this::serve, "store");
    serving.setDaemon(true);
    serving.start();
    Path file =
        Files.writeString(
            directory.resolve("openmmp.conf"),
            """
            openmmp.directory { urls = "ldap://127.0.0.1:1", base-dn = "dc=example,dc=com" }
            openmmp.proxy.one { storehostlist = "127.0.0.1", imapport = %d, tls = off }
            openmmp.imap { listen = "127.0.0.1:0", clear-text-passwords = always }
            openmmp.limits.exempt-networks = "127.0.0.0/8"
            """
                .formatted(store.getLocalPort()));
    OpenMmpConfig config = ConfigReader.load(file);
    GroupTable table = Routes.table(config);
    transports = Transports.open(config.transport());
    resolver = new HostResolver(transports, config.resolver());
    metrics = new Metrics(table.groups());
    StoreSelector selector =
        new StoreSelector(
            (group, service) -> Routes.selection(config, group.name()), SelectionListener.NONE);
    selector.replaceTable(table);
    GroupConfig.StoreTls noTls = config.groupDefaults().tls();
    listeners =
        ImapListeners.open(
            config,
            new ImapListeners.Rooms(
                new OneGroupDirectory(),
                selector,
                table,
                new Guards(
                    new ConnectionLimits(config.limits()),
                    new LoginPenalty(config.limits(), new byte[KEY_OCTETS]),
                    new RejectionPace(Duration.ZERO)),
                metrics,
                new SessionLog(false, Clock.systemUTC()),
                new OpenSessions()),
            transports,
            new StoreConnector(transports, resolver),
            new SessionParts.Trust(Map.of(), StoreTls.of(noTls)));
  }

  InetSocketAddress address() {
    return listeners.plainAddresses().get(0);
  }

  private void serve() {
    boolean open = true;
    while (open) {
      try (Socket client = store.accept()) {
        serve(client);
      } catch (IOException goneOrClosed) {
        open = !store.isClosed();
      }
    }
  }

  private static void serve(Socket client) throws IOException {
    OutputStream out = client.getOutputStream();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
    out.write("* OK ready\r\n".getBytes(US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String tag = line.substring(0, line.indexOf(' '));
      if (line.contains("CAPABILITY")) {
        out.write(("* CAPABILITY IMAP4rev1\r\n" + tag + " OK done\r\n").getBytes(US_ASCII));
      } else if (line.contains("fin")) {
        return;
      } else if (line.contains("wrong")) {
        out.write((tag + " NO [AUTHENTICATIONFAILED] no\r\n").getBytes(US_ASCII));
      } else if (line.contains("LOGOUT")) {
        out.write(("* BYE bye\r\n" + tag + " OK done\r\n").getBytes(US_ASCII));
        return;
      } else {
        out.write((tag + " OK done\r\n").getBytes(US_ASCII));
      }
    }
  }

  @Override
  public void close() throws IOException {
    listeners.close();
    transports.close();
    resolver.close();
    metrics.close();
    store.close();
  }

  /** Everybody's mail is in the one group. */
  private static final class OneGroupDirectory implements Directory {
    @Override
    public CompletionStage<LookupResult> lookUp(LookupRequest request) {
      if (request.loginName().equals("bug")) {
        throw new IllegalStateException("a mistake of ours");
      }
      return CompletableFuture.completedStage(
          new LookupResult(
              LookupResult.Kind.FOUND,
              request.loginName(),
              "one",
              request.loginName(),
              "uid=any",
              Map.of(),
              LookupResult.Freshness.CACHED,
              "found"));
    }

    @Override
    public CompletionStage<BindResult> bind(LookupResult user, byte[] password) {
      return CompletableFuture.completedStage(BindResult.DIRECTORY_DOWN);
    }

    @Override
    public boolean preAuthenticates(LookupResult user) {
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
