package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.proxy.session.MoveStep;
import org.openmmp.proxy.session.SessionMove;
import org.openmmp.proxy.session.Stranded;

final class ImapMoveTest {
  /** Five messages, UIDs below 11. */
  private static final String SELECTED =
      "Ca SELECT inbox~|S* FLAGS (\\Seen)~* OK [PERMANENTFLAGS (\\Seen)] x~* 5 EXISTS~* 0 RECENT~"
          + "* OK [UIDVALIDITY 7] v~* OK [UIDNEXT 11] n~* OK [HIGHESTMODSEQ 40] m~"
          + "a OK [READ-WRITE] done~";

  private static String look(int exists, int uidNext, int modseq) {
    return "* FLAGS (\\Seen)~* OK [PERMANENTFLAGS (\\Seen)] x~* "
        + exists
        + " EXISTS~* 0 RECENT~* OK [UIDVALIDITY 7] v~* OK [UIDNEXT "
        + uidNext
        + "] n~* OK [HIGHESTMODSEQ "
        + modseq
        + "] m~";
  }

  private static String[] store(int exists, int uidNext, int modseq, String all, String changes) {
    String found = all.isEmpty() ? "" : " ALL " + all;
    return new String[] {
      look(exists, uidNext, modseq) + "M1 OK [READ-WRITE] done~",
      "* ESEARCH (TAG \"M2\") UID" + found + "~M2 OK~",
      "* ENABLED QRESYNC~M3 OK~",
      look(exists, uidNext, modseq) + changes + "M4 OK [READ-ONLY] done~",
    };
  }

  @Test // B9.3
  void sessionWithNothingSelectedGoesOnAsSoonAsItIsLoggedIn() {
    assertEquals("GO ON WITH MAIN: ||", new MoveRig().moved());
    assertEquals("GO ON WITH MAIN: ||", new MoveRig().dialogue("Ca NOOP~|Sa OK done~").moved());
    assertEquals(
        "MAIN a IDLE~\nGO ON WITH MAIN: ||",
        new MoveRig().dialogue("Ca IDLE~|S+ idling~").answering("+ idling~").moved());
  }

  @Test // B9.3
  void dialectIsSwitchedOnAgain() {
    assertEquals(
        "MAIN M1 ENABLE CONDSTORE UTF8=ACCEPT~\nGO ON WITH MAIN: ||",
        new MoveRig()
            .dialogue("Ca ENABLE UTF8=ACCEPT CONDSTORE~|S* ENABLED CONDSTORE UTF8=ACCEPT~a OK~")
            .answering("* ENABLED UTF8=ACCEPT CONDSTORE~M1 OK~")
            .moved());
    assertEquals(
        "MAIN M1 ENABLE CONDSTORE~\nBYE CAPABILITIES",
        new MoveRig()
            .dialogue("Ca STATUS x (HIGHESTMODSEQ)~|Sa OK~")
            .answering("* ENABLED~M1 OK~")
            .moved());
  }

  @Test // B9.3
  void unchangedMailboxIsSelectedAndVerifiedAndNothingIsTold() {
    MoveRig rig = new MoveRig().dialogue(SELECTED).answering(store(5, 11, 40, "2,4,6,8,10", ""));
    assertEquals(
        """
        MAIN M1 SELECT "INBOX"~
        MAIN M2 UID SEARCH RETURN (ALL) ALL~
        SIDE M3 ENABLE QRESYNC~
        SIDE M4 EXAMINE "INBOX" (QRESYNC (7 40))~
        LEAVE SIDE
        GO ON WITH MAIN: ||\
        """,
        rig.moved());
    assertNull(rig.session.stranded());
    assertTrue(rig.session.safe());
  }

