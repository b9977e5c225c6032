package org.openmmp.program;

import com.github.benmanes.caffeine.cache.Ticker;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.openmmp.admin.EnumCounters;
import org.openmmp.admin.Metrics;
import org.openmmp.admin.News;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.config.StoreService;
import org.openmmp.directory.Directory;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.ldap.LdapDirectory;
import org.openmmp.guard.ConnectionLimits;
import org.openmmp.guard.LoginPenalty;
import org.openmmp.guard.ProvenLogins;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.Routing;
import org.openmmp.transport.HostResolver;
import org.openmmp.transport.OpenSessions;
import org.openmmp.transport.OwnWant;
import org.openmmp.transport.Refusal;
import org.openmmp.transport.RefusalListener;
import org.openmmp.transport.ServerTls;
import org.openmmp.transport.StoreConnector;
import org.openmmp.transport.StoreTls;
import org.openmmp.transport.StoreTrust;
import org.openmmp.transport.Transports;
import org.openmmp.wire.NetworkSet;

/**
 * What all servers of one process share: one directory, one selector with its affinity and health,
 * one set of limits, one set of threads. On any thread.
 */
public final class SharedRooms implements AutoCloseable {
  private static final int PENALTY_KEY_OCTETS = 32;
  private static final int SUMMARY_CHECK_SECONDS = 5;

  private final OpenMmpConfig config;
  private final Map<StoreService, StoreTrust> trust;
  private final GroupTable table;
  private final Metrics metrics;
  private final News news;

  /**
   * A million mailboxes with two devices each; four octets a credential, once there are so many.
   */
  private static final int PROVEN_LOGINS = 2_000_000;

  private final Directory directory;
  private final StoreSelector selector;
  private final Transports transports;
  private final HostResolver resolver;
  private final StoreConnector connector;
  private final StoreProber prober;
  private final ConnectionLimits limits;
  private final LoginPenalty penalty;
  private final ProvenLogins proven;
  private final OpenSessions sessions = new OpenSessions();
  private final EventLog events;
  private final NetworkSet healthChecks;
  private final RefusalLog refusals;
  private final Map<Service, EnumCounters<Refusal>> refusalCounters = new ConcurrentHashMap<>();
  private final List<ServerTls> serverTls = new CopyOnWriteArrayList<>();

  private SharedRooms(
      OpenMmpConfig config,
      Map<StoreService, StoreTrust> trust,
      Function<DirectoryListener, Directory> opening) {
    this.config = config;
    this.trust = trust;
    table = Routes.table(config);
    metrics = new Metrics(table.groups());
    // The directory may refuse its configuration: it comes before what would be left open then.
    directory = opening.apply(metrics.directory());
    Clock clock = Clock.systemUTC();
    news = new News(clock);
    transports =
        Transports.open(
            config.transport(),
            new OwnWantLog(EventLog.of("own", config.log(), clock), metrics.wants(OwnWant.class)));
    resolver = new HostResolver(transports, config.resolver());
    connector = new StoreConnector(transports, resolver);
    SelectionListener listener =
        new SelectionLog(
            EventLog.of("selection", config.log(), clock),
            news,
            metrics.selection(),
            this::probeStores);
    selector =
        new StoreSelector(
            (group, service) -> Routes.configOf(config, group.name()).selection(), listener);
    selector.replaceTable(table);
    prober =
        new StoreProber(
            transports.loops().next(),
            connector,
            service -> trust(StoreService.named(service.name())),
            name -> Routes.configOf(config, name),
            selector,
            listener);
    limits = new ConnectionLimits(config.limits());
    penalty = new LoginPenalty(config.limits(), randomKey());
    proven = new ProvenLogins(PROVEN_LOGINS, randomKey(), System.nanoTime());
    events = EventLog.of("session", config.log(), clock);
    healthChecks = config.log().healthCheckNetworks();
    refusals =
        new RefusalLog(
            EventLog.of("refused", config.log(), clock), healthChecks, System.nanoTime());
    transports
        .loops()
        .scheduleWithFixedDelay(
            () -> refusals.tellSummary(System.nanoTime()),
            SUMMARY_CHECK_SECONDS,
            SUMMARY_CHECK_SECONDS,
            TimeUnit.SECONDS);
    StandstillLog standstill =
        new StandstillLog(EventLog.of("own", config.log(), clock), System.nanoTime());
    transports
        .loops()
        .scheduleWithFixedDelay(
            () -> standstill.look(System.nanoTime()),
            StandstillLog.PERIOD_NANOS,
            StandstillLog.PERIOD_NANOS,
            TimeUnit.NANOSECONDS);
    metrics.gauge("openmmp.connections", "Clients connected now", sessions::count);
    OwnMeters.bind(metrics, config, limits);
    metrics.counter(
        "openmmp.log.lines.lost", "Lines of the log that nobody read in time", LineAppender::lost);
  }

  /**
   * Puts them together, with the directory over LDAP.
   *
   * @throws IOException if a certificate that stores are verified with cannot be read
   * @throws IllegalArgumentException if the directory cannot use its configuration
   */
  public static SharedRooms open(OpenMmpConfig config) throws IOException {
    return open(
        config,
        listener -> {
          LdapDirectory directory =
              new LdapDirectory(config.directory(), listener, Ticker.systemTicker());
          directory.tryServers();
          return directory;
        });
  }

