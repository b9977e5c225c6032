package org.openmmp.lmtp.transaction;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.LmtpConfig;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.lmtp.protocol.DotStuffer;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.protocol.OctetSink;
import org.openmmp.lmtp.protocol.ReferralPattern;
import org.openmmp.lmtp.store.IdleStores;
import org.openmmp.lmtp.store.StoreCapacity;
import org.openmmp.lmtp.store.StoreKey;
import org.openmmp.lmtp.store.StorePlace;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.ReferralTrust;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.Recovery;
import org.openmmp.routing.Routing;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.Survival;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.testkit.FakeClock;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.Secret;

/**
 * A relay without sockets: the real selector, simulated hosts, a clock that moves only when nothing
 * else can happen. What happens next is chosen among all that may, by a seeded generator.
 */
final class RelayRig implements RelayListener {
  final FakeClock clock = new FakeClock();
  final Map<String, SimulatedHost> hosts = new LinkedHashMap<>();
  final Map<String, LookupResult> directory = new HashMap<>();
  final Map<String, LookupResult> remembered = new HashMap<>();
  final List<TransactionReport> transactions = new ArrayList<>();
  final List<String> refused = new ArrayList<>();
  final List<LookupRequest> lookups = new ArrayList<>();
  final List<String> forgotten = new ArrayList<>();
  final IdleStores idle;
  final List<String> missing = new ArrayList<>();
  private final HeardStores heardStores = new HeardStores(clock.now());
  private final KnownMailboxes known = new KnownMailboxes();
  final Bulkheads bulkheads = new Bulkheads();
  final StoreCapacity capacity = new StoreCapacity();
  final List<String> full = new ArrayList<>();
  final List<String> stuck = new ArrayList<>();
  Recovery recovery = Recovery.NONE;
  final StoreSelector selector =
      new StoreSelector(SelectorSettings.defaults(), SelectionListener.NONE);
  private final GroupTable table;
  private final LmtpConfig config;
  private final Random random;
  private final Map<Object, Deque<Runnable>> pending = new LinkedHashMap<>();
  private final Map<StoreKey, SimulatedStore> stores = new HashMap<>();
  private final Set<StoreKey> kept = new HashSet<>();
  private final Set<StoreKey> inChunks = new HashSet<>();
  private final StringBuilder heard = new StringBuilder();
  private final StringBuilder message = new StringBuilder();
  private @Nullable DotStuffer unstuffer;
  private final List<StoreKey> waitingForBody = new ArrayList<>();
  private final Map<StoreKey, SimulatedStore> waitingToEnd = new HashMap<>();
  private boolean messageComplete;
  private @Nullable Runnable change;
  private long changeNanos;
  private @Nullable RelaySession session;
  private String closed = "";

  RelayRig(long seed, List<ReplicationGroup> groups) {
    this(seed, groups, UnaryOperator.identity());
  }

  RelayRig(long seed, List<ReplicationGroup> groups, UnaryOperator<LmtpConfig> change) {
    random = new Random(seed);
    config = change.apply(defaults());
    idle = new IdleStores(config.pool(), this::dropKept);
    table = GroupTable.of(groups);
    selector.replaceTable(table);
    for (ReplicationGroup group : groups) {
      group.hosts().forEach(host -> hosts.put(host.name(), new SimulatedHost(host.name())));
    }
  }

  static ReplicationGroup group(String name, String... hosts) {
    return ReplicationGroup.of(name, Arrays.stream(hosts).map(StoreHost::new).toList());
  }

  private static LmtpConfig defaults() {
    return new LmtpConfig(
        List.of(),
        new LmtpConfig.Clients(NetworkSet.NONE, NetworkSet.NONE, false),
        true,
        "+",
        false,
        "",
        LmtpConfig.BareNewlines.REFUSE,
        new LmtpConfig.Bounds(1000, 4096, 10, 10),
        new LmtpConfig.Spool(1024, Optional.empty(), 1_000_000),
        new LmtpConfig.Pool(Duration.ofSeconds(30), 100, 4, Duration.ofSeconds(5)),
        new LmtpConfig.Timeouts(
            Duration.ofMinutes(5),
            Duration.ofMinutes(3),
            Duration.ofSeconds(30),
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(9)));
  }

  /** A recipient whose mail host is that. */
  void user(String address, String mailHost) {
    userSentOnAs(address, mailHost, "");
  }

  /** The same, where the store is asked for another address. */
  void userSentOnAs(String address, String mailHost, String storeName) {
    directory.put(
        address,
        new LookupResult(
            LookupResult.Kind.FOUND,
            address,
            mailHost,
            storeName,
            "",
            Map.of(),
            LookupResult.Freshness.LOOKED_UP,
            "found"));
  }

