package org.openmmp.proxy.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.LookupResult;
import org.openmmp.guard.Farewell;
import org.openmmp.guard.LimitsConfig;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.repgroup.Stay;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.Secret;

/**
 * A few clients before stores that answer anything at all, in an order that a seed decides. It
 * looks at every dial: may that host hear this password, and how is the connection protected?
 */
final class RandomLogins {
  private static final Set<String> DUCKS = Set.of("huey", "dewey", "louie");
  private static final Set<String> MAY_HEAR =
      Set.of("huey", "dewey", "louie", "gus", "gander", "a.trusted.example", "b.trusted.example");
  private static final List<String> TARGETS =
      List.of(
          "huey",
          "dewey",
          "louie",
          "gus",
          "gander",
          "a.trusted.example",
          "b.trusted.example",
          "evil.example",
          "trusted.example.evil.example",
          "127.0.0.1",
          "::1",
          "",
          "huey:143");
  private static final List<TlsPolicy> POLICIES = List.of(TlsPolicy.values());
  private static final int MOST_STEPS = 4_000;

  private final Random random;
  private final SessionRig rig;
  private final List<TestClient> clients = new ArrayList<>();
  private final Map<TestClient, Integer> seen = new HashMap<>();

  /** Who was asked by a store in its present login, with the hosts that it had dialled then. */
  private final Map<TestClient, Integer> exchanging = new HashMap<>();

  private final StringBuilder violations = new StringBuilder();

  RandomLogins(long seed) {
    random = new Random(seed);
    rig =
        new SessionRig(
            new LimitsConfig(0, 0, 2, 0, NetworkSet.NONE, SessionRig.noPenalty()),
            SelectorSettings.Patience.defaults());
    rig.access.put("ducks", SessionRig.access(any(POLICIES)));
    rig.access.put("geese", SessionRig.access(any(POLICIES)));
    rig.referralsUser = random.nextBoolean();
    rig.directory.preAuthenticates = random.nextInt(4) == 0;
    for (int i = 0; i < 3; i++) {
      clients.add(rig.client());
    }
  }

  /** Runs until every session is over, and looks at what is left. */
  void run() {
    int steps = 0;
    while (clients.stream().anyMatch(client -> client.state() != SessionState.CLOSED)) {
      TestClient client = any(clients);
      move(client, steps > MOST_STEPS / 2);
      clients.forEach(this::look);
      if (++steps > MOST_STEPS) {
        violated("does not end: " + clients.stream().map(TestClient::state).toList());
        return;
      }
    }
    look();
  }

  String violations() {
    return violations.toString();
  }

  int served() {
    return (int) rig.logins.stream().filter(login -> login.failure() == null).count();
  }

  int refused() {
    return rig.logins.size() - served();
  }

  private void move(TestClient client, boolean toEnd) {
    client.wakeIfNews();
    if (random.nextInt(60) == 0 || (toEnd && random.nextInt(10) == 0)) {
      leave(client);
      return;
    }
    switch (client.state()) {
      case NOT_AUTHENTICATED -> logIn(client);
      case LOOKING_UP -> lookUp(client);
      case BINDING -> client.boundAs(any(List.of(BindResult.values())));
      case CONNECTING, LOGGING_IN -> {
        if (client.warm != null && random.nextInt(2) == 0) {
          warmStoreActs(client);
        } else {
          storeActs(client);
        }
      }
      case CHALLENGED -> clientResponds(client);
      case WAITING, DELAYING, HELD_BACK -> client.passToDeadline();
      case RELAYING ->
          client.session.onRelayEnd(Stay.End.BY_CLIENT, 1, 1, "closed", rig.clock.now());
      case GREETING, STARTING_TLS -> violated("no such state here: " + client.state());
      case CLOSED -> {}
    }
  }

  private void leave(TestClient client) {
    switch (random.nextInt(3)) {
      case 0 -> client.goesAway();
      case 1 -> client.end(Farewell.SHUTTING_DOWN);
      default -> client.say("QUIT\n" + "x".repeat(ScriptedProtocol.MOST_PIPELINED));
    }
    if (client.state() == SessionState.RELAYING) {
      client.session.onRelayEnd(Stay.End.BY_CLIENT, 1, 1, "closed", rig.clock.now());
    }
  }

  private void logIn(TestClient client) {
    exchanging.remove(client);
    client.say(random.nextBoolean() ? "bob secret\n" : "scram:BOB first\n");
  }

  /** Or does not, or its store fails meanwhile, which ends the login in any case. */
  private void clientResponds(TestClient client) {
    exchanging.put(client, client.dialled.size());
    switch (random.nextInt(6)) {
      case 0 -> client.say("*\n");
      case 1 -> client.passToDeadline();
      case 2 -> storeActs(client);
      default -> client.say("response\n");
    }
    if (client.dialled.size() > exchanging.getOrDefault(client, client.dialled.size())) {
      violated("a response was asked for in vain: " + client.dialled);
    }
  }

