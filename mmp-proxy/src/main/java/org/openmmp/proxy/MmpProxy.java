package org.openmmp.proxy;

import com.github.benmanes.caffeine.cache.Ticker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.AdminServer;
import org.openmmp.admin.AdminSources;
import org.openmmp.admin.HealthSource;
import org.openmmp.admin.Metrics;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.LogConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.directory.Directory;
import org.openmmp.directory.ldap.LdapDirectory;
import org.openmmp.guard.ConnectionLimits;
import org.openmmp.guard.LoginPenalty;
import org.openmmp.guard.RejectionPace;
import org.openmmp.proxy.netty.OpenSessions;
import org.openmmp.proxy.netty.SessionParts;
import org.openmmp.proxy.session.Farewell;
import org.openmmp.proxy.session.Guards;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.transport.HostResolver;
import org.openmmp.transport.StoreConnector;
import org.openmmp.transport.StoreTls;
import org.openmmp.transport.Transports;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The MMP proxy, wired: directory, selection, sessions, listeners and the admin pages of one
 * configuration.
 */
public final class MmpProxy implements AutoCloseable, HealthSource {
  private static final Logger log = LoggerFactory.getLogger(MmpProxy.class);
  private static final int PENALTY_KEY_OCTETS = 32;

  private final OpenMmpConfig config;
  private final Transports transports;
  private final HostResolver resolver;
  private final Metrics metrics;
  private final Directory directory;
  private final StoreSelector selector;
  private final GroupTable table;
  private final OpenSessions sessions = new OpenSessions();
  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable ImapListeners imap;
  private @Nullable AdminServer admin;
  private volatile boolean started;
  private volatile boolean draining;

  private MmpProxy(OpenMmpConfig config) {
    this.config = config;
    table = Routes.table(config);
    metrics = new Metrics(table.groups());
    // The directory may refuse its configuration: it comes before what would be left open then.
    directory = new LdapDirectory(config.directory(), metrics.directory(), Ticker.systemTicker());
    transports = Transports.open(config.transport());
    resolver = new HostResolver(transports, config.resolver());
    selector =
        new StoreSelector(
            (group, service) -> Routes.selection(config, group.name()),
            new SelectionLog(metrics.selection()));
    selector.replaceTable(table);
    metrics.gauge("openmmp.connections", "Clients connected now", sessions::count);
  }

  /**
   * Starts a proxy; returns once every listener is open.
   *
   * @throws IOException if a certificate cannot be used or an address cannot be bound; nothing is
   *     left open then
   * @throws IllegalArgumentException if the directory cannot use its configuration; likewise
   */
  public static MmpProxy start(OpenMmpConfig config) throws IOException {
    MmpProxy proxy = new MmpProxy(config);
    try {
      proxy.open();
    } catch (IOException | RuntimeException cannotStart) {
      proxy.close();
      throw cannotStart;
    }
    return proxy;
  }

  private void open() throws IOException {
    Map<String, StoreTls> trust = new HashMap<>();
    for (GroupConfig group : config.groups()) {
      trust.put(group.name(), StoreTls.of(group.tls()));
    }
    SessionParts.Trust trusted =
        new SessionParts.Trust(trust, StoreTls.of(config.groupDefaults().tls()));
    imap =
        ImapListeners.open(
            config,
            new ImapListeners.Rooms(
                directory, selector, table, guards(), metrics, sessionLog(), sessions),
            transports,
            new StoreConnector(transports, resolver),
            trusted);
    if (config.admin().listen().isPresent()) {
      admin =
          new AdminServer(
              config.admin(),
              config.hostname(),
              new AdminSources(
                  this,
                  metrics::scrape,
                  () -> selector.snapshot(System.nanoTime()),
                  table::fingerprint,
                  explainer()));
    }
    started = true;
    log.info(
        "started {} transport={} groups={} table={}",
        addresses(),
        transports.kind(),
        table.groups().size(),
        table.fingerprint());
  }

  private Guards guards() {
    byte[] key = new byte[PENALTY_KEY_OCTETS];
    new SecureRandom().nextBytes(key);
    return new Guards(
        new ConnectionLimits(config.limits()),
        new LoginPenalty(config.limits(), key),
        new RejectionPace(Duration.ofSeconds(1)));
  }

  private SessionLog sessionLog() {
    return new SessionLog(config.log().format() == LogConfig.Format.JSON, Clock.systemUTC());
  }

  /** Works out where logins go, from this proxy's memory. */
  public org.openmmp.admin.ExplainSource explainer() {
    return new Explainer(directory, table, selector);
  }

  /** Which store is next, as this proxy knows it. */
  public StoreSelector selector() {
    return selector;
  }

  /** Where plain IMAP clients come in. */
  public List<InetSocketAddress> imapAddresses() {
    return imap == null ? List.of() : imap.plainAddresses();
  }

  /** Where IMAP clients under TLS come in. */
  public List<InetSocketAddress> imapTlsAddresses() {
    return imap == null ? List.of() : imap.tlsAddresses();
  }

  /** The admin listener's port; 0 if there is none. */
  public int adminPort() {
    return admin == null ? 0 : admin.port();
  }

  /** All listeners in the form {@code imap=host:port imaps=host:port admin=host:port}. */
  public String addresses() {
    List<String> all = new ArrayList<>();
    imapAddresses().forEach(each -> all.add("imap=" + textOf(each)));
    imapTlsAddresses().forEach(each -> all.add("imaps=" + textOf(each)));
    config.admin().listen().ifPresent(at -> all.add("admin=" + at.host() + ":" + adminPort()));
    return String.join(" ", all);
  }

  private static String textOf(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }

  @Override
  public boolean live() {
    return ended.getCount() > 0;
  }

  @Override
  public boolean started() {
    return started;
  }

  @Override
  public boolean draining() {
    return draining;
  }

  /** Waits until the proxy was closed. */
  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /**
   * Stops accepting, lets sessions end within the drain limit, tells the others goodbye, and closes
   * (rule B8.1); blocks until then.
   */
  public void drain() {
    draining = true;
    log.info("draining sessions={}", sessions.count());
    if (imap != null) {
      imap.close();
    }
    sessions.awaitNone(config.drain().limit());
    sessions.endAll(Farewell.SHUTTING_DOWN);
    sessions.awaitNone(Duration.ofSeconds(2));
    close();
  }

  @Override
  public void close() {
    draining = true;
    if (imap != null) {
      imap.close();
    }
    if (admin != null) {
      admin.close();
    }
    transports.close();
    resolver.close();
    directory.close();
    metrics.close();
    ended.countDown();
  }
}