  Collection<ReplicationGroup> groups() {
    return table.groups();
  }

  SimulatedHost host(String name) {
    return Objects.requireNonNull(hosts.get(name));
  }

  /** A new client that was greeted and has said LHLO. */
  void connect() {
    session = new RelaySession(relay(), client(), clock.now());
    obey(session().onOpen(clock.now()));
    heard.setLength(0);
    say("LHLO mta");
    heard.setLength(0);
  }

  private RelayClient client() {
    return new RelayClient("s1", "192.0.2.9", "192.0.2.1", false, true, false, Map.of());
  }

  private Relay relay() {
    RelaySettings settings =
        new RelaySettings("relay.test", config, new ReferralPattern(ReferralPattern.OWN_FORM));
    return new Relay(
        settings, selector, this::routing, heardStores, known, bulkheads, capacity, idle, this);
  }

  private Routing routing() {
    return new Routing(
        table,
        Map.of(),
        access(TlsPolicy.OFF, StoreAccess.ClientId.NONE),
        new ReferralTrust(List.of(), Set.of(), 3),
        false,
        recovery);
  }

  /** Where a delivery goes that is for that host alone, in the clear. */
  static StorePlace place(String host) {
    StoreHost store = new StoreHost(host);
    StoreAccess access = access(TlsPolicy.OFF, StoreAccess.ClientId.NONE);
    return new StorePlace(store, ReplicationGroup.implicit(store), access, Map.of());
  }

  /** Stores at port 24, with short limits. */
  static StoreAccess access(TlsPolicy tls, StoreAccess.ClientId clientId) {
    return new StoreAccess(
        24,
        tls,
        StoreAccess.Trust.SYSTEM,
        Duration.ofSeconds(2),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        "",
        Secret.none(),
        clientId,
        Survival.OFF);
  }

  RelaySession session() {
    return Objects.requireNonNull(session);
  }

  /** The client sends those lines, and everything happens that comes of it; the reply lines. */
  List<String> say(String... lines) {
    return send(String.join("\r\n", lines) + "\r\n");
  }

  /** The same for octets. */
  List<String> send(String octets) {
    heard.setLength(0);
    obey(
        session()
            .onClientOctets(
                StandardCharsets.UTF_8.encode(octets), clock.now(), random.nextDouble()));
    settle();
    return heard.toString().lines().toList();
  }

  /** Has something happen once so much time has passed. */
  void whenPassed(int seconds, Runnable happening) {
    changeNanos = clock.in(Duration.ofSeconds(seconds));
    change = happening;
  }

  /** Every store that is connected sends these octets, which are no whole reply. */
  void drip(String octets) {
    for (StoreKey key : List.copyOf(stores.keySet())) {
      byte[] some = octets.getBytes(StandardCharsets.UTF_8);
      obey(session().onStoreOctets(key, some, clock.now(), random.nextDouble()));
    }
  }

  /** Lets the clock move to the next deadline, once. */
  void passToDeadline() {
    Long deadline = session().deadline();
    if (deadline != null) {
      clock.passUntil(deadline);
      if (change != null && clock.now() - changeNanos >= 0) {
        change.run();
        change = null;
      }
      obey(session().onTick(clock.now(), random.nextDouble()));
      happen();
    }
  }

  /** Lets things happen, and time pass as long as stores owe something. */
  private void settle() {
    happen();
    for (int i = 0; i < 300 && storesOweSomething(); i++) {
      passToDeadline();
    }
  }

  private boolean storesOweSomething() {
    return session().state() == RelaySession.State.FINAL_REPLIES
        || (session().state() == RelaySession.State.COMMANDS && !session().awaitsClient());
  }

  private void happen() {
    while (!pending.isEmpty()) {
      List<Object> sources = new ArrayList<>(pending.keySet());
      Object source = sources.get(random.nextInt(sources.size()));
      Deque<Runnable> events = Objects.requireNonNull(pending.get(source));
      Runnable event = events.remove();
      if (events.isEmpty()) {
        pending.remove(source);
      }
      event.run();
    }
  }

  private void later(Object source, Runnable event) {
    pending.computeIfAbsent(source, any -> new ArrayDeque<>()).add(event);
  }

  /** The reason for which the relay closed the connection; empty if it did not. */
  String closed() {
    return closed;
  }

  private void obey(List<RelayStep> steps) {
    steps.forEach(this::obey);
  }

