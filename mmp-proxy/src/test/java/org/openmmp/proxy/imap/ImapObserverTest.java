package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.proxy.session.MoveStep;
import org.openmmp.proxy.session.SessionMove;
import org.openmmp.proxy.session.Stranded;

final class ImapObserverTest {
  private static final String ANSWER =
      "* FLAGS (\\Seen)~* 5 EXISTS~* 0 RECENT~* OK [UIDVALIDITY 7] v~* OK [UIDNEXT 11] n~"
          + "* OK [HIGHESTMODSEQ 40] m~";

  private static final String SELECTED = "Cs SELECT x~|S" + ANSWER + "s OK [READ-WRITE] done~";

  private static MoveRig selected(String dialogue) {
    return new MoveRig().dialogue(SELECTED + "|" + dialogue);
  }

  @ParameterizedTest // B9.3
  @ValueSource(
      strings = {
        "S",
        "S* OK hello~",
        "Ca NOOP~",
        "Ca CHECK~|S* 6 EXISTS~",
        "Ca IDLE~",
        "Ca IDLE~|S+ idling~",
        "Ca IDLE~|S+ idling~|S* 3 EXPUNGE~",
        "Ca IDLE~|S+ idling~|CDONE~",
        "Ca IDLE~|CDONE~",
        "Ca UNSELECT~|Sa OK~",
        "Ca UNSELECT~|Sa BAD what~",
        "Ca CLOSE~|Sa OK~",
        "Ca SELECT y~|Sa NO none~",
        "Ca FETCH 1 BODY[]~|S* 1 FETCH (BODY[] {5}~a~* 9 FLAGS (\\Seen) UID 4)~a OK~",
        "Ca UID SEARCH SUBJECT \"MODSEQ RETURN SAVE\"~|S* SEARCH~a OK~",
        "Ca APPEND x {5}~|S+ go~|Chello~|Sa OK~",
        "Ca STATUS y (MESSAGES)~|S* STATUS y (MESSAGES 1)~a OK~",
        "Ca UID FETCH 1:* (FLAGS MODSEQ)~|Sa OK~",
        "Ca ENABLE QRESYNC~|S* ENABLED QRESYNC~a OK~|Cb FETCH 1 FLAGS~|S* 1 FETCH (FLAGS ())~b OK~",
        "Ce ENABLE QRESYNC~|S* ENABLED QRESYNC~e OK~|Ca SELECT y (QRESYNC (7 30))~|Sa NO none~",
        "Ca SELECT y (QRESYNC (7 30))~|S* 0 EXISTS~a OK~|Cb UNSELECT~|Sb OK~",
        "S* VANISHED (EARLIER) 4~",
        "Ca LIST \"\" \"HIGHESTMODSEQ\" RETURN (STATUS (MESSAGES))~|Sa OK~",
        "Ce ENABLE CONDSTORE~|S* ENABLED CONDSTORE~e OK~|Ca LIST \"\" * RETURN (STATUS"
            + " (HIGHESTMODSEQ))~|Sa OK~",
        "S* B",
        "S* BYE going down~",
        "S* BYE going do",
      })
  void sessionCouldGoOn(String dialogue) {
    MoveRig rig = selected(dialogue);
    assertNull(rig.session.stranded(), dialogue);
    assertNotNull(rig.session.move("", false));
  }

