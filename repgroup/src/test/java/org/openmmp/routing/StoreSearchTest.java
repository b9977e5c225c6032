package org.openmmp.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.repgroup.Caller;
import org.openmmp.repgroup.Choice;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.repgroup.ReferralTrust.Kind;
import org.openmmp.repgroup.ReferralTrust.Verdict;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.testkit.FakeClock;

/** What a search leaves behind where it leaves a group (rule B3.6). */
class StoreSearchTest {
  private static final Service IMAP = new Service("imap");
  private static final StoreHost A = new StoreHost("a.example.com");
  private static final StoreHost B = new StoreHost("b.example.com");
  private static final ReplicationGroup EAST = ReplicationGroup.of("east", List.of(A, B));
  private static final ReplicationGroup WEST = ReplicationGroup.of("west", List.of(B, A));

  private final FakeClock clock = new FakeClock();
  private final StoreSelector selector =
      new StoreSelector(SelectorSettings.defaults(), SelectionListener.NONE);
  private final Routing routing =
      Routing.of(List.of(EAST, WEST), StoreAccess.at(143, TlsPolicy.OFF));

  private StoreSearch searchInEast() {
    StoreSearch search =
        new StoreSearch(
            selector, () -> routing, routing, IMAP, ClientKind.WRITER, Caller.UNKNOWN, EAST);
    search.begin(null, clock.in(Duration.ofSeconds(25)), clock.now());
    return search;
  }

  /**
   * East's hosts are those of west, the other way round: two nodes that stand by for each other.
   */
  // B3.6, B2.9
  @Test
  void whoIsReferredToTheGroupThatTheSameHostsMakeHoldsNothingInTheFirstOneAnyMore() {
    selector.replaceTable(routing.table());
    StoreSearch moved = searchInEast();
    assertEquals(A, moved.next(clock.now()).target());
    StoreSearch waits = searchInEast();
    assertEquals(Choice.Kind.WAIT, waits.next(clock.now()).kind(), "another asks");
    moved.reached(AttemptStage.OPENING, clock.now());
    moved.reached(AttemptStage.NAMED, clock.now());
    Referral referral = new Referral("west", 0, "", true);
    Verdict verdict = moved.judge(A, referral);
    assertEquals(Kind.OTHER_GROUP, verdict.kind());
    moved.referred(verdict, true, "referred", clock.now(), 0.5);
    moved.follow(TlsPolicy.OFF, referral, verdict, clock.now());
    assertEquals(WEST, moved.group());
    assertEquals(B, moved.next(clock.now()).target());
    assertEquals(A, waits.next(clock.now()).target(), "nobody asks there any more");
    waits.abandon(clock.now());
    moved.report(AttemptOutcome.ACCEPTED, "let in", clock.now(), 0.5);
    GroupSnapshot west = snapshot("west");
    assertEquals(B, Objects.requireNonNull(west.affinity()).host());
    assertNull(snapshot("east").affinity());
  }

  private GroupSnapshot snapshot(String group) {
    return selector.snapshot(clock.now()).stream()
        .filter(each -> each.group().equals(group))
        .findFirst()
        .orElseThrow();
  }
}
