package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.repgroup.AttemptOutcome.ACCEPTED;
import static org.openmmp.repgroup.AttemptOutcome.CONNECTION_REFUSED;
import static org.openmmp.repgroup.AttemptOutcome.UNREACHABLE;
import static org.openmmp.repgroup.Walks.CLUSTER;
import static org.openmmp.repgroup.Walks.DEWEY;
import static org.openmmp.repgroup.Walks.HUEY;
import static org.openmmp.repgroup.Walks.IMAP;
import static org.openmmp.repgroup.Walks.LOUIE;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What another front end's word may do (rules B10.3, B2.18). */
class HearsayTest {
  private static final StoreHost STRANGER = new StoreHost("evil.example.net");

  private final Walks walks = new Walks();

  /** Another front end says so, as of that long ago. */
  private void say(@Nullable StoreHost master, long millisAgo, StoreHost... failed) {
    long asOf = walks.clock.now() - millisAgo * 1_000_000;
    walks.selector.heard(List.of(word(master, asOf, failed)), walks.clock.now());
  }

  private static GroupWord word(@Nullable StoreHost master, long asOf, StoreHost... failed) {
    return new GroupWord(CLUSTER.name(), master, asOf, words(asOf, failed), List.of());
  }

  private static List<GroupWord.HostWord> words(long asOf, StoreHost... hosts) {
    return Arrays.stream(hosts).map(host -> new GroupWord.HostWord(IMAP, host, asOf)).toList();
  }

  /** One front end says that these have failed, another that these are back, each so long ago. */
  private void sayBoth(
      long failedMillisAgo, List<StoreHost> failed, long backMillisAgo, List<StoreHost> back) {
    long now = walks.clock.now();
    walks.selector.heard(
        List.of(
            word(null, now - failedMillisAgo * 1_000_000, failed.toArray(StoreHost[]::new)),
            new GroupWord(
                CLUSTER.name(),
                null,
                now,
                List.of(),
                words(now - backMillisAgo * 1_000_000, back.toArray(StoreHost[]::new)))),
        now);
  }

  private void sayNothing() {
    walks.selector.heard(List.of(), walks.clock.now());
  }

  private List<StoreHost> order() {
    return walks.selector.explain(CLUSTER, IMAP, ClientKind.WRITER, walks.clock.now()).stream()
        .map(Candidate::host)
        .toList();
  }

  private List<StoreHost> wanted() {
    return walks.selector.wantedProbes(CLUSTER, IMAP, walks.clock.now()).stream()
        .map(ProbeTarget::host)
        .toList();
  }

  private void probe(StoreHost host, AttemptOutcome outcome) {
    walks.selector.probed(
        new ProbeTarget(CLUSTER, IMAP, host),
        outcome,
        "a probe",
        walks.clock.now(),
        walks.clock.now(),
        Walks.EVEN);
  }

  @Test
  void whereNoOwnMasterIsKnownLoginsBeginAtTheSitesMaster() {
    assertEquals(HUEY, order().get(0));
    say(LOUIE, 0);
    assertEquals(List.of(LOUIE, HUEY, DEWEY), order());
    assertEquals(List.of(LOUIE), walks.login(ACCEPTED));
    assertEquals(LOUIE, walks.affinity());
  }

  @Test
  void nobodyIsMovedWhoseOwnMasterServes() {
    walks.login(ACCEPTED);
    assertEquals(HUEY, walks.affinity());
    walks.pass(1_000);
    say(LOUIE, 0);
    assertEquals(HUEY, order().get(0));
    assertEquals(List.of(HUEY), walks.login(ACCEPTED));
  }

  @Test
  void aHostThatFailedElsewhereIsProbedAndThenBehindTheOthers() {
    walks.login(ACCEPTED);
    walks.pass(1_000);
    say(DEWEY, 0, HUEY);
    assertEquals(HUEY, order().get(0)); // a probe finds out first
    assertEquals(List.of(HUEY), wanted());
    walks.pass(300);
    assertEquals(List.of(DEWEY, LOUIE, HUEY), order());
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
    assertEquals(DEWEY, walks.affinity());
    assertFalse(
        walks.news.lines.toString().contains("served elsewhere"), walks.news.lines::toString);
  }

  @Test
  void theOwnProbesGoodWordOutweighsIt() {
    walks.login(ACCEPTED);
    walks.pass(1_000);
    say(DEWEY, 0, HUEY);
    walks.pass(20);
    probe(HUEY, AttemptOutcome.GREETED);
    walks.pass(1_000);
    assertEquals(HUEY, order().get(0));
    assertTrue(wanted().isEmpty());
    assertEquals(List.of(HUEY), walks.login(ACCEPTED));
  }

  @Test
  void theOwnProbesBadWordIsAFailureAsAnyIs() {
    walks.login(ACCEPTED);
    walks.pass(1_000);
    say(null, 0, HUEY);
    probe(HUEY, CONNECTION_REFUSED);
    assertEquals(GroupSnapshot.HostState.COOLING, walks.host(HUEY).state());
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
  }

  @Test
  void anOwnWordThatIsNewerOutweighsIt() {
    walks.pass(5_000);
    walks.login(ACCEPTED);
    walks.pass(10);
    say(DEWEY, 1_000, HUEY);
    walks.pass(1_000);
    assertEquals(HUEY, order().get(0));
    assertTrue(wanted().isEmpty());
  }

