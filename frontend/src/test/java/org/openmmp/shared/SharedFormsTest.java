package org.openmmp.shared;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.openmmp.guard.HeldPlaces;
import org.openmmp.guard.WrongPassword;
import org.openmmp.repgroup.GroupWord;
import org.openmmp.repgroup.ProbePlace;
import org.openmmp.repgroup.ProbePlan;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.wire.Network;
import org.openmmp.wire.Secret;

/** What front ends write is read as it was, and nothing else is read (B10.1). */
class SharedFormsTest {
  private static final Beacon BEACON =
      new Beacon(
          "mmp1",
          7,
          42,
          Map.of(5L, 6L),
          List.of(3L, 9L),
          1_500,
          new NodeFacts("f1nger", "1.0", 12, true));
  private static final Order ORDER =
      new Order("00ff", "mmp1", "/api/v1/kick", "user=b%C3%BCrger&site=no", 1_700_000_000);
  private static final NodeAnswer ANSWER = new NodeAnswer("mmp2", 200, "1 session\n");

  private static final List<WrongPassword> WRONG =
      List.of(
          new WrongPassword(1, 2, Network.parse("192.0.2.7"), 3, true),
          new WrongPassword(4, 5, Network.parse("2001:db8::/64"), 0, false));
  private static final Guesses GUESSES = new Guesses(9, WRONG);

  private static final HeldPlaces HELD =
      new HeldPlaces(Map.of(-1L, 3, 7L, 1_000_000), Map.of(9L, 1));

  private static final Secret SECRET = Secret.of("0123456789abcdef0123456789abcdef");

  private static List<GroupWord> words(long nowNanos) {
    return List.of(
        new GroupWord(
            "ducks",
            new StoreHost("huey"),
            nowNanos - 5_000_000_000L,
            List.of(
                new GroupWord.HostWord(
                    new Service("imap"), new StoreHost("dewey"), nowNanos - 2_000_000L)),
            List.of(
                new GroupWord.HostWord(
                    new Service("pop3"), new StoreHost("louie"), nowNanos - 7_000_000L))),
        new GroupWord("mice", null, nowNanos, List.of(), List.of()));
  }

  private static final List<ProbePlan.Turn<ProbePlace>> TURNS =
      List.of(
          new ProbePlan.Turn<>(place("dewey"), Long.MIN_VALUE, true),
          new ProbePlan.Turn<>(place("huey"), 3, false));

  private static ProbePlace place(String host) {
    return new ProbePlace(new Service("imap"), new StoreHost(host), 143);
  }

  private static List<byte[]> all() {
    return List.of(
        BEACON.packed(),
        ORDER.packed(),
        ANSWER.packed(),
        Words.packed(words(0), 0),
        GUESSES.packed(),
        Held.packed(HELD),
        Tickets.packed(List.of(SECRET)),
        Words.ofTurns(TURNS));
  }

  private static List<Function<byte[], Optional<?>>> readers() {
    return List.of(
        Beacon::of,
        Order::of,
        NodeAnswer::of,
        octets -> Words.of(octets, 0).map(List::copyOf),
        Guesses::of,
        Held::of,
        Tickets::of,
        Words::turns);
  }

  @Test
  void eachIsReadAsItWasWritten() {
    assertEquals(BEACON, Beacon.of(BEACON.packed()).orElseThrow());
    assertEquals(ORDER, Order.of(ORDER.packed()).orElseThrow());
    assertEquals(ANSWER, NodeAnswer.of(ANSWER.packed()).orElseThrow());
    assertEquals(GUESSES, Guesses.of(GUESSES.packed()).orElseThrow());
    assertEquals(HELD, Held.of(Held.packed(HELD)).orElseThrow());
    assertEquals(TURNS, Words.turns(Words.ofTurns(TURNS)).orElseThrow());
  }

  @Test
  void aLongAnswerIsReadAsItWasAndOneThatIsTooLongSaysSo() { // B10.2
    NodeAnswer longest = new NodeAnswer("mmp2", 200, "x".repeat(1024 * 1024));
    assertEquals(longest, NodeAnswer.of(longest.packed()).orElseThrow());
    NodeAnswer longer = new NodeAnswer("mmp2", 200, "x".repeat(1024 * 1024 + 1));
    String told = NodeAnswer.of(longer.packed()).orElseThrow().body();
    assertTrue(told.contains("too long"), told);
  }