  @ParameterizedTest // B9.3
  @CsvSource(
      delimiter = ';',
      value = {
        "Ca FETCH 1 FLAGS~; COMMAND_OPEN",
        "Ca STATUS y (MESSAGES)~; COMMAND_OPEN",
        "Ca NOOP~|Cb NOOP~; COMMAND_OPEN",
        "Ca NO; COMMAND_OPEN",
        "Ca APPEND x {5}~; COMMAND_OPEN",
        "S* 6 EX; RESPONSE_OPEN",
        "S* BYTE~* 1; RESPONSE_OPEN",
        "Ca FETCH 1 BODY[]~|S* 1 FETCH (BODY[] {9}~abc; RESPONSE_OPEN",
        "Ca LOGOUT~; LEAVING",
        "Ca COMPRESS DEFLATE~|Sa OK~; NOT_FOLLOWED",
        "Ca NOTIFY SET (SELECTED (MessageNew))~|Sa OK~; NOTIFY",
        "Ca UID SEARCH RETURN (SAVE) ALL~|Sa OK~; SAVED_SEARCH",
        "Ca SEARCH RETURN (UPDATE COUNT) ALL~|Sa OK~; CONTEXT",
        "Ca CANCELUPDATE \"b\"~|Sa OK~; CONTEXT",
        "Ca GENURLAUTH x~|Sa OK~; UNKNOWN_COMMAND",
        "Ca LANGUAGE de~|Sa OK~; UNKNOWN_COMMAND",
        "Ca XYZ~|Sa OK~; UNKNOWN_COMMAND",
        "Ca ENABLE UIDONLY~|S* ENABLED UIDONLY~a OK~; UNKNOWN_COMMAND",
        "Ca STATUS y (HIGHESTMODSEQ)~|Sa NO none~; DIALECT_UNCLEAR",
        "Ca UID SEARCH TEXT modseq~|Sa OK~; DIALECT_UNCLEAR",
        "Ca LIST \"\" * RETURN (STATUS (HIGHESTMODSEQ))~|Sa OK~; DIALECT_UNCLEAR",
        "Ca LIST {0+}~ * RETURN (STATUS (HIGHESTMODSEQ))~|Sa OK~; DIALECT_UNCLEAR",
        "Ca STATUS {1+}~y (HIGHESTMODSEQ)~|Sa NO none~; DIALECT_UNCLEAR",
        "Ca SELECT y~|Sa BAD~; SELECTION_UNCLEAR",
        "Ca CLOSE~|Sa NO~; SELECTION_UNCLEAR",
        "Ca SELECT y (ANNOTATE)~|S* 0 EXISTS~a OK~; SELECTION_UNCLEAR",
        "Ca SELECT y~|Cb SELECT z~|S* 0 EXISTS~a OK~* 0 EXISTS~b OK~; SELECTION_UNCLEAR",
        "Ca FETCH 1 UID~s SELECT y~|S* 1 FETCH (UID 2)~a OK~* 1 EXISTS~s OK~; SELECTION_UNCLEAR",
        "S* 4 EXISTS~; SELECTION_UNCLEAR",
        "S* 6 EXPUNGE~; SELECTION_UNCLEAR",
        "S* NO [UIDNOTSTICKY] no lasting UIDs~; SELECTION_UNCLEAR",
        "S* OK [UIDVALIDITY 8] new~; SELECTION_UNCLEAR",
        "S* OK [CLOSED] gone~; SELECTION_UNCLEAR",
        "Ca SELECT y (QRESYNC (7 30))~|S* 0 EXISTS~a OK~; UIDS_UNKNOWN",
        "Ca EXAMINE y (QRESYNC (7 30 1:9))~|S* 0 EXISTS~a OK~; UIDS_UNKNOWN",
        "Ca SELECT {1+}~y (QRESYNC (7 30))~|S* 0 EXISTS~a OK~; UIDS_UNKNOWN",
        "Ca SELECT {1}~|S+ go~|Cy (QRESYNC (7 30))~|S* 0 EXISTS~a OK~; UIDS_UNKNOWN",
        "Ca SELECT y (QRESYNC (7 30))~|S* 0 EXISTS~a OK~|Cb UID FETCH 1:* UID~|Sb OK~;"
            + " UIDS_UNKNOWN",
        "Ca UID FETCH 1:* (FLAGS) (CHANGEDSINCE 30 VANISHED)~|Sa OK~; UIDS_UNKNOWN",
        "Ca UID FETCH 1 BODY[HEADER.FIELDS ({2+}~to)] (CHANGEDSINCE 5 VANISHED)~|Sa OK~;"
            + " UIDS_UNKNOWN",
        "S* VANISHED 4~; UIDS_UNKNOWN",
        "S* VANISHED 4:5~* 3 EXISTS~; UIDS_UNKNOWN",
      })
  void sessionStaysWhereItIs(String dialogue, Stranded why) {
    assertEquals(why, selected(dialogue).session.stranded(), dialogue);
  }

  @Test // B9.3
  void anotherSelectionMakesASessionMovableAgain() {
    MoveRig rig = selected("Ca SEARCH RETURN (SAVE) ALL~|Sa OK~");
    assertEquals(Stranded.SAVED_SEARCH, rig.session.stranded());
    assertNull(rig.dialogue(SELECTED).session.stranded());
    assertEquals(Stranded.UIDS_UNKNOWN, rig.dialogue("S* VANISHED 4~").session.stranded());
    assertNull(rig.dialogue(SELECTED).session.stranded());
    rig.dialogue(SELECTED.replace("SELECT x", "SELECT x (QRESYNC (7 30))"));
    assertEquals(Stranded.UIDS_UNKNOWN, rig.session.stranded());
    assertNull(rig.dialogue(SELECTED).session.stranded());
  }

