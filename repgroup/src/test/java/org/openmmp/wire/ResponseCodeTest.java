package org.openmmp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ResponseCodeTest {
  @Test
  void codeIsNameArgumentAndText() {
    ResponseCode.Split split = ResponseCode.split("[referral imap://dewey/] Go there");
    ResponseCode code = split.codes().get(0);
    assertEquals("REFERRAL", code.name());
    assertEquals("imap://dewey/", code.argument());
    assertTrue(code.closed());
    assertEquals("Go there", split.text());
    assertEquals("Go there", split.without("REFERRAL"));
  }

  @Test
  void pop3CodeIsCutAtItsFirstSlash() {
    ResponseCode code = ResponseCode.split("[SYS/REFER/Dewey] Go").codes().get(0);
    assertEquals("SYS", code.name());
    assertEquals("REFER/Dewey", code.argument());
  }

  @Test
  void addressLiteralsBracketsNest() { // B3.5
    ResponseCode code = ResponseCode.split("[REFERRAL imap://[::1]:143/] Go").codes().get(0);
    assertEquals("imap://[::1]:143/", code.argument());
    assertTrue(code.closed());
  }

  @Test
  void bracketThatNeverClosesTakesAllTheText() { // R6
    ResponseCode.Split split = ResponseCode.split("[REFERRAL imap://dewey/ Go there");
    assertFalse(split.codes().get(0).closed());
    assertEquals("REFERRAL", split.codes().get(0).name());
    assertEquals("", split.without("REFERRAL"));
  }

  @Test
  void severalCodesAreTakenApart() { // R6
    ResponseCode.Split split =
        ResponseCode.split(
            "[CAPABILITY IMAP4rev1][REFERRAL imap://a/] [REFERRAL imap://b/] Hi [x]");
    assertEquals(
        List.of("CAPABILITY", "REFERRAL", "REFERRAL"),
        split.codes().stream().map(ResponseCode::name).toList());
    assertEquals("[CAPABILITY IMAP4rev1] Hi [x]", split.without("REFERRAL"));
    assertTrue(split.has("CAPABILITY"));
    assertFalse(split.has("ALERT"));
  }

  @Test
  void textWithoutCodeIsText() {
    for (String text : List.of("", "Logged in", " [X] late", "]")) {
      ResponseCode.Split split = ResponseCode.split(text);
      assertTrue(split.codes().isEmpty());
      assertEquals(text, split.text());
    }
    assertEquals("", ResponseCode.split("[").codes().get(0).name());
    assertEquals("", ResponseCode.split("[]").codes().get(0).name());
  }

  @Test
  void whatIsAskedOfTheWholeTextIsWhatItsPartsSay() {
    List<String> texts =
        List.of(
            "",
            "[",
            "[]",
            "[x",
            "[x]",
            "[x] ",
            "[x] a",
            "[x]  a",
            "[x]a",
            "[X y] a [x]",
            "[A b][x y/z] c",
            "[a b] [X/y] c",
            "[a b]  [x] c",
            "[a [x]] c",
            "[a b",
            "[x  y ] [x z] c",
            " [x] a",
            "[y]".repeat(7) + "[x] a",
            "[y] ".repeat(8) + "[x] a");
    for (String text : texts) {
      ResponseCode.Split split = ResponseCode.split(text);
      for (String name : List.of("X", "A", "")) {
        ResponseCode first = split.first(name);
        String argument = first == null ? null : first.argument();
        assertEquals(argument, ResponseCode.argumentIn(text, name), text);
        assertEquals(split.has(name), ResponseCode.isIn(text, name), text);
        assertEquals(split.without(name), ResponseCode.without(text, name), text);
      }
    }
  }

  @Test
  void codesAreBoundedInNumber() { // B6.1
    assertEquals(8, ResponseCode.split("[X]".repeat(10_000)).codes().size());
  }
}
