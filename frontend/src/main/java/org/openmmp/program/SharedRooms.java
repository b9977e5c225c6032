package org.openmmp.program;

import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.openmmp.admin.EnumCounters;
import org.openmmp.admin.Metrics;
import org.openmmp.admin.News;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.StoreService;
import org.openmmp.config.TransportConfig;
import org.openmmp.config.WrittenKeys;
import org.openmmp.directory.Directory;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.directory.ldap.DirectoryConfig;
import org.openmmp.directory.ldap.LdapDirectory;
import org.openmmp.guard.ConnectionLimits;
import org.openmmp.guard.LoginPenalty;
import org.openmmp.guard.ProvenLogins;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.HostDifferences;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.Recovery;
import org.openmmp.routing.StoreAccess;
import org.openmmp.transport.EventLoops;
import org.openmmp.transport.HostResolver;
import org.openmmp.transport.OpenSessions;
import org.openmmp.transport.OwnWant;
import org.openmmp.transport.Refusal;
import org.openmmp.transport.RefusalListener;
import org.openmmp.transport.StoreConnector;
import org.openmmp.transport.StoreLink;
import org.openmmp.transport.StoreProbe;
import org.openmmp.transport.StoreTarget;
import org.openmmp.transport.Transports;

/**
 * What all servers of one process share: one directory, one selector with its affinity and health,
 * one set of limits, one set of threads. On any thread.
 */
public final class SharedRooms implements AutoCloseable {
  private static final int PENALTY_KEY_OCTETS = 32;
  private static final int SUMMARY_CHECK_SECONDS = 5;
  private static final int MOVABLE_SECONDS = 5;

  /** How often sessions are looked at whose peers may be gone; short ones never are. */
  private static final int LOOK_SECONDS = 15;

  private final Metrics metrics;
  private final News news;

  /**
   * A million mailboxes with two devices each; four octets a credential, once there are so many.
   */
  private static final int PROVEN_LOGINS = 2_000_000;

  /** Queries of a resolver that is exchanged have ended by then: a connect's limit is a minute. */
  private static final int FORMER_RESOLVER_SECONDS = 60;

  /** Opens a directory for a configuration, or refuses it by an IllegalArgumentException. */
  private final BiFunction<DirectoryConfig, DirectoryListener, Directory> opening;

  /** How many begin logins at the stores, this one included. */
  private volatile int frontEnds = 1;

  private final DirectoryInUse directory;
  private final StoreSelector selector;
  private final Transports transports;
  private final StoreConnector connector;
  private final StoreProber prober;
  private final ConnectionLimits limits;
  private final LoginPenalty penalty;
  private final ProvenLogins proven;
  private final OpenSessions sessions = new OpenSessions();
  private final HostDifferences differences = new HostDifferences();
  private final EventLog events;
  private final List<EventLog> logs = new CopyOnWriteArrayList<>();
  private final RefusalLog refusals;
  private final Map<Service, EnumCounters<Refusal>> refusalCounters = new ConcurrentHashMap<>();
  private volatile Settings now;
  private volatile Runnable changed = () -> {};
  private volatile Map<String, Map<String, Integer>> movable = Map.of();
  private HostResolver resolver;

  private SharedRooms(
      Settings first, BiFunction<DirectoryConfig, DirectoryListener, Directory> opening) {
    OpenMmpConfig config = first.config();
    this.opening = opening;
    now = first;
    metrics = new Metrics(first.table().groups(), () -> now.config().admin().metricsGroups());
    // The directory may refuse its configuration: it comes before what would be left open then.
    news = new News(Clock.systemUTC());
    directory = new DirectoryInUse(opening.apply(config.directory(), metrics.directory()));
    OwnWantLog own = new OwnWantLog(log("own"), metrics.wants(OwnWant.class), System.nanoTime());
    events = log("session");
    transports = Transports.open(config.transport(), own::wants);
    resolver = new HostResolver(transports, config.resolver());
    connector = new StoreConnector(transports, resolver);
    connector.connectFrom(config.sources());
    connector.giveUpVanished(config.transport().storeVanished());
    SelectionLog listener =
        new SelectionLog(
            log("selection"), news, metrics.selection(), this::probeStores, () -> changed.run());
    EventLoopGroup loops = transports.loops();
    EventLoops.regularly(loops, 1, () -> listener.tellReferrals(System.nanoTime()));
    selector =
        new StoreSelector((group, service) -> now.selection(group.name(), frontEnds), listener);
    selector.replaceTable(first.table());
    sessions.spreadLosses(() -> now.config().drain().afterLoss());
    prober =
        new StoreProber(loops.next(), connector, access -> now.tlsTo(access), selector, listener);
    new RegularProbes(this, log("selection"), loops.next(), differences).begin();
    limits = new ConnectionLimits(config.limits());
    penalty = new LoginPenalty(config.limits(), randomKey());
    proven = new ProvenLogins(PROVEN_LOGINS, randomKey(), System.nanoTime());
    refusals = new RefusalLog(log("refused"), () -> now.healthChecks(), System.nanoTime());
    EventLoops.regularly(
        loops, SUMMARY_CHECK_SECONDS, () -> refusals.tellSummary(System.nanoTime()));
    EventLoops.regularly(loops, OwnWantLog.LOOK_SECONDS, () -> own.look(System.nanoTime()));
    EventLoops.regularly(loops, 1, this::doubtStores);
    EventLoops.regularly(loops, LOOK_SECONDS, this::look);
    metrics.gauge("openmmp.connections", "Clients connected now", sessions::count);
    EventLoops.regularly(loops, MOVABLE_SECONDS, this::countMovable);
    OwnMeters.bind(metrics, limits, () -> now.config().limits().maxConnections());
    OwnMeters.certificates(metrics, config.tls());
    OwnMeters.groups(metrics, selector, differences, () -> now.recovery());
    metrics.gauge(
        "openmmp.recovery.domains",
        "Domains that are in recovery; all domains count as one",
        () -> now.recovery().domains().size());
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
    SharedRooms rooms = openForAsking(config);
    rooms.tryDirectory();
    return rooms;
  }

