package org.openmmp.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.ClearTextPasswords;
import org.openmmp.config.ImapConfig;
import org.openmmp.config.ListenConfig;
import org.openmmp.config.LoginConfig;
import org.openmmp.config.Pop3Config;
import org.openmmp.config.PreAuthConfig;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.directory.LookupResult;
import org.openmmp.guard.ConnectionLimits;
import org.openmmp.guard.LimitsConfig;
import org.openmmp.guard.LoginPenalty;
import org.openmmp.guard.ProvenLogins;
import org.openmmp.guard.RejectionPace;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.imap.ImapCapabilities;
import org.openmmp.proxy.imap.ImapProtocol;
import org.openmmp.proxy.pop3.Pop3Capabilities;
import org.openmmp.proxy.pop3.Pop3Protocol;
import org.openmmp.proxy.session.FrontEnd;
import org.openmmp.proxy.session.FrontEndSession;
import org.openmmp.proxy.session.Protocol;
import org.openmmp.proxy.session.SessionGuard;
import org.openmmp.proxy.session.SessionListener;
import org.openmmp.proxy.session.SessionState;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.ProbeTarget;
import org.openmmp.repgroup.ReferralTrust;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.Stay;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.Recovery;
import org.openmmp.routing.Routing;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.StoreStep;
import org.openmmp.routing.Survival;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.testkit.FakeClock;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.Secret;

/**
 * A front end with its true protocols, sessions and selection before three stores with faults, on a
 * clock of its own: what happens next is an event at a time, and a minute takes no time.
 */
final class FaultyGroup {
  static final Duration CONNECT = Duration.ofSeconds(2);
  static final Duration GREETING = Duration.ofSeconds(5);
  static final Duration ANSWER = Duration.ofSeconds(20);
  static final Duration DEADLINE = Duration.ofSeconds(30);

  private static final long MILLI = 1_000_000;
  private static final long PROBE_MILLIS = 250;
  private static final long MOST_MILLIS = 900_000;
  private static final Duration BEFORE_LOGIN = Duration.ofHours(1);

  /** Something that happens at a time; ties happen in the order in which they were planned. */
  private record Event(long atMillis, long number, Runnable what) {}

  /**
   * How a login ended.
   *
   * @param answer the line that ended it
   * @param tookMillis from the command to that line
   * @param servedBy the host that it was handed to; empty if none
   * @param dials the hosts that were dialled for it, in order
   */
  record Ending(String answer, long tookMillis, String servedBy, List<String> dials) {}

