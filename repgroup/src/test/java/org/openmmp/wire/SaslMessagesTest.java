package org.openmmp.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SaslMessagesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\0alice\0secret",
        "bob\0alice\0s e\"c\\r{3}t",
        "\0älice@exämple.com\0pässword",
        "\0a\\b\0",
      })
  void plainMessageIsReadAndWrittenAsItStands(String text) { // B3.1, P1
    SaslMessage message = SaslMessage.parsePlain(text.getBytes(UTF_8));
    assertNotNull(message);
    assertEquals(text, message.authzid() + "\0" + message.authcid() + "\0" + reveal(message));
    byte[] again = SaslMessage.plain(message.authzid(), message.authcid(), message.secret());
    assertEquals(text, new String(Base64.getDecoder().decode(again), UTF_8));
  }

  @ParameterizedTest // B3.1
  @CsvSource(
      delimiter = '|',
      value = {
        "n,,n=alice,r=fyko+d2lbbFgONRv9qkxdawL | alice | '' | false",
        "y,,n=alice,r=! | alice | '' | true",
        "n,a=bob,n=alice,r=~ | alice | bob | false",
        "n,a=b=2Cb,n=al=3Dice=2C=3D2C,r=x | al=ice,=2C | b,b | false",
        "n,,n=älice@exämple.com,r=x | älice@exämple.com | '' | false",
        "n,,n=alice,r=x,z=any thing | alice | '' | false",
      })
  void firstScramMessageSaysWhoLogsIn(String text, String user, String authzid, boolean binds) {
    assertEquals(new SaslScram(binds, authzid, user), SaslScram.parse(text.getBytes(UTF_8)));
  }

  @ParameterizedTest // B3.1, P1, P9
  @ValueSource(
      strings = {
        "",
        "n,,",
        "n,,n=,r=x",
        "n,,n=alice",
        "n,,n=alice,r=",
        "n,,r=x,n=alice",
        "n,n=alice,r=x",
        "n,,,n=alice,r=x",
        "n,a=,n=alice,r=x",
        "n,alice,n=alice,r=x",
        "N,,n=alice,r=x",
        "p=tls-unique,,n=alice,r=x",
        "p=tls-exporter,,n=alice,r=x",
        "n,,m=any,n=alice,r=x",
        "n,,n=al=ice,r=x",
        "n,,n=alice=2,r=x",
        "n,,n=alice=2c,r=x",
        "n,,n=alice=00,r=x",
        "n,,n=al\0ice,r=x",
        "n,,n=al\r\nice,r=x",
        "n,a=b\nb,n=alice,r=x",
        "n,,n=alice,r=x\r\n",
        "n,,n=alice,r=x y",
        "n,,n=alice,r=x,",
        "n,,n=alice,r=x,zz=y",
        "n,,n=alice,r=x,z=y\0",
      })
  void anythingElseIsNoFirstScramMessage(String text) {
    assertNull(SaslScram.parse(text.getBytes(UTF_8)));
  }

  @Test
  void nameOfScramIsBoundedAndUtf8() { // B6.1, P9
    int most = LoginOctets.MAX_NAME_OCTETS;
    assertNotNull(SaslScram.parse(("n,,n=" + "a".repeat(most) + ",r=x").getBytes(UTF_8)));
    assertNull(SaslScram.parse(("n,,n=" + "a".repeat(most + 1) + ",r=x").getBytes(UTF_8)));
    assertNull(SaslScram.parse(("n,,n=a,r=x" + ",z=y".repeat(9_999) + ",").getBytes(UTF_8)));
    assertNull(SaslScram.parse("n,,n=\u00e4,r=x".getBytes(ISO_8859_1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "alice",
        "\0alice",
        "\0\0secret",
        "\0alice\0sec\0ret",
        "\0alice\0sec\r\nret",
        "\0alice\0secret\n",
        "\0ali\r\nce\0secret",
        "\0ali\tce\0secret",
        "b\nb\0alice\0secret",
        "\0ali\u0085ce\0secret",
      })
  void malformedPlainMessageIsNone(String text) { // P1
    assertNull(SaslMessage.parsePlain(text.getBytes(UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\0\u00ff\0x", "\0\u00c3\0x", "\0\u00ed\u00a0\u0080\0x", "\0\u00c0\u00af\0x"})
  void nameThatIsNoUtf8IsNone(String octets) { // P9
    assertNull(SaslMessage.parsePlain(octets.getBytes(ISO_8859_1)));
  }

  @Test
  void nameHasABound() { // B6.1
    int most = LoginOctets.MAX_NAME_OCTETS;
    assertNotNull(SaslMessage.parsePlain(("\0" + "n".repeat(most) + "\0x").getBytes(UTF_8)));
    assertNull(SaslMessage.parsePlain(("\0" + "n".repeat(most + 1) + "\0x").getBytes(UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "n,a=user@example.com,\1host=server.example.com\1port=143\1auth=Bearer vF9dft4qmT==\1\1",
        "y,a=user@example.com,\1auth=bearer vF9dft4qmT==\1\1",
        "n,a=user@example.com,\1auth=BEARER vF9dft4qmT==\1x=\1\1",
      })
  void oauthBearerMessageIsRead(String text) { // B3.1
    SaslMessage message = SaslBearer.parseOAuthBearer(text.getBytes(UTF_8));
    assertNotNull(message);
    assertEquals("user@example.com", message.authcid());
    assertEquals("vF9dft4qmT==", reveal(message));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "n",
        "n,b=,\1auth=Bearer t\1\1",
        "n,a,\1auth=Bearer t\1\1",
        "p=tls-unique,a=u,\1auth=Bearer t\1\1",
        "n,a=u\1auth=Bearer t\1\1",
        "n,a=u,\1auth=Bearer t\1",
        "n,a=u,\1auth=Bearer \1\1",
        "n,a=u,\1auth=Basic t\1\1",
        "n,a=u,\1auth=Bearer a b\1\1",
        "n,a=u,\1auth=Bearer t\r\nx\1\1",
        "n,a=u,\1auth=Bearer t\1auth=Bearer t\1\1",
        "n,a=u,\1\1auth=Bearer t\1\1",
        "n,a=u,\1nopair\1auth=Bearer t\1\1",
        "n,a=u=2Xv,\1auth=Bearer t\1\1",
        "n,a=u\r\n,\1auth=Bearer t\1\1",
        "n,a=u,",
        "n,a=u,\1",
      })
  void malformedOauthBearerMessageIsNone(String text) { // P1
    assertNull(SaslBearer.parseOAuthBearer(text.getBytes(UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "n,,\1auth=Bearer t\1\1",
        "y,,\1host=x\1auth=Bearer t\1\1",
        "n,a=,\1auth=Bearer t\1\1"
      })
  void oauthBearerMessageWithoutANameIsSound(String text) { // B3.10
    SaslMessage message = SaslBearer.parseOAuthBearer(text.getBytes(UTF_8));
    assertNotNull(message);
    assertEquals("", message.authcid());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"user=\1auth=Bearer t\1\1", "auth=Bearer t\1\1", "auth=Bearer t\1user=u\1\1"})
  void xoauth2MessageWithoutANameIsSound(String text) { // B3.10
    SaslMessage message = SaslBearer.parseXOAuth2(text.getBytes(UTF_8));
    assertNotNull(message);
    assertEquals("", message.authcid());
  }

  @Test
  void oauthBearerNameIsEscapedBothWays() {
    byte[] text = SaslBearer.oauthBearer("a,b=c", Secret.taking("tok".getBytes(UTF_8)));
    byte[] octets = Base64.getDecoder().decode(text);
    assertEquals("n,a=a=2Cb=3Dc,\1auth=Bearer tok\1\1", new String(octets, UTF_8));
    SaslMessage message = SaslBearer.parseOAuthBearer(octets);
    assertNotNull(message);
    assertEquals("a,b=c", message.authcid());
  }

  @Test
  void xoauth2MessageIsReadAndWritten() { // B3.1
    String text = "user=user@example.com\1auth=Bearer ya29.t\1\1";
    SaslMessage message = SaslBearer.parseXOAuth2(text.getBytes(UTF_8));
    assertNotNull(message);
    assertEquals("user@example.com", message.authcid());
    byte[] again = SaslBearer.xoauth2(message.authcid(), message.secret());
    assertEquals(text, new String(Base64.getDecoder().decode(again), UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "user=u\r\nx\1auth=Bearer t\1\1",
        "user=u\1auth=Bearer t\1",
        "user=u",
      })
  void malformedXoauth2MessageIsNone(String text) { // P1
    assertNull(SaslBearer.parseXOAuth2(text.getBytes(UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Zg",
        "Zg=",
        "Zh==",
        "Zm9=",
        "Zm9v\n",
        " Zm9v",
        "Zm9v====",
        "Z===",
        "====",
        "Zm-v",
        "Zm9v*"
      })
  void looseBase64IsNone(String text) { // P7
    assertNull(StrictBase64.decode(text.getBytes(UTF_8)));
  }

  @Test
  void base64OfEveryLengthIsReadBack() {
    for (int length = 0; length < 70; length++) {
      byte[] octets = new byte[length];
      for (int i = 0; i < length; i++) {
        octets[i] = (byte) (i * 37 - length);
      }
      assertArrayEquals(octets, StrictBase64.decode(StrictBase64.encode(octets)));
    }
    assertNull(StrictBase64.decode(new byte[] {(byte) 0xc3, (byte) 0xa4, 'A', 'A'}));
  }

  @Test
  void passwordMayHoldAnyOctetButLineEndsAndNul() {
    assertTrue(LoginOctets.isPassword("\u00ff\u0001 \"{1}".getBytes(ISO_8859_1)));
    assertFalse(LoginOctets.isPassword(new byte[] {'a', 0}));
    assertFalse(LoginOctets.isPassword(new byte[] {'a', '\r'}));
    assertFalse(LoginOctets.isPassword(new byte[] {'\n', 'a'}));
  }

  private static String reveal(@Nullable SaslMessage message) {
    assertNotNull(message);
    return new String(message.secret().copy(), UTF_8);
  }
}
