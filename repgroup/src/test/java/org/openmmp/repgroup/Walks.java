package org.openmmp.repgroup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.testkit.FakeClock;

/** A selector, a clock, a group and what was announced: the stage of the tests. */
final class Walks {
  static final Service IMAP = new Service("imap");
  static final Service POP3 = new Service("pop3");
  static final StoreHost HUEY = new StoreHost("huey.example.com");
  static final StoreHost DEWEY = new StoreHost("dewey.example.com");
  static final StoreHost LOUIE = new StoreHost("louie.example.com");
  static final ReplicationGroup CLUSTER =
      ReplicationGroup.of("cluster1", List.of(HUEY, DEWEY, LOUIE));
  static final Duration DEADLINE = Duration.ofSeconds(25);

  /** The middle of the jitter: periods have their plain length. */
  static final double EVEN = 0.5;

  final FakeClock clock;
  final News news = new News();
  final StoreSelector selector;
  Service service = IMAP;
  ClientKind kind = ClientKind.WRITER;
  Caller caller = Caller.UNKNOWN;
  ReplicationGroup group = CLUSTER;
  private final Map<String, ReplicationGroup> configured = new LinkedHashMap<>();

  Walks() {
    this(new FakeClock(), SelectorSettings.defaults());
  }

  Walks(FakeClock clock, SelectorSettings settings) {
    this.clock = clock;
    this.selector = new StoreSelector(settings, news);
    configure();
  }

  /** The group is a configured one, as it is in a running program. */
  private void configure() {
    if (!group.implicit() && !group.equals(configured.put(group.name(), group))) {
      selector.replaceTable(GroupTable.of(List.copyOf(configured.values())));
    }
  }

  AttemptWalk walk() {
    configure();
    return selector.walk(group, service, kind, caller, clock.in(DEADLINE), clock.now());
  }

  /** A walk that does not wait for the master of a group that is without one for long. */
  AttemptWalk impatientWalk() {
    configure();
    return selector.walkFrom(
        group, service, kind, caller, null, false, clock.in(DEADLINE), clock.now());
  }

  Choice next(AttemptWalk walk) {
    return walk.next(clock.now());
  }

  void report(AttemptWalk walk, AttemptOutcome outcome) {
    walk.report(outcome, null, false, outcome.name(), clock.now(), EVEN);
  }

  void refer(AttemptWalk walk, @Nullable StoreHost to) {
    walk.report(AttemptOutcome.REFERRED, to, true, "referred", clock.now(), EVEN);
  }

  /** A login from its begin to its end, each attempt ending at once in the outcome given. */
  List<StoreHost> login(AttemptOutcome... outcomes) {
    AttemptWalk walk = walk();
    for (AttemptOutcome outcome : outcomes) {
      next(walk).target();
      report(walk, outcome);
    }
    walk.abandon(clock.now());
    return walk.attempts().stream().map(Attempt::host).toList();
  }

  /** A prober asks every host that it is told to, and each greets. */
  void greetProbes() {
    for (ProbeTarget target : selector.wantedProbes(group, service, clock.now())) {
      selector.probed(target, AttemptOutcome.GREETED, "greeted", clock.now(), clock.now(), EVEN);
    }
  }

  /** None of the hosts that a prober would ask greets. */
  void failProbes(AttemptOutcome how) {
    for (ProbeTarget target : selector.wantedProbes(group, service, clock.now())) {
      selector.probed(target, how, "silence", clock.now(), clock.now(), EVEN);
    }
  }

  /** What a prober would ask now. */
  List<ProbeTarget> wanted() {
    return selector.wantedProbes(group, service, clock.now());
  }

  /** The hosts that a prober would ask now. */
  List<StoreHost> wantedProbes() {
    return wanted().stream().map(ProbeTarget::host).toList();
  }

  void pass(long millis) {
    clock.pass(Duration.ofMillis(millis));
  }

  GroupSnapshot snapshot() {
    configure();
    return selector.snapshot(clock.now()).stream()
        .filter(one -> one.group().equals(group.name()) && one.service().equals(service))
        .findFirst()
        .orElseThrow();
  }

  @Nullable StoreHost affinity() {
    GroupSnapshot.AffinitySnapshot affinity = snapshot().affinity();
    return affinity == null ? null : affinity.host();
  }

  GroupSnapshot.HostSnapshot host(StoreHost host) {
    return snapshot().hosts().stream()
        .filter(one -> one.host().equals(host))
        .findFirst()
        .orElseThrow();
  }

  static ReplicationGroup group(String name, String... hosts) {
    return ReplicationGroup.of(name, Arrays.stream(hosts).map(StoreHost::new).toList());
  }

  /** What was announced, one line each. */
  static final class News implements SelectionListener {
    final List<String> lines = new ArrayList<>();

    @Override
    public void affinityChanged(
        ReplicationGroup group,
        Service service,
        @Nullable StoreHost from,
        @Nullable StoreHost to,
        String why) {
      lines.add("affinity " + from + " -> " + to + ": " + why);
    }

    @Override
    public void coolDownBegan(
        ReplicationGroup group, Service service, StoreHost host, CoolDownNews news) {
      lines.add(
          "cool-down "
              + host
              + " "
              + news.coolDown().toMillis()
              + " ms, failure "
              + news.failures()
              + (news.groupServes() ? ", group serves" : ", group down"));
    }

    @Override
    public void servedElsewhere(
        ReplicationGroup group, Service service, StoreHost master, StoreHost at, boolean rival) {
      lines.add("served elsewhere " + service + " at " + at + (rival ? ", rival" : ""));
    }

    @Override
    public void mastersDiffer(
        ReplicationGroup group,
        Service service,
        StoreHost by,
        StoreHost master,
        StoreHost otherBy,
        StoreHost otherMaster) {
      lines.add("masters differ: " + by + " " + master + ", " + otherBy + " " + otherMaster);
    }

    @Override
    public void recovered(ReplicationGroup group, Service service, StoreHost host) {
      lines.add("recovered " + host);
    }

    @Override
    public void greetingsOverdue(ReplicationGroup group, Service service, Reason which) {
      lines.add("greetings overdue " + service + " at " + which.detail());
    }

    @Override
    public void noMaster(ReplicationGroup group, Service service, Duration pause) {
      lines.add("no master, " + pause.toMillis() + " ms");
    }

    @Override
    public void onlyStandbySiteLeft(
        ReplicationGroup group, Service service, Set<StoreHost> standbySite) {
      lines.add("only the standby site is left");
    }

    @Override
    public void networkGone(boolean kernel) {
      lines.add("network gone");
    }

    @Override
    public void networkBack() {
      lines.add("network back");
    }

    long count(String begin) {
      return lines.stream().filter(line -> line.startsWith(begin)).count();
    }
  }
}
