package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.wire.SafePoints;
import org.openmmp.wire.Splits;

final class ImapSafePointsTest {
  /** Dialogues: {@code C} and {@code S} say who sends, {@code ~} ends a line, {@code _} is LF. */
  @ParameterizedTest // B9.1, B9.2
  @ValueSource(
      strings = {
        "",
        "S* 1 EXISTS~",
        "Ca NOOP~|Sa OK done~",
        "Ca noop_|Sa OK done_",
        "Ca NOOP~Cb NOOP~|Sb OK b~Sa OK a~",
        "Ca NOOP~|S* OK you have {5}~Sa OK done~",
        "Ca NOOP~|Sa NO [ALERT] text ends {7}~",
        "Ca FETCH 1 BODY[]~|S* 1 FETCH (BODY[] {8}~a OK x~)~Sa OK done~",
        "Ca FETCH 1 BODY[]~|S* 1 FETCH (BODY[] {0}~)~Sa OK done~",
        "Ca FETCH 1 BINARY[]~|S* 1 FETCH (BINARY[] ~{3}~{9}x {2}~{})~Sa OK done~",
        "Ca IDLE~|S+ idling~",
        "Ca IDLE~|S+ idling~|S* 3 EXISTS~",
        "Ca IDLE~|S+ idling~|CDONE~|Sa OK done~",
        "Ca idle~|S+~|Cdone~|Sa OK done~",
        "Ca IDLE~CDONE~|S+ idling~Sa OK done~",
        "Ca IDLE~|Sa BAD never~",
        "Ca APPEND x {6}~|S+ go~|Cb NOOP~|Sa OK done~",
        "Ca APPEND x {6+}~b NO~~|Sa OK done~",
        "Ca APPEND x {6}~|Sa NO [TRYCREATE] no such box~",
        "Ca APPEND x ~{6}~|S+ go~|Cb NOOP~|Sa OK done~",
        "Ca APPEND x {2}~|S+~|C{} {3}~|S+~|C{4}~|Sa OK both~",
        "Ca LIST \"\" {3}~|S+~|C{9}~|S* LIST () \"/\" {3}~a b~Sa OK done~",
        "Ca SELECT \"{5}\"~|Sa OK done~",
        "Ca  NOOP~|Sa OK done~"
      })
  void dialogueEndsWithNothingOpenHoweverItIsCut(String dialogue) {
    assertTrue(played(dialogue, false).safe(), dialogue);
    assertTrue(played(dialogue, true).safe(), dialogue);
  }

  @ParameterizedTest // B9.2
  @CsvSource(
      delimiter = ';',
      value = {
        "S* BYE going~; true",
        "S* bye~; true",
        "Ca NOOP~|S* 1 EXISTS~* BYE [UNAVAILABLE] {3}~; true",
        "Ca IDLE~|S+~|S* BYE going~; true",
        "S* OK BYE~; false",
        "S* BYE; false",
        "Ca FETCH 1 BODY[]~|S* 1 FETCH (BODY[] {9}~* BYE a~~)~Sa OK done~; false",
        "Ca LOGOUT~|S* BYE bye~Sa OK done~; false",
      })
  void goodbyeThatNobodyAskedForIsKnown(String dialogue, boolean leaves) {
    assertEquals(leaves, played(dialogue, false).storeLeaves());
    assertEquals(leaves, played(dialogue, true).storeLeaves());
  }

  @ParameterizedTest // B9.2
  @ValueSource(
      strings = {
        "Ca",
        "Ca NOOP~",
        "Ca NOOP~|Sa OK do",
        "S* 1 EX",
        "Ca NOOP~Cb NOOP~|Sa OK a~",
        "Ca FETCH 1 BODY[]~|S* 1 FETCH (BODY[] {9}~a OK x~",
        "Ca FETCH 1 BODY[]~|S* 1 FETCH (BODY[] {8}~a OK x~",
        "Ca FETCH 1 BODY[]~|S* 1 FETCH (BODY[] {8}~a OK x~)~",
        "Ca IDLE~",
        "Ca IDLE~|S+ idl",
        "Ca IDLE~|S+ idling~|S* 3 EX",
        "Ca IDLE~|S+ idling~|CDO",
        "Ca IDLE~|S+ idling~|CDONE~",
        "Ca NOOP~Cb IDLE~|S+ idling~",
        "Ca APPEND x {6}~",
        "Ca APPEND x {6}~|S+ go~",
        "Ca APPEND x {6}~|S+ go~|Cb NO",
        "Ca APPEND x {6}~|S+ go~|Cb NOOP",
        "Ca APPEND x {6+}~b NO~"
      })
  void whatIsOpenIsSeen(String dialogue) {
    assertFalse(played(dialogue, false).safe(), dialogue);
    assertFalse(played(dialogue, true).safe(), dialogue);
  }

