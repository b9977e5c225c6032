package org.openmmp.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LoginOctetsTest {
  private static byte[] octets(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "61", // a
        "c3 a4", // two octets
        "ef bf bd", // U+FFFD itself, which also stands for what is malformed
        "61 ef bf bd", // the same behind ASCII
        "f0 9f a6 86", // four octets, two characters
        "f4 8f bf bf" // the last one of all
      })
  void wellFormedTextIsTaken(String hex) {
    String text = LoginOctets.utf8(octets(hex));
    assertNotNull(text);
    assertArrayEquals(octets(hex), text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80", // a continuation that continues nothing
        "61 ff", // in no text
        "c3", // cut off
        "e2 82", // cut off behind two of three
        "f0 9f a6", // cut off behind three of four
        "c0 80", // NUL in two octets
        "e0 80 af", // a slash in three
        "ed a0 80", // half a surrogate pair
        "f4 90 80 80", // beyond the last one
        "c3 a4 80", // right, and then not
        "ef bf bd 80" // U+FFFD, and then malformed
      })
  void malformedTextIsNone(String hex) {
    assertNull(LoginOctets.utf8(octets(hex)));
    assertNull(LoginOctets.name(octets(hex)));
  }

  /** What the JDK's strict decoder says of it. */
  private static @Nullable String decoded(byte[] octets) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (CharacterCodingException malformed) {
      return null;
    }
  }

  @Test
  void whateverComesIsJudgedAsByAStrictDecoder() {
    Random random = new Random(1);
    byte[] lead = octets("00 41 7f 80 a4 bf bd c0 c3 e0 e2 ed ef f0 f4 ff");
    for (int round = 0; round < 100_000; round++) {
      byte[] octets = new byte[random.nextInt(7)];
      for (int i = 0; i < octets.length; i++) {
        octets[i] = lead[random.nextInt(lead.length)];
      }
      String text = decoded(octets);
      assertEquals(text, LoginOctets.utf8(octets), () -> HexFormat.of().formatHex(octets));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"61 00", "0a", "61 7f", "c2 85", "1b 61"})
  void nameWithAControlIsNone(String hex) {
    assertNotNull(LoginOctets.utf8(octets(hex)));
    assertNull(LoginOctets.name(octets(hex)));
  }
}
