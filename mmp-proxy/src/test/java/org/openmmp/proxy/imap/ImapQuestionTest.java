package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.wire.SafePoints;
import org.openmmp.wire.Splits;

/** What a store is asked behind its client's back, and what the client hears of the answer. */
final class ImapQuestionTest {
  private static final String SELECTED = "Ca SELECT x~|Sa OK done~";

  @ParameterizedTest // B9.4: nothing is open, and nothing that the store may tell can do harm
  @CsvSource(
      delimiter = ';',
      value = {
        "'';NOOP",
        "S* 1 EXISTS~;NOOP",
        "Ca NOOP~|Sa OK done~;NOOP",
        "Ca LIST \"\" *~|S* LIST () \"/\" {3}~a b~Sa OK done~;NOOP",
        "Ca SELECT x~|Sa OK done~;SEARCH UID 1",
        "Ca select x~|Sa NO none~;SEARCH UID 1",
        "Ca EXAMINE x~|Sa OK done~|Cb CLOSE~|Sb OK done~;NOOP",
        "Ca SELECT x~|Sa OK done~|Cb UNSELECT~|Sb OK done~;NOOP",
        "Ca SELECT x~|Sa OK done~|Cb CLOSE~|Sb NO not now~;SEARCH UID 1",
        "Ca SELECT x~|Sa OK done~|Cb CLOSE~Cc SELECT y~|Sb OK~Sc OK~;SEARCH UID 1",
        "Ca SELECT x~|Sa OK done~|Cb CLOSE~|Sb OK~|Cc NOOP~|Sc OK~;NOOP",
        "Ca SELECT x~|Sa OK~|Cb IDLE~|S+ idling~|CDONE~|Sb OK~;SEARCH UID 1",
        "Ca APPEND x {6}~|S+ go~|Cb NOOP~|Sa OK done~;NOOP"
      })
  void storeIsAskedWhereNothingIsOpen(String dialogue, String question) {
    SafePoints following = ImapSafePointsTest.played(dialogue, false);
    assertEquals("OpenMMP " + question + "\r\n", new String(following.ask(), US_ASCII));
    assertTrue(following.isAsking());
    assertTrue(following.safe(), "the client knows of nothing that is open");
    assertEquals(0, following.ask().length, "one at a time");
  }

  @ParameterizedTest // B9.2, B9.4
  @ValueSource(
      strings = {
        "Ca",
        "Ca NOOP~",
        "Ca NOOP~|Sa OK do",
        "S* 1 EX",
        "Ca NOOP~Cb NOOP~|Sa OK a~",
        "Ca FETCH 1 BODY[]~|S* 1 FETCH (BODY[] {9}~a OK x~",
        "Ca FETCH 1 BODY[]~|S* 1 FETCH (BODY[] {8}~a OK x~)~",
        "Ca IDLE~",
        "Ca IDLE~|S+ idling~|S* 3 EX",
        "Ca IDLE~|S+ idling~|CDO",
        "Ca IDLE~|S+ idling~|CDONE~",
        "Ca NOOP~Cb IDLE~|S+ idling~",
        "Ca APPEND x {6}~",
        "Ca APPEND x {6}~|S+ go~",
        "Ca APPEND x {6+}~b NO~",
        "Ca LOGOUT~",
        "Ca LOGOUT~|S* BYE~Sa OK~",
        "Ca COMPRESS DEFLATE~|Sa OK deflated~",
        "Ca COMPRESS DEFLATE~|Sa NO not here~",
        "Sx OK nobody asked~"
      })
  void storeIsNotAskedElsewhere(String dialogue) {
    for (boolean cut : new boolean[] {false, true}) {
      SafePoints following = ImapSafePointsTest.played(dialogue, cut);
      boolean safe = following.safe();
      assertEquals(0, following.ask().length, dialogue);
      assertFalse(following.isAsking());
      assertEquals(safe, following.safe());
    }
  }