  @ParameterizedTest // B9.2: never safe again, and nothing is looked at any more
  @ValueSource(
      strings = {
        "Ca COMPRESS DEFLATE~|Sa OK deflated~",
        "Ca STARTTLS~|Sa BAD already~",
        "Ca AUTHENTICATE PLAIN~|Sa BAD already~",
        "Ca UNAUTHENTICATE~|Sa OK~",
        "Ca~|Sa BAD~",
        "C~",
        "C a NOOP~|Sa OK~",
        "C* NOOP~|S* BAD~",
        "CDONE~|SDONE BAD~",
        "Sx OK nobody asked~",
        "Ca NOOP~|Sb OK another~",
        "S+ go~",
        "Ca XNEW {5+}~12345~|Sa OK~",
        "Ca NOOP {5}~|Sa BAD no arguments~",
        "Ca APPEND x {6}~123456~",
        "Ca IDLE~|S+~|Cb NOOP~",
        "Ca IDLE~CDONE~|Sa BAD never~",
        "Ca APPEND x {99999999999999999999999}~",
        "Ca APPEND x {000000000000000000000000000005}~"
      })
  void whatIsNotUnderstoodIsNeverSafeAgain(String dialogue) {
    for (boolean cut : new boolean[] {false, true}) {
      SafePoints after = played(dialogue + "|Cz NOOP~|Sz OK~", cut);
      assertFalse(after.safe(), dialogue);
      assertTrue(after.clientMayBeLeaving(), "what follows is not seen");
    }
  }

  @ParameterizedTest // B3.17
  @CsvSource({
    "Ca LOGOUT~|S* BYE on~Sa OK~, true",
    "Ca LOGOUT~|S* BYE on~, false",
    "Ca LOGOUT~|S* BYE on~Sa O, false",
    "Ca LOGOUT~, false",
    "Ca LOGOUT now~|Sa BAD arguments~, false",
    "Ca NOOP~Cb LOGOUT~|Sa OK~S* BYE on~Sb OK~, true",
    "Cb LOGOUT~Cc NOOP~|S* BYE on~Sb OK~, false",
    "Ca NOOP~|S* BYE unasked~Sa OK~, false",
    "S* BYE unasked~|Ca LOGOUT~|Sa OK~, false",
    "Ca COMPRESS DEFLATE~|Sa OK~|Cb LOGOUT~|S* BYE on~Sb OK~, false"
  })
  void leaveIsTakenOnceTheStoreHasGrantedIt(String dialogue, boolean taken) {
    assertEquals(taken, played(dialogue, false).tookLeave());
    assertEquals(taken, played(dialogue, true).tookLeave());
  }

  @Test // B2.20
  void clientThatAskedToLeaveIsSeen() {
    assertFalse(played("Ca LOGO~|Sa BAD~", false).clientMayBeLeaving());
    assertTrue(played("Ca logout~", true).clientMayBeLeaving());
    assertTrue(played("Ca NOOP~Cb LOGOUT~", false).clientMayBeLeaving());
    assertTrue(played("Ca COMPRESS DEFLATE~", false).clientMayBeLeaving());
  }

  @Test // B9.1: the octets of a literal need not be shown, and no others
  void literalsAreCountedForWhoeverPassesThemOnUnseen() {
    SafePoints following = played("Ca FETCH 1 BODY[]~|S* 1 FETCH (BODY[] {1000000}~abc", false);
    assertEquals(0, following.client().literalLeft());
    assertEquals(999_997, following.store().literalLeft());
    following.store().passed(999_990);
    assertEquals(7, following.store().literalLeft());
    store(following, "1234567)\r\na OK done\r\n");
    assertTrue(following.safe());
    client(following, "b APPEND x {70000+}\r\n12");
    assertEquals(69_998, following.client().literalLeft());
    following.client().passed(69_998);
    client(following, "\r\n");
    store(following, "b OK\r\n");
    assertTrue(following.safe());
    assertEquals(0, following.store().literalLeft());
    client(following, "c COMPRESS DEFLATE\r\n");
    assertEquals(Long.MAX_VALUE, following.store().literalLeft());
  }

