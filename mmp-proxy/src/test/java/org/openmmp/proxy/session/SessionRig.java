package org.openmmp.proxy.session;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openmmp.config.LoginConfig;
import org.openmmp.guard.ConnectionLimits;
import org.openmmp.guard.LimitsConfig;
import org.openmmp.guard.LoginPenalty;
import org.openmmp.guard.ProvenLogins;
import org.openmmp.guard.RejectionPace;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.HedgeResult;
import org.openmmp.repgroup.ReferralTrust;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.Recovery;
import org.openmmp.routing.Routing;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.Survival;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.testkit.FakeClock;
import org.openmmp.wire.Network;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.Secret;

/**
 * A front end without sockets: the real selector and guards, a scripted protocol, a clock that is
 * moved by hand, and two groups, the ducks and the geese.
 */
final class SessionRig implements SessionListener {
  static final StoreHost HUEY = new StoreHost("huey");
  static final StoreHost DEWEY = new StoreHost("dewey");
  static final StoreHost LOUIE = new StoreHost("louie");
  static final StoreHost GUS = new StoreHost("gus");
  static final ReplicationGroup DUCKS = ReplicationGroup.of("ducks", List.of(HUEY, DEWEY, LOUIE));
  static final ReplicationGroup GEESE =
      ReplicationGroup.of("geese", List.of(GUS, new StoreHost("gander")));
  static final Duration LOGIN_DEADLINE = Duration.ofSeconds(25);
  static final Duration BEFORE_LOGIN = Duration.ofSeconds(60);
  static final Duration CONNECT = Duration.ofSeconds(2);
  static final Duration GREETING = Duration.ofSeconds(5);
  static final Duration ANSWER = Duration.ofSeconds(10);
  static final int PORT = 143;
  static final int MAX_PASSWORD = 100;

  final FakeClock clock = new FakeClock();
  final ScriptedProtocol protocol = new ScriptedProtocol();
  final FakeDirectory directory = new FakeDirectory();
  final List<String> hedges = new ArrayList<>();
  final StoreSelector selector;
  final List<ClientFacts> opened = new ArrayList<>();
  final List<LoginReport> logins = new ArrayList<>();
  final List<String> refused = new ArrayList<>();
  final List<String> administratorsRefused = new ArrayList<>();
  final List<String> moved = new ArrayList<>();
  final List<SessionEnd> closed = new ArrayList<>();
  final Map<String, StoreAccess> access = new HashMap<>();
  final ConnectionLimits limits;
  boolean referralsUser;
  Recovery recovery = Recovery.NONE;
  String masterUserSeparator = "";

  private final LoginPenalty penalty;
  private final ProvenLogins proven = new ProvenLogins(1_000, new byte[32], clock.now());
  private final RejectionPace pace = new RejectionPace(Duration.ofMillis(300));

  /** Unlimited, and without a delay for wrong passwords. */
  SessionRig() {
    this(new LimitsConfig(0, 0, 0, 0, NetworkSet.NONE, noPenalty()));
  }

  SessionRig(LimitsConfig config) {
    this(config, SelectorSettings.Patience.endless());
  }

  /** One whose logins have no more patience with a host that is late. */
  SessionRig(LimitsConfig config, SelectorSettings.Patience patience) {
    selector =
        new StoreSelector(
            SelectorSettings.defaults().with(patience),
            new SelectionListener() {
              @Override
              public void hedged(
                  ReplicationGroup group, Service service, StoreHost host, HedgeResult result) {
                hedges.add(host + " " + result);
              }
            });
    limits = new ConnectionLimits(config);
    penalty = new LoginPenalty(config, new byte[32]);
    access.put("ducks", access(TlsPolicy.OFF));
    access.put("geese", access(TlsPolicy.OFF));
    selector.replaceTable(table());
  }

  static LimitsConfig.Penalty noPenalty() {
    return new LimitsConfig.Penalty(Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1), 100);
  }

  static StoreAccess access(TlsPolicy tls) {
    return new StoreAccess(
        PORT,
        tls,
        StoreAccess.Trust.SYSTEM,
        CONNECT,
        GREETING,
        ANSWER,
        "",
        Secret.none(),
        StoreAccess.ClientId.NONE,
        Survival.OFF);
  }

  /** A client whose connection stands and who was greeted. */
  TestClient client() {
    return new TestClient(this, false);
  }

  /** A client that logs in as bob, whose mail is at the ducks. */
  TestClient atTheDucks() {
    TestClient client = client();
    client.logIn();
    client.found("ducks");
    return client;
  }

  FrontEnd frontEnd() {
    return new FrontEnd(
        protocol,
        directory,
        selector,
        this::routing,
        () -> new SessionGuard(limits, penalty, proven, pace),
        this,
        "example.org",
        BEFORE_LOGIN,
        new LoginConfig(
            LOGIN_DEADLINE,
            MAX_PASSWORD,
            masterUserSeparator,
            new ReferralTrust(List.of(), Set.of(), 3),
            false));
  }

  private Routing routing() {
    return new Routing(
        table(),
        access,
        access(TlsPolicy.OFF),
        new ReferralTrust(List.of("*.trusted.example"), Set.of(1143), 3),
        referralsUser,
        recovery);
  }

  private static GroupTable table() {
    return GroupTable.of(List.of(DUCKS, GEESE));
  }

  /** Whether a password is proven for that user (rule B2.17). */
  boolean isProven(String user, String password) {
    var network = Network.ofSite(InetAddress.getLoopbackAddress());
    return proven
        .of(user, user, Secret.taking(password.getBytes(StandardCharsets.US_ASCII)), network)
        .proven(clock.now());
  }

  /** Whether the user may begin one session more. */
  boolean admits(String login) {
    var permit = limits.admitSession(InetAddress.getLoopbackAddress(), login);
    if (permit != null) {
      permit.close();
    }
    return permit != null;
  }

  /** Attempts that the selector believes to be under way, at any host. */
  int attemptsUnderWay() {
    return selector.snapshot(clock.now()).stream()
        .flatMap(group -> group.hosts().stream())
        .mapToInt(host -> host.attemptsUnderWay())
        .sum();
  }

  /** Logins that the selector believes to wait. */
  int waiting() {
    return selector.snapshot(clock.now()).stream().mapToInt(group -> group.waiting()).sum();
  }

  LoginReport lastLogin() {
    return logins.get(logins.size() - 1);
  }

  @Override
  public void opened(Service service, ClientFacts client) {
    opened.add(client);
  }

  @Override
  public void loginEnded(LoginReport report) {
    logins.add(report);
  }

  @Override
  public void refused(ClientFacts client, boolean clearPassword, String detail) {
    refused.add((clearPassword ? "PASSWORD_IN_CLEAR" : "BAD_COMMAND") + " " + detail);
  }

  @Override
  public void administratorRefused(Service service, LoginAttempt at, String user, String reason) {
    administratorsRefused.add(at.host().name());
  }

  @Override
  public void moved(LoginReport from, LoginReport to, long tookNanos) {
    moved.add(from.host() + " " + to.host());
  }

  @Override
  public void stranded(LoginReport at, Stranded why, boolean stays) {
    moved.add(at.host() + " " + why);
  }

  @Override
  public void closed(SessionEnd end) {
    closed.add(end);
  }
}
