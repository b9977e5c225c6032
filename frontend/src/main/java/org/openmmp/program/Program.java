package org.openmmp.program;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.AdminPage;
import org.openmmp.admin.AdminServer;
import org.openmmp.admin.AdminSources;
import org.openmmp.admin.Explanation;
import org.openmmp.admin.MoveMeters;
import org.openmmp.admin.News;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.HostTraits;
import org.openmmp.routing.Recovery;
import org.openmmp.text.AddressLiteral;
import org.openmmp.transport.Listener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One process: its servers, what they share, and the admin pages, of one configuration. */
public final class Program implements AutoCloseable, AdminSources {
  private static final Logger log = LoggerFactory.getLogger(Program.class);

  private final SharedRooms rooms;
  private final GroupActions groupActions;
  private final AccessActions accessActions;
  private final HostActions hostActions;
  private final SiteActions siteActions;
  private final ActionLog actionLog;
  private final List<FrontEndServer> servers = new ArrayList<>();
  private final Instant begun = Instant.now();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable AdminServer admin;
  private @Nullable CertificateWatch watch;
  private volatile @Nullable Reload reload;
  private volatile boolean started;
  private volatile Supervisor supervisor = Supervisor.NONE;
  private final AtomicBoolean draining = new AtomicBoolean();

  private Program(SharedRooms rooms) {
    this.rooms = rooms;
    Decisions decisions = new Decisions(() -> rooms.now().config().stateFile());
    this.accessActions = new AccessActions(rooms, decisions);
    this.groupActions = new GroupActions(rooms, decisions, this::leaveWithdrawn);
    this.actionLog = new ActionLog(rooms.log("admin"), rooms.news(), System.nanoTime());
    this.hostActions = new HostActions(rooms, decisions, this::leaveWithdrawn);
    this.siteActions = new SiteActions(rooms, decisions, draining::get, actionLog);
  }

  /**
   * Starts these servers; returns once every listener is open.
   *
   * @param servers their names on the command line, such as {@code proxy}
   * @throws IOException if one of them is not on the class path or has no listener configured, if a
   *     certificate cannot be used or an address cannot be bound; nothing is left open then
   * @throws IllegalArgumentException if the directory cannot use its configuration; likewise
   */
  public static Program start(OpenMmpConfig config, Set<String> servers) throws IOException {
    return startAll(config, FrontEnds.named(servers));
  }

  /** The same with servers that were found already. */
  static Program startAll(OpenMmpConfig config, List<FrontEndProvider> providers)
      throws IOException {
    List<String> unreachable = FrontEnds.withoutListeners(providers, config);
    if (!unreachable.isEmpty()) {
      throw new IOException(String.join("; ", unreachable));
    }
    Program program = new Program(SharedRooms.open(config));
    try {
      program.open(providers);
    } catch (IOException | RuntimeException cannotStart) {
      program.close();
      throw cannotStart;
    }
    return program;
  }

  private void open(List<FrontEndProvider> providers) throws IOException {
    groupActions.restore(GroupTable.of(List.of()));
    hostActions.restore();
    accessActions.restore(System.nanoTime());
    groupActions.restoreRecovery();
    for (FrontEndProvider provider : providers) {
      servers.add(provider.open(rooms));
    }
    OpenMmpConfig config = config();
    if (hasDoor(config)) {
      admin = openAdmin(config);
    }
    siteActions.follow(config.shared());
    watch = new CertificateWatch(rooms);
    started = true;
    warn();
    log.info(
        "started {} transport={} groups={} table={} {} max-connections={}",
        addresses(),
        rooms.transports().kind(),
        rooms.now().table().groups().size(),
        fingerprint(),
        Cautions.sizes(),
        config.limits().maxConnections());
  }

  private void leaveWithdrawn() {
    servers.forEach(FrontEndServer::leaveWithdrawn);
  }

  private AdminServer openAdmin(OpenMmpConfig config) throws IOException {
    return new AdminServer(config.admin(), config.hostname(), this, config.transport());
  }

  /** Tells what will stop working by itself. */
  void warn() {
    try {
      Cautions.of(config(), Instant.now()).forEach(caution -> log.warn("{}", caution));
    } catch (IOException unused) {
      // No server that started has use for it, or it would have been refused.
      log.warn("openmmp.tls: {}", unused.getMessage());
    }
  }