  static SafePoints played(String dialogue, boolean octetByOctet) {
    SafePoints following = new ImapSafePoints();
    for (String part : dialogue.split("[|]", -1)) {
      for (String sent : part.split("(?<=[~_])(?=[CS][a-z+*D ])", -1)) {
        if (!sent.isEmpty()) {
          byte[] octets = octets(sent.substring(1));
          List<List<byte[]>> splits = Splits.everySplitOf(octets);
          for (byte[] piece :
              octetByOctet && octets.length > 0 ? splits.get(splits.size() - 1) : List.of(octets)) {
            if (sent.charAt(0) == 'C') {
              following.client().sent(ByteBuffer.wrap(piece));
            } else {
              following.store().sent(ByteBuffer.wrap(piece));
            }
          }
        }
      }
    }
    return following;
  }

  static byte[] octets(String text) {
    return text.replace("~{", "\0{")
        .replace("~", "\r\n")
        .replace("_", "\n")
        .replace('\0', '~')
        .getBytes(US_ASCII);
  }

  private static void client(SafePoints following, String text) {
    following.client().sent(ByteBuffer.wrap(text.getBytes(US_ASCII)));
  }

  private static void store(SafePoints following, String text) {
    following.store().sent(ByteBuffer.wrap(text.getBytes(US_ASCII)));
  }

  // B9.1, B9.2
  @Test
  void randomDialoguesCutAtRandomPlacesAreSafeExactlyWhereTheModelSaysSo() {
    int safe = 0;
    for (int seed = 0; seed < 3_000; seed++) {
      safe += new Dialogue(seed).play();
    }
    assertTrue(safe > 10_000, "safe points that were met: " + safe);
  }

  /**
   * A client and a store that talk at random, and what of it is under way. What one of them says is
   * a part; parts make up lines, and reach the other cut anywhere and mixed with the other's.
   */
  private static final class Dialogue {
    /**
     * What is said in one piece.
     *
     * @param then what comes of it once all of it has passed
     */
    @SuppressWarnings("ArrayRecordComponent") // made and read in one place
    private record Part(byte[] octets, boolean endsLine, Runnable then) {}

    private final Random random;
    private final long seed;
    private final ImapSafePoints following = new ImapSafePoints();
    private final Deque<Part> fromClient = new ArrayDeque<>();
    private final Deque<Part> fromStore = new ArrayDeque<>();
    private int clientSent;
    private int storeSent;
    private boolean clientInLine;
    private boolean storeInLine;
    private int open;
    private boolean idling;
    private boolean clientBusy;
    private int commands;

    Dialogue(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
    }

    int play() {
      int safe = 0;
      for (int step = 0; step < 60; step++) {
        if (fromClient.size() < 3 && !clientBusy && random.nextInt(3) > 0) {
          command();
        }
        if (random.nextInt(4) == 0 && fromStore.isEmpty() && !storeInLine) {
          say(fromStore, untagged(), true, () -> {});
        }
        pass(random.nextBoolean());
        boolean expected = !clientInLine && !storeInLine && (open == 0 || (open == 1 && idling));
        assertEquals(expected, following.safe(), "seed " + seed + ", step " + step);
        safe += expected ? 1 : 0;
      }
      return safe;
    }

    private void pass(boolean client) {
      Deque<Part> queue = client ? fromClient : fromStore;
      Part part = queue.peek();
      if (part == null) {
        return;
      }
      int sent = client ? clientSent : storeSent;
      int length = part.octets().length - sent;
      int count = random.nextInt(3) == 0 ? random.nextInt(length + 1) : length;
      ByteBuffer octets = direct(part.octets(), sent, count);
      boolean whole = count == length;
      if (client) {
        following.client().sent(octets);
        clientSent = whole ? 0 : sent + count;
        clientInLine = whole ? !part.endsLine() : clientInLine || count > 0;
      } else {
        if (random.nextBoolean() && count > 0 && following.store().literalLeft() >= count) {
          following.store().passed(count);
        } else {
          following.store().sent(octets);
        }
        storeSent = whole ? 0 : sent + count;
        storeInLine = whole ? !part.endsLine() : storeInLine || count > 0;
      }
      if (whole) {
        queue.remove();
        part.then().run();
      }
    }