  @Test
  void noHostHasFailedByHearsayAlone() {
    say(null, 0, HUEY, DEWEY, LOUIE);
    walks.pass(1_000);
    assertEquals(List.of(HUEY, DEWEY, LOUIE), order());
    assertEquals(List.of(HUEY), walks.login(ACCEPTED));
  }

  @Test
  void aReferralIsFollowedToAHostThatIsSaidToHaveFailed() {
    walks.login(ACCEPTED);
    walks.pass(1_000);
    say(DEWEY, 0, HUEY);
    walks.pass(300);
    AttemptWalk walk = walks.walk();
    assertEquals(DEWEY, walks.next(walk).target());
    walks.refer(walk, HUEY);
    assertEquals(HUEY, walks.next(walk).target());
    walks.report(walk, ACCEPTED);
    assertEquals(HUEY, walks.affinity());
    walks.pass(1_000);
    assertEquals(HUEY, order().get(0)); // it was let in since
  }

  @Test
  void itAddsNoHostAndNoGroup() {
    long now = walks.clock.now();
    walks.walk();
    walks.selector.heard(
        List.of(
            new GroupWord(
                CLUSTER.name(), STRANGER, now, words(now, STRANGER), words(now, STRANGER)),
            new GroupWord("no such group", STRANGER, now, List.of(), List.of())),
        now);
    walks.pass(1_000);
    assertEquals(List.of(HUEY, DEWEY, LOUIE), order());
    assertTrue(wanted().isEmpty());
  }

  @Test
  void itIsOverWhenItIsNotSaidAnyMore() {
    walks.login(ACCEPTED);
    walks.pass(1_000);
    say(DEWEY, 0, HUEY);
    walks.pass(300);
    assertEquals(DEWEY, order().get(0));
    sayNothing();
    assertEquals(HUEY, order().get(0));
  }

  @Test
  void aHostThatAnsweredElsewhereAgainIsProbed() {
    walks.login(CONNECTION_REFUSED, ACCEPTED);
    say(DEWEY, 0, HUEY);
    assertTrue(wanted().isEmpty()); // it has failed here as well, and dewey serves
    walks.pass(1_000);
    sayBoth(1_000, List.of(HUEY), 0, List.of(HUEY));
    assertEquals(List.of(HUEY), wanted(), "whoever says that it is back says so later");
    probe(HUEY, AttemptOutcome.GREETED);
    assertTrue(wanted().isEmpty());
    assertEquals(GroupSnapshot.HostState.WORKING, walks.host(HUEY).state());
  }

  @Test
  void thatAHostIsBackIsTriedOnce() {
    walks.login(CONNECTION_REFUSED, ACCEPTED);
    walks.pass(1_000);
    sayBoth(1_000, List.of(HUEY), 0, List.of(HUEY));
    walks.pass(10);
    probe(HUEY, CONNECTION_REFUSED);
    assertTrue(wanted().isEmpty());
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
  }

  @Test
  void ofTwoWordsOnAHostTheNewerCounts() {
    walks.login(ACCEPTED);
    walks.pass(10_000);
    sayBoth(0, List.of(HUEY), 1_000, List.of(HUEY));
    walks.pass(300);
    assertEquals(DEWEY, order().get(0));
    sayBoth(1_000, List.of(HUEY), 0, List.of(HUEY));
    walks.pass(300);
    assertEquals(HUEY, order().get(0));
  }

  @Test
  void thatAHostIsBackMakesNoneWork() {
    walks.login(CONNECTION_REFUSED, CONNECTION_REFUSED, CONNECTION_REFUSED);
    walks.pass(100);
    sayBoth(100, List.of(HUEY), 0, List.of(HUEY));
    assertEquals(GroupSnapshot.HostState.COOLING, walks.host(HUEY).state());
    assertTrue(wanted().contains(HUEY));
  }

  @Test
  void whatFailedAndIsBackIsTold() {
    walks.login(CONNECTION_REFUSED, ACCEPTED);
    walks.pass(1_000);
    probe(HUEY, AttemptOutcome.GREETED);
    GroupWord word = walks.selector.words().get(0);
    assertEquals(List.of(), word.failed());
    assertEquals(List.of(HUEY), word.recovered().stream().map(GroupWord.HostWord::host).toList());
    walks.pass(1_000);
    walks.selector.failback(CLUSTER);
    walks.login(CONNECTION_REFUSED, ACCEPTED);
    word = walks.selector.words().get(0);
    assertEquals(List.of(HUEY), word.failed().stream().map(GroupWord.HostWord::host).toList());
    assertEquals(List.of(), word.recovered());
  }

  @Test
  void onlyWhatWasLearntHereIsTold() {
    say(LOUIE, 0, HUEY);
    walks.walk();
    assertEquals(List.of(), walks.selector.words());
    walks.pass(300);
    walks.login(UNREACHABLE, ACCEPTED);
    GroupWord word = walks.selector.words().get(0);
    assertEquals(DEWEY, word.master());
    assertEquals(List.of(LOUIE), word.failed().stream().map(GroupWord.HostWord::host).toList());
    assertNull(
        walks.selector.words().stream()
            .filter(each -> HUEY.equals(each.master()))
            .findAny()
            .orElse(null));
  }
}