  /** The configuration that holds now. */
  OpenMmpConfig config() {
    return rooms.now().config();
  }

  /** The hosts that are retired, which a reload ends (rule B2.26). */
  SortedSet<String> retired() {
    return hostActions.retired();
  }

  /**
   * Takes another configuration over, all of it or nothing; sessions go on. Blocks.
   *
   * @param trial whether it is only to be seen if that is possible
   * @throws IOException if something in it cannot be used; the message says what, and all is as it
   *     was
   */
  void become(OpenMmpConfig next, boolean trial) throws IOException {
    synchronized (rooms) {
      if (draining() || !started) {
        throw new IOException("the program is about to " + (started ? "end" : "start"));
      }
      prepare(next, trial);
    }
  }

  private void prepare(OpenMmpConfig next, boolean trial) throws IOException {
    Takeover ready = new Takeover(trial);
    try {
      Settings settings = rooms.prepare(next, ready);
      for (FrontEndServer server : servers) {
        server.prepare(settings, ready);
      }
      prepareAdmin(next, ready);
    } catch (IOException | RuntimeException unusable) {
      ready.drop();
      throw unusable;
    }
    if (trial) {
      ready.drop();
    } else {
      ready.onTake(() -> LogSetup.follow(next.log()));
      GroupTable before = rooms.now().table();
      ready.onTake(() -> groupActions.restore(before));
      ready.onTake(hostActions::reloaded);
      ready.onTake(this::leaveWithdrawn);
      OpenMmpConfig former = config();
      if (!next.shared().equals(former.shared())
          || next.written().fileChanged("openmmp.shared.", former.written())) {
        ready.onTake(() -> siteActions.follow(next.shared()));
      }
      ready.take();
    }
  }

  /** Administrators keep their way in, unless it is another one. */
  private void prepareAdmin(OpenMmpConfig next, Takeover ready) throws IOException {
    AdminServer open = admin;
    Optional<ListenAddress> to = next.admin().listen();
    if (ready.trial()) {
      if (to.isPresent() && !to.equals(config().admin().listen())) {
        Listener.check(rooms.transports(), to.get(), next.transport());
      }
    } else if (open != null) {
      ready.onTake(open.prepare(config().admin(), next.admin(), next.hostname(), ready::onDrop));
    } else if (hasDoor(next)) {
      AdminServer first = openAdmin(next);
      ready.onDrop(first::close);
      ready.onTake(() -> admin = first);
    }
  }

  private static boolean hasDoor(OpenMmpConfig config) {
    return config.admin().listen().isPresent() || config.admin().socket().isPresent();
  }

  /**
   * Reads the configuration again when an administrator wants it, from now on.
   *
   * @param reader reads its file and tells mistakes, each with file, line and key
   */
  Reload reloadBy(Function<Consumer<String>, Optional<OpenMmpConfig>> reader) {
    Reload made = new Reload(this, reader);
    reload = made;
    return made;
  }

  /** Tells that one from now on that the program runs, whether its loops do, and when it ends. */
  void superviseBy(Supervisor by) {
    supervisor = by;
    by.ready(addresses());
    by.watch(rooms.transports().loops());
  }

  /** Which store is next, as this process knows it. */
  public StoreSelector selector() {
    return rooms.selector();
  }

  /** Where clients come in at the listeners of that label, such as {@code imaps}. */
  public List<InetSocketAddress> addresses(String label) {
    return servers.stream()
        .flatMap(server -> server.addresses().getOrDefault(label, List.of()).stream())
        .toList();
  }

  /** The admin listener's port; 0 if there is none. */
  public int adminPort() {
    AdminServer open = admin;
    return open == null ? 0 : open.port();
  }

  /** All listeners in the form {@code imap=host:port imaps=host:port admin=host:port}. */
  public String addresses() {
    List<String> all = new ArrayList<>();
    for (FrontEndServer server : servers) {
      server
          .addresses()
          .forEach(
              (label, open) ->
                  open.forEach(each -> all.add(label + "=" + AddressLiteral.textOf(each))));
    }
    config()
        .admin()
        .listen()
        .ifPresent(at -> all.add("admin=" + AddressLiteral.withPort(at.host(), adminPort())));
    return String.join(" ", all);
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
    return draining.get();
  }

