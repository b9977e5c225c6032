package org.openmmp.proxy.pop3;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.wire.SafePoints;
import org.openmmp.wire.Splits;

final class Pop3SafePointsTest {
  /** Dialogues: {@code C} and {@code S} say who sends, {@code ~} ends a line. */
  @ParameterizedTest // B9.2
  @CsvSource({
    "'', true",
    "CSTAT~|S+OK 2 320~, true",
    "Cstat~|S+OK 2 320~, true",
    "CSTAT~, false",
    "CSTAT~|S+OK 2 3, false",
    "CST, false",
    "CLIST~|S+OK 2~1 10~2 20~.~, true",
    "CLIST~|S+OK 2~1 10~2 20~, false",
    "CLIST~|S+OK 2~1 10~.., false",
    "CLIST~|S+OK 2~..~, false",
    "CLIST~|S-ERR no~, true",
    "CLIST 1~|S+OK 1 10~, true",
    "CUIDL 1~|S+OK 1 x~, true",
    "CUIDL ~|S+OK~1 x~.~, true",
    "CTOP 1 0~|S+OK~Subject: x~~..~.~, true",
    "CTOP 1 0~|S+OK~+OK x~-ERR x~, false",
    "CCAPA~CSTAT~|S+OK~TOP~.~+OK 0 0~, true",
    "CCAPA~CSTAT~|S+OK~TOP~.~, false",
    "CCAPA~CSTAT~|S-ERR~+OK 0 0~, true",
    "CQUIT~|S+OK bye~, true",
    "CQUIT~, false",
    "CRETR 1~|S+OK~x~.~, false",
    "CRETR 1~|S+OK~x~.~|CNOOP~|S+OK~, false",
    "CDELE 1~|S+OK~, false",
    "CXTND XLST~|S+OK~, false",
    "C~, false",
    "S+OK nobody asked~, false",
    "CSTAT~|Shello~, false"
  })
  void whatIsOpenIsKnownHoweverItIsCut(String dialogue, boolean safe) {
    assertEquals(safe, played(dialogue, false).safe());
    assertEquals(safe, played(dialogue, true).safe());
  }

  @ParameterizedTest // B9.2, B9.4
  @CsvSource({
    "'', true, false",
    "CSTAT~|S+OK 2 320~, true, false",
    "CLIST~|S+OK 2~1 10~2 20~.~, true, false",
    "CSTAT~, false, false",
    "CNOOP~, false, true",
    "Cnoop~, false, true",
    "CNOOP~CNOOP~, false, false",
    "CNOOP~|S+OK~, true, false",
    "CNOOP~CSTAT~|S+OK~, false, false",
    "CST, false, false",
    "CLIST~|S+OK 2~1 10~2 20~, false, false",
    "CQUIT~, false, false",
    "CQUIT~|S+OK bye~, false, false",
    "CRETR 1~|S+OK~x~.~, false, false",
    "CDELE 1~|S+OK~, false, false",
    "CXTND XLST~|S+OK~, false, false"
  })
  void storeIsAskedWhereNothingIsOpenAndTheClientsOwnQuestionIsKnown(
      String dialogue, boolean asked, boolean clientAsks) {
    for (boolean cut : new boolean[] {false, true}) {
      SafePoints following = played(dialogue, cut);
      assertEquals(clientAsks, following.clientAsks());
      assertEquals(asked ? "NOOP\r\n" : "", new String(following.ask(), US_ASCII));
      assertEquals(asked, following.isAsking());
      assertEquals(0, following.ask().length, "one at a time");
    }
  }

  @ParameterizedTest // B9.4: one line is the answer, and all else is the client's
  @CsvSource({
    "+OK~, '', '', false",
    "+OK done, '', '', true",
    "-ERR what~, '', -ERR what~, false",
    "-ERR wha, '', -ERR wha, true",
    "hello~+OK~, hello~+OK~, '', false",
    "+OK~+OK nobody asked~, +OK nobody asked~, '', false",
    "~, ~, '', false"
  })
  void onlyTheAnswerToOurQuestionIsKept(
      String said, String heard, String parting, boolean stillAsking) {
    byte[] octets = said.replace("~", "\r\n").getBytes(US_ASCII);
    for (List<byte[]> split : Splits.everySplitOf(octets)) {
      SafePoints following = played("CSTAT~|S+OK 2 320~", false);
      following.ask();
      StringBuilder passed = new StringBuilder();
      for (byte[] piece : split) {
        passed.append(US_ASCII.decode(following.withoutAnswer(ByteBuffer.wrap(piece))));
      }
      assertEquals(heard.replace("~", "\r\n"), passed.toString());
      assertEquals(stillAsking, following.isAsking());
      assertEquals(parting.replace("~", "\r\n"), new String(following.partingWords(), US_ASCII));
    }
  }

