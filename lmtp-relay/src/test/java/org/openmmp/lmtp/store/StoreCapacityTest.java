package org.openmmp.lmtp.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.lmtp.store.StoreCapacity.Claim;
import org.openmmp.lmtp.store.StoreCapacity.Party;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.Survival;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.testkit.FakeClock;
import org.openmmp.wire.Secret;

/** A store that answers some of ours and turns others away is full (rule B5.18). */
class StoreCapacityTest {
  private static final Duration MOMENT = Duration.ofMillis(5);

  /** Of the time for a greeting. */
  private static final Duration HALF = Duration.ofMillis(2_500);

  private static final StorePlace STORE = place("store", Map.of());

  private final FakeClock clock = new FakeClock();
  private final StoreCapacity capacity = new StoreCapacity();
  private final Object loop = new Object();
  private final Object otherLoop = new Object();
  private final Map<Party, Integer> woken = new HashMap<>();
  private final List<StoreKey> closing = new ArrayList<>();

  private Claim claim() {
    return claim(loop);
  }

  private Claim claim(Object home) {
    Party party = capacity.party(home);
    party.onNews(() -> woken.merge(party, 1, Integer::sum));
    return party.claim();
  }

  private boolean wasWoken(Claim claim) {
    return woken.remove(claim.party()) != null;
  }

  private @Nullable StoreKey dial(Claim claim) {
    return capacity.dial(claim, STORE, clock.now());
  }

  private StoreKey opened(Claim claim) {
    StoreKey key = Objects.requireNonNull(dial(claim));
    clock.pass(MOMENT);
    capacity.greeted(key, clock.now());
    return key;
  }

  private List<StoreKey> opened(int number) {
    return Stream.generate(() -> opened(claim())).limit(number).toList();
  }

  /** One more connection is turned away after that time; what the store gets then. */
  private OptionalInt turnedAway(Claim claim, Duration after) {
    StoreKey key = Objects.requireNonNull(dial(claim));
    long dialled = clock.now();
    clock.pass(after);
    capacity.closed(key, clock.now());
    return capacity.turnedAway(STORE, dialled, clock.now());
  }

  private boolean await(Claim claim) {
    return capacity.await(claim, STORE, clock.now());
  }