  @ParameterizedTest // B9.4: only our own line is kept from the client, wherever it is cut
  @CsvSource(
      delimiter = ';',
      value = {
        "OpenMMP OK done~;'';true",
        "openmmp ok done~;'';true",
        "OpenMMP NO [SERVERBUG] no~;'';true",
        "OpenMMP BAD no mailbox~;'';true",
        "OpenMMP~;'';true",
        "OpenMMP OK done_;'';true",
        "* SEARCH~OpenMMP OK done~;'';true",
        "* SEARCH 1~OpenMMP OK done~;'';true",
        "* ESEARCH (TAG \"OpenMMP\") UID ALL 1~OpenMMP OK done~;'';true",
        "* ESEARCH (TAG OpenMMP) UID ALL 1~OpenMMP OK done~;'';true",
        "* ESEARCH (TAG OpenMMP2) ALL 1~OpenMMP OK done~;* ESEARCH (TAG OpenMMP2) ALL 1~;true",
        "* ESEARCH (TAG \"x\") UID ADDTO (0 1)~;* ESEARCH (TAG \"x\") UID ADDTO (0 1)~;false",
        "* SEARCHING~OpenMMP OK done~;* SEARCHING~;true",
        "* 5 EXISTS~* 1 RECENT~OpenMMP OK done~* 6 EXISTS~;* 5 EXISTS~* 1 RECENT~* 6 EXISTS~;true",
        "* BYE Disconnected for inactivity.~;* BYE Disconnected for inactivity.~;false",
        "* OK [ALERT] OpenMMP OK~;* OK [ALERT] OpenMMP OK~;false",
        "OpenMMP2 OK done~;OpenMMP2 OK done~;true",
        "Open OK~;Open OK~;true",
        "* 1 FETCH (BODY[] {12}~OpenMMP OK x)~OpenMMP OK done~;* 1 FETCH (BODY[] {12}~OpenMMP OK"
            + " x)~;true",
        "* 1 FETCH (BODY[] {17}~~OpenMMP OK done~;* 1 FETCH (BODY[] {17}~~OpenMMP OK done~;false",
        "* 1 FETCH (BODY[] {0}~ FLAGS (x))~OpenMMP OK~;* 1 FETCH (BODY[] {0}~ FLAGS (x))~;true",
        "* LIST () \"/\" {7}~OpenMMP~OpenMMP OK~;* LIST () \"/\" {7}~OpenMMP~;true",
        "* SEA;'';false",
        "* 1;* 1;false",
        "OpenMM;'';false",
        "OpenMMP OK do;'';false"
      })
  void clientHearsEverythingButOurAnswer(String said, String heard, boolean answered) {
    byte[] octets = ImapSafePointsTest.octets(said);
    for (List<byte[]> split : Splits.everySplitOf(octets)) {
      SafePoints following = ImapSafePointsTest.played(SELECTED, false);
      following.ask();
      ByteArrayOutputStream passed = new ByteArrayOutputStream();
      for (byte[] piece : split) {
        ByteBuffer rest = following.withoutAnswer(ByteBuffer.wrap(piece));
        passed.write(rest.array(), rest.arrayOffset() + rest.position(), rest.remaining());
      }
      assertEquals(
          new String(ImapSafePointsTest.octets(heard), US_ASCII), passed.toString(US_ASCII));
      assertEquals(!answered, following.isAsking(), said);
    }
  }

  @Test // B9.1: behind the answer the session is followed as if nothing had been asked
  void sessionIsFollowedOnBehindTheAnswer() {
    SafePoints following = ImapSafePointsTest.played(SELECTED, false);
    following.ask();
    following.withoutAnswer(ByteBuffer.wrap("OpenMMP OK\r\n".getBytes(US_ASCII)));
    following.client().sent(ByteBuffer.wrap("b FETCH 1 BODY[]\r\n".getBytes(US_ASCII)));
    assertFalse(following.safe());
    following
        .store()
        .sent(ByteBuffer.wrap("* 1 FETCH (BODY[] {2}\r\nxx)\r\nb OK\r\n".getBytes(US_ASCII)));
    assertTrue(following.safe());
    assertTrue(following.ask().length > 0);
  }

  @Test // B9.4: a store whose line is not understood has answered, and all it says is the client's
  void nothingIsKeptFromTheClientOfAStoreThatIsNotUnderstood() {
    SafePoints following = ImapSafePointsTest.played(SELECTED, false);
    following.ask();
    ByteBuffer rest =
        following.withoutAnswer(ByteBuffer.wrap("+ what\r\nOpenMMP OK\r\n".getBytes(US_ASCII)));
    assertEquals("+ what\r\nOpenMMP OK\r\n", US_ASCII.decode(rest).toString());
    assertFalse(following.isAsking());
    assertEquals(0, following.ask().length);
  }