  private void obey(RelayStep step) {
    if (step instanceof RelayStep.Reply reply) {
      heard.append(new String(reply.octets(), StandardCharsets.UTF_8));
    } else if (step instanceof RelayStep.LookUp lookUp) {
      lookUp(lookUp);
    } else if (step instanceof RelayStep.Forget forget) {
      forgotten.add(forget.login());
    } else if (step instanceof RelayStep.AtStore atStore) {
      obey(atStore);
    } else if (step instanceof RelayStep.Await await) {
      await
          .registration()
          .accept(
              () ->
                  later(
                      await,
                      () ->
                          obey(session().onWake(await.what(), clock.now(), random.nextDouble()))));
    } else if (step instanceof RelayStep.Close close) {
      closed = close.reason();
    } else {
      spool(step);
    }
  }

  private void obey(RelayStep.AtStore step) {
    StoreKey store = step.store();
    switch (step.act()) {
      case CONNECT -> connect(store);
      case ADOPT -> kept.remove(store);
      case SEND -> toStore(store, new String(step.octets(), StandardCharsets.UTF_8));
      case SEND_BODY -> {
        waitingForBody.add(store);
        sendBodies();
      }
      case SEND_CHUNKS -> {
        waitingForBody.add(store);
        inChunks.add(store);
        sendBodies();
      }
      case KEEP -> kept.add(store);
      case QUIT, BREAK_OFF -> drop(store);
      case START_TLS -> {}
    }
  }

  private void spool(RelayStep step) {
    if (step == RelayStep.Simple.OPEN_SPOOL || step == RelayStep.Simple.OPEN_DATA_SPOOL) {
      message.setLength(0);
      unstuffer = step == RelayStep.Simple.OPEN_DATA_SPOOL ? new DotStuffer() : null;
      messageComplete = false;
    } else if (step instanceof RelayStep.Spool some) {
      OctetSink sink =
          (octets, from, to) ->
              message.append(StandardCharsets.ISO_8859_1.decode(octets.slice(from, to - from)));
      if (unstuffer == null) {
        sink.octets(some.octets(), some.from(), some.to());
      } else {
        unstuffer.unstuff(some.octets(), some.from(), some.to(), sink);
      }
    } else if (step == RelayStep.Simple.END_SPOOL) {
      messageComplete = true;
      sendBodies();
    } else if (step == RelayStep.Simple.DROP_SPOOL) {
      waitingForBody.clear();
    }
  }

  private void lookUp(RelayStep.LookUp step) {
    lookups.add(step.request());
    LookupResult result = answer(step.request());
    later(
        step,
        () -> obey(session().onLookup(step.recipient(), result, clock.now(), random.nextDouble())));
  }

  /** The first form that there is; what was remembered serves unless it is doubted. */
  private LookupResult answer(LookupRequest request) {
    String name = request.loginName();
    boolean doubted = request.memory() != LookupRequest.Memory.SERVES;
    for (String form : Stream.concat(Stream.of(name), request.shorter().stream()).toList()) {
      LookupResult old = remembered.get(form);
      LookupResult present = directory.get(form);
      if (old != null && !doubted) {
        return old.as(LookupResult.Freshness.CACHED, Duration.ofSeconds(9)).askedAs(form);
      } else if (present != null) {
        return present.askedAs(form);
      }
    }
    return LookupResult.failed(LookupResult.Kind.NO_SUCH_USER, name, "no entry");
  }

  private void connect(StoreKey key) {
    SimulatedHost host = host(key.place().host().name());
    host.connects++;
    SimulatedStore store = new SimulatedStore(host);
    stores.put(key, store);
    if (host.fate == Fate.REFUSES_CONNECTIONS) {
      later(key, () -> lose(key, "refused"));
    } else if (host.fate != Fate.NEVER_ACCEPTS) {
      later(
          key,
          () -> {
            obey(session().onStoreConnected(key, clock.now()));
            fromStore(key, store.greeting());
          });
    }
  }

  private void toStore(StoreKey key, String octets) {
    SimulatedStore store = stores.get(key);
    if (store != null) {
      later(store, () -> fromStore(key, store.onOctets(octets)));
    }
  }

  private void fromStore(StoreKey key, List<String> replies) {
    for (String reply : replies) {
      later(
          key,
          () -> {
            if (!stores.containsKey(key)) {
              return;
            }
            if (reply.equals(SimulatedStore.END)) {
              lose(key, "closed");
            } else if (kept.contains(key)) {
              toIdle(key, reply.getBytes(StandardCharsets.UTF_8));
            } else {
              obey(
                  session()
                      .onStoreOctets(
                          key,
                          reply.getBytes(StandardCharsets.UTF_8),
                          clock.now(),
                          random.nextDouble()));
              end(key);
            }
          });
    }
  }

