package org.openmmp.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.routing.TlsPolicy;

/**
 * Row B1 in virtual time: every fault at every place, and faults in pairs and triples at random,
 * against what the rules promise.
 */
class FaultMatrixTest {
  private static final int HOSTS = 3;
  private static final int FRESH_RUNS = 3_000;
  private static final int LONG_RUNS = 150;
  private static final List<TlsPolicy> WIRES =
      List.of(TlsPolicy.OFF, TlsPolicy.STARTTLS, TlsPolicy.IMPLICIT);
  private static final List<List<Integer>> PLACES =
      List.of(List.of(0), List.of(1), List.of(2), List.of(0, 1), List.of(0, 1, 2));
  private static final List<StoreFault> ALL = List.of(StoreFault.values());

  // B1
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyFaultAtEveryPlaceHasItsAnswerHostAttemptsAndDeadline(boolean imap) {
    int cases = 0;
    for (StoreFault fault : ALL) {
      for (TlsPolicy tls : WIRES) {
        for (List<Integer> broken : fault.possible(tls) ? PLACES : List.<List<Integer>>of()) {
          List<StoreFault> faults =
              IntStream.range(0, HOSTS)
                  .mapToObj(host -> broken.contains(host) ? fault : StoreFault.NONE)
                  .toList();
          check(new Case(imap, tls, faults, List.of(1, 2, 0), 1));
          cases++;
        }
      }
    }
    assertEquals((ALL.size() * 3 - 2) * PLACES.size(), cases);
  }

  // B1, B2.4, B2.5, B2.11, B2.19, B3.9
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void faultsInPairsAtRandomAreAnsweredAsTheRulesPromise(boolean imap) {
    Map<LoginModel.Answer, Integer> answers = new TreeMap<>();
    for (int seed = 0; seed < FRESH_RUNS; seed++) {
      LoginModel.Promise promised = check(Case.drawn(imap, seed));
      answers.merge(promised.answer(), 1, Integer::sum);
    }
    assertTrue(
        answers.values().stream().allMatch(times -> times > FRESH_RUNS / 50),
        "the runs prove something: " + answers);
    assertEquals(imap ? 4 : 3, answers.size(), answers::toString);
  }

  /** One group and its first login. */
  private record Case(
      boolean imap, TlsPolicy tls, List<StoreFault> faults, List<Integer> targets, long seed) {
    static Case drawn(boolean imap, long seed) {
      Random random = new Random(seed);
      TlsPolicy tls = WIRES.get(random.nextInt(WIRES.size()));
      List<StoreFault> possible = ALL.stream().filter(fault -> fault.possible(tls)).toList();
      List<StoreFault> faults = new ArrayList<>(Collections.nCopies(HOSTS, StoreFault.NONE));
      List<Integer> places = new ArrayList<>(List.of(0, 1, 2));
      Collections.shuffle(places, random);
      int broken = random.nextInt(3) == 0 ? 3 : 2;
      for (int place : places.subList(0, broken)) {
        faults.set(place, possible.get(random.nextInt(possible.size())));
      }
      List<Integer> targets =
          IntStream.range(0, HOSTS).map(host -> random.nextInt(HOSTS)).boxed().toList();
      return new Case(imap, tls, faults, targets, seed);
    }

    FaultyGroup group() {
      FaultyGroup group = new FaultyGroup(imap, tls, faults, seed);
      for (int i = 0; i < HOSTS; i++) {
        group.stores.get(i).refersTo = group.stores.get(targets.get(i)).host;
      }
      return group;
    }
  }

  private static LoginModel.Promise check(Case one) {
    FaultyGroup group = one.group();
    FaultyGroup.Ending ending = group.logIn();
    LoginModel.Promise promised =
        new LoginModel(one.imap(), one.tls(), one.faults(), one.targets()).work();
    String what = one + " promised " + promised + " saw " + ending;
    assertEquals(
        promised.host() < 0 ? "" : group.stores.get(promised.host()).host.name(),
        ending.servedBy(),
        what);
    assertTrue(ending.answer().startsWith(words(one.imap(), promised.answer())), what);
    List<String> dials =
        promised.dials().stream().map(host -> group.stores.get(host).host.name()).toList();
    assertEquals(
        dials,
        promised.again() && ending.dials().size() > dials.size()
            ? ending.dials().subList(0, dials.size())
            : ending.dials(),
        what);
    assertTrue(ending.dials().size() < 40, what); // no hot loop
    assertTrue(ending.tookMillis() <= promised.atMostMillis(), what);
    checkPasswords(group, one.tls(), what);
    return promised;
  }

