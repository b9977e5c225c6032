package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
        "Ca IDLE~|S+ idling~",
        "Ca IDLE~|S+ idling~|S* 3 EXISTS~",
        "Ca IDLE~|S+ idling~|CDONE~",
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

  @ParameterizedTest // B9.4: what a client asks itself, where any store answers at once
  @CsvSource(
      delimiter = ';',
      value = {
        "Ca NOOP~;true",
        "Ca noop~|S* 3 EXISTS~;true",
        "Ca IDLE~|S+ idling~|CDONE~;true",
        "Ca IDLE~;false",
        "Ca IDLE~|S+ idling~;false",
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
