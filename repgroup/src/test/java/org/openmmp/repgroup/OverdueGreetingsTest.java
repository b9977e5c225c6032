package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.openmmp.repgroup.AttemptOutcome.ACCEPTED;
import static org.openmmp.repgroup.AttemptOutcome.CONNECTION_REFUSED;
import static org.openmmp.repgroup.AttemptOutcome.GREETED;
import static org.openmmp.repgroup.Walks.HUEY;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many come right after a host's last word, and it may have died since. */
@DisplayName("B2.9: no more than four wait for a greeting that is overdue")
class OverdueGreetingsTest {
  private static final int CROWD = 40;
  private static final Service LMTP = new Service("lmtp");

  private final Walks walks = new Walks();

  /** So many came to huey, each greeted after that time; the last one just now. */
  private void known(int logins, long greetsAfterMillis) {
    for (int i = 0; i < logins; i++) {
      AttemptWalk walk = walks.walk();
      assertEquals(HUEY, walks.next(walk).target());
      walks.pass(greetsAfterMillis);
      walk.reached(AttemptStage.OPENING, walks.clock.now());
      walks.report(walk, ACCEPTED);
    }
  }

  private List<AttemptWalk> crowd() {
    return Stream.generate(walks::walk).limit(CROWD).toList();
  }

  /** Those of them that are sent to the host now. */
  private List<AttemptWalk> sent(List<AttemptWalk> crowd) {
    List<AttemptWalk> sent = new ArrayList<>();
    for (AttemptWalk each : crowd) {
      Choice choice = walks.next(each);
      if (choice.kind().attempt()) {
        assertEquals(HUEY, choice.target());
        sent.add(each);
      } else {
        assertEquals(Choice.Kind.WAIT, choice.kind());
      }
    }
    return sent;
  }

  private void greets(AttemptWalk walk) {
    walk.reached(AttemptStage.OPENING, walks.clock.now());
  }

  // after the last word came nothing for so long; nine tenths of the greetings took that long
  @ParameterizedTest
  @CsvSource({
    "imap, WRITER, 30, 2, 20, 4",
    "pop3, WRITER, 30, 2, 20, 4",
    "lmtp, WRITER, 30, 2, 20, 4",
    "lmtp, SINGLE, 30, 2, 20, 4",
    "imap, READER, 30, 2, 20, 4",
    "imap, WRITER, 30, 15, 20, 4",
    "imap, WRITER, 30, 30, 20, 40",
    "imap, WRITER, 30, 300, 100, 40",
    "imap, WRITER, 19, 2, 20, 40",
    "imap, WRITER, 30, 2, 1, 40",
    "imap, WRITER, 30, 2, 100, 4",
    "imap, WRITER, 30, 2, 101, 1",
    "imap, WRITER, 30, 300, 101, 1",
  })
  void asManyAreSent(String service, ClientKind kind, int known, long took, long ago, int sent) {
    walks.service = service.equals(LMTP.name()) ? LMTP : new Service(service);
    walks.kind = kind;
    known(known, took);
    walks.pass(ago);
    assertEquals(sent, sent(crowd()).size());
    assertEquals(sent == 4 ? CROWD - 4 : 0, walks.news.count("greetings overdue"));
  }

  @Test
  void anyGreetingLetsAllGo() {
    known(30, 5);
    walks.pass(50);
    List<AttemptWalk> crowd = crowd();
    List<AttemptWalk> first = sent(crowd);
    List<AttemptWalk> others = crowd.subList(4, CROWD);
    AtomicInteger woken = new AtomicInteger();
    for (AttemptWalk each : others) {
      each.awaitChange(walks.next(each), woken::incrementAndGet);
    }
    assertEquals(0, woken.get());
    greets(first.get(3));
    assertEquals(CROWD - 4, woken.get());
    assertEquals(CROWD - 4, sent(others).size());
  }

  @Test
  void probesGreetingLetsAllGo() {
    known(30, 5);
    walks.pass(50);
    List<AttemptWalk> crowd = crowd();
    assertEquals(4, sent(crowd).size());
    ProbeTarget target = new ProbeTarget(walks.group, walks.service, HUEY);
    walks.selector.probed(
        target, GREETED, "greeted", walks.clock.now(), walks.clock.now(), Walks.EVEN);
    assertEquals(CROWD - 4, sent(crowd.subList(4, CROWD)).size());
  }

  /** Whoever greets may have looked at the clock before the one who waits did. */
  @Test
  void greetingThatWasNotOverdueYetWakesWhoWaitsAllTheSame() {
    known(30, 5);
    walks.pass(1);
    long before = walks.clock.now();
    List<AttemptWalk> first = sent(crowd().subList(0, 4));
    walks.pass(10);
    AttemptWalk waits = walks.walk();
    Choice choice = walks.next(waits);
    assertEquals(Reason.Kind.GREETINGS_OVERDUE, choice.reason().kind());
    assertEquals(HUEY.name(), choice.reason().detail());
    AtomicInteger woken = new AtomicInteger();
    waits.awaitChange(choice, woken::incrementAndGet);
    first.get(0).reached(AttemptStage.OPENING, before);
    assertEquals(1, woken.get());
  }

  @Test
  void hostThatIsKnownToBeLostIsLeftByAll() {
    known(30, 5);
    walks.pass(50);
    List<AttemptWalk> crowd = crowd();
    List<AttemptWalk> first = sent(crowd);
    walks.report(first.get(0), CONNECTION_REFUSED);
    assertEquals(Walks.DEWEY, walks.next(first.get(0)).target());
    for (AttemptWalk each : crowd.subList(4, CROWD)) {
      assertEquals(Reason.Kind.OTHER_LOGIN_ASKS, walks.next(each).reason().kind());
    }
    assertEquals(34, walks.host(HUEY).attemptsStarted());
  }

  @Test
  void whoGivesUpLeavesItsTurnToAnother() {
    known(30, 5);
    walks.pass(50);
    List<AttemptWalk> crowd = crowd();
    List<AttemptWalk> first = sent(crowd);
    AttemptWalk waits = crowd.get(4);
    AtomicInteger woken = new AtomicInteger();
    waits.awaitChange(walks.next(waits), woken::incrementAndGet);
    first.get(0).abandon(walks.clock.now());
    assertEquals(1, woken.get());
    assertEquals(1, sent(crowd.subList(4, CROWD)).size());
  }

  @Test
  void whoToldTheHostOfItsClientAndWhoHasAConnectionKeepsNobodyWaiting() { // B2.5
    known(30, 5);
    walks.pass(50);
    List<AttemptWalk> some = crowd();
    for (int i = 0; i < 10; i++) {
      AttemptWalk each = some.get(i);
      assertEquals(HUEY, walks.next(each).target());
      if (i % 2 == 0) {
        each.reached(AttemptStage.ANNOUNCED, walks.clock.now());
      } else {
        each.onKeptConnection(walks.clock.now());
      }
    }
    assertEquals(4, sent(some.subList(10, CROWD)).size());
  }

  /** Four logins hang, and others are greeted: what they wait for is not what the host owes. */
  @Test
  void hostThatGreetsOthersOwesNothing() {
    known(30, 5);
    walks.pass(50);
    List<AttemptWalk> crowd = crowd();
    for (int i = 0; i < 20; i++) {
      AttemptWalk each = crowd.get(i);
      assertEquals(HUEY, walks.next(each).target());
      if (i % 4 == 3) {
        greets(each);
        walks.pass(50);
      }
    }
    assertEquals(20, walks.host(HUEY).attemptsUnderWay());
  }
}