  @Test // B9.3, RFC 6855: a name that a client wrote in UTF-8 means nothing without that
  void secondConnectionKnowsTheMailboxByTheSameName() {
    for (String dialect : new String[] {"UTF8=ACCEPT", "IMAP4REV2"}) {
      String[] store = store(5, 11, 40, "2,4,6,8,10", "");
      for (int i = store.length - 1; i >= 0; i--) {
        store[i] = store[i].replace("M" + (i + 1), "M" + (i + 2));
      }
      store[2] = store[2].replace("QRESYNC", "QRESYNC " + dialect);
      MoveRig rig =
          new MoveRig()
              .dialogue("Ce ENABLE " + dialect + "~|S* ENABLED " + dialect + "~e OK~")
              .dialogue(SELECTED.replace("inbox", "\"a&b\""))
              .answering("* ENABLED " + dialect + "~M1 OK~")
              .answering(store);
      assertEquals(
          "MAIN M1 ENABLE "
              + dialect
              + "~\nMAIN M2 SELECT \"a&b\"~\nMAIN M3 UID SEARCH RETURN (ALL) ALL~\n"
              + "SIDE M4 ENABLE QRESYNC "
              + dialect
              + "~\nSIDE M5 EXAMINE \"a&b\" (QRESYNC (7 40))~\nLEAVE SIDE\n"
              + "GO ON WITH MAIN: ||",
          rig.moved());
    }
  }

  @Test // B9.3: Cyrus tells so of a mailbox whose quota is nearly used
  void aWarningOfTheNewStoreIsNoReasonToEnd() {
    String[] store = store(5, 11, 40, "2,4,6,8,10", "");
    store[0] = "* NO [ALERT] Mailbox is at 95% of quota~" + store[0];
    MoveRig rig = new MoveRig().dialogue(SELECTED).answering(store);
    assertTrue(rig.moved().endsWith("GO ON WITH MAIN: ||"));
    store[0] = store[0].replace("ALERT", "UIDNOTSTICKY");
    rig = new MoveRig().dialogue(SELECTED).answering(store);
    assertTrue(rig.moved().endsWith("BYE NOT_UNDERSTOOD"));
  }

  @Test // RFC 9051 section 7.1: without PERMANENTFLAGS all flags can be changed for good
  void flagsThatCanBeChangedAreThoseOfTheMailboxWhereNothingElseIsTold() {
    String permanent = "* OK [PERMANENTFLAGS (\\Seen)] x~";
    for (boolean before : new boolean[] {true, false}) {
      for (boolean now : new boolean[] {true, false}) {
        String[] store = store(5, 11, 40, "2,4,6,8,10", "");
        store[0] = now ? store[0] : store[0].replace(permanent, "");
        MoveRig rig =
            new MoveRig()
                .dialogue(before ? SELECTED : SELECTED.replace(permanent, ""))
                .answering(store);
        assertTrue(rig.moved().endsWith("GO ON WITH MAIN: ||"));
      }
    }
    String[] store = store(5, 11, 40, "2,4,6,8,10", "");
    store[0] = store[0].replace(permanent, "");
    MoveRig rig =
        new MoveRig()
            .dialogue(SELECTED.replace(permanent, "* OK [PERMANENTFLAGS ()] none~"))
            .answering(store);
    assertTrue(rig.moved().endsWith("GO ON WITH MAIN: * OK [PERMANENTFLAGS (\\Seen)] Limited~||"));
  }

  @ParameterizedTest // RFC 7162 sections 3.1.5 and 3.1.10
  @ValueSource(
      strings = {
        "* SEARCH 1 5 (MODSEQ 41)",
        "* ESEARCH (TAG \"b\") UID ALL 2,10 MODSEQ 41",
        "* 5 FETCH (UID 10 MODSEQ (41))",
        "* OK [HIGHESTMODSEQ 41] newer"
      })
  void aStoreThatIsOlderThanAnythingThatWasToldIsBehind(String told) {
    for (int modseq = 40; modseq <= 41; modseq++) {
      MoveRig rig =
          new MoveRig()
              .dialogue("Ce ENABLE CONDSTORE~|S* ENABLED CONDSTORE~e OK~|" + SELECTED)
              .dialogue("Cb UID SEARCH RETURN (ALL) MODSEQ 40~|S" + told + "~b OK~")
              .answering("* ENABLED CONDSTORE~M1 OK~");
      String[] store = store(5, 11, modseq, "2,4,6,8,10", "");
      for (int i = 0; i < store.length; i++) {
        rig.answering(store[i].replace("M" + (i + 1), "M" + (i + 2)));
      }
      String end = rig.moved();
      assertTrue(end.endsWith(modseq == 40 ? "BYE BEHIND" : "GO ON WITH MAIN: ||"), end);
    }
  }

