package org.openmmp.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ReferralTest {
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          imap://dewey.example.com                            , ''              , dewey.example.com, 0
          imap://dewey.example.com/                           , ''              , dewey.example.com, 0
          IMAP://Dewey.Example.COM:1143/                      , ''              , dewey.example.com, 1143
          imap://alice@dewey/                                 , alice           , dewey            , 0
          imap://alice;AUTH=*@dewey:143/                      , alice           , dewey            , 143
          imap://;AUTH=PLAIN@dewey/                           , ''              , dewey            , 0
          imap://;auth=plain@dewey                            , ''              , dewey            , 0
          imap://al%69ce%40example.com@dewey/                 , alice@example.com, dewey           , 0
          imap://alice@example.com;AUTH=PLAIN@dewey:143/      , alice@example.com, dewey           , 143
          imap://j%c3%bcrgen@dewey/                           , jürgen          , dewey            , 0
          imap://[::1]                                        , ''              , ::1              , 0
          imap://[2001:DB8::7]:993/INBOX;UIDVALIDITY=1        , ''              , 2001:db8::7      , 993
          imap://a;AUTH=*@[::ffff:192.0.2.1]:1/               , a               , 192.0.2.1        , 1
          imap://192.0.2.9:143/                               , ''              , 192.0.2.9        , 143
          imap://%64ewey/                                     , ''              , dewey            , 0
          imap://dewey:/                                      , ''              , dewey            , 0
          imap://dewey?x                                      , ''              , dewey            , 0
          imap:///                                            , ''              , ''               , 0
          imap://                                             , ''              , ''               , 0
          imap://alice@/                                      , alice           , ''               , 0
          """)
  void serverPartIsRead(String text, String user, String host, int port) { // B3.5, R6
    assertEquals(new Referral(host, port, user, true), Referral.ofUrl(text, true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "imap",
        "imap:/dewey/",
        "pop://dewey/",
        "http://dewey/",
        "imap://dewey:0/",
        "imap://dewey:65536/",
        "imap://dewey:-1/",
        "imap://dewey:143x/",
        "imap://dewey:000143/",
        "imap://dewey:99999999999/",
        "imap://dew%0d%0aey/",
        "imap://dew%00ey/",
        "imap://a%0d%0ab@dewey/",
        "imap://a%00@dewey/",
        "imap://a%c3@dewey/",
        "imap://a%4@dewey/",
        "imap://dewey%4/",
        "imap://dewey%zz/",
        "imap://dew ey/",
        "imap://dew\rey/",
        "imap://d\u00e4wey/",
        "imap://dewey:143:144/",
        "imap://[::1/",
        "imap://[]/",
        "imap://[::1]x/",
        "imap://[fe80::1%25eth0]/",
        "imap://[v1.x]/",
        "imap://::1/",
        "imap://a;X=1@dewey/",
        "imap://dewey;AUTH=*/",
      })
  void anythingElseIsNone(String text) { // R6
    assertNull(Referral.ofUrl(text, false));
  }

  @Test
  void lengthIsBounded() { // R6
    assertNull(Referral.ofUrl("imap://" + "a".repeat(100 * 1024) + "/", false));
    assertNull(Referral.ofUrl("imap://" + "a".repeat(256) + "/", false));
    assertNotNull(Referral.ofUrl("imap://" + "a".repeat(255) + "/", false));
  }
}