  private void toIdle(StoreKey key, byte[] octets) {
    byte[] answer = idle.onOctets(key, octets);
    if (answer == null) {
      drop(key);
    } else if (answer.length > 0) {
      toStore(key, new String(answer, StandardCharsets.UTF_8));
    }
  }

  /** Every connection that is kept dies, and nobody hears of it before it is used. */
  void killKept() {
    for (StoreKey key : kept) {
      SimulatedStore dead = Objects.requireNonNull(stores.get(key));
      stores.put(key, new SimulatedStore(deadHost(dead.host().name)));
    }
  }

  private static SimulatedHost deadHost(String name) {
    SimulatedHost dead = new SimulatedHost(name);
    dead.fate = Fate.DIES_AT_MAIL;
    return dead;
  }

  private void lose(StoreKey key, String why) {
    waitingToEnd.remove(key);
    stores.remove(key);
    waitingForBody.remove(key);
    capacity.closed(key, clock.now());
    if (kept.remove(key)) {
      idle.forget(key);
      return;
    }
    obey(
        session()
            .onStoreLost(key, AttemptOutcome.UNREACHABLE, why, clock.now(), random.nextDouble()));
  }

  private void dropKept(StoreKey key) {
    idle.forget(key);
    drop(key);
  }

  private void drop(StoreKey key) {
    capacity.closed(key, clock.now());
    waitingToEnd.remove(key);
    stores.remove(key);
    kept.remove(key);
    waitingForBody.remove(key);
  }

  private void sendBodies() {
    for (StoreKey key : List.copyOf(waitingForBody)) {
      SimulatedStore store = stores.get(key);
      if (store == null) {
        continue;
      }
      Fate fate = store.host().fate;
      if (fate == Fate.DIES_IN_BODY) {
        waitingForBody.remove(key);
        later(key, () -> lose(key, "closed within the body"));
      } else if (fate == Fate.STALLS_IN_BODY) {
        waitingForBody.remove(key);
        later(key, () -> obey(session().onBodyProgress(key, 99, clock.now())));
      } else if (messageComplete) {
        waitingForBody.remove(key);
        later(store, () -> sendBody(key, store));
      }
    }
  }

  private void sendBody(StoreKey key, SimulatedStore store) {
    if (stores.containsKey(key)) {
      if (inChunks.remove(key)) {
        obey(session().onChunk(key, clock.now()));
        fromStore(key, store.onChunk());
      }
      waitingToEnd.put(key, store);
      end(key);
    }
  }

  /** Sends the end of the message once nothing else is in the pipe. */
  private void end(StoreKey key) {
    SimulatedStore store = waitingToEnd.get(key);
    if (store != null && session().maySend(key, true)) {
      waitingToEnd.remove(key);
      obey(session().onEndOfData(key, clock.now()));
      fromStore(key, store.onMessage(message.toString()));
      obey(session().onBodySent(key, clock.now()));
    }
  }

  /** Attempts that the selector believes to be under way, at any host. */
  int attemptsUnderWay() {
    return selector.snapshot(clock.now()).stream()
        .flatMap(group -> group.hosts().stream())
        .mapToInt(host -> host.attemptsUnderWay())
        .sum();
  }

  /** Failures in a row of a host. */
  int failures(String group, String host) {
    return selector.snapshot(clock.now()).stream()
        .filter(one -> one.group().equals(group))
        .flatMap(one -> one.hosts().stream())
        .filter(one -> one.host().name().equals(host))
        .mapToInt(one -> one.failures())
        .sum();
  }

  /** Connections that are open, kept or not. */
  int openStores() {
    return stores.size();
  }

  @Override
  public void opened(RelayClient client) {}

  @Override
  public void transactionEnded(TransactionReport report) {
    transactions.add(report);
  }

  @Override
  public void mailboxMissing(String group, String host, String mailbox, boolean hostFailed) {
    missing.add(mailbox + (hostFailed ? " host failed" : ""));
  }

  @Override
  public void groupStuck(String group) {
    stuck.add(group);
  }

  @Override
  public void storeFull(String group, String host, int connections) {
    full.add(group + " " + host + " " + connections);
  }

  @Override
  public void refused(RelayClient client, LmtpReply reply) {
    refused.add(reply.toString());
  }

  @Override
  public Runnable connected(String group, String host) {
    throw new IllegalStateException("no sockets here");
  }

  @Override
  public void closed(RelayClient client, int transactions, long nanos, String reason) {}
}