  /**
   * Puts them together to ask stores alone: no directory server is asked.
   *
   * @throws IOException if a certificate that stores are verified with cannot be read
   */
  public static SharedRooms openForAsking(OpenMmpConfig config) throws IOException {
    return new SharedRooms(
        Settings.of(config, null),
        (directory, listener) -> new LdapDirectory(directory, listener, Ticker.systemTicker()));
  }

  /**
   * Puts them together around another directory.
   *
   * @param directory opens it; it is closed with the rooms
   * @throws IOException if a certificate that stores are verified with cannot be read
   */
  public static SharedRooms open(
      OpenMmpConfig config, Function<DirectoryListener, Directory> directory) throws IOException {
    return new SharedRooms(Settings.of(config, null), (any, listener) -> directory.apply(listener));
  }

  /**
   * Asks a store once, for a finding; no login hears of it.
   *
   * @param purpose whether it goes up to where a login would begin, or tries a login
   * @param whenOver hears how it ended, exactly once, on any thread
   */
  public void ask(
      StoreHost host,
      StoreAccess access,
      StoreLink.Purpose purpose,
      ProbeDialogue dialogue,
      Consumer<ProbeDialogue.End> whenOver) {
    EventLoop loop = transports.loops().next();
    StoreTarget target =
        StoreTarget.of(
            host, access, now.tlsTo(access), false, () -> StoreTarget.Announcement.OURSELVES);
    Duration patience =
        purpose == StoreLink.Purpose.LOGIN ? access.answerTimeout() : access.greetingTimeout();
    loop.execute(
        () ->
            StoreProbe.begin(
                connector, loop, purpose, target, dialogue, patience, step -> {}, whenOver));
  }

  /** A log of events under a name of its own, in the form that the configuration has now. */
  EventLog log(String name) {
    EventLog made = EventLog.of(name, now.config().log().format(), Clock.systemUTC());
    logs.add(made);
    return made;
  }

  /** Tells that one from now on whenever something was learnt of a store. */
  void onNews(Runnable told) {
    changed = told;
  }

  private void countMovable() {
    CompletableFuture<Map<String, Map<String, Integer>>> counted = count();
    counted.thenAccept(
        counts -> {
          if (!counts.isEmpty() || !movable.isEmpty()) {
            movable = counts;
            metrics.movable(counts);
          }
        });
  }

  /** Looks at the sessions that are to outlive their store, if there may be any. */
  private CompletableFuture<Map<String, Map<String, Integer>>> count() {
    OpenMmpConfig config = now.config();
    Map<String, Map<String, Integer>> counts = new TreeMap<>();
    config.groups().stream()
        .filter(group -> group.imap().survival().on())
        .forEach(group -> counts.put(group.name(), Map.of()));
    if (counts.isEmpty() && !config.groupDefaults().imap().survival().on()) {
      return CompletableFuture.completedFuture(counts);
    }
    return sessions
        .stranded()
        .thenApply(
            counted -> {
              counts.putAll(counted);
              return counts;
            });
  }

  /**
   * How many sessions could be moved now, by group, under an empty word, and how many could not, by
   * the word for the reason; what was counted last, if the loops do not answer soon.
   */
  CompletionStage<Map<String, Map<String, Integer>>> movable() {
    return count()
        .completeOnTimeout(movable, MOVABLE_SECONDS, TimeUnit.SECONDS)
        .exceptionally(closing -> movable);
  }

  /** What was counted last. */
  Map<String, Map<String, Integer>> lastMovable() {
    return movable;
  }

  private void probeStores(ReplicationGroup group, Service service) {
    prober.somebodyWaits(group, service);
  }

  private void look() {
    TransportConfig settings = now.config().transport();
    sessions.look(settings.clientVanished(), settings.storeVanished());
  }