  @Override
  public String metrics(Set<String> groups) {
    return groups.isEmpty() ? rooms.metrics().scrape() : rooms.metrics().scrape(groups);
  }

  @Override
  public List<GroupSnapshot> groups(long nowNanos) {
    return rooms.selector().snapshot(nowNanos);
  }

  @Override
  public long sessionsAt(String host) {
    return rooms.sessions().countAt(host);
  }

  @Override
  public CompletionStage<Map<String, Map<String, Integer>>> movable() {
    return rooms.movable();
  }

  @Override
  public String fullnessOf(String host) {
    return rooms.sessions().fullnessOf(host);
  }

  @Override
  public Map<HostTraits.Kind, String> differences(String group, String service) {
    return rooms.differences().now(group, service);
  }

  @Override
  public Recovery recovery() {
    return rooms.now().recovery();
  }

  @Override
  public String fingerprint() {
    return rooms.now().table().fingerprint();
  }

  @Override
  public List<DirectoryServerState> directory() {
    return rooms.directory().servers();
  }

  @Override
  public Map<String, Object> about() {
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("hostname", config().hostname());
    about.put("version", OwnMeters.version());
    about.put("java", Runtime.version().toString());
    about.put("started", begun.toEpochMilli());
    about.put("services", rooms.metrics().services());
    about.put("refusals", rooms.metrics().refusals());
    about.put("fingerprint", fingerprint());
    about.put("draining", draining());
    about.put("domainsInRecovery", recovery().domains().stream().sorted().toList());
    return about;
  }

  @Override
  public Map<String, Object> counts() {
    Map<String, Object> counts = new LinkedHashMap<>(rooms.metrics().counts());
    counts.put("movable", MoveMeters.tree(rooms.lastMovable()));
    List<Map<String, Object>> site = siteActions.tree();
    if (!site.isEmpty()) {
      counts.put("site", site);
      counts.put("alone", siteActions.alone());
    }
    return counts;
  }

  @Override
  public Map<String, Instant> certificates() {
    return rooms.certificates();
  }

  @Override
  public News news() {
    return rooms.news();
  }

  @Override
  public CompletionStage<Explanation> explain(String loginName, String service, String client) {
    Settings now = rooms.now();
    return Explainer.of(now.config(), rooms.directory(), now.table(), rooms.selector())
        .explain(loginName, service, client);
  }

  @Override
  public List<AdminPage> pages() {
    List<AdminPage> all = new ArrayList<>(groupActions.pages());
    all.addAll(new SessionActions(rooms).pages());
    all.addAll(accessActions.pages());
    all.add(TopPage.of(rooms));
    all.add(new TraceActions(rooms).page());
    all.add(Reload.page(() -> reload));
    all.add(ProbePage.of(rooms, this));
    all.addAll(hostActions.pages());
    all.add(SelfTest.page(rooms, servers, this::adminPort));
    all.add(SelfDrain.page(rooms, this::draining, this::drain));
    return siteActions.across(all);
  }

  @Override
  public void acted(String who, String from, String action, String query, int status) {
    actionLog.tell(who, from, action, query, status);
  }

  /** Waits until the program was closed. */
  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /**
   * Says that it is not ready, accepts clients for a while still, then no more, tells sessions
   * goodbye at safe points and cuts at the limit those that are left, and closes (rule B8.1);
   * blocks until then. May be called again, and waits for the end then.
   */
  public void drain() {
    if (!draining.compareAndSet(false, true)) {
      awaitDrained();
      return;
    }
    beginEnd();
    new SelfDrain(rooms, servers, ended)
        .run(
            supervisor,
            () -> {
              AdminServer open = admin;
              if (open != null) {
                open.stopListening();
              }
            });
    close();
  }

  private void awaitDrained() {
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    beginEnd();
    siteActions.close();
    servers.forEach(FrontEndServer::close);
    AdminServer open = admin;
    if (open != null) {
      open.close();
    }
    rooms.close();
    ended.countDown();
  }

  /** No reload is under way any more, nor will one be. */
  private void beginEnd() {
    draining.set(true);
    synchronized (rooms) {
      if (watch != null) {
        watch.close();
      }
    }
  }
}