  final List<FaultyStore> stores = new ArrayList<>();
  final Service service;
  private final FakeClock clock = new FakeClock();
  private final long originNanos = clock.now();
  private final Random random;
  private final boolean imap;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          Comparator.comparingLong(Event::atMillis).thenComparingLong(Event::number));

  /** Each host has all its time, as the model knows it; hedges have tests of their own. */
  private final StoreSelector selector =
      new StoreSelector(
          SelectorSettings.defaults().with(SelectorSettings.Patience.endless()),
          SelectionListener.NONE);

  private final ReplicationGroup group;
  private final Protocol protocol;
  private final StoreAccess access;
  private final LimitsConfig limits =
      new LimitsConfig(
          0,
          0,
          0,
          0,
          NetworkSet.NONE,
          new LimitsConfig.Penalty(Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1), 100));
  private final ConnectionLimits connections = new ConnectionLimits(limits);
  private final LoginPenalty penalty = new LoginPenalty(limits, new byte[32]);
  private final ProvenLogins proven = new ProvenLogins(1_000, new byte[32], clock.now());
  private final RejectionPace pace = new RejectionPace(Duration.ofMillis(300));
  private final List<Client> waiting = new ArrayList<>();
  private final Map<StoreHost, Boolean> probing = new HashMap<>();
  private long planned;
  private int toCome;

  FaultyGroup(boolean imap, TlsPolicy tls, List<StoreFault> faults, long seed) {
    this.imap = imap;
    random = new Random(seed);
    PreAuthConfig preAuth =
        new PreAuthConfig(List.of(Mechanism.PLAIN), List.of(), NetworkSet.NONE, 500, 1_000, 3, 3);
    ListenConfig listen =
        new ListenConfig(
            List.of(),
            List.of(),
            true,
            ClearTextPasswords.LOOPBACK,
            Duration.ofMinutes(1),
            Duration.ofMinutes(30));
    protocol =
        imap
            ? new ImapProtocol(
                "mail.example.com",
                new ImapConfig(listen, preAuth, "", 1_000),
                ImapCapabilities.learnt(clock::now))
            : new Pop3Protocol(
                "mail.example.com",
                new Pop3Config(listen, preAuth),
                Pop3Capabilities.learnt(clock::now));
    service = protocol.service();
    for (int i = 0; i < faults.size(); i++) {
      stores.add(
          new FaultyStore(new StoreHost("s" + i + ".example.com"), imap, tls, faults.get(i)));
    }
    for (int i = 0; i < stores.size(); i++) {
      stores.get(i).refersTo = stores.get((i + 1) % stores.size()).host;
    }
    group = ReplicationGroup.of("cluster1", stores.stream().map(store -> store.host).toList());
    access =
        new StoreAccess(
            143,
            tls,
            StoreAccess.Trust.SYSTEM,
            CONNECT,
            GREETING,
            ANSWER,
            "",
            Secret.none(),
            StoreAccess.ClientId.NONE,
            Survival.OFF);
    selector.replaceTable(GroupTable.of(List.of(group)));
  }

  /** One login at once, to its end. */
  Ending logIn() {
    Client client = logInAfter(0);
    run();
    return client.ending();
  }

  /** A login that begins later. */
  Client logInAfter(long millis) {
    Client client = new Client();
    plan(millis, client::begin);
    return client;
  }

  /** Something else that is to happen later. */
  void plan(long millis, Runnable what) {
    toCome++;
    after(
        millis,
        () -> {
          toCome--;
          what.run();
        });
  }

  private void after(long millis, Runnable what) {
    events.add(new Event(nowMillis() + millis, planned++, what));
  }

  /** Lets all that was planned, and every login, come to its end. */
  void run() {
    after(0, this::probe);
    while (toCome > 0 || !waiting.isEmpty()) {
      Client next = null;
      for (Client client : waiting) {
        if (next == null || client.dueNanos() - next.dueNanos() < 0) {
          next = client;
        }
      }
      Event event = events.peek();
      if (nowMillis() > MOST_MILLIS) {
        throw new AssertionError(waiting + " do not end, and " + events.size() + " events");
      }
      long eventNanos = event == null ? 0 : originNanos + event.atMillis() * MILLI;
      if (next != null && (event == null || next.dueNanos() - eventNanos < 0)) {
        clock.passUntil(next.dueNanos());
        next.tick();
      } else if (event != null) {
        events.remove(event);
        clock.passUntil(eventNanos);
        event.what().run();
      }
    }
  }

  private long nowMillis() {
    return (clock.now() - originNanos) / MILLI;
  }

  /** A prober, as the program has it: a host at a time, four times a second, while it is wanted. */
  private void probe() {
    long began = clock.now();
    for (ProbeTarget target : selector.wantedProbes(group, service, began)) {
      if (probing.putIfAbsent(target.host(), true) == null) {
        FaultyStore store = store(target.host());
        AttemptOutcome outcome = store.answerToProbe();
        boolean silent = outcome == AttemptOutcome.UNREACHABLE && store.fault != StoreFault.RESETS;
        after(
            silent ? CONNECT.plus(GREETING).toMillis() : 3,
            () -> {
              probing.remove(target.host());
              selector.probed(target, outcome, "probe", began, clock.now(), random.nextDouble());
            });
      }
    }
    after(PROBE_MILLIS, this::probe);
  }

  private FaultyStore store(StoreHost host) {
    return stores.stream().filter(each -> each.host.equals(host)).findFirst().orElseThrow();
  }

  private FrontEnd frontEnd() {
    return new FrontEnd(
        protocol,
        new OneGroupDirectory(),
        selector,
        () ->
            new Routing(
                GroupTable.of(List.of(group)),
                Map.of(group.name(), access),
                access,
                new ReferralTrust(List.of(), Set.of(), 3),
                false,
                Recovery.NONE),
        () -> new SessionGuard(connections, penalty, proven, pace),
        new SessionListener() {},
        "example.org",
        BEFORE_LOGIN,
        new LoginConfig(DEADLINE, 100, "", new ReferralTrust(List.of(), Set.of(), 3), false));
  }

  /** One client with one login. */
  final class Client {
    private final StringBuilder heard = new StringBuilder();
    private final List<String> dials = new ArrayList<>();
    private final FrontEndSession session;
    private FaultyStore.@Nullable Connection connection;
    private @Nullable LoginAttempt attempt;
    private long beganMillis;
    private String servedBy = "";
    private @Nullable Ending ending;
    private boolean woken;

    private Client() {
      ClientFacts facts =
          new ClientFacts("s1", "127.0.0.1", 40000, "127.0.0.1", 143, false, "", true, 4);
      session = new FrontEndSession(frontEnd(), facts, clock.now());
    }

    Ending ending() {
      if (ending == null) {
        throw new AssertionError("the login has not ended: " + heard);
      }
      return ending;
    }

    private void begin() {
      beganMillis = nowMillis();
      waiting.add(this);
      see(session.onOpen(CertificateIdentity.NOBODY, clock.now()));
      heard.setLength(0);
      String login =
          imap
              ? "a LOGIN bob " + FaultyStore.PASSWORD + "\r\n"
              : "USER bob\r\nPASS " + FaultyStore.PASSWORD + "\r\n";
      see(session.onClientBytes(login.getBytes(ISO_8859_1), clock.now()));
    }

    @Override
    public String toString() {
      return session.state() + " behind " + dials + " " + heard;
    }

    private long dueNanos() {
      return session.deadlineNanos();
    }

    private void tick() {
      see(session.onTick(clock.now(), random.nextDouble()));
    }

    private void see(List<SessionStep> steps) {
      for (SessionStep step : steps) {
        if (step instanceof SessionStep.Write write) {
          heard.append(new String(write.octets(), ISO_8859_1));
        } else if (step instanceof SessionStep.LookUp lookUp) {
          after(1, () -> see(lookUp.reply().answered(found(), clock.now())));
        } else if (step instanceof SessionStep.Dial dial) {
          dial(dial.attempt());
        } else if (step == SessionStep.Simple.HANG_UP) {
          hangUp();
        } else if (step instanceof SessionStep.Await await) {
          await.registration().accept(this::wakeLater);
        } else if (step instanceof SessionStep.HandOver joined) {
          heard.append(new String(joined.toClient(), ISO_8859_1));
          servedBy = attempt == null ? "?" : attempt.host().name();
        }
      }
      judge();
    }

    private void wakeLater() {
      if (!woken) {
        woken = true;
        after(
            0,
            () -> {
              woken = false;
              if (ending == null) {
                see(session.onWake(clock.now()));
              }
            });
      }
    }

    /** Whether the login has its answer; then the client leaves. */
    private void judge() {
      String[] lines = heard.toString().split("\r\n", -1);
      String last = lines.length < 2 ? "" : lines[lines.length - 2];
      boolean answered = imap ? last.startsWith("a ") : lines.length > 2 || last.startsWith("-ERR");
      if (ending != null || !answered) {
        return;
      }
      ending = new Ending(last, nowMillis() - beganMillis, servedBy, List.copyOf(dials));
      waiting.remove(this);
      hangUp();
      if (session.state() == SessionState.RELAYING) {
        session.onRelayEnd(Stay.End.BY_CLIENT, 1, 1, "closed", clock.now());
      } else {
        session.onClientClosed("gone", clock.now());
      }
    }

    private void hangUp() {
      if (connection != null) {
        connection.end();
        connection = null;
      }
    }

    private void dial(LoginAttempt to) {
      attempt = to;
      dials.add(to.host().name());
      FaultyStore store = store(to.host());
      connection = store.dialled(new Link(to));
    }

    private LookupResult found() {
      return new LookupResult(
          LookupResult.Kind.FOUND,
          "bob@example.org",
          "cluster1",
          "BOB",
          "uid=bob",
          Map.of(),
          LookupResult.Freshness.LOOKED_UP,
          "found");
    }

    /** A connection to a store, as the front end's own link is. */
    private final class Link implements FaultyStore.Peer {
      private final LoginAttempt to;
      private boolean silent;

      private Link(LoginAttempt to) {
        this.to = to;
      }

      @Override
      public void after(long millis, Runnable what) {
        FaultyGroup.this.after(millis, what);
      }

      @Override
      public void connected() {
        session.onProgress(to, to.access().stageOnceConnected(), clock.now());
      }

      @Override
      public void received(byte[] octets) {
        obey(to.dialogue().onBytes(octets));
      }

      @Override
      public void secured() {
        obey(to.dialogue().onTls());
      }

      @Override
      public void lost(AttemptOutcome outcome) {
        if (!silent) {
          silent = true;
          answered(StoreAnswer.failed(outcome, outcome.name()));
        }
      }

      private void answered(StoreAnswer answer) {
        see(session.onStoreAnswer(to, answer, clock.now(), random.nextDouble()));
      }

      private void obey(List<StoreStep> steps) {
        for (StoreStep step : steps) {
          if (silent) {
            return;
          } else if (step instanceof StoreStep.Send send) {
            FaultyStore.Connection open = connection;
            if (open != null) {
              open.heard(send.octets().clone());
            }
          } else if (step == StoreStep.Simple.GREETED) {
            session.onProgress(to, AttemptStage.OPENING, clock.now());
          } else if (step == StoreStep.Simple.NAMED) {
            session.onProgress(to, AttemptStage.NAMED, clock.now());
          } else if (step instanceof StoreDialogue.Answered last) {
            silent = true;
            answered(last.answer());
          }
        }
      }
    }
  }
}
