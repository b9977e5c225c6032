package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Kind;

/** No recipient is refused for good because of what is remembered of the directory (B1.10). */
class MovedMailboxTest {
  private static final String ALICE = "alice@test";
  private static final String RCPT = "RCPT TO:<alice@test>";

  private final RelayRig rig =
      new RelayRig(1, List.of(RelayRig.group("ducks", "huey"), RelayRig.group("mice", "mickey")));

  @BeforeEach
  void rememberWhereAliceWas() {
    rig.user(ALICE, "ducks");
    rig.remembered.put(ALICE, rig.directory.get(ALICE));
    rig.host("huey").rcptReplies.put(ALICE, "550 5.1.1 gone");
    rig.connect();
    rig.say("MAIL FROM:<s@test>");
  }

  @Test // B1.10
  void recipientWhoseMailboxHasMovedGoesThere() {
    rig.user(ALICE, "mice");
    assertEquals(List.of("250 2.1.5 OK"), rig.say(RCPT));
    assertEquals(2, rig.lookups.size());
    assertTrue(rig.host("mickey").commands.contains(RCPT));
  }

  @Test // B1.10
  void recipientWhomTheStoreOfTheFreshAnswerRefusesIsRefusedByThatOne() {
    rig.user(ALICE, "mice");
    rig.host("mickey").rcptReplies.put(ALICE, "550 5.1.1 gone here too");
    assertEquals(List.of("550 5.1.1 gone here too"), rig.say(RCPT));
    assertEquals(2, rig.lookups.size());
  }

  @Test // B1.10
  void recipientWhoIsStillThereHearsTheStoresRefusal() {
    assertEquals(List.of("550 5.1.1 gone"), rig.say(RCPT));
    assertEquals(2, rig.lookups.size());
  }

  @Test // B1.10
  void directoryThatDoesNotAnswerMakesTheStoresRefusalTemporary() {
    rig.directory.put(ALICE, LookupResult.failed(Kind.DIRECTORY_DOWN, ALICE, "down"));
    assertTrue(rig.say(RCPT).get(0).startsWith("451 4.4.3"));
  }

  @Test // B1.10
  void temporaryRefusalIsNoReasonToAskAgain() {
    rig.host("huey").rcptReplies.put(ALICE, "452 4.2.2 full");
    assertEquals(List.of("452 4.2.2 full"), rig.say(RCPT));
    assertEquals(1, rig.lookups.size());
  }

  @Test // B1.10
  void refusalAfterAFreshAnswerStands() {
    rig.remembered.clear();
    assertEquals(List.of("550 5.1.1 gone"), rig.say(RCPT));
    assertEquals(1, rig.lookups.size());
  }

  @ParameterizedTest // B1.10
  @EnumSource(names = {"NO_SUCH_USER", "DELETED", "DISABLED"})
  void refusalThatWasRememberedIsCheckedBeforeItIsTold(Kind kind) {
    rig.remembered.put(ALICE, LookupResult.failed(kind, ALICE, "once"));
    rig.user(ALICE, "mice");
    assertEquals(List.of("250 2.1.5 OK"), rig.say(RCPT));
  }

  /** A store that takes every recipient and refuses the mailbox behind the message. */
  private List<String> refusedBehindTheMessage(String refusal) {
    rig.host("huey").rcptReplies.clear();
    rig.host("huey").finalReplies.put(ALICE, refusal);
    assertEquals(List.of("250 2.1.5 OK"), rig.say(RCPT));
    rig.say("DATA");
    return rig.say("x\r\n.");
  }

  @Test // B1.10: the message is with the wrong store, and the MTA brings it again
  void refusalBehindTheMessageOfWhoHasMovedIsTemporary() {
    rig.user(ALICE, "mice");
    assertTrue(refusedBehindTheMessage("550 5.1.1 gone").get(0).startsWith("451 4."));
    assertEquals(2, rig.lookups.size());
    assertEquals(List.of("250 2.1.0 Sender OK"), rig.say("MAIL FROM:<s@test>"));
  }

  @Test // B1.10
  void refusalBehindTheMessageOfWhoIsStillThereIsTold() {
    assertEquals(List.of("550 5.1.1 gone"), refusedBehindTheMessage("550 5.1.1 gone"));
    assertEquals(2, rig.lookups.size());
    assertEquals(List.of("250 2.1.0 Sender OK"), rig.say("MAIL FROM:<s@test>"));
  }

  @Test // B1.10
  void refusalBehindTheMessageIsTemporaryWhileTheDirectoryDoesNotAnswer() {
    rig.directory.put(ALICE, LookupResult.failed(Kind.DIRECTORY_DOWN, ALICE, "down"));
    assertTrue(refusedBehindTheMessage("550 5.1.1 gone").get(0).startsWith("451 4.4.3"));
  }

  @Test // B1.10
  void directorysOwnNoBehindTheMessageIsTold() {
    rig.directory.put(ALICE, LookupResult.failed(Kind.NO_SUCH_USER, ALICE, "gone"));
    assertTrue(refusedBehindTheMessage("550 5.2.1 gone").get(0).startsWith("550 5.1.1"));
  }

  @Test // B1.10
  void temporaryRefusalBehindTheMessageIsNoReasonToAskAgain() {
    assertEquals(List.of("452 4.2.2 full"), refusedBehindTheMessage("452 4.2.2 full"));
    assertEquals(1, rig.lookups.size());
  }

  @Test // B1.10: the others of the transaction notice nothing
  void othersOfTheTransactionStayWhereTheyAre() {
    rig.user("bob@test", "ducks");
    rig.user(ALICE, "mice");
    rig.say("RCPT TO:<bob@test>");
    rig.say(RCPT);
    rig.say("DATA");
    assertEquals(
        List.of("250 2.0.0 huey has it for bob@test", "250 2.0.0 mickey has it for alice@test"),
        rig.say("x\r\n."));
  }
}