  @ParameterizedTest // B9.3: however the name is written
  @ValueSource(strings = {"x", "\"x\"", "{1+}~x", "{1}~|S+ go~|Cx", "\"\\x\""})
  void nameOfTheMailboxIsKept(String written) {
    MoveRig rig =
        new MoveRig()
            .dialogue("Cs EXAMINE " + written + "~|S" + ANSWER + "s OK [READ-ONLY] done~")
            .answering("");
    rig.begun(false);
    assertEquals("MAIN M1 EXAMINE \"x\"~", rig.told());
  }

  @Test // B9.3
  void nameThatIsNotAsciiGoesOnAsALiteral() {
    MoveRig rig =
        new MoveRig()
            .dialogue(
                "Cs SELECT \"\u00c3\u00a4\" (CONDSTORE)~|S" + ANSWER + "s OK [READ-WRITE] done~")
            .answering("* ENABLED CONDSTORE~M1 OK~");
    rig.begun(false);
    assertEquals("MAIN M1 ENABLE CONDSTORE~\nMAIN M2 SELECT {2+}~\u00c3\u00a4~", rig.told());
  }

  @Test // RFC 6855: the name means another mailbox from then on
  void nameThatChangesItsMeaningIsNotClear() {
    String enable = "Ce ENABLE UTF8=ACCEPT~|S* ENABLED UTF8=ACCEPT~e OK~";
    assertNull(selected(enable).session.stranded());
    MoveRig rig = new MoveRig().dialogue(SELECTED.replace("SELECT x", "SELECT a&-b"));
    assertNull(rig.session.stranded());
    assertEquals(Stranded.SELECTION_UNCLEAR, rig.dialogue(enable).session.stranded());
    rig.dialogue(SELECTED.replace("SELECT x", "SELECT a&b"));
    assertNull(rig.session.stranded());
    rig.dialogue("Ce ENABLE IMAP4REV2~|S* ENABLED IMAP4REV2~e OK~");
    assertNull(rig.session.stranded(), "it meant that already");
  }

  @ParameterizedTest // RFC 7162 section 3.1: what switches CONDSTORE on
  @ValueSource(
      strings = {
        "Ca ENABLE CONDSTORE~|S* ENABLED CONDSTORE~a OK~",
        "Ca FETCH 1 (MODSEQ)~|Sa OK~",
        "Ca UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5)~|Sa OK~",
        "Ca FETCH 1 BODY[HEADER.FIELDS ({2+}~to)] (CHANGEDSINCE 5)~|Sa OK~",
        "Ca STATUS {1+}~y (HIGHESTMODSEQ)~|Sa OK~",
        "Ca STATUS {1}~|S+ go~|Cy (HIGHESTMODSEQ)~|Sa OK~",
        "Ca UID STORE 1 (UNCHANGEDSINCE 5) FLAGS ()~|Sa OK~",
        "Ca STATUS y (HIGHESTMODSEQ)~|Sa OK~",
        "Ca SELECT x (CONDSTORE)~|S* 0 EXISTS~a OK~",
      })
  void dialectOfTheClientIsKnown(String dialogue) {
    assertTrue(selected(dialogue).session.dialect().hasCondstore(), dialogue);
    assertFalse(selected("Ca NOOP~|Sa OK~").session.dialect().hasCondstore());
  }

  @Test // B9.1: a goodbye that nobody asked for is kept from the client, and nothing else
  void goodbyeIsHeldBack() {
    String sent = "* 6 EXISTS\r\n* BYE going\r\n";
    for (int cut = 1; cut <= sent.length(); cut++) {
      MoveRig rig = selected("S");
      String first = sent.substring(0, cut);
      rig.session.store().sent(ByteBuffer.wrap(MoveRig.octets(first)));
      int line = 12;
      boolean begun = cut > line;
      boolean maybe = cut <= 2 && "* ".startsWith(first);
      assertEquals(begun ? cut - line : maybe ? cut : 0, rig.session.store().heldBack(), first);
      rig.session.store().sent(ByteBuffer.wrap(MoveRig.octets(sent.substring(cut))));
      assertEquals(sent.length() - line, rig.session.store().heldBack());
      assertTrue(rig.session.storeLeaves());
      assertNull(rig.session.stranded());
    }
    MoveRig leaving = selected("Ca LOGOUT~|S* BYE bye~");
    assertEquals(0, leaving.session.store().heldBack());
    assertFalse(leaving.session.storeLeaves());
  }