  private void lookUp(TestClient client) {
    switch (random.nextInt(6)) {
      case 0 ->
          client.lookedUp(
              LookupResult.failed(
                  any(List.of(LookupResult.Kind.values()).subList(1, 9)), "", "no"));
      case 1 -> client.passToDeadline();
      default -> client.found(any(List.of("ducks", "ducks", "geese", "dewey", "10.0.0.1:143")));
    }
  }

  private void warmStoreActs(TestClient client) {
    LoginAttempt warm = client.warmed();
    switch (random.nextInt(5)) {
      case 0 -> client.reaches(warm, AttemptStage.GREETING);
      case 1 -> client.reaches(warm, AttemptStage.OPENING);
      case 2 -> client.answers(warm, StoreAnswer.failed(any(List.of(AttemptOutcome.values())), ""));
      case 3 -> client.passToDeadline();
      default -> {
        client.reaches(warm, AttemptStage.OPENING);
        client.isReady(warm);
      }
    }
  }

  private void storeActs(TestClient client) {
    LoginAttempt answering = client.present();
    boolean exchange = client.storeLogin().credentials().mechanism() == Mechanism.SCRAM_SHA_256;
    int dialled = client.dialled.size();
    switch (random.nextInt(exchange ? 12 : 8)) {
      case 0, 8, 9 -> client.greeted();
      case 10, 11 -> client.asks("question");
      case 1 -> client.passToDeadline();
      case 2 -> {
        rig.clock.pass(Duration.ofMillis(random.nextInt(4_000)));
        client.tick();
      }
      case 3 -> client.accepts();
      case 4, 5 ->
          client.refers(any(TARGETS), any(List.of(0, 0, 143, 1143, 25)), random.nextBoolean());
      default -> {
        AttemptOutcome outcome = any(List.of(AttemptOutcome.values()));
        if (outcome.next() == AttemptOutcome.Next.STOP && outcome != AttemptOutcome.ACCEPTED) {
          int before = client.dialled.size();
          client.ends(outcome);
          if (client.dialled.size() > before) {
            violated("what a store refused was tried at " + client.dialled);
          }
        } else {
          client.ends(outcome);
        }
      }
    }
    if (exchanging.getOrDefault(client, -1) == dialled && client.dialled.size() > dialled) {
      violated("a login went on after a challenge: " + client.dialled);
    }
    if (random.nextInt(10) == 0) {
      client.answers(answering, StoreAnswer.failed(AttemptOutcome.ACCEPTED, "too late"));
    }
  }

  /** Looks at the dials since the last look. */
  private void look(TestClient client) {
    int from = seen.getOrDefault(client, 0);
    for (LoginAttempt attempt : client.attempts.subList(from, client.attempts.size())) {
      String host = attempt.host().name();
      if (!MAY_HEAR.contains(host)) {
        violated(host + " was dialled");
      }
      if (attempt.stranger() != host.endsWith(".trusted.example")) {
        violated(host + " is taken for a stranger: " + attempt.stranger());
      }
      int port = attempt.access().port();
      if (port != SessionRig.PORT && port != 1143) {
        violated(host + " was dialled at port " + port);
      }
      String group = DUCKS.contains(host) ? "ducks" : host.startsWith("g") ? "geese" : "";
      StoreAccess configured = rig.access.get(group);
      if (configured != null && attempt.access().tls().compareTo(configured.tls()) < 0) {
        violated(host + " is less protected than configured: " + attempt.access().tls());
      }
    }
    seen.put(client, client.attempts.size());
  }

  private void look() {
    for (TestClient client : clients) {
      if (client.warm != null) {
        violated(client.warm.host() + " was left warm");
      }
    }
    long hedged = rig.hedges.stream().filter(told -> !told.endsWith("OVER_BUDGET")).count();
    if (hedged != clients.stream().mapToLong(client -> client.hostsWarmed.size()).sum()) {
      violated("hedges told: " + rig.hedges);
    }
    if (rig.attemptsUnderWay() != 0 || rig.waiting() != 0) {
      violated("attempts " + rig.attemptsUnderWay() + ", waiting " + rig.waiting());
    }
    if (!rig.protocol.secrets.stream().allMatch(Secret::isEmpty)) {
      violated("a secret was kept");
    }
    if (!rig.admits("bob@example.org")) {
      violated("a place of the user's sessions was kept");
    }
    if (rig.closed.size() != clients.size()) {
      violated("ends told: " + rig.closed.size());
    }
  }

  private void violated(String how) {
    violations.append(how).append('\n');
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }
}