  /** What the store says to the DONE, and to the IDLE that follows it. */
  @ParameterizedTest // B9.4: a client in IDLE notices nothing but what is new
  @CsvSource(
      delimiter = ';',
      value = {
        "b OK done~|+ idling~;'';ANSWERED",
        "b OK_|+_;'';ANSWERED",
        "b~|+~;'';ANSWERED",
        "b NO not so~|+ go on~;'';ANSWERED",
        "b BAD what~|+~;'';ANSWERED",
        "b OK [HIGHESTMODSEQ 9] {3}~|+ {3}~;'';ANSWERED",
        "* 9 EXISTS~* 2 EXPUNGE~b OK~|* 8 EXISTS~+ idling~* 1 EXPUNGE~;"
            + "* 9 EXISTS~* 2 EXPUNGE~* 8 EXISTS~* 1 EXPUNGE~;ANSWERED",
        "* 1 FETCH (BODY[] {14}~b OK x~+ ok~)~b OK~|* 1 FETCH (BODY[] {12}~+ ok~b OK~)~+ idling~;"
            + "* 1 FETCH (BODY[] {14}~b OK x~+ ok~)~* 1 FETCH (BODY[] {12}~+ ok~b OK~)~;ANSWERED",
        "b OK~|b NO not now~;'';REFUSED",
        "b OK~|* 9 EXISTS~b BAD never~;* 9 EXISTS~;REFUSED",
        "* 1 EX;* 1 EX;OWED",
        "b O;'';OWED",
        "b OK done~|+ idl;'';OWED",
        "b OK done~|* BYE going~;* BYE going~;OWED",
        // what is no answer is the client's, and nobody is asked again
        "+ what~b OK~;+ what~b OK~;LOST",
        "B OK~;B OK~;LOST",
        "bb OK~;bb OK~;LOST",
        "OpenMMP OK~;OpenMMP OK~;LOST",
        "b OK~|c OK~;c OK~;LOST",
        "b OK~|~;~;LOST"
      })
  void clientInIdleHearsWhatIsNewAndNothingOfTheQuestion(String said, String heard, String end) {
    String[] parts = said.split("[|]", -1);
    byte[] first = ImapSafePointsTest.octets(parts[0]);
    byte[] second = ImapSafePointsTest.octets(parts.length > 1 ? parts[1] : "");
    for (List<byte[]> split : Splits.everySplitOf(first)) {
      for (List<byte[]> next : Splits.everySplitOf(second)) {
        SafePoints following =
            ImapSafePointsTest.played(SELECTED + "|Cb IDLE~|S+ idling~|S* 3 EXISTS~", false);
        assertEquals("DONE\r\n", new String(following.ask(), US_ASCII));
        assertEquals(0, following.ask().length, "one at a time");
        assertTrue(following.safe(), "the client is in IDLE");
        StringBuilder passed = new StringBuilder();
        split.forEach(piece -> passed.append(heardOf(following, piece)));
        assertEquals(
            parts.length > 1 ? "b IDLE\r\n" : "", new String(following.askOn(), US_ASCII), said);
        assertEquals(0, following.askOn().length, "once");
        next.forEach(piece -> passed.append(heardOf(following, piece)));
        assertEquals(
            new String(ImapSafePointsTest.octets(heard), US_ASCII), passed.toString(), said);
        assertEquals(end.equals("OWED") || end.equals("REFUSED"), following.isAsking(), said);
        assertEquals(end.equals("REFUSED"), following.isRefused(), said);
        if (end.equals("REFUSED")) {
          assertTrue(following.safe(), "words of ours can be said");
        } else if (end.equals("LOST")) {
          assertEquals(0, following.ask().length, said);
        }
      }
    }
  }

  private static String heardOf(SafePoints following, byte[] said) {
    return US_ASCII.decode(following.withoutAnswer(ByteBuffer.wrap(said))).toString();
  }

  @Test // B9.4: whatever it does next comes behind the answer, its own DONE too
  void clientThatLeavesIdleWhileItsStoreIsAskedHasItsAnswerBehindOurs() {
    SafePoints following = ImapSafePointsTest.played(SELECTED + "|Cb IDLE~|S+ idling~", false);
    for (int i = 0; i < 3; i++) {
      assertEquals("DONE\r\n", new String(following.ask(), US_ASCII));
      assertEquals("", heardOf(following, "b OK\r\n".getBytes(US_ASCII)));
      assertEquals("b IDLE\r\n", new String(following.askOn(), US_ASCII));
      assertEquals("", heardOf(following, "+\r\n".getBytes(US_ASCII)));
      assertFalse(following.isAsking());
    }
    following.client().sent(ByteBuffer.wrap("DONE\r\n".getBytes(US_ASCII)));
    assertFalse(following.safe());
    assertTrue(following.clientAsks());
    following.store().sent(ByteBuffer.wrap("b OK\r\n".getBytes(US_ASCII)));
    assertTrue(following.safe());
    assertEquals("OpenMMP SEARCH UID 1\r\n", new String(following.ask(), US_ASCII));
  }