  private boolean keep(StoreKey key) {
    return capacity.keep(key, () -> closing.add(key), clock.now());
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "4, 4", "7, 7", "8, 7", "16, 14", "64, 56"})
  void fullStoreGetsAnEighthFewerThanStand(int standing, int left) {
    opened(standing);
    assertEquals(OptionalInt.of(left), turnedAway(claim(), MOMENT));
    assertNull(dial(claim()));
  }

  @Test
  void fewConnectionsShrinkByAnEighthOnTheAverage() {
    List<StoreKey> standing = opened(4);
    turnedAway(claim(), MOMENT);
    assertEquals(OptionalInt.of(4), capacity.limitOf(STORE.host()));
    Claim waits = claim();
    assertTrue(await(waits));
    clock.pass(StoreCapacity.GROWTH);
    assertTrue(capacity.mayGoOn(waits, clock.now()));
    assertEquals(OptionalInt.of(3), turnedAway(waits, MOMENT));
    assertFalse(keep(standing.get(0)), "one is too many");
  }

  @Test
  void storeWithNoneOfOursHasFailed() {
    assertEquals(OptionalInt.empty(), turnedAway(claim(), MOMENT));
    opened(3).forEach(key -> capacity.closed(key, clock.now()));
    assertEquals(OptionalInt.empty(), turnedAway(claim(), MOMENT));
    assertNotNull(dial(claim()));
  }

  private boolean isSilent(Claim claim) {
    return capacity.isSilent(claim, STORE, clock.now());
  }

  @Test // B5.17
  void storeThatOwesAnAnswerForLongIsSilentToOthers() {
    Claim first = claim();
    StoreKey key = opened(first);
    assertFalse(isSilent(claim()), "nobody has asked");
    capacity.asked(key, clock.now());
    clock.pass(StoreCapacity.SILENT.minus(MOMENT));
    assertFalse(isSilent(claim()));
    clock.pass(MOMENT);
    assertTrue(isSilent(claim()));
    assertFalse(isSilent(first), "it knows more of it");
    assertFalse(capacity.isSilent(claim(), place("another", Map.of()), clock.now()));
    capacity.heard(key, clock.now());
    assertFalse(isSilent(claim()));
  }

  @Test // B5.17: what one sender's message meets concerns nobody else
  void storeThatAnswersAnotherIsNotSilent() {
    StoreKey stuck = opened(claim());
    StoreKey well = opened(claim());
    capacity.asked(stuck, clock.now());
    clock.pass(StoreCapacity.SILENT.minus(MOMENT));
    capacity.asked(well, clock.now());
    clock.pass(MOMENT);
    assertTrue(isSilent(claim()));
    capacity.heard(well, clock.now());
    assertFalse(isSilent(claim()));
    opened(claim());
    clock.pass(Duration.ofSeconds(9));
    assertFalse(isSilent(claim()), "until it owes a younger one an answer");
  }

  @Test // B2.6: slow is not down
  void storeThatIsSlowAsARuleIsNotSilent() {
    opened(claim());
    for (int message = 0; message < 40; message++) {
      StoreKey key = opened(claim());
      capacity.asked(key, clock.now());
      clock.pass(Duration.ofMillis(1_500));
      capacity.heard(key, clock.now());
      capacity.closed(key, clock.now());
    }
    capacity.asked(opened(claim()), clock.now());
    clock.pass(Duration.ofSeconds(5));
    assertFalse(isSilent(claim()));
    clock.pass(Duration.ofSeconds(1));
    assertTrue(isSilent(claim()));
  }

  @Test // B5.17
  void connectionThatIsGoneOwesNothing() {
    StoreKey key = opened(claim());
    capacity.asked(key, clock.now());
    clock.pass(StoreCapacity.SILENT);
    assertTrue(isSilent(claim()));
    capacity.closed(key, clock.now());
    assertFalse(isSilent(claim()));
  }

  @Test // B2.6: hung is no store that is full
  void silentStoreIsFullOnlyIfItAnswersOthersMeanwhile() {
    List<StoreKey> standing = opened(4);
    assertEquals(OptionalInt.empty(), turnedAway(claim(), Duration.ofSeconds(5)));
    StoreKey key = Objects.requireNonNull(dial(claim()));
    long dialled = clock.now();
    clock.pass(Duration.ofSeconds(2));
    capacity.heard(standing.get(0), clock.now());
    clock.pass(Duration.ofSeconds(3));
    assertEquals(OptionalInt.of(4), capacity.turnedAway(STORE, dialled, clock.now()));
    capacity.closed(key, clock.now());
  }

  @Test
  void thoseTurnedAwayTogetherShrinkItOnce() {
    opened(8);
    List<StoreKey> more = Stream.generate(() -> dial(claim())).limit(12).toList();
    long dialled = clock.now();
    clock.pass(MOMENT);
    for (StoreKey key : more) {
      assertEquals(OptionalInt.of(7), capacity.turnedAway(STORE, dialled, clock.now()));
      capacity.closed(key, clock.now());
      clock.pass(MOMENT);
    }
  }

  @Test
  void thoseThatWereUnderWayCountOnceTheyStand() {
    opened(1);
    List<StoreKey> more = Stream.generate(() -> dial(claim())).limit(7).toList();
    assertEquals(OptionalInt.of(1), turnedAway(claim(), MOMENT));
    more.forEach(key -> capacity.greeted(key, clock.now()));
    assertEquals(OptionalInt.of(7), capacity.limitOf(STORE.host()));
  }

  @Test
  void oneMoreIsTriedForEachSecondOfWaiting() {
    opened(8);
    Claim waits = claim();
    turnedAway(waits, MOMENT);
    long shrunk = clock.now();
    assertTrue(await(waits));
    assertEquals(shrunk + StoreCapacity.GROWTH.toNanos(), capacity.growsNext(waits));
    assertFalse(capacity.mayGoOn(waits, clock.now()));
    clock.pass(StoreCapacity.GROWTH);
    assertTrue(capacity.mayGoOn(waits, clock.now()));
    assertNotNull(dial(waits));
    assertNull(dial(claim()));
    assertEquals(OptionalInt.of(9), capacity.limitOf(STORE.host()));
  }

  @Test
  void whoCameFirstIsFirst() {
    List<StoreKey> standing = opened(2);
    turnedAway(claim(), MOMENT);
    List<Claim> waiting = Stream.generate(this::claim).limit(3).toList();
    waiting.forEach(each -> assertTrue(await(each)));
    capacity.closed(standing.get(0), clock.now());
    capacity.closed(standing.get(1), clock.now());
    assertTrue(wasWoken(waiting.get(0)));
    assertFalse(wasWoken(waiting.get(1)));
    assertNull(dial(waiting.get(1)));
    assertNull(dial(claim()));
    assertNotNull(dial(waiting.get(0)));
  }

  @Test
  void keptConnectionGoesToTheFirstWhoCanUseIt() {
    StoreKey key = opened(claim());
    turnedAway(claim(), MOMENT);
    Claim elsewhere = claim(otherLoop);
    Claim first = claim();
    Claim second = claim();
    Stream.of(elsewhere, first, second).forEach(each -> assertTrue(await(each)));
    woken.clear();
    assertTrue(keep(key));
    assertEquals(List.of(true, false), List.of(wasWoken(first), wasWoken(second)));
    assertTrue(capacity.mayGoOn(first, clock.now()));
    assertFalse(capacity.mayGoOn(second, clock.now()));
    assertFalse(capacity.mayUseKept(claim(), STORE, clock.now()), "a newcomer");
    capacity.took(first, key);
    clock.pass(StoreCapacity.PASSED_OVER);
    assertFalse(keep(key), "who cannot use it has waited long enough");
    capacity.closed(key, clock.now());
    assertTrue(wasWoken(elsewhere));
    assertNotNull(dial(elsewhere));
  }

  @Test
  void unusedConnectionOfAnotherLoopMakesRoom() {
    StoreKey key = opened(claim(otherLoop));
    turnedAway(claim(), MOMENT);
    assertTrue(keep(key));
    Claim waits = claim();
    assertTrue(await(waits));
    assertEquals(List.of(key), closing);
    capacity.closed(key, clock.now());
    assertTrue(wasWoken(waits));
    assertNotNull(dial(waits));
  }

  @Test
  void silentDialHasAnUnusedConnectionClosedOrIsOneTooMany() {
    StoreKey unused = opened(claim(otherLoop));
    StoreKey busy = opened(claim());
    assertTrue(keep(unused));
    clock.pass(MOMENT);
    StoreKey silent = Objects.requireNonNull(dial(claim()));
    assertEquals(clock.in(HALF), capacity.judgedNext(silent));
    clock.pass(HALF);
    assertFalse(capacity.isKeptWaiting(silent, clock.now()));
    assertEquals(List.of(unused), closing);
    capacity.heard(busy, clock.now());
    clock.pass(HALF);
    assertTrue(capacity.isKeptWaiting(silent, clock.now()));
  }

  @Test // B2.6: slow is not down
  void storeThatGreetsSlowlyAsARuleHasMoreTime() {
    StoreKey slow = Objects.requireNonNull(dial(claim()));
    clock.pass(Duration.ofSeconds(3));
    capacity.greeted(slow, clock.now());
    StoreKey next = Objects.requireNonNull(dial(claim()));
    assertEquals(clock.in(Duration.ofSeconds(12)), capacity.judgedNext(next));
  }

  @Test
  void transactionThatHoldsAllThereIsWaitsForNobody() {
    Party party = capacity.party(loop);
    Claim one = party.claim();
    opened(one);
    turnedAway(claim(), MOMENT);
    assertFalse(await(party.claim()));
    assertTrue(await(claim()));
  }

  @Test
  void queueIsBounded() {
    opened(1);
    turnedAway(claim(), MOMENT);
    for (int i = 0; i < StoreCapacity.MOST_WAITING; i++) {
      assertTrue(await(claim()));
    }
    assertFalse(await(claim()));
    assertEquals(StoreCapacity.MOST_WAITING, capacity.waitingFor(STORE.host()));
  }

  @Test
  void youngerTransactionGivesWayToAnOlderOneInsteadOfWaitingForIt() {
    StorePlace other = place("other", Map.of());
    Party older = capacity.party(loop);
    Party younger = capacity.party(loop);
    older.onNews(() -> woken.merge(older, 1, Integer::sum));
    younger.onNews(() -> woken.merge(younger, 1, Integer::sum));
    Claim olderHolds = older.claim();
    opened(olderHolds);
    turnedAway(claim(), MOMENT);
    Claim youngerHolds = younger.claim();
    StoreKey there = Objects.requireNonNull(capacity.dial(youngerHolds, other, clock.now()));
    capacity.greeted(there, clock.now());
    capacity.turnedAway(other, clock.now(), clock.now());
    Claim olderWaits = older.claim();
    assertTrue(capacity.await(olderWaits, other, clock.now()));
    assertFalse(youngerHolds.givesWay(), "it waits for nobody yet");
    assertTrue(await(younger.claim()));
    assertFalse(olderHolds.givesWay());
    assertTrue(youngerHolds.givesWay());
    assertFalse(youngerHolds.givesWay(), "once");
    assertTrue(capacity.keep(there, () -> closing.add(there), clock.now()));
    assertTrue(capacity.mayGoOn(olderWaits, clock.now()));
  }

  /** Transactions for one to three of four full stores, in any order: all come to their end. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void nobodyWaitsForEver(long seed) {
    new Crowd(new Random(seed)).run();
  }

  /** Many transactions at once; each ends once it has all its connections. */
  private static final class Crowd {
    private static final int TRANSACTIONS = 200;
    private static final int TOGETHER = 24;
    private static final int STEPS = 200_000;

    /** One delivery of a transaction. */
    private static final class Part {
      private final Claim claim;
      private final StorePlace place;
      private @Nullable StoreKey key;
      private boolean waits;

      Part(Claim claim, StorePlace place) {
        this.claim = claim;
        this.place = place;
      }
    }

    private final FakeClock clock = new FakeClock();
    private final StoreCapacity capacity = new StoreCapacity();
    private final Random random;
    private final Map<StoreHost, Integer> allowed = new HashMap<>();
    private final Map<StoreHost, Integer> standing = new HashMap<>();
    private final Map<Object, List<StoreKey>> kept = new HashMap<>();
    private final Map<Party, Object> homes = new HashMap<>();
    private final List<List<Part>> underWay = new ArrayList<>();
    private final List<Object> loops = List.of("one", "two");
    private int begun;
    private int ended;

    Crowd(Random random) {
      this.random = random;
      for (int store = 0; store < 4; store++) {
        allowed.put(new StoreHost("s" + store), 1 + random.nextInt(3));
      }
      loops.forEach(loop -> kept.put(loop, new ArrayList<>()));
    }

    void run() {
      for (int step = 0; step < STEPS && ended < TRANSACTIONS; step++) {
        clock.pass(Duration.ofMillis(random.nextInt(20)));
        if (begun < TRANSACTIONS && underWay.size() < TOGETHER && random.nextInt(3) == 0) {
          begin();
        } else if (!underWay.isEmpty()) {
          goOn(underWay.get(random.nextInt(underWay.size())));
        }
      }
      assertEquals(TRANSACTIONS, ended);
    }

    private void begin() {
      begun++;
      Object loop = loops.get(random.nextInt(loops.size()));
      Party party = capacity.party(loop);
      homes.put(party, loop);
      List<Part> parts = new ArrayList<>();
      for (StoreHost host : allowed.keySet()) {
        if (parts.isEmpty() || random.nextBoolean()) {
          parts.add(new Part(party.claim(), place(host.name(), Map.of())));
        }
      }
      underWay.add(parts);
    }

    private void goOn(List<Part> parts) {
      Part part = parts.get(random.nextInt(parts.size()));
      if (part.key != null && part.claim.givesWay()) {
        giveBack(part);
        await(part);
      } else if (part.key == null && (!part.waits || capacity.mayGoOn(part.claim, clock.now()))) {
        connect(part);
      }
      if (parts.stream().allMatch(each -> each.key != null)) {
        parts.forEach(this::giveBack);
        parts.forEach(each -> capacity.leave(each.claim));
        underWay.remove(parts);
        ended++;
      }
    }

    private void await(Part part) {
      part.waits = true;
      assertTrue(capacity.await(part.claim, part.place, clock.now()));
    }

    private void connect(Part part) {
      Object home = homeOf(part);
      List<StoreKey> mine = Objects.requireNonNull(kept.get(home));
      for (StoreKey key : List.copyOf(mine)) {
        if (key.place().host().equals(part.place.host())
            && capacity.mayUseKept(part.claim, part.place, clock.now())) {
          mine.remove(key);
          capacity.took(part.claim, key);
          part.key = key;
          part.waits = false;
          return;
        }
      }
      StoreKey key = capacity.dial(part.claim, part.place, clock.now());
      if (key == null) {
        await(part);
        return;
      }
      StoreHost host = part.place.host();
      if (standing.getOrDefault(host, 0) < Objects.requireNonNull(allowed.get(host))) {
        standing.merge(host, 1, Integer::sum);
        capacity.greeted(key, clock.now());
        part.key = key;
        part.waits = false;
      } else {
        capacity.closed(key, clock.now());
        assertTrue(capacity.turnedAway(part.place, clock.now(), clock.now()).isPresent());
        capacity.leave(part.claim);
        await(part);
      }
    }

    private Object homeOf(Part part) {
      return Objects.requireNonNull(homes.get(part.claim.party()));
    }

    private void giveBack(Part part) {
      StoreKey key = Objects.requireNonNull(part.key);
      List<StoreKey> mine = Objects.requireNonNull(kept.get(homeOf(part)));
      part.key = null;
      if (capacity.keep(key, () -> close(key), clock.now())) {
        mine.add(key);
      } else {
        end(key);
      }
    }

    /** It is closed if it is still kept. */
    private void close(StoreKey key) {
      if (kept.values().stream().anyMatch(some -> some.remove(key))) {
        end(key);
      }
    }

    private void end(StoreKey key) {
      standing.merge(key.place().host(), -1, Integer::sum);
      capacity.closed(key, clock.now());
    }
  }

  private static StorePlace place(String host, Map<String, String> introduced) {
    StoreHost store = new StoreHost(host);
    StoreAccess access =
        new StoreAccess(
            24,
            TlsPolicy.OFF,
            StoreAccess.Trust.SYSTEM,
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            "",
            Secret.none(),
            StoreAccess.ClientId.NONE,
            Survival.OFF);
    return new StorePlace(store, ReplicationGroup.implicit(store), access, introduced);
  }
}