  @Test // B9.1: of a goodbye that is too long to be kept the client has heard the beginning
  void goodbyeOfWhichTheClientHasHeardAPartIsHeardToItsEnd() {
    MoveRig rig = selected("S* BYE " + "x".repeat(10_000));
    assertEquals(10_006, rig.session.store().heldBack());
    rig.dialogue("S" + "x".repeat(10_000));
    assertEquals(0, rig.session.store().heldBack());
    assertEquals(Stranded.RESPONSE_OPEN, rig.session.stranded());
    rig.dialogue("Sx~");
    assertEquals(Stranded.RESPONSE_OPEN, rig.session.stranded());
  }

  @Test // B9.3: at the most 256 gaps are remembered
  void manyChangesAreTooMany() {
    MoveRig rig =
        new MoveRig()
            .dialogue(
                SELECTED.replace("5 EXISTS", "2000 EXISTS").replace("UIDNEXT 11", "UIDNEXT 3000"));
    IntStream.range(0, 1_000).forEach(i -> rig.dialogue("S* 1 EXPUNGE~")); // one gap
    assertNull(rig.session.stranded());
    IntStream.range(0, 256).forEach(i -> rig.dialogue("S* " + (i + 2) + " EXPUNGE~"));
    assertEquals(Stranded.TOO_MANY_CHANGES, rig.session.stranded());
  }

  @Test // B9.3: Dovecot tells no HIGHESTMODSEQ before somebody has asked for it
  void mailboxWithoutModseqIsPrimed() {
    String unprimed = SELECTED.replace("* OK [HIGHESTMODSEQ 40] m~", "");
    MoveRig rig = new MoveRig();
    AtomicInteger due = new AtomicInteger();
    rig.session.tellOfPriming(due::incrementAndGet);
    rig.dialogue(SELECTED);
    assertEquals(0, due.get());
    rig.dialogue(unprimed);
    assertEquals(1, due.get());
    assertEquals(Stranded.MODSEQ_UNKNOWN, rig.session.stranded());
    SessionMove priming = rig.session.priming();
    assertNotNull(priming);
    rig.answering(ANSWER + "P1 OK [READ-ONLY] done~");
    rig.obey(priming, priming.begin());
    assertEquals("SIDE P1 EXAMINE \"x\" (CONDSTORE)~\nLEAVE SIDE\nPRIMED", rig.told());
    assertNull(rig.session.stranded());
    assertNull(rig.session.priming());

    MoveRig unicode =
        new MoveRig()
            .dialogue("Ce ENABLE UTF8=ACCEPT~|S* ENABLED UTF8=ACCEPT~e OK~")
            .dialogue(unprimed.replace("SELECT x", "SELECT \"\u00c3\u00a4\""))
            .answering("* ENABLED UTF8=ACCEPT~P0 OK~", ANSWER + "P1 OK [READ-ONLY] done~");
    SessionMove named = Objects.requireNonNull(unicode.session.priming());
    unicode.obey(named, named.begin());
    assertEquals(
        "SIDE P0 ENABLE UTF8=ACCEPT~\nSIDE P1 EXAMINE {2+}~\u00c3\u00a4 (CONDSTORE)~\nLEAVE SIDE"
            + "\nPRIMED",
        unicode.told());
    assertNull(unicode.session.stranded());

    MoveRig changed = new MoveRig().dialogue(unprimed);
    SessionMove late = Objects.requireNonNull(changed.session.priming());
    changed.answering("");
    changed.obey(late, late.begin());
    changed.dialogue("S* 5 EXPUNGE~");
    changed.obey(
        late,
        late.received(
            MoveStep.Line.SIDE,
            MoveRig.octets(ANSWER.replace("5 EXISTS", "4 EXISTS") + "P1 OK done~")));
    assertEquals(Stranded.MODSEQ_UNKNOWN, changed.session.stranded());
  }
}
