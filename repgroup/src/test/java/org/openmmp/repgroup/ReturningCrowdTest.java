package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.repgroup.SimulatedCrowd.Mood;
import org.openmmp.repgroup.SimulatedCrowd.Strength;

/** Five thousand clients come back at once, in virtual time (rule B2.28). */
class ReturningCrowdTest {
  private static final SelectorSettings SETTINGS =
      SelectorSettings.defaults().with(SelectorSettings.ReadOnlyFallback.off());

  /** Three hundred logins a second. */
  private static final Strength PLENTY = new Strength(32, 106, 0);

  private static void tell(String what, SimulatedCrowd crowd) {
    System.out.println(
        what
            + ": back "
            + crowd.served()
            + ", 99 % after "
            + percentile(crowd.backAfterMillis, 99)
            + " ms, median "
            + percentile(crowd.backAfterMillis, 50)
            + "; others' median "
            + percentile(crowd.strangersBackAfterMillis, 50)
            + "; most a second "
            + crowd.mostPerSecond(Walks.DEWEY)
            + ", under way "
            + crowd.mostUnderWay(Walks.DEWEY)
            + ", refused "
            + crowd.refused);
  }

  private static long percentile(List<Long> all, int percent) {
    List<Long> sorted = all.stream().sorted().toList();
    return sorted.isEmpty() ? -1 : sorted.get((sorted.size() - 1) * percent / 100);
  }

  // B2.28
  @ParameterizedTest
  @CsvSource({"KILLED,0,100,1", "KILLED,3000,100,2", "HUNG,2000,5000,3"})
  void everybodyIsBackWithinHalfAMinute(Mood how, long election, long within, long seed) {
    SimulatedCrowd crowd = new SimulatedCrowd(seed, SETTINGS, PLENTY);
    crowd.people(4_500, 500);
    crowd.pass(Duration.ofSeconds(15));
    crowd.masterBecomes(how, election, within);
    crowd.pass(Duration.ofSeconds(30));
    tell(how + " " + election, crowd);
    assertEquals(List.of(), crowd.violations);
    assertTrue(crowd.served() >= 4_950, "back: " + crowd.served());
  }

  // B2.28: whoever lost no session waits for a turn, and not for a crowd, not even for news
  @ParameterizedTest
  @CsvSource({"0,100", "1000,1800"})
  void newcomersAreLetInWhileTheCrowdWaits(long election, long longest) {
    SimulatedCrowd crowd = new SimulatedCrowd(6, SETTINGS, new Strength(32, 20, 0));
    crowd.people(4_500, 500);
    crowd.pass(Duration.ofSeconds(15));
    crowd.masterBecomes(Mood.KILLED, election, 100);
    crowd.newcomers(4, Duration.ofSeconds(20));
    crowd.pass(Duration.ofSeconds(21));
    tell("newcomers " + crowd.newcomersWaitedMillis, crowd);
    assertEquals(List.of(), crowd.violations);
    assertEquals(80, crowd.newcomersWaitedMillis.size());
    assertTrue(percentile(crowd.newcomersWaitedMillis, 88) <= 60, "who comes once there is one");
    assertTrue(percentile(crowd.newcomersWaitedMillis, 100) <= longest, "all of them");
  }

  // B2.9: the first of them come before anything tells that their store is lost
  @ParameterizedTest
  @CsvSource({
    "HUNG,0,10,false,4",
    "HUNG,2000,10,false,4",
    "HUNG,0,1000,false,4",
    "KILLED,0,10,false,4",
    "KILLED,0,1000,false,4",
    "KILLED,0,10,true,4",
    // the others name it until then, and one login more is led there
    "KILLED,2000,10,false,5",
  })
  void lostStoreIsAskedFourTimesInASecond(
      Mood how, long election, long within, boolean flaps, int wanted) {
    SimulatedCrowd crowd = new SimulatedCrowd(55, SETTINGS, PLENTY);
    crowd.people(1_350, 150);
    crowd.pass(Duration.ofMillis(20));
    crowd.masterBecomes(how, election, within);
    if (flaps) {
      crowd.flaps(Walks.HUEY, Duration.ofMillis(200), 100);
    }
    crowd.pass(Duration.ofSeconds(20));
    int most = crowd.mostDialledPerSecond(Walks.HUEY);
    tell(how + " within " + within + ", most a second at the lost store " + most, crowd);
    assertEquals(List.of(), crowd.violations);
    assertTrue(most <= wanted, "at the lost store within a second: " + most);
  }