    private ByteBuffer direct(byte[] octets, int from, int count) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(count + 8);
      int margin = random.nextInt(8);
      buffer.position(margin);
      buffer.put(octets, from, count);
      buffer.flip().position(margin);
      return buffer;
    }

    private void say(Deque<Part> queue, String text, boolean endsLine, Runnable then) {
      queue.add(new Part(text.getBytes(US_ASCII), endsLine, then));
    }

    private void command() {
      String tag = "a" + commands++;
      switch (random.nextInt(7)) {
        case 0, 1 -> say(fromClient, tag + " NOOP\r\n", true, () -> answer(tag, List.of()));
        case 2 ->
            say(
                fromClient,
                tag + " FETCH 1:* (FLAGS BODY[])\r\n",
                true,
                () -> answer(tag, literals()));
        case 3 -> {
          String mail = disguise();
          say(fromClient, tag + " APPEND x {" + mail.length() + "+}\r\n", false, () -> {});
          say(fromClient, mail, false, () -> {});
          say(fromClient, "\r\n", true, () -> answer(tag, List.of()));
        }
        case 4 -> append(tag);
        case 5 -> {
          clientBusy = true;
          say(fromClient, tag + " IDLE\r\n", true, () -> idle(tag));
        }
        default ->
            say(fromClient, tag + " SEARCH TEXT \"{5}\"\r\n", true, () -> answer(tag, List.of()));
      }
    }

    private void answer(String tag, List<String> before) {
      open++;
      for (int i = 0; i < before.size(); i++) {
        say(fromStore, before.get(i), i + 1 == before.size(), () -> {});
      }
      end(tag);
    }

    private void end(String tag) {
      String text = random.nextBoolean() ? " OK done\r\n" : " NO [X] text {9}\r\n";
      say(fromStore, tag + text, true, () -> open--);
    }

    private void append(String tag) {
      clientBusy = true;
      String mail = disguise();
      say(
          fromClient,
          tag + " APPEND x {" + mail.length() + "}\r\n",
          false,
          () -> {
            open++;
            if (random.nextInt(3) == 0) {
              say(
                  fromStore,
                  tag + " NO [TRYCREATE] {3}\r\n",
                  true,
                  () -> {
                    open--;
                    clientInLine = false;
                    clientBusy = false;
                  });
              return;
            }
            say(
                fromStore,
                "+ go ahead {5}\r\n",
                true,
                () -> {
                  say(fromClient, mail, false, () -> {});
                  say(
                      fromClient,
                      "\r\n",
                      true,
                      () -> {
                        clientBusy = false;
                        end(tag);
                      });
                });
          });
    }

    private void idle(String tag) {
      open++;
      say(
          fromStore,
          "+ idling\r\n",
          true,
          () -> {
            idling = true;
            for (int i = random.nextInt(3); i > 0; i--) {
              say(fromStore, untagged(), true, () -> {});
            }
            say(
                fromClient,
                "DONE\r\n",
                true,
                () -> {
                  idling = false;
                  clientBusy = false;
                  end(tag);
                });
          });
    }

    private String untagged() {
      return List.of(
              "* 12 EXISTS\r\n",
              "* OK [ALERT] look {9}\r\n",
              "* 3 EXPUNGE\n",
              "* STATUS \"{4}\" (MESSAGES 1)\r\n",
              "* 7 FETCH (FLAGS (\\Seen))\r\n")
          .get(random.nextInt(5));
    }

    private List<String> literals() {
      List<String> parts = new ArrayList<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        String mail = disguise();
        parts.add(
            "* 1 FETCH (FLAGS () BODY[] " + (i == 1 ? "~" : "") + "{" + mail.length() + "}\r\n");
        parts.add(mail);
        parts.add(" UID 7)\r\n");
      }
      return parts;
    }

    /** A text that looks like what it stands in. */
    private String disguise() {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(6); i > 0; i--) {
        text.append(
            List.of(
                    "a0 OK done\r\n",
                    "* 1 FETCH (BODY[] {5}\r\n",
                    "+ idling\r\n",
                    "\r\n",
                    ")",
                    "{12+}\r\n",
                    "DONE\r\n",
                    "x".repeat(random.nextInt(200)))
                .get(random.nextInt(8)));
      }
      return text.toString();
    }
  }
}