  @Test // RFC 7162 section 2: a modification sequence has 63 bits
  void modseqMayHaveNineteenDigits() {
    String newest = "" + Long.MAX_VALUE;
    String[] store = store(5, 11, 40, "2,4,6,8,10", "");
    for (int i = 0; i < store.length; i++) {
      store[i] = store[i].replace("HIGHESTMODSEQ 40", "HIGHESTMODSEQ " + newest);
    }
    MoveRig rig =
        new MoveRig()
            .dialogue(SELECTED.replace("HIGHESTMODSEQ 40", "HIGHESTMODSEQ " + newest))
            .answering(store);
    String told = rig.moved();
    assertTrue(told.contains("(QRESYNC (7 " + newest + "))"), told);
    assertTrue(told.endsWith("GO ON WITH MAIN: ||"), told);
    store[0] = store[0].replace(newest, "9223372036854775808");
    rig = new MoveRig().dialogue(SELECTED).answering(store);
    assertTrue(rig.moved().endsWith("BYE NOT_UNDERSTOOD"));
  }

  @Test // B9.6: two reads of 64 KiB may come before it is not read any more
  void whatTheClientSendsMeanwhileIsKept() {
    MoveRig rig = new MoveRig().answering("+ idling~").dialogue("Ca IDLE~|S+ idling~");
    SessionMove move = rig.session.move(MoveRig.OFFERED, false);
    move.begin();
    String much = "x".repeat(65_000);
    for (int i = 0; i < 3; i++) {
      assertEquals(List.of(), move.clientSent(MoveRig.octets(much)));
    }
    rig.obey(move, move.loggedIn(MoveStep.Line.MAIN, MoveRig.OFFERED, new byte[0]));
    assertEquals("MAIN a IDLE~\nGO ON WITH MAIN: |" + much.repeat(3) + "|", rig.told());
  }

  @Test // B9.3
  void idleGoesOnUnderItsTagAndHearsTheDifference() {
    MoveRig rig =
        new MoveRig()
            .dialogue(SELECTED + "|Cb IDLE~|S+ idling~")
            .answering(
                store(
                    5,
                    13,
                    44,
                    "2,6,8,10,12",
                    "* VANISHED (EARLIER) 4,11~* 4 FETCH (FLAGS (\\Seen) MODSEQ (43) UID 10)~"
                        + "* 5 FETCH (UID 12 FLAGS () MODSEQ (44))~"))
            .answering(
                "* 4 FETCH (FLAGS (\\Seen) UID 10)~M6 OK~", "* 6 EXISTS~+ idling~* 7 EXISTS~");
    assertEquals(
        """
        MAIN M1 SELECT "INBOX"~
        MAIN M2 UID SEARCH RETURN (ALL) ALL~
        SIDE M3 ENABLE QRESYNC~
        SIDE M4 EXAMINE "INBOX" (QRESYNC (7 40))~
        LEAVE SIDE
        MAIN M6 UID FETCH 10 (UID FLAGS)~
        MAIN b IDLE~
        GO ON WITH MAIN: * 2 EXPUNGE~* 5 EXISTS~* 4 FETCH (FLAGS (\\Seen))~* 6 EXISTS~||* 7 EXISTS~\
        """,
        rig.moved());
    rig.dialogue("S* 7 EXISTS~");
    assertTrue(rig.session.safe());
    assertNull(rig.session.stranded());
    rig.dialogue("CDONE~|Sb OK~");
    assertTrue(rig.session.safe());
  }

  @Test // B9.3
  void whatTheOldStoreSaysLastMayKeepTheSessionThere() {
    for (String last : new String[] {"VANISHED 4", "OK [CLOSED] gone", "6 EXPUNGE"}) {
      MoveRig rig =
          new MoveRig()
              .dialogue(SELECTED + "|Cb IDLE~|S+ idling~")
              .answering("* " + last + "~b OK~", "+ idling~");
      SessionMove move = rig.begun(true);
      assertEquals("OLD DONE~\nTELL * " + last + "~\nOLD b IDLE~\nGO ON WITH OLD: ||", rig.told());
      boolean vanished = last.startsWith("VANISHED");
      Stranded why = vanished ? Stranded.UIDS_UNKNOWN : Stranded.SELECTION_UNCLEAR;
      assertEquals(why, move.staysBecause());
      assertEquals(why, rig.session.stranded());
    }
  }

