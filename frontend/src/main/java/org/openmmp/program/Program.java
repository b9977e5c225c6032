package org.openmmp.program;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.AdminPage;
import org.openmmp.admin.AdminServer;
import org.openmmp.admin.AdminSources;
import org.openmmp.admin.Explanation;
import org.openmmp.admin.News;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.text.AddressLiteral;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** One process: its servers, what they share, and the admin pages, of one configuration. */
public final class Program implements AutoCloseable, AdminSources {
  private static final Logger log = LoggerFactory.getLogger(Program.class);

  /** How long clients may take to hear the last words. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private final OpenMmpConfig config;
  private final SharedRooms rooms;
  private final GroupActions groupActions;
  private final ActionLog actionLog;
  private final List<FrontEndServer> servers = new ArrayList<>();
  private final Instant begun = Instant.now();
  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable AdminServer admin;
  private volatile boolean started;
  private volatile boolean draining;

  private Program(SharedRooms rooms) {
    this.rooms = rooms;
    this.config = rooms.config();
    this.groupActions = new GroupActions(rooms, new Decisions(config.stateFile()));
    this.actionLog =
        new ActionLog(
            EventLog.of("admin", config.log(), Clock.systemUTC()), rooms.news(), System.nanoTime());
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
    groupActions.restore();
    for (FrontEndProvider provider : providers) {
      servers.add(provider.open(rooms));
    }
    if (config.admin().listen().isPresent() || config.admin().socket().isPresent()) {
      admin =
          new AdminServer(
              config.admin(), config.hostname(), this, config.transport().bindBeforeUp());
    }
    started = true;
    warn();
    log.info(
        "started {} transport={} groups={} table={}",
        addresses(),
        rooms.transports().kind(),
        rooms.table().groups().size(),
        rooms.table().fingerprint());
  }

  private void warn() {
    try {
      Cautions.of(config, Instant.now()).forEach(caution -> log.warn("{}", caution));
    } catch (IOException unused) {
      // No server that started has use for it, or it would have been refused.
      log.warn("openmmp.tls: {}", unused.getMessage());
    }
  }

  /**
   * Reads certificates, keys and lists of revoked certificates again, for connections from now on.
   *
   * @return how many listeners' TLS was exchanged
   * @throws IOException if one cannot be used; then all stay as they are
   */
  int exchangeTls(ServerTlsConfig tls) throws IOException {
    return rooms.exchangeTls(tls);
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
    return admin == null ? 0 : admin.port();
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
    config
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
    return draining;
  }

  @Override
  public String metrics() {
    return rooms.metrics().scrape();
  }

  @Override
  public List<GroupSnapshot> groups(long nowNanos) {
    return rooms.selector().snapshot(nowNanos);
  }

  @Override
  public String fingerprint() {
    return rooms.table().fingerprint();
  }

  @Override
  public List<DirectoryServerState> directory() {
    return rooms.directory().servers();
  }

  @Override
  public Map<String, Object> about() {
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("hostname", config.hostname());
    about.put("version", OwnMeters.version());
    about.put("java", Runtime.version().toString());
    about.put("started", begun.toEpochMilli());
    about.put("services", rooms.metrics().services());
    about.put("refusals", rooms.metrics().refusals());
    about.put("fingerprint", fingerprint());
    about.put("draining", draining);
    return about;
  }

  @Override
  public Map<String, Object> counts() {
    return rooms.metrics().counts();
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
    return Explainer.of(config, rooms.directory(), rooms.table(), rooms.selector())
        .explain(loginName, service, client);
  }

  @Override
  public List<AdminPage> pages() {
    List<AdminPage> all = new ArrayList<>(groupActions.pages());
    all.addAll(new SessionActions(rooms).pages());
    all.addAll(new AccessActions(rooms).pages());
    all.add(TopPage.of(rooms));
    return all;
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
   * Stops accepting, lets sessions end within the drain limit, tells the others goodbye, and closes
   * (rule B8.1); blocks until then.
   */
  public void drain() {
    draining = true;
    rooms.news().tell(Level.WARN, "this front end is going down and takes no new clients");
    log.info("draining sessions={}", rooms.sessions().count());
    servers.forEach(FrontEndServer::stopAccepting);
    rooms.sessions().awaitNone(config.drainLimit());
    rooms.sessions().endAll();
    rooms.sessions().awaitNone(LAST_WORDS);
    close();
  }

  @Override
  public void close() {
    draining = true;
    servers.forEach(FrontEndServer::close);
    if (admin != null) {
      admin.close();
    }
    rooms.close();
    ended.countDown();
  }
}