  /**
   * Puts them together to ask stores alone: no directory server is asked.
   *
   * @throws IOException if a certificate that stores are verified with cannot be read
   */
  public static SharedRooms openForAsking(OpenMmpConfig config) throws IOException {
    return open(
        config, listener -> new LdapDirectory(config.directory(), listener, Ticker.systemTicker()));
  }

  /**
   * Puts them together around another directory.
   *
   * @param directory opens it; it is closed with the rooms
   * @throws IOException if a certificate that stores are verified with cannot be read
   */
  public static SharedRooms open(
      OpenMmpConfig config, Function<DirectoryListener, Directory> directory) throws IOException {
    ServerTlsConfig.Profile profile = config.tls().toStores();
    Map<StoreService, StoreTrust> trust = new EnumMap<>(StoreService.class);
    for (StoreService service : StoreService.values()) {
      Map<String, StoreTls> byGroup = new HashMap<>();
      for (GroupConfig group : config.groups()) {
        byGroup.put(group.name(), StoreTls.of(group.stores(service), profile));
      }
      StoreTls otherwise = StoreTls.of(config.groupDefaults().stores(service), profile);
      trust.put(service, new StoreTrust(byGroup, otherwise));
    }
    return new SharedRooms(config, trust, directory);
  }

  private void probeStores(ReplicationGroup group, Service service) {
    prober.somebodyWaits(group, service);
  }

  private static byte[] randomKey() {
    byte[] key = new byte[PENALTY_KEY_OCTETS];
    new SecureRandom().nextBytes(key);
    return key;
  }

  /** What the operator wrote. */
  public OpenMmpConfig config() {
    return config;
  }

  /** The replication groups. */
  public GroupTable table() {
    return table;
  }

  /**
   * Where mail hosts lead for one service.
   *
   * @param service which of the stores' services it asks
   */
  public Routing routing(StoreService service) {
    return Routes.routing(config, table, service);
  }

  /** Where users are looked up. */
  public Directory directory() {
    return directory;
  }

  /** Which store is next. */
  public StoreSelector selector() {
    return selector;
  }

  /** The threads and sockets. */
  public Transports transports() {
    return transports;
  }

  /** Reaches the stores. */
  public StoreConnector connector() {
    return connector;
  }

  /**
   * A service begins: its stores are chosen for it from now on, and asked for their greeting while
   * logins or deliveries wait for one (rule B2.9).
   *
   * @param service named as the stores' service that it asks
   * @param clients what its clients do to their mailboxes
   * @param words how its stores are asked
   * @return where mail hosts lead for it
   */
  public Routing serve(Service service, ClientKind clients, ProbeWords words) {
    Routing routing = routing(StoreService.named(service.name()));
    selector.serve(service, clients);
    prober.serve(service, () -> routing, words);
    return routing;
  }

  /**
   * TLS towards clients, as the configuration has it now and {@link #exchangeTls} later.
   *
   * @param applicationProtocol as registered for ALPN: {@code imap}, {@code pop3}
   * @throws IOException if a certificate or key cannot be used; the message names it
   */
  public ServerTls serverTls(String applicationProtocol) throws IOException {
    ServerTls made = ServerTls.of(config.tls(), applicationProtocol);
    serverTls.add(made);
    return made;
  }

  /**
   * Reads certificates, keys and lists of revoked certificates again, for all listeners or none.
   *
   * @return how many of them have TLS
   * @throws IOException as {@link #serverTls}
   */
  int exchangeTls(ServerTlsConfig next) throws IOException {
    if (serverTls.isEmpty()) {
      return 0;
    }
    ServerTls.check(next);
    for (ServerTls each : serverTls) {
      each.reload(next);
    }
    return serverTls.size();
  }

  /** Until when the certificates serve that clients are shown now, by their names. */
  Map<String, Instant> certificates() {
    Map<String, Instant> all = new TreeMap<>();
    serverTls.forEach(each -> all.putAll(each.shown()));
    return all;
  }

  /** What happened of late, for the dashboard. */
  News news() {
    return news;
  }

  /** Whose certificates are believed at that service of the stores. */
  public StoreTrust trust(StoreService service) {
    return Objects.requireNonNull(trust.get(service));
  }

  /** How many clients there may be. */
  public ConnectionLimits limits() {
    return limits;
  }

  /** What wrong passwords cost. */
  public LoginPenalty penalty() {
    return penalty;
  }

  /** Who was let in with what. */
  public ProvenLogins proven() {
    return proven;
  }

  /** The clients that are connected now; those of every server. */
  public OpenSessions sessions() {
    return sessions;
  }

  /** What is counted. */
  public Metrics metrics() {
    return metrics;
  }

  /** What is told of each client. */
  public EventLog events() {
    return events;
  }

  /** The networks whose health checks leave no trace. */
  public NetworkSet healthChecks() {
    return healthChecks;
  }

  /**
   * Hears of the clients that a service refuses.
   *
   * @param listener where they came in; empty if that is not known
   */
  public RefusalListener refusals(Service service, String listener) {
    return refusals.of(
        service,
        listener,
        refusalCounters.computeIfAbsent(service, key -> metrics.refusals(key, Refusal.class)));
  }

  /** Ends every connection that is left. */
  @Override
  public void close() {
    transports.close();
    refusals.tellRest();
    resolver.close();
    directory.close();
    metrics.close();
  }
}