  @Test // B9.3: the end of a command that the store said behind its goodbye was never heard
  void commandThatEndedBehindAGoodbyeIsEndedHere() {
    MoveRig rig = new MoveRig().dialogue("Cb NOOP~|S* BYE going~b OK done~");
    assertNull(rig.session.stranded());
    assertEquals("GO ON WITH MAIN: b OK NOOP completed.~||", rig.moved());
    MoveRig idle = new MoveRig().dialogue("Cb IDLE~|S+ idling~|CDONE~|S* BYE going~b OK done~");
    assertEquals("GO ON WITH MAIN: b OK Idle completed.~||", idle.moved());
    MoveRig more = new MoveRig().dialogue("Cb STATUS x (MESSAGES)~|S* BYE going~b OK done~");
    assertEquals(Stranded.COMMAND_OPEN, more.session.stranded());
  }

  @Test // B9.3: what a client was offered in answer to a question of its own
  void whatTheClientAskedTheStoreForItWasOffered() {
    for (boolean there : new boolean[] {true, false}) {
      MoveRig rig =
          new MoveRig()
              .dialogue(
                  "Ca CAPABILITY~|S* CAPABILITY IMAP4rev1 " + (there ? "IDLE" : "MOVE") + "~a OK~");
      SessionMove move = rig.session.move("", false);
      rig.obey(move, move.begin());
      assertEquals(there ? "GO ON WITH MAIN: ||" : "BYE CAPABILITIES", rig.told());
    }
    MoveRig besides = new MoveRig().dialogue("Ca CAPABILITY~|S* CAPABILITY IMAP4rev1 MOVE~a OK~");
    assertEquals("BYE CAPABILITIES", besides.moved());
    MoveRig hidden =
        new MoveRig().dialogue("Ca CAPABILITY~|S* CAPABILITY IMAP4rev1 HIDDEN IDLE~a OK~");
    assertEquals("GO ON WITH MAIN: ||", hidden.moved());
  }

  @Test // B9.3: nothing is open there, so that it has little to say
  void aStoreThatIsLeftAndSaysWithoutEndIsLeftAtOnce() {
    MoveRig rig = new MoveRig().answering("");
    SessionMove move = rig.session.move(MoveRig.OFFERED, true);
    assertEquals(List.of(new MoveStep.Need(MoveStep.Line.MAIN)), move.begin());
    for (int i = 0; i < 64; i++) {
      assertEquals(List.of(), move.received(MoveStep.Line.OLD, new byte[1024]));
    }
    rig.obey(move, move.received(MoveStep.Line.OLD, new byte[1024]));
    assertEquals("LEAVE OLD", rig.told());
    rig.obey(move, move.received(MoveStep.Line.OLD, new byte[1024]));
    rig.obey(move, move.lost(MoveStep.Line.MAIN));
    assertFalse(rig.told().contains("LEAVE"));
  }