  private static String words(boolean imap, LoginModel.Answer answer) {
    return switch (answer) {
      case LET_IN, LET_IN_READ_ONLY -> imap ? "a OK" : "+OK";
      case WRONG_PASSWORD -> imap ? "a NO [AUTHENTICATIONFAILED]" : "-ERR [AUTH]";
      case UNAVAILABLE -> imap ? "a NO [UNAVAILABLE]" : "-ERR [SYS/TEMP]";
    };
  }

  /** No password but under TLS where that is required, and none to who has shown no certificate. */
  private static void checkPasswords(FaultyGroup group, TlsPolicy tls, String what) {
    for (FaultyStore store : group.stores) {
      assertFalse(store.passwordInClear && tls != TlsPolicy.OFF, what);
      assertTrue(store.passwords <= store.dials, what);
      assertTrue(store.passwords == 0 || !store.everDown(), what);
    }
  }

  // B1, B2.5, B2.9, B2.18
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void loginsWhileFaultsComeAndGoAreNeverCalledWrongAndNeverLate(boolean imap) {
    int letIn = 0;
    int unavailable = 0;
    for (int seed = 0; seed < LONG_RUNS; seed++) {
      Random random = new Random(seed);
      Case drawn = Case.drawn(imap, seed);
      FaultyGroup group = drawn.group();
      String what = "seed " + seed + " " + drawn;
      List<FaultyGroup.Client> clients = new ArrayList<>();
      int minute = 60_000;
      for (int i = 0; i < 12; i++) {
        clients.add(group.logInAfter(random.nextInt(3 * minute)));
      }
      List<StoreFault> possible =
          ALL.stream()
              .filter(fault -> fault.possible(drawn.tls()) && fault != StoreFault.WRONG_PASSWORD)
              .toList();
      group.stores.forEach(
          store -> {
            if (store.fault == StoreFault.WRONG_PASSWORD) {
              store.fault = StoreFault.NONE;
            }
          });
      int sound = seed % 2 == 0 ? random.nextInt(HOSTS) : -1;
      if (sound >= 0) {
        group.stores.get(sound).fault = StoreFault.NONE;
      }
      for (int i = 0; i < 6; i++) {
        int host = random.nextInt(HOSTS);
        FaultyStore store = group.stores.get(host == sound ? (host + 1) % HOSTS : host);
        StoreFault next = possible.get(random.nextInt(possible.size()));
        group.plan(random.nextInt(3 * minute), () -> store.fault = next);
      }
      // Who comes when all is well again is served.
      group.plan(4L * minute, () -> group.stores.forEach(store -> store.fault = StoreFault.NONE));
      clients.add(group.logInAfter(5L * minute));
      group.run();
      for (FaultyGroup.Client client : clients) {
        FaultyGroup.Ending ending = client.ending();
        String which = what + " saw " + ending;
        boolean accepted = ending.answer().startsWith(words(imap, LoginModel.Answer.LET_IN));
        boolean refused = ending.answer().startsWith(words(imap, LoginModel.Answer.UNAVAILABLE));
        assertTrue(accepted || refused, which);
        assertTrue(ending.tookMillis() <= FaultyGroup.DEADLINE.toMillis() + 100, which);
        assertTrue(ending.dials().size() < 40, which);
        letIn += accepted ? 1 : 0;
        unavailable += refused ? 1 : 0;
      }
      FaultyGroup.Ending last = clients.get(clients.size() - 1).ending();
      assertTrue(
          last.answer().startsWith(words(imap, LoginModel.Answer.LET_IN)), what + " saw " + last);
      for (FaultyStore store : group.stores) {
        assertFalse(store.passwordInClear && drawn.tls() != TlsPolicy.OFF, what);
      }
    }
    assertTrue(unavailable > LONG_RUNS / 50, "some found nobody: " + unavailable);
    assertTrue(letIn > 2 * unavailable, letIn + " let in, " + unavailable + " not");
  }

  @Test
  void sameSeedHasTheSameRun() {
    for (int seed = 0; seed < 20; seed++) {
      assertEquals(Case.drawn(true, seed).group().logIn(), Case.drawn(true, seed).group().logIn());
    }
  }
}