  /**
   * Has the sessions at hosts that were given up find out about their own store (rule B9.4), those
   * of other services, too: a host that hangs for one may for all, and nobody may log in there now.
   */
  private void doubtStores() {
    Set<StoreHost> failed = selector.failed();
    if (failed.stream().anyMatch(host -> sessions.countAt(host.name()) > 0)) {
      sessions.doubtStores(failed::contains);
    }
  }

  private static byte[] randomKey() {
    byte[] key = new byte[PENALTY_KEY_OCTETS];
    new SecureRandom().nextBytes(key);
    return key;
  }

  /** What holds now; who begins something asks once, and goes on by what it was told. */
  public Settings now() {
    return now;
  }

  /**
   * Makes ready what another configuration changes here.
   *
   * @throws IOException if a file cannot be used, or no directory server can; the message says why
   */
  Settings prepare(OpenMmpConfig next, Takeover ready) throws IOException {
    Settings before = now;
    Settings settings = Settings.of(next, before);
    WrittenKeys written = next.written();
    if (!next.directory().equals(before.config().directory())
        || written.fileChanged("openmmp.directory.", before.config().written())) {
      prepareDirectory(next.directory(), before.config().directory(), ready);
    }
    ready.onTake(() -> take(settings, before));
    return settings;
  }

  private void prepareDirectory(DirectoryConfig config, DirectoryConfig before, Takeover ready)
      throws IOException {
    Directory other;
    try {
      other = opening.apply(config, metrics.directory());
    } catch (IllegalArgumentException refused) {
      throw new IOException("openmmp.directory: " + refused.getMessage(), refused);
    }
    ready.onDrop(
        () -> {
          other.close();
          followDirectory();
        });
    if (other instanceof LdapDirectory ldap) {
      List<String> obstacles = ldap.obstacles();
      if (!obstacles.isEmpty()) {
        throw new IOException("openmmp.directory: " + String.join("; ", obstacles));
      }
    }
    ready.onTake(
        () -> {
          directory.become(other, config.findsAs(before), this::followDirectory);
          tryDirectory();
        });
  }

  private void tryDirectory() {
    directory.tryServers();
  }

  private void followDirectory() {
    metrics.followDirectory(
        directory.servers().stream().map(DirectoryServerState::server).collect(Collectors.toSet()));
  }

  private void take(Settings next, Settings before) {
    OpenMmpConfig config = next.config();
    metrics.follow(next.table().groups());
    now = next;
    selector.replaceTable(next.table());
    limits.change(config.limits());
    penalty.change(config.limits());
    if (!config.resolver().equals(before.config().resolver())) {
      HostResolver former = resolver;
      resolver = new HostResolver(transports, config.resolver());
      connector.resolveBy(resolver);
      transports.loops().schedule(former::close, FORMER_RESOLVER_SECONDS, TimeUnit.SECONDS);
    }
    connector.connectFrom(config.sources());
    connector.giveUpVanished(config.transport().storeVanished());
    logs.forEach(each -> each.write(config.log().format()));
    OwnMeters.certificates(metrics, config.tls());
  }

  /**
   * Reads certificates, keys and lists of revoked certificates again, for handshakes from now on;
   * blocks. Whoever takes other settings over holds this object's lock meanwhile.
   *
   * @throws IOException if one cannot be used; the message names it, and all stay as they were
   */
  synchronized void readTlsAgain() throws IOException {
    now = now.withTlsReadAgain();
  }

  /** Has a change of what administrators said is being restored hold from now on. */
  synchronized void restoring(UnaryOperator<Recovery> change) {
    now = now.restoring(change.apply(now.switched()));
  }

  /** In what hosts of one group differ. */
  HostDifferences differences() {
    return differences;
  }

  /** Where users are looked up. */
  public Directory directory() {
    return directory;
  }

  /** Which store is next. */
  public StoreSelector selector() {
    return selector;
  }

  /** Asks stores for their greeting. */
  StoreProber prober() {
    return prober;
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
   * A service begins, or goes on: its stores are chosen for it from now on, and asked for their
   * greeting while logins or deliveries wait for one (rule B2.9).
   *
   * @param service named as the stores' service that it asks
   * @param clients what its clients do to their mailboxes
   * @param words how its stores are asked
   */
  void serve(Service service, ClientKind clients, ProbeWords words) {
    StoreService stores = StoreService.named(service.name());
    selector.serve(service, clients);
    prober.serve(service, () -> now.routing(stores), words);
  }

  /** Until when the certificates serve that clients are shown now, by their names. */
  Map<String, Instant> certificates() {
    Map<String, Instant> all = new TreeMap<>();
    now.allTls().forEach(each -> all.putAll(each.shown()));
    return all;
  }

  /** What happened of late, for the dashboard. */
  News news() {
    return news;
  }

  /** So many front ends begin logins at the stores from now on, this one included. */
  void among(int all) {
    frontEnds = Math.max(1, all);
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
