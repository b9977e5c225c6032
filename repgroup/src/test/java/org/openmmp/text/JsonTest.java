package org.openmmp.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JsonTest {
  @Test
  void treeKeepsItsOrder() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("b", 1);
    tree.put("a", Arrays.asList(true, null, 2L, 1.5, "x", List.of(), Map.of()));
    tree.put("c", Map.of("d", false));
    assertEquals(
        "{\"b\":1,\"a\":[true,null,2,1.5,\"x\",[],{}],\"c\":{\"d\":false}}", Json.write(tree));
  }

  static Stream<Arguments> texts() {
    return Stream.of(
        arguments("\"", "\\\""),
        arguments("\\", "\\\\"),
        arguments("\0", "\\u0000"),
        arguments("\033[31m", "\\u001b[31m"),
        arguments("\177", "\\u007f"),
        arguments("\u0085", "\\u0085"),
        arguments("\u2028\u2029", "\\u2028\\u2029"),
        arguments("\u202etxt", "\\u202etxt"),
        arguments("\ud800", "\\ud800"),
        arguments("\udc00\ud800x", "\\udc00\\ud800x"),
        arguments("\ud83d\udce7", "\ud83d\udce7"),
        arguments("\u00e9\u20ac", "\u00e9\u20ac"),
        arguments("</script>", "</script>"));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void textIsHarmlessWhereverItIsShown(String text, String expected) { // P2
    assertEquals("\"" + expected + "\"", Json.write(text));
    assertEquals("{\"" + expected + "\":\"" + expected + "\"}", Json.write(Map.of(text, text)));
  }

  @Test
  void everyControlIsEscaped() {
    for (char c = 0; c < ' '; c++) {
      assertEquals(String.format("\"\\u%04x\"", (int) c), Json.write(String.valueOf(c)));
    }
  }

  @Test
  void whatJsonHasNoWordForIsNull() {
    assertEquals(
        "[null,null,null]",
        Json.write(List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)));
    assertThrows(IllegalArgumentException.class, () -> Json.write(List.of(new Object())));
  }
}
