package org.openmmp.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.wire.NetworkSet;

class ConnectionLimitsTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private static ConnectionLimits limits(int total, int perAddress, int perUser, int perSecond) {
    var noPenalty =
        new LimitsConfig.Penalty(Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1), 10);
    return new ConnectionLimits(
        new LimitsConfig(
            total,
            perAddress,
            perUser,
            perSecond,
            NetworkSet.parse(List.of("10.9.0.0/16")),
            noPenalty));
  }

  private static boolean connects(ConnectionLimits limits, String client) {
    return limits.admitClient(Clients.at(client)) != null;
  }

  /** The place of one that is let in. */
  private static Permit letIn(@Nullable Permit permit) {
    assertNotNull(permit);
    return permit;
  }

  @Test
  void newestIsTurnedAwayAtTheLimitAndThoseInsideStay() { // B6.7
    ConnectionLimits limits = limits(2, 0, 0, 0);
    Permit first = letIn(limits.admitConnection());
    assertNotNull(limits.admitConnection());
    assertNull(limits.admitConnection());
    assertEquals(2, limits.connections());
    first.close();
    assertNotNull(limits.admitConnection());
  }

  @Test
  void addressHasItsOwnLimit() { // B6.3
    ConnectionLimits limits = limits(100, 1, 0, 0);
    Permit first = letIn(limits.admitClient(Clients.at("192.0.2.1")));
    assertFalse(connects(limits, "192.0.2.1"));
    assertFalse(connects(limits, "::ffff:192.0.2.1"));
    assertTrue(connects(limits, "192.0.2.2"));
    first.close();
    assertTrue(connects(limits, "192.0.2.1"));
  }

  @Test
  void ipv6ClientCountsByItsSlash64() { // B6.3
    ConnectionLimits limits = limits(100, 1, 0, 0);
    assertTrue(connects(limits, "2001:db8::1"));
    assertFalse(connects(limits, "2001:db8::2"));
    assertTrue(connects(limits, "2001:db8:0:1::1"));
  }

  @Test
  void exemptNetworkHasOnlyTheTotalLimit() { // B6.3
    ConnectionLimits limits = limits(5, 1, 1, 1);
    for (int i = 0; i < 5; i++) {
      assertNotNull(limits.admitConnection());
      assertTrue(connects(limits, "10.9.8.7"));
      assertNotNull(limits.admitSession(Clients.at("10.9.8.7"), "ada@example.com"));
      assertTrue(admits(limits, Clients.at("10.9.8.7"), false, 0));
    }
    assertNull(limits.admitConnection());
    assertEquals(0, limits.tableEntries());
  }

  @Test
  void userHasALimitWhateverTheAddressOrTheSpelling() { // B6.3
    ConnectionLimits limits = limits(100, 0, 2, 0);
    Permit first = letIn(limits.admitSession(Clients.at("192.0.2.1"), "ada@example.com"));
    assertTrue(limits.hasRoomFor(Clients.at("192.0.2.2"), "Ada@example.com"));
    assertNotNull(limits.admitSession(Clients.at("192.0.2.2"), "ADA@example.com"));
    assertNull(limits.admitSession(Clients.at("192.0.2.3"), "ada@example.com"));
    assertFalse(limits.hasRoomFor(Clients.at("192.0.2.3"), "ada@EXAMPLE.com"));
    assertTrue(limits.hasRoomFor(Clients.at("10.9.0.1"), "ada@example.com"), "exempt");
    assertNotNull(limits.admitSession(Clients.at("192.0.2.3"), "bob@example.com"));
    first.close();
    assertNotNull(limits.admitSession(Clients.at("192.0.2.3"), "ada@example.com"));
  }

  @Test
  void whoMayBeGoneMakesRoomForWhoIsThereAndOldestFirst() { // B6.3, R12
    ConnectionLimits limits = limits(100, 3, 0, 0);
    InetAddress nat = Clients.at("192.0.2.1");
    List<Integer> ended = new ArrayList<>();
    Permit there = letIn(limits.admitClient(nat));
    List<Permit> connections = new ArrayList<>();
    List<Permit> doubtful = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int number = i;
      connections.add(letIn(limits.admitConnection()));
      doubtful.add(letIn(limits.admitClient(nat)));
      limits.mayBeGone(nat, connections.get(i), doubtful.get(i), () -> ended.add(number));
    }
    assertTrue(connects(limits, "192.0.2.2"));
    assertEquals(List.of(), ended, "while there is room nobody has to go");

    Permit first = letIn(limits.admitClient(nat));
    assertEquals(List.of(0), ended);
    doubtful.get(0).close();
    limits.noMoreInDoubt(nat, connections.get(0), doubtful.get(0));
    limits.noMoreInDoubt(nat, connections.get(1), doubtful.get(1)); // it was let in
    assertFalse(connects(limits, "192.0.2.1"));
    assertEquals(List.of(0), ended);

    there.close();
    first.close();
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
      Permit hostile = letIn(limits.admitClient(nat));
      inside.add(number);
      limits.mayBeGone(
          nat,
          letIn(limits.admitConnection()),
          hostile,
          () -> inside.remove(Integer.valueOf(number)));
      assertTrue(inside.size() <= 20, "no more than the limit are inside");
      if (i % 100 == 99) {
        Permit good = letIn(limits.admitClient(nat));
        good.close();
      }
    }
  }

  @Test
  void whoMayBeGoneOfAnExemptNetworkStays() {
    ConnectionLimits limits = limits(100, 1, 0, 0);
    InetAddress exempt = Clients.at("10.9.8.7");
    Permit connection = letIn(limits.admitConnection());
    Permit place = letIn(limits.admitClient(exempt));
    limits.mayBeGone(exempt, connection, place, () -> {});
    assertNotNull(limits.admitClient(exempt));
    limits.noMoreInDoubt(exempt, connection, place);
    assertEquals(0, limits.tableEntries());
  }

  @Test
  void whoMayBeGoneMakesRoomAtTheLimitOfAllConnectionsToo() { // B6.3
    ConnectionLimits limits = limits(2, 0, 0, 0);
    InetAddress exempt = Clients.at("10.9.8.7");
    List<Integer> ended = new ArrayList<>();
    Permit gone = letIn(limits.admitConnection());
    Permit there = letIn(limits.admitConnection());
    assertNull(limits.admitConnection());
    Permit place = letIn(limits.admitClient(exempt));
    limits.mayBeGone(exempt, gone, place, () -> ended.add(1));
    assertEquals(List.of(), ended, "while there is room nobody has to go");

    assertNotNull(limits.admitConnection());
    assertEquals(List.of(1), ended);
    gone.close();
    assertEquals(2, limits.connections());
    limits.mayBeGone(exempt, there, place, () -> ended.add(2));
    limits.noMoreInDoubt(exempt, there, place); // it was let in
    assertNull(limits.admitConnection());
    assertEquals(List.of(1), ended);
  }

  @Test
  void permitGivesItsPlaceBackOnlyOnce() {
    ConnectionLimits limits = limits(100, 2, 0, 0);
    Permit one = letIn(limits.admitClient(Clients.at("192.0.2.1")));
    Permit two = letIn(limits.admitClient(Clients.at("192.0.2.1")));
    one.close();
    one.close();
    assertTrue(connects(limits, "192.0.2.1"));
    assertFalse(connects(limits, "192.0.2.1"));
    two.close();
    assertTrue(connects(limits, "192.0.2.1"));
    assertFalse(connects(limits, "192.0.2.1"));
  }

  @Test
  void oneTurnedAwayHasTakenNothing() {
    ConnectionLimits limits = limits(1, 1, 0, 0);
    assertNotNull(limits.admitConnection());
    assertNull(limits.admitConnection());
    assertEquals(1, limits.connections());
    assertTrue(connects(limits, "192.0.2.1"));
    assertFalse(connects(limits, "192.0.2.1"));
    assertFalse(connects(limits, "192.0.2.1"));
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
      letIn(limits.admitConnection()).close();
      letIn(limits.admitClient(client)).close();
      letIn(limits.admitSession(client, "user" + i)).close();
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
            start.await(30, TimeUnit.SECONDS);
            int admitted = 0;
            for (int i = 0; i < 20_000; i++) {
              Permit connection = limits.admitConnection();
              Permit address = limits.admitClient(client);
              Permit session = limits.admitSession(client, "ada");
              if (connection != null) {
                admitted++;
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                inside.decrementAndGet();
              }
              for (Permit permit :
                  Arrays.asList(session, address, address, connection, connection)) {
                if (permit != null) {
                  permit.close();
                }
              }
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
      Permit admission = letIn(limits.admitConnection());
      Callable<Boolean> close =
          () -> {
            admission.close();
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
  void otherLimitsHoldForWhoComesAndCountWhoIsInside() { // B7.3
    ConnectionLimits limits = limits(2, 1, 1, 0);
    letIn(limits.admitConnection());
    letIn(limits.admitConnection());
    Permit ada = letIn(limits.admitSession(Clients.at("192.0.2.1"), "ada"));
    letIn(limits.admitClient(Clients.at("192.0.2.1")));
    limits.change(
        new LimitsConfig(
            3,
            2,
            0,
            0,
            NetworkSet.parse(List.of("192.0.2.7")),
            new LimitsConfig.Penalty(Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1), 10)));
    assertNotNull(limits.admitConnection());
    assertNull(limits.admitConnection());
    assertTrue(connects(limits, "192.0.2.1"));
    assertFalse(connects(limits, "192.0.2.1"));
    assertTrue(connects(limits, "192.0.2.7"));
    assertTrue(connects(limits, "192.0.2.7"));
    assertNotNull(limits.admitSession(Clients.at("192.0.2.1"), "ada"));
    ada.close();
    assertEquals(3, limits.connections());
  }

  private static final byte[] SITE_KEY = "the key of the site".getBytes(StandardCharsets.US_ASCII);

  /** Front ends that have told each other what they hold. */
  private static void exchange(List<ConnectionLimits> all) {
    for (ConnectionLimits each : all) {
      List<HeldPlaces> others = new ArrayList<>();
      all.stream().filter(other -> other != each).forEach(o -> others.add(o.held(all.size())));
      each.elsewhere(others);
    }
  }

  private static List<ConnectionLimits> site(int perAddress, int perUser) {
    List<ConnectionLimits> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ConnectionLimits one = limits(1_000, perAddress, perUser, 0);
      one.share(SITE_KEY);
      all.add(one);
    }
    return all;
  }

  @Test
  void limitsHoldForTheSessionsAndConnectionsOfAllFrontEnds() { // B10.6
    List<ConnectionLimits> all = site(3, 3);
    InetAddress home = Clients.at("192.0.2.1");
    List<Permit> permits = new ArrayList<>();
    for (ConnectionLimits each : all) {
      permits.add(letIn(each.admitClient(home)));
      permits.add(letIn(each.admitSession(home, "ada@example.com")));
      exchange(all);
    }
    for (ConnectionLimits each : all) {
      assertNull(each.admitClient(home));
      assertTrue(connects(each, "192.0.2.2"));
      assertFalse(each.hasRoomFor(home, "ADA@example.com"));
      assertNull(each.admitSession(home, "ada@example.com"));
      assertTrue(each.hasRoomFor(home, "bob@example.com"));
      assertTrue(each.hasRoomFor(Clients.at("10.9.0.1"), "ada@example.com"), "exempt");
    }
    permits.forEach(Permit::close);
    exchange(all);
    assertTrue(connects(all.get(0), "192.0.2.1"));
    assertTrue(all.get(1).hasRoomFor(home, "ada@example.com"));
  }

  @Test
  void whatIsNotToldExceedsNoLimit() { // B10.6
    InetAddress home = Clients.at("192.0.2.1");
    for (int limit = 1; limit <= 100; limit++) {
      List<ConnectionLimits> all = site(0, limit);
      int inside = 0;
      for (boolean more = true; more; ) {
        more = false;
        for (ConnectionLimits each : all) {
          if (each.admitSession(home, "ada") != null) {
            inside++;
            more = true;
          }
          exchange(all);
          exchange(all); // who tells of her, and then whoever is asked by that
        }
      }
      assertEquals(limit, inside);
    }
  }

  @Test
  void ofWhomNobodyTellsMuchNothingIsTold() { // B10.6
    List<ConnectionLimits> all = site(0, 30);
    InetAddress home = Clients.at("192.0.2.1");
    List<Permit> first = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      first.add(letIn(all.get(0).admitSession(home, "ada")));
    }
    letIn(all.get(1).admitSession(home, "ADA"));
    letIn(all.get(2).admitSession(home, "bob"));
    exchange(all);
    assertTrue(all.get(0).held(1).users().isEmpty(), "who is alone tells nothing");
    assertEquals(List.of(10), List.copyOf(all.get(0).held(3).users().values()));
    assertEquals(List.of(1), List.copyOf(all.get(1).held(3).users().values()), "is asked");
    assertEquals(all.get(0).held(3).users().keySet(), all.get(1).held(3).users().keySet());
    assertEquals(HeldPlaces.NONE, all.get(2).held(3), "who has no such user, and few of another");
    first.get(0).close();
    exchange(all);
    exchange(all);
    all.forEach(each -> assertEquals(HeldPlaces.NONE, each.held(3), "nobody asks any more"));
  }

  @Test
  void whatIsToldIsBoundedAndNoName() { // B10.6
    ConnectionLimits one = limits(0, 2, 2, 0);
    assertEquals(HeldPlaces.NONE, one.held(3), "nothing is shared");
    one.share(SITE_KEY);
    for (int i = 0; i < 2 * HeldPlaces.MOST; i++) {
      letIn(one.admitSession(Clients.at("192.0.2.1"), "user" + i));
    }
    letIn(one.admitSession(Clients.at("192.0.2.1"), "user7"));
    assertEquals(HeldPlaces.MOST, one.held(2).users().size());
    assertTrue(one.held(2).users().containsValue(2), "those with the most come first");
    ConnectionLimits other = limits(0, 2, 2, 0);
    other.share("another key of a site".getBytes(StandardCharsets.US_ASCII));
    other.elsewhere(List.of(one.held(2)));
    assertTrue(other.hasRoomFor(Clients.at("192.0.2.1"), "user7"), "of another key, nobody's");
    one.elsewhere(List.of(new HeldPlaces(one.held(2).users(), Map.of())));
    one.share(null);
    assertTrue(one.hasRoomFor(Clients.at("192.0.2.1"), "user1"), "it counts alone again");
  }
}