  @Test // B9.4: a refusal that no end follows is forgotten
  void refusalIsTheClientsOnlyIfTheStoreEndsBehindIt() {
    SafePoints following = played("", false);
    following.ask();
    following.withoutAnswer(ByteBuffer.wrap("-ERR what\r\n".getBytes(US_ASCII)));
    following.client().sent(ByteBuffer.wrap("STAT\r\n".getBytes(US_ASCII)));
    assertEquals(0, following.partingWords().length);
    following.store().sent(ByteBuffer.wrap("+OK 0 0\r\n".getBytes(US_ASCII)));
    assertTrue(following.safe());
  }

  @ParameterizedTest // B3.17
  @CsvSource({
    "CQUIT~|S+OK~, true",
    "CQUIT~|S+OK, false",
    "CQUIT~, false",
    "CQUIT~|S-ERR not all deleted~, false",
    "CQUIT now~|S-ERR arguments~|CSTAT~|S+OK~, false",
    "CSTAT~QUIT~|S+OK~, false",
    "CSTAT~QUIT~|S+OK~+OK~, true",
    "CQUIT~STAT~|S+OK~+OK~, false",
    "CRETR 1~|S+OK~|CQUIT~|S+OK~, false"
  })
  void leaveIsTakenOnceTheStoreHasGrantedIt(String dialogue, boolean taken) {
    assertEquals(taken, played(dialogue, false).tookLeave());
    assertEquals(taken, played(dialogue, true).tookLeave());
  }

  @Test // B2.20
  void clientThatLeavesOrIsNotFollowedAnyMoreMayBeLeaving() {
    assertFalse(played("CSTAT~|S+OK~", false).clientMayBeLeaving());
    assertTrue(played("Cquit~", false).clientMayBeLeaving());
    assertTrue(played("CRETR 1~", false).clientMayBeLeaving());
    assertEquals(0, played("CLIST~|S+OK~", false).store().literalLeft());
    assertEquals(Long.MAX_VALUE, played("CRETR 1~", false).store().literalLeft());
  }

  private static SafePoints played(String dialogue, boolean octetByOctet) {
    SafePoints following = new Pop3SafePoints();
    for (String part : dialogue.split("[|]|(?<=~)(?=C[A-Z])", -1)) {
      if (!part.isEmpty()) {
        byte[] octets = part.substring(1).replace("~", "\r\n").getBytes(US_ASCII);
        int step = octetByOctet ? 1 : octets.length;
        for (int at = 0; at < octets.length; at += step) {
          show(following, part.charAt(0) == 'C', Arrays.copyOfRange(octets, at, at + step));
        }
      }
    }
    return following;
  }

  private static void show(SafePoints following, boolean client, byte[] octets) {
    if (client) {
      following.client().sent(ByteBuffer.wrap(octets));
    } else {
      following.store().sent(ByteBuffer.wrap(octets));
    }
  }

  // B9.2
  @Test
  void pipelinedCommandsCutAtRandomPlacesAreSafeExactlyWhereTheModelSaysSo() {
    int safe = 0;
    for (int seed = 0; seed < 2_000; seed++) {
      safe += play(new Random(seed));
    }
    assertTrue(safe > 5_000, "safe points that were met: " + safe);
  }

  private static int play(Random random) {
    Pop3SafePoints following = new Pop3SafePoints();
    Deque<String> commands = new ArrayDeque<>();
    Deque<String> answers = new ArrayDeque<>();
    String sending = "";
    String answering = "";
    int safe = 0;
    for (int step = 0; step < 80; step++) {
      if (commands.isEmpty() && random.nextInt(3) == 0) {
        for (int i = random.nextInt(4); i >= 0; i--) {
          commands.add(
              List.of("STAT", "LIST", "UIDL 3", "TOP 1 9", "NOOP", "CAPA", "list 2")
                  .get(random.nextInt(7)));
        }
      }
      if (random.nextBoolean()) {
        if (sending.isEmpty() && !commands.isEmpty()) {
          answers.add(answerTo(commands.peek(), random));
          sending = commands.remove() + "\r\n";
        }
        int count = random.nextInt(sending.length() + 1);
        show(following, true, sending.substring(0, count).getBytes(US_ASCII));
        sending = sending.substring(count);
        // An answer is not sent before its command is complete.
      } else {
        int complete = answers.size() - (sending.isEmpty() ? 0 : 1);
        if (answering.isEmpty() && complete > 0) {
          answering = answers.remove();
        }
        int count = random.nextInt(answering.length() + 1);
        show(following, false, answering.substring(0, count).getBytes(US_ASCII));
        answering = answering.substring(count);
      }
      boolean expected = sending.isEmpty() && answering.isEmpty() && answers.isEmpty();
      boolean atStart = !sending.isEmpty() && answers.size() == 1 && answering.isEmpty();
      if (!atStart) {
        assertEquals(expected, following.safe());
      }
      safe += expected ? 1 : 0;
    }
    return safe;
  }

  private static String answerTo(String command, Random random) {
    if (random.nextInt(4) == 0) {
      return "-ERR not now\r\n";
    }
    return switch (command) {
      case "LIST", "TOP 1 9", "CAPA" ->
          "+OK\r\n..\r\n+OK x\r\n-ERR\r\n. \r\nx".repeat(random.nextInt(2) + 1) + "\r\n.\r\n";
      default -> "+OK 1 2\r\n";
    };
  }
}
