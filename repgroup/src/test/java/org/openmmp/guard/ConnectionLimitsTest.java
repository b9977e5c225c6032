package org.openmmp.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.guard.Admission.Verdict;

class ConnectionLimitsTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private static ConnectionLimits limits(int total, int perAddress, int perUser, int perSecond) {
    var noPenalty =
        new LimitsConfig.Penalty(Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1), 10);
    return new ConnectionLimits(
        new LimitsConfig(total, perAddress, perUser, perSecond, List.of("10.9.0.0/16"), noPenalty));
  }

  private static Verdict connect(ConnectionLimits limits, String client) {
    return limits.admitClient(Clients.at(client)).verdict();
  }

  @Test
  void newestIsTurnedAwayAtTheLimitAndThoseInsideStay() { // B6.7
    ConnectionLimits limits = limits(2, 0, 0, 0);
    Admission first = limits.admitConnection();
    assertTrue(first.admitted());
    assertEquals(Verdict.ADMITTED, limits.admitConnection().verdict());
    assertEquals(Verdict.TOO_MANY_CONNECTIONS, limits.admitConnection().verdict());
    assertEquals(2, limits.connections());
    first.permit().close();
    assertEquals(Verdict.ADMITTED, limits.admitConnection().verdict());
  }

  @Test
  void addressHasItsOwnLimit() { // B6.3
    ConnectionLimits limits = limits(100, 1, 0, 0);
    Admission first = limits.admitClient(Clients.at("192.0.2.1"));
    assertEquals(Verdict.TOO_MANY_FROM_ADDRESS, connect(limits, "192.0.2.1"));
    assertEquals(Verdict.TOO_MANY_FROM_ADDRESS, connect(limits, "::ffff:192.0.2.1"));
    assertEquals(Verdict.ADMITTED, connect(limits, "192.0.2.2"));
    first.permit().close();
    assertEquals(Verdict.ADMITTED, connect(limits, "192.0.2.1"));
  }

  @Test
  void ipv6ClientCountsByItsSlash64() { // B6.3
    ConnectionLimits limits = limits(100, 1, 0, 0);
    assertEquals(Verdict.ADMITTED, connect(limits, "2001:db8::1"));
    assertEquals(Verdict.TOO_MANY_FROM_ADDRESS, connect(limits, "2001:db8::2"));
    assertEquals(Verdict.ADMITTED, connect(limits, "2001:db8:0:1::1"));
  }

  @Test
  void exemptNetworkHasOnlyTheTotalLimit() { // B6.3
    ConnectionLimits limits = limits(5, 1, 1, 1);
    for (int i = 0; i < 5; i++) {
      assertTrue(limits.admitConnection().admitted());
      assertEquals(Verdict.ADMITTED, connect(limits, "10.9.8.7"));
      assertTrue(limits.admitSession(Clients.at("10.9.8.7"), "ada@example.com").admitted());
      assertTrue(admits(limits, Clients.at("10.9.8.7"), false, 0));
    }
    assertFalse(limits.admitConnection().admitted());
    assertEquals(0, limits.tableEntries());
  }

  @Test
  void userHasALimitWhateverTheAddressOrTheSpelling() { // B6.3
    ConnectionLimits limits = limits(100, 0, 2, 0);
    Admission first = limits.admitSession(Clients.at("192.0.2.1"), "ada@example.com");
    assertTrue(limits.hasRoomFor(Clients.at("192.0.2.2"), "Ada@example.com"));
    assertTrue(limits.admitSession(Clients.at("192.0.2.2"), "ADA@example.com").admitted());
    assertEquals(
        Verdict.TOO_MANY_SESSIONS_OF_USER,
        limits.admitSession(Clients.at("192.0.2.3"), "ada@example.com").verdict());
    assertFalse(limits.hasRoomFor(Clients.at("192.0.2.3"), "ada@EXAMPLE.com"));
    assertTrue(limits.hasRoomFor(Clients.at("10.9.0.1"), "ada@example.com"), "exempt");
    assertTrue(limits.admitSession(Clients.at("192.0.2.3"), "bob@example.com").admitted());
    first.permit().close();
    assertTrue(limits.admitSession(Clients.at("192.0.2.3"), "ada@example.com").admitted());
  }

  @Test
  void whoMayBeGoneMakesRoomForWhoIsThereAndOldestFirst() { // B6.3, R12
    ConnectionLimits limits = limits(100, 3, 0, 0);
    InetAddress nat = Clients.at("192.0.2.1");
    List<Integer> ended = new ArrayList<>();
    Admission there = limits.admitClient(nat);
    List<Permit> connections = new ArrayList<>();
    List<Permit> doubtful = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int number = i;
      connections.add(limits.admitConnection().permit());
      doubtful.add(limits.admitClient(nat).permit());
      limits.mayBeGone(nat, connections.get(i), doubtful.get(i), () -> ended.add(number));
    }
    assertEquals(Verdict.ADMITTED, connect(limits, "192.0.2.2"));
    assertEquals(List.of(), ended, "while there is room nobody has to go");

    Admission first = limits.admitClient(nat);
    assertEquals(Verdict.ADMITTED, first.verdict());
    assertEquals(List.of(0), ended);
    doubtful.get(0).close();
    limits.noMoreInDoubt(nat, connections.get(0), doubtful.get(0));
    limits.noMoreInDoubt(nat, connections.get(1), doubtful.get(1)); // it was let in
    assertEquals(Verdict.TOO_MANY_FROM_ADDRESS, connect(limits, "192.0.2.1"));
    assertEquals(List.of(0), ended);

    there.permit().close();
    first.permit().close();
    doubtful.get(1).close();
    assertEquals(1, limits.tableEntries(), "192.0.2.2 alone");
  }

  @Test
  void addressThatOnlyAsksAndHangsUpKeepsNobodyOut() { // R12
    ConnectionLimits limits = limits(0, 20, 0, 0);
    InetAddress nat = Clients.at("192.0.2.1");
    List<Integer> inside = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      int number = i;
      Admission hostile = limits.admitClient(nat);
      assertTrue(hostile.admitted());
      inside.add(number);
      limits.mayBeGone(
          nat,
          limits.admitConnection().permit(),
          hostile.permit(),
          () -> inside.remove(Integer.valueOf(number)));
      assertTrue(inside.size() <= 20, "no more than the limit are inside");
      if (i % 100 == 99) {
        Admission good = limits.admitClient(nat);
        assertTrue(good.admitted());
        good.permit().close();
      }
    }
  }

  @Test
  void whoMayBeGoneOfAnExemptNetworkStays() {
    ConnectionLimits limits = limits(100, 1, 0, 0);
    InetAddress exempt = Clients.at("10.9.8.7");
    Permit connection = limits.admitConnection().permit();
    Permit place = limits.admitClient(exempt).permit();
    limits.mayBeGone(exempt, connection, place, () -> {});
    assertTrue(limits.admitClient(exempt).admitted());
    limits.noMoreInDoubt(exempt, connection, place);
    assertEquals(0, limits.tableEntries());
  }

  @Test
  void whoMayBeGoneMakesRoomAtTheLimitOfAllConnectionsToo() { // B6.3
    ConnectionLimits limits = limits(2, 0, 0, 0);
    InetAddress exempt = Clients.at("10.9.8.7");
    List<Integer> ended = new ArrayList<>();
    Permit gone = limits.admitConnection().permit();
    Permit there = limits.admitConnection().permit();
    assertEquals(Verdict.TOO_MANY_CONNECTIONS, limits.admitConnection().verdict());
    Permit place = limits.admitClient(exempt).permit();
    limits.mayBeGone(exempt, gone, place, () -> ended.add(1));
    assertEquals(List.of(), ended, "while there is room nobody has to go");

    Admission next = limits.admitConnection();
    assertTrue(next.admitted());
    assertEquals(List.of(1), ended);
    gone.close();
    assertEquals(2, limits.connections());
    limits.mayBeGone(exempt, there, place, () -> ended.add(2));
    limits.noMoreInDoubt(exempt, there, place); // it was let in
    assertEquals(Verdict.TOO_MANY_CONNECTIONS, limits.admitConnection().verdict());
    assertEquals(List.of(1), ended);
  }

  @Test
  void permitGivesItsPlaceBackOnlyOnce() {
    ConnectionLimits limits = limits(100, 2, 0, 0);
    Admission one = limits.admitClient(Clients.at("192.0.2.1"));
    Admission two = limits.admitClient(Clients.at("192.0.2.1"));
    one.permit().close();
    one.permit().close();
    assertEquals(Verdict.ADMITTED, connect(limits, "192.0.2.1"));
    assertEquals(Verdict.TOO_MANY_FROM_ADDRESS, connect(limits, "192.0.2.1"));
    two.permit().close();
    assertEquals(Verdict.ADMITTED, connect(limits, "192.0.2.1"));
    assertEquals(Verdict.TOO_MANY_FROM_ADDRESS, connect(limits, "192.0.2.1"));
  }

  @Test
  void permitOfOneTurnedAwayGivesNothingBack() {
    ConnectionLimits limits = limits(1, 1, 0, 0);
    limits.admitConnection();
    limits.admitConnection().permit().close();
    assertEquals(1, limits.connections());
    limits.admitClient(Clients.at("192.0.2.1"));
    limits.admitClient(Clients.at("192.0.2.1")).permit().close();
    assertEquals(Verdict.TOO_MANY_FROM_ADDRESS, connect(limits, "192.0.2.1"));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MAX_VALUE - 10, Long.MAX_VALUE - 1_500_000_000L})
  void loginsOfAnAddressKeepToTheRate(long origin) { // B6.3
    ConnectionLimits limits = limits(100, 0, 0, 4);
    var client = Clients.at("192.0.2.1");
    for (int i = 0; i < 4; i++) {
      assertTrue(admits(limits, client, false, origin), "one second's worth at once");
    }
    assertFalse(admits(limits, client, false, origin));
    assertTrue(admits(limits, Clients.at("192.0.2.2"), false, origin));
    assertFalse(admits(limits, client, false, origin + SECOND / 4 - 1));
    assertTrue(admits(limits, client, false, origin + SECOND / 4));
    assertFalse(admits(limits, client, false, origin + SECOND / 4));
    int admitted = 0;
    for (long t = SECOND / 4 + 1; t <= 10 * SECOND; t += SECOND / 100) {
      admitted += admits(limits, client, false, origin + t) ? 1 : 0;
    }
    assertTrue(admitted >= 38 && admitted <= 39, admitted + " in 9.75 seconds");
  }

  @Test
  void provenLoginIsTheNextOneWhateverOthersBehindTheAddressDo() { // R12
    ConnectionLimits limits = limits(100, 0, 0, 4);
    var client = Clients.at("192.0.2.1");
    for (int i = 0; i < 4; i++) {
      assertTrue(admits(limits, client, false, 0));
    }
    List<LoginTurn> strangers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      strangers.add(limits.turnOf(client, false));
      assertEquals((i + 1) * SECOND / 4, strangers.get(i).ask(0));
    }
    LoginTurn proven = limits.turnOf(client, true);
    assertEquals(SECOND / 4, proven.ask(0));
    assertEquals(SECOND / 4, strangers.get(0).ask(SECOND / 4), "behind the proven one now");
    assertEquals(LoginTurn.NOW, proven.ask(SECOND / 4));
    assertEquals(LoginTurn.NOW, strangers.get(0).ask(SECOND / 2));
  }

  @Test
  void whoAsksAndHangsUpKeepsNobodyOut() { // R12
    ConnectionLimits limits = limits(100, 0, 0, 20);
    var client = Clients.at("192.0.2.1");
    List<LoginTurn> hangingUp = new ArrayList<>();
    LoginTurn good = limits.turnOf(client, false);
    long wait = -1;
    long served = -1;
    for (long ms = 0; ms < 3_000 && served < 0; ms++) {
      long now = TimeUnit.MILLISECONDS.toNanos(ms);
      LoginTurn hostile = limits.turnOf(client, false);
      if (hostile.ask(now) > 0) {
        hangingUp.add(hostile);
      }
      if (hangingUp.size() > 20) { // each after 20 ms
        hangingUp.remove(0).leave();
      }
      if (ms == 1_000) {
        wait = good.ask(now);
        assertTrue(wait > 0);
        wait += now;
      } else if (ms > 1_000 && now >= wait) {
        long more = good.ask(now);
        served = more == LoginTurn.NOW ? ms : -1;
        wait = now + more;
      }
    }
    assertTrue(served > 0 && served <= 2_200, "served at " + served + " ms");
  }

  @Test
  void whoEndedItsSendingWaitsBehindThoseWhoAreThere() { // R12
    ConnectionLimits limits = limits(100, 0, 0, 4);
    var client = Clients.at("192.0.2.1");
    for (int i = 0; i < 4; i++) {
      assertTrue(admits(limits, client, false, 0));
    }
    LoginTurn gone = limits.turnOf(client, false);
    LoginTurn there = limits.turnOf(client, false);
    assertEquals(SECOND / 4, gone.ask(0));
    assertEquals(SECOND / 2, there.ask(0));
    gone.giveWay();
    assertEquals(SECOND / 4, gone.ask(SECOND / 4), "one is ahead now");
    assertEquals(LoginTurn.NOW, there.ask(SECOND / 4));
    assertEquals(LoginTurn.NOW, gone.ask(SECOND / 2), "it may wait for its answer");
    gone.leave();
    assertEquals(LoginTurn.NOW, limits.turnOf(client, false).ask(2 * SECOND));
  }

  @Test
  void whoWouldWaitTooLongIsTurnedAwayAtOnce() { // B6.3
    ConnectionLimits limits = limits(100, 0, 0, 2);
    var client = Clients.at("192.0.2.1");
    assertTrue(admits(limits, client, false, 0));
    assertTrue(admits(limits, client, false, 0));
    List<LoginTurn> waiting = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      waiting.add(limits.turnOf(client, false));
      assertEquals((i + 1) * SECOND / 2, waiting.get(i).ask(0));
    }
    assertEquals(LoginTurn.NEVER, limits.turnOf(client, false).ask(0));
    assertEquals(LoginTurn.NOW, limits.turnOf(Clients.at("192.0.2.2"), false).ask(0));
    waiting.get(0).leave();
    waiting.get(0).leave();
    assertEquals(LoginTurn.NOW, waiting.get(1).ask(SECOND / 2), "moved up");
    assertEquals(2 * SECOND, limits.turnOf(client, false).ask(SECOND / 2) + SECOND / 2);
  }

  @Test
  void lastOfAWaitersPatienceEndsThoughProvenOnesComeAndCome() { // B6.3
    ConnectionLimits limits = limits(100, 0, 0, 1);
    var client = Clients.at("192.0.2.1");
    assertTrue(admits(limits, client, false, 0));
    LoginTurn stranger = limits.turnOf(client, false);
    assertEquals(SECOND, stranger.ask(0));
    for (int i = 1; i < 4; i++) {
      assertEquals(LoginTurn.NOW, limits.turnOf(client, true).ask(i * SECOND));
      assertEquals(SECOND, stranger.ask(i * SECOND));
    }
    assertEquals(LoginTurn.NOW, limits.turnOf(client, true).ask(4 * SECOND));
    assertEquals(LoginTurn.NEVER, stranger.ask(4 * SECOND));
  }

  /** Whether a login may begin at once. */
  private static boolean admits(
      ConnectionLimits limits, InetAddress client, boolean proven, long nowNanos) {
    LoginTurn turn = limits.turnOf(client, proven);
    long wait = turn.ask(nowNanos);
    turn.leave();
    return wait == LoginTurn.NOW;
  }

  @Tag("slow")
  @Test
  void tablesStayBoundedUnderAMillionAddressesAndNames() { // R13
    ConnectionLimits limits = limits(0, 5, 5, 5);
    for (int i = 0; i < 1_000_000; i++) {
      var client = Clients.number(i);
      admits(limits, client, false, i);
      limits.admitConnection().permit().close();
      limits.admitClient(client).permit().close();
      limits.admitSession(client, "user" + i).permit().close();
    }
    assertEquals(0, limits.connections());
    assertTrue(limits.tableEntries() <= ConnectionLimits.RATE_TABLE_SIZE);
  }

  @Test
  void limitsHoldAndPlacesAreExactUnderManyThreads() throws Exception {
    ConnectionLimits limits = limits(20, 10, 10, 0);
    var most = new AtomicInteger();
    var inside = new AtomicInteger();
    var threads = Executors.newFixedThreadPool(8);
    var start = new CyclicBarrier(8);
    List<Callable<Integer>> work = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      var client = Clients.at("192.0.2." + t % 4);
      work.add(
          () -> {
            start.await(10, TimeUnit.SECONDS);
            int admitted = 0;
            for (int i = 0; i < 20_000; i++) {
              Admission connection = limits.admitConnection();
              Admission address = limits.admitClient(client);
              Admission session = limits.admitSession(client, "ada");
              if (connection.admitted()) {
                admitted++;
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                inside.decrementAndGet();
              }
              session.permit().close();
              address.permit().close();
              address.permit().close();
              connection.permit().close();
              connection.permit().close();
            }
            return admitted;
          });
    }
    int admitted = 0;
    for (var done : threads.invokeAll(work, 60, TimeUnit.SECONDS)) {
      admitted += done.get();
    }
    threads.shutdown();
    assertTrue(admitted > 0);
    assertTrue(most.get() <= 8);
    assertEquals(0, limits.connections());
    assertEquals(0, limits.tableEntries());
  }

  @Test
  void concurrentClosersGiveOnePlaceBack() throws Exception {
    ConnectionLimits limits = limits(1_000_000, 0, 0, 0);
    var threads = Executors.newFixedThreadPool(4);
    for (int round = 0; round < 500; round++) {
      Admission admission = limits.admitConnection();
      Callable<Boolean> close =
          () -> {
            admission.permit().close();
            return true;
          };
      for (var done : threads.invokeAll(List.of(close, close, close, close))) {
        assertTrue(done.get());
      }
      assertEquals(0, limits.connections());
    }
    threads.shutdown();
  }

  @Test
  void exemptNetworkThatIsNoneIsTold() {
    var settings =
        new LimitsConfig(
            1,
            1,
            1,
            1,
            List.of("ten/8"),
            new LimitsConfig.Penalty(Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1), 10));
    assertThrows(IllegalArgumentException.class, () -> new ConnectionLimits(settings));
  }
}