  /** What is heard while flags are asked for, and what becomes of it. */
  @ParameterizedTest // B9.3
  @CsvSource(
      delimiter = ';',
      value = {
        // changes of messages that are known, and new ones, of which the client will ask
        "* 4 FETCH (UID 8 FLAGS ()); * 4 FETCH (UID 8 FLAGS ())~",
        "* VANISHED 4,6; * VANISHED 4,6~",
        "* VANISHED 4:4~* 4 FETCH (UID 10 FLAGS ()); * VANISHED 4~* 4 FETCH (UID 10 FLAGS ())~",
        "* 6 EXISTS~* 6 FETCH (UID 11 FLAGS ()); * 6 EXISTS~",
        // numbers that other messages have
        "* 4 FETCH (UID 10 FLAGS ()); NOT_UNDERSTOOD",
        "* 4 FETCH (UID 9 FLAGS ()); NOT_UNDERSTOOD",
        "* VANISHED 4~* 5 FETCH (UID 10 FLAGS ()); NOT_UNDERSTOOD",
        "* 6 EXISTS~* 6 FETCH (UID 10 FLAGS ()); NOT_UNDERSTOOD",
        "* 4 FETCH (FLAGS ()); NOT_UNDERSTOOD",
        // what cannot have gone, or not in these words
        "* VANISHED 4~* VANISHED 4; NOT_UNDERSTOOD",
        "* VANISHED 5; UNSETTLED",
        "* VANISHED 1:4294967295; UNSETTLED",
        "* 4 EXPUNGE; NOT_UNDERSTOOD",
      })
  void numbersInTheNewStoresWordsAreThoseThatWereProven(String heard, String outcome) {
    String look = look(5, 11, 41);
    String asked = "* 2 FETCH (UID 4 FLAGS ())~";
    MoveRig rig =
        new MoveRig()
            .dialogue("Ce ENABLE QRESYNC~|S* ENABLED QRESYNC~e OK~|" + SELECTED + "|Cb NOOP~")
            .answering(
                "* ENABLED QRESYNC~M1 OK~",
                look + "* 2 FETCH (UID 4 FLAGS () MODSEQ (41))~M2 OK [READ-WRITE] done~",
                "* ESEARCH (TAG \"M3\") UID ALL 2,4,6,8,10~M3 OK~",
                heard + "~" + (heard.contains("VANISHED 4") ? "" : asked) + "M4 OK~");
    String told = rig.moved();
    String end = told.substring(told.lastIndexOf('\n') + 1);
    if (outcome.startsWith("*")) {
      assertTrue(end.startsWith("GO ON WITH MAIN: " + outcome), end);
      assertNull(rig.session.stranded());
    } else {
      assertEquals("BYE " + outcome, end);
    }
  }

  @Test // B9.3
  void expungesWaitForACommandThatMayCarryThem() {
    for (boolean fits : new boolean[] {true, false}) {
      MoveRig rig =
          new MoveRig()
              .dialogue(SELECTED)
              .answering(store(4, 11, 41, "2,6,8,10", "* VANISHED (EARLIER) 4~"))
              .answering("* 1 EXPUNGE~* 4 EXISTS~M6 OK done~* 5 EXISTS~");
      SessionMove move = rig.begun(false);
      rig.told();
      assertTrue(move.waiting());
      assertEquals(Stranded.EXPUNGES_WAIT, rig.session.stranded());
      rig.obey(move, move.clientSent(MoveRig.octets("c ")));
      rig.obey(
          move, move.clientSent(MoveRig.octets(fits ? "uid fetch 6 FLAGS~" : "FETCH 2 FLAGS~")));
      assertEquals(
          fits
              ? "MAIN M6 NOOP~\nGO ON WITH MAIN: * 2 EXPUNGE~* 1 EXPUNGE~* 4 EXISTS~"
                  + "|c uid fetch 6 FLAGS~|* 5 EXISTS~"
              : "BYE NUMBERS_IN_USE",
          rig.told());
      assertFalse(move.waiting());
    }
  }

  @Test // B9.5: it may be gone when its client says something at last
  void whoHasWaitedAtAStoreThatIsGoneIsComparedWithAnother() {
    MoveRig rig =
        new MoveRig()
            .dialogue(SELECTED)
            .answering(store(4, 11, 41, "2,6,8,10", "* VANISHED (EARLIER) 4~"))
            .answering("");
    SessionMove move = rig.begun(false);
    rig.obey(move, move.clientSent(MoveRig.octets("c NOOP~d UID FETCH 6 FLAGS~")));
    assertTrue(rig.told().endsWith("\nMAIN M6 NOOP~"));
    assertFalse(move.waiting());
    String[] next = store(3, 11, 42, "6,8,10", "* VANISHED (EARLIER) 2,4~");
    for (int i = 0; i < next.length; i++) {
      next[i] = next[i].replace("M" + (i + 1), "M" + (i + 7));
    }
    rig.answering(next).answering("M12 OK~");
    rig.obey(move, move.lost(MoveStep.Line.MAIN));
    String told = rig.told();
    assertTrue(
        told.endsWith("GO ON WITH MAIN: * 2 EXPUNGE~* 1 EXPUNGE~|c NOOP~d UID FETCH 6 FLAGS~|"),
        told);
  }
}