  @Test // B9.4: such a tag is not kept, so that the end of its IDLE is the client's
  void idleOfATagWithoutEndIsNotBegunAgain() {
    String tag = "b".repeat(2_000);
    SafePoints following = ImapSafePointsTest.played("C" + tag + " IDLE~|S+ idling~", false);
    assertEquals("DONE\r\n", new String(following.ask(), US_ASCII));
    String end = tag + " OK done\r\n";
    assertEquals(end, heardOf(following, end.getBytes(US_ASCII)));
    assertEquals(0, following.askOn().length);
    assertFalse(following.isAsking());
    assertTrue(following.safe());
  }

  @ParameterizedTest // B9.4, B9.6: whose store says nothing within the question is moved
  @ValueSource(
      strings = {"", "b O", "* 6 EXISTS~", "b OK~", "b OK~* 6 EXISTS~+ id", "b OK~b NO x~"})
  void sessionIsMovedOutOfTheQuestion(String said) {
    MoveRig rig = new MoveRig().dialogue("Cb IDLE~|S+ idling~").answering("+ idling~");
    assertEquals("DONE\r\n", new String(rig.session.ask(), US_ASCII));
    heardOf(rig.session, MoveRig.octets(said));
    assertNull(rig.session.stranded());
    assertEquals("MAIN b IDLE~\nGO ON WITH MAIN: ||", rig.moved());
    assertFalse(rig.session.isAsking());
    assertTrue(rig.session.safe());
    rig.dialogue("CDONE~|Sb OK~");
    assertTrue(rig.session.safe());
    assertEquals("OpenMMP NOOP\r\n", new String(rig.session.ask(), US_ASCII));
  }

  @ParameterizedTest // B9.4, B9.6: what came in front of the goodbye is heard, whole
  @ValueSource(strings = {"* 5 EXISTS~* BYE on~%s OK~", "* 5 EXISTS~* BYE on~%s OK~* 6 EXISTS~"})
  void goodbyeInsteadOfAnAnswerIsKeptFromTheClientAndNothingElse(String said) {
    for (String dialogue : List.of("S", "Cb IDLE~|S+ idling~")) {
      byte[] octets = MoveRig.octets(said.formatted(dialogue.length() > 1 ? "b" : "OpenMMP"));
      MoveRig rig = new MoveRig().dialogue(dialogue);
      rig.session.ask();
      String passed = heardOf(rig.session, octets);
      assertEquals(
          "* 5 EXISTS\r\n",
          passed.substring(0, Math.max(0, passed.length() - rig.session.store().heldBack())));
      assertTrue(rig.session.storeLeaves());
      assertNull(rig.session.stranded());
    }
  }

  @ParameterizedTest // B9.4, B9.6: the begin of our answer looks like that of a goodbye
  @ValueSource(
      strings = {"* 6 EXISTS~", "* 6 EXISTS~* ", "* 6 EXISTS~* SEAR", "* 6 EXISTS~* SEARCH 1~O"})
  void whatCameInFrontOfAnAnswerIsHeardWhole(String said) {
    MoveRig rig = new MoveRig().dialogue("Ca NOOP~|Sa OK~|Cb SELECT x~|S* 5 EXISTS~b OK done~");
    assertEquals("OpenMMP SEARCH UID 1\r\n", new String(rig.session.ask(), US_ASCII));
    assertEquals("* 6 EXISTS\r\n", heardOf(rig.session, MoveRig.octets(said)));
    assertEquals(0, rig.session.store().heldBack(), "what is kept is not part of it");
    assertTrue(rig.session.safe());
  }

  @ParameterizedTest // B9.4: what a client asks itself, where any store answers at once
  @CsvSource(
      delimiter = ';',
      value = {
        "Ca NOOP~;true",
        "Ca noop~|S* 3 EXISTS~;true",
        "Ca IDLE~|S+ idling~|CDONE~;true",
        "Ca IDLE~;true",
        "Ca IDLE~|S+ idling~;false",
        "Ca NOOP~Cb IDLE~;false",
        "Ca IDLE~CDONE~;true",
        "Ca NOOP~|Sa OK~;false",
        "Ca NOOP~Cb NOOP~;false",
        "Ca NOOP~Cb FETCH 1 BODY[]~|Sa OK~;false",
        "Ca FETCH 1 BODY[]~;false",
        "Ca FETCH 1 BODY[]~Cb NOOP~|Sa OK~;false",
        "Ca SEARCH TEXT x~;false",
        "Ca APPEND x {6}~;false",
        "'';false"
      })
  void clientsOwnQuestionIsKnown(String dialogue, boolean asks) {
    assertEquals(asks, ImapSafePointsTest.played(dialogue, false).clientAsks(), dialogue);
    assertEquals(asks, ImapSafePointsTest.played(dialogue, true).clientAsks(), dialogue);
  }
}