  // B2.28: a quick store has nothing under way for most of the time, whose end could call the next
  @Test
  void whoWaitsAtAQuickStoreIsCalledWhenItsTurnComes() {
    SimulatedCrowd crowd = new SimulatedCrowd(4, SETTINGS, new Strength(1, 2, 0));
    crowd.people(4_500, 500);
    crowd.pass(Duration.ofSeconds(15));
    crowd.masterBecomes(Mood.KILLED, 0, 100);
    crowd.pass(Duration.ofSeconds(30));
    tell("quick", crowd);
    assertEquals(List.of(), crowd.violations);
    assertTrue(crowd.served() >= 4_950, "back: " + crowd.served());
  }

  // B2.28
  @Test
  void storeThatRefusesACrowdIsGivenWhatItTakes() {
    SimulatedCrowd crowd = new SimulatedCrowd(5, SETTINGS, new Strength(32, 106, 16));
    crowd.people(4_500, 500);
    crowd.pass(Duration.ofSeconds(15));
    crowd.masterBecomes(Mood.KILLED, 1_000, 100);
    crowd.pass(Duration.ofSeconds(30));
    tell("refuses", crowd);
    assertEquals(List.of(), crowd.violations);
    assertTrue(crowd.served() >= 4_900, "back: " + crowd.served());
  }

  // B2.28: no more begin in a second than the operator allows, and those that wait hear so slowly
  @Test
  void ceilingOfLoginsASecondHolds() {
    SelectorSettings.AdmissionTerms ceiling =
        new SelectorSettings.AdmissionTerms(true, 8, 100, 50, 10_000, Duration.ofSeconds(25));
    SimulatedCrowd crowd = new SimulatedCrowd(8, SETTINGS.with(ceiling), PLENTY);
    crowd.people(4_500, 500);
    crowd.pass(Duration.ofSeconds(15));
    crowd.masterBecomes(Mood.KILLED, 1_000, 100);
    crowd.pass(Duration.ofMinutes(2));
    tell("ceiling", crowd);
    assertEquals(List.of(), crowd.violations);
    assertTrue(crowd.mostPerSecond(Walks.DEWEY) <= 111, "a tenth may begin at once");
    assertEquals(5_000, crowd.served());
    assertTrue(crowd.refused > 0, "who waited in vain came again");
  }

  // B2.28, B2.10
  @Test
  void guessersKeepNobodyOut() {
    SimulatedCrowd crowd = new SimulatedCrowd(13, SETTINGS, PLENTY);
    crowd.people(4_500, 500);
    crowd.pass(Duration.ofSeconds(15));
    crowd.guessers(500, Duration.ofSeconds(40));
    crowd.masterBecomes(Mood.KILLED, 1_000, 100);
    crowd.pass(Duration.ofSeconds(30));
    tell("guessers", crowd);
    assertEquals(List.of(), crowd.violations);
    assertTrue(percentile(crowd.backAfterMillis, 99) <= 30_000);
    assertTrue(crowd.backAfterMillis.size() >= 4_455, "known: " + crowd.backAfterMillis.size());
  }

  // B2.28
  @Test
  void formerMasterThatComesBackIsNoReasonForAnybodyToWait() {
    SimulatedCrowd crowd = new SimulatedCrowd(21, SETTINGS, PLENTY);
    crowd.people(900, 100);
    crowd.pass(Duration.ofSeconds(15));
    crowd.masterBecomes(Mood.KILLED, 1_000, 100);
    crowd.pass(Duration.ofSeconds(20));
    assertEquals(1_000, crowd.served());
    crowd.comesBack(Walks.HUEY);
    crowd.pass(Duration.ofSeconds(60));
    crowd.masterBecomes(Mood.KILLED, 1_000, 100);
    crowd.pass(Duration.ofSeconds(20));
    tell("back", crowd);
    assertEquals(List.of(), crowd.violations);
    assertEquals(1_000, crowd.served());
    assertEquals(0, crowd.refused);
  }

  // B2.28: with fewer people than the first second holds, nobody waits for the sake of a crowd
  @Test
  void smallSiteIsBackAtOnce() {
    SimulatedCrowd crowd = new SimulatedCrowd(34, SETTINGS, PLENTY);
    crowd.people(30, 10);
    crowd.pass(Duration.ofSeconds(15));
    crowd.masterBecomes(Mood.KILLED, 0, 1_000);
    crowd.pass(Duration.ofSeconds(5));
    tell("small", crowd);
    assertEquals(40, crowd.served());
    assertTrue(percentile(crowd.backAfterMillis, 99) <= 1_500);
  }
}