  @Test
  void ofVeryManyProbesAllFrontEndsTellTheSame() { // B10.8
    List<ProbePlan.Turn<ProbePlace>> many = new ArrayList<>();
    for (int i = 0; i < 3 * Words.MOST_TURNS; i++) {
      many.add(new ProbePlan.Turn<>(place("host" + i), i, false));
    }
    List<ProbePlan.Turn<ProbePlace>> told = Words.turns(Words.ofTurns(many)).orElseThrow();
    Collections.reverse(many);
    assertEquals(Words.MOST_TURNS, told.size());
    assertEquals(told, Words.turns(Words.ofTurns(many)).orElseThrow());
  }

  @Test
  void noGuessIsCountedTwice() { // B10.5
    assertEquals(WRONG, GUESSES.since(0));
    assertEquals(WRONG, GUESSES.since(7));
    assertEquals(WRONG.subList(1, 2), GUESSES.since(8));
    assertEquals(List.of(), GUESSES.since(9));
    assertEquals(List.of(), GUESSES.since(Long.MAX_VALUE));
    assertTrue(Guesses.of(new Guesses(1, WRONG).packed()).isEmpty());
  }

  @Test
  void wordsCarryTheirAgeAndNoTime() { // B2.18
    long there = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1); // a clock that is about to overflow
    long here = -TimeUnit.HOURS.toNanos(1);
    List<GroupWord> read = Words.of(Words.packed(words(there), there), here).orElseThrow();
    assertEquals(words(here), read);
  }

  @Test
  void anOrderHoldsForADayByTheEnginesClockAndByTheOwn() { // B10.2
    long given = ORDER.atSeconds();
    long day = TimeUnit.DAYS.toSeconds(1);
    long hour = TimeUnit.HOURS.toSeconds(1);
    assertTrue(ORDER.holds(0, given));
    assertTrue(ORDER.holds(day * 1_000, given + day));
    assertFalse(ORDER.holds(day * 1_000 + 1, given), "too old for the engine");
    assertTrue(ORDER.holds(0, given - hour), "clocks an hour apart");
    assertTrue(ORDER.holds(day * 1_000, given + day + hour));
    assertFalse(ORDER.holds(0, given + day + 4 * hour), "an engine that lies, or whose clock does");
    assertFalse(ORDER.holds(0, given - day - 4 * hour));
    for (long extreme : new long[] {Long.MIN_VALUE, Long.MAX_VALUE}) {
      Order sent = new Order("00", "mmp1", "/api/v1/kick", "", extreme);
      assertFalse(Order.of(sent.packed()).orElseThrow().holds(0, given), "of no time at all");
    }
  }

  @Test
  void noneIsTakenForAnother() {
    for (int i = 0; i < all().size(); i++) {
      for (int j = 0; j < readers().size(); j++) {
        assertEquals(i == j, readers().get(j).apply(all().get(i)).isPresent(), i + " by " + j);
      }
    }
  }

  @Test
  void whatIsCutLongerOrAtRandomComesToNothing() throws Exception {
    Random random = new Random(1);
    for (byte[] good : all()) {
      for (int cut = 0; cut < good.length; cut++) {
        assertNothing(Arrays.copyOf(good, cut));
      }
    }
    for (int i = 0; i < 3_000; i++) {
      byte[] octets = new byte[random.nextInt(200)];
      random.nextBytes(octets);
      assertNothing(octets);
      octets = octets.length == 0 ? new byte[1] : octets;
      octets[0] = (byte) (1 + i % 12); // of a form that is known, and senseless behind it
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
        out.write(octets);
      }
      readers().forEach(reader -> assertDoesNotThrow(() -> reader.apply(packed.toByteArray())));
    }
  }

  @Test
  void whatUnpacksToVeryMuchComesToNothing() throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      out.write(1);
      byte[] zeros = new byte[1024 * 1024];
      for (int i = 0; i < 64; i++) {
        out.write(zeros);
      }
    }
    assertNothing(packed.toByteArray());
  }

  private static void assertNothing(byte[] octets) {
    readers().forEach(reader -> assertTrue(reader.apply(octets).isEmpty()));
  }
}
