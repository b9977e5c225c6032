package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.imap.ImapFixtures.EXEMPT;
import static org.openmmp.proxy.imap.ImapFixtures.IN_CLEAR;
import static org.openmmp.proxy.imap.ImapFixtures.LOGGED_IN;
import static org.openmmp.proxy.imap.ImapFixtures.UNDER_TLS;
import static org.openmmp.proxy.imap.ImapFixtures.base64;
import static org.openmmp.proxy.imap.ImapFixtures.octets;
import static org.openmmp.proxy.imap.ImapFixtures.settings;
import static org.openmmp.proxy.imap.ImapFixtures.talk;
import static org.openmmp.proxy.imap.ImapFixtures.text;
import static org.openmmp.proxy.imap.ImapFixtures.write;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.proxy.session.ClientFacts;
import org.openmmp.proxy.session.Farewell;
import org.openmmp.wire.Splits;

final class ImapClientDialogueTest {
  private static final String ACCEPTED = "* CAPABILITY IMAP4rev1 IDLE\n";
  private static final String LISTED = "OK That is what there is before login.\n";
  private static final String MECHANISMS = " AUTH=PLAIN AUTH=LOGIN AUTH=OAUTHBEARER AUTH=XOAUTH2";
  private static final String PRIVACY = "NO [PRIVACYREQUIRED] Begin TLS first.\n";
  private static final String SYNTAX = "BAD LOGIN takes a name and a password.\n";
  private static final String UNKNOWN = "BAD Not a command, or not one before login.\n";
  private static final String NO_RESPONSE = "BAD Invalid response for this mechanism.\n";
  private static final String WRONG = "NO [AUTHENTICATIONFAILED] Authentication failed.\n";
  private static final String ABUSE =
      "* BYE Too many bad commands, or one that is too long.\n<close>";

  /** What a client sends and what comes of it. */
  record Row(String name, ClientFacts facts, String in, String out) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Row row(String name, String in, String out) {
    return new Row(name, UNDER_TLS, in, out);
  }

  private static Row clear(String name, String in, String out) {
    return new Row(name, IN_CLEAR, in, out);
  }

  static Stream<Row> commands() { // B3.1
    return Stream.of(
        row("noop", "a1 NOOP\r\nb noop\r\n", "a1 OK Nothing done.\nb OK Nothing done.\n"),
        row("logout", "a LOGOUT\r\nb NOOP\r\n", "* BYE Logging out.\na OK Logged out.\n<close>"),
        row(
            "capability",
            "a CAPABILITY\r\n",
            "* CAPABILITY IMAP4rev1 IDLE SASL-IR ID" + MECHANISMS + "\na " + LISTED),
        clear(
            "capability in the clear", // B3.2
            "a CAPABILITY\r\n",
            "* CAPABILITY IMAP4rev1 IDLE SASL-IR ID STARTTLS LOGINDISABLED\na " + LISTED),
        row("noop with argument", "a NOOP x\r\n", "a BAD This command has no arguments.\n"),
        row("LF alone", "a NOOP\nb NOOP\n", "a OK Nothing done.\nb OK Nothing done.\n"), // P11
        row("unknown", "a SELECT INBOX\r\n", "a " + UNKNOWN),
        row("enable", "a ENABLE UTF8=ACCEPT\r\n", "a " + UNKNOWN),
        row("no command", "a\r\na \r\n", "a " + UNKNOWN + "a " + UNKNOWN),
        row("empty line", "\r\n", "* BAD Invalid tag.\n"),
        row("bad tags", "+ NOOP\r\n{ NOOP\r\n", "* BAD Invalid tag.\n* BAD Invalid tag.\n"),
        row("huge tag", "t".repeat(129) + " NOOP\r\n", "* BAD Invalid tag.\n"), // P11
        row("longest tag", "t".repeat(128) + " NOOP\r\n", "t".repeat(128) + " OK Nothing done.\n"),
        row("format in tag", "%s%n$jndi:x NOOP\r\n", "%s%n$jndi:x OK Nothing done.\n"), // P4
        row("control character", "a NO\1OP\r\nb NOOP \0\r\n", "a " + UNKNOWN + "b " + UNKNOWN),
        row("bare CR", "a NOOP\rb NOOP\r\n", "a " + UNKNOWN),
        row(
            "three bad ones",
            "a X\r\nb X\r\nc X\r\nd NOOP\r\n",
            bad("a") + bad("b") + bad("c") + ABUSE),
        row( // T7
            "http",
            "GET / HTTP/1.1\r\nHost: mail.example.com\r\nUser-Agent: x/1\r\nAccept: */*\r\n\r\n",
            bad("GET") + bad("Host:") + bad("User-Agent:") + ABUSE),
        row("empty lines", "\r\n".repeat(50), "* BAD Invalid tag.\n".repeat(3) + ABUSE), // P11
        row("long line", "a NOOP " + "(".repeat(500), ABUSE), // P5
        row("long line ends", "a NOOP " + "(".repeat(500) + "\r\nb NOOP\r\n", ABUSE),
        row("id nil", "a ID NIL\r\n", "* ID NIL\na OK Pleased to meet you.\n"),
        row(
            "id list",
            "a ID (\"name\" \"x\" \"os\" nil)\r\n",
            "* ID NIL\na OK Pleased to meet you.\n"),
        row("id empty", "a ID ()\r\n", "* ID NIL\na OK Pleased to meet you.\n"),
        row(
            "id literals",
            "a ID (\"name\" {3}\r\nx)y {2+}\r\nos {1}\r\nu)\r\n",
            "+ Go on.\n+ Go on.\n* ID NIL\na OK Pleased to meet you.\n"),
        row(
            "id malformed",
            "a ID (\"name\")\r\n",
            "a BAD Malformed ID, or a field that is too long.\n"),
        row("id bare", "a ID\r\n", "a BAD Malformed ID, or a field that is too long.\n"));
  }

  private static String bad(String tag) {
    return tag + " " + UNKNOWN;
  }

  private static String loggedIn(String credentials, String tag, String rest) {
    return "<login " + credentials + ">" + ACCEPTED + tag + " OK Logged in\n<rest>" + rest;
  }

  static Stream<Row> logins() { // B3.1, P1, P10
    return Stream.of(
        row("atoms", "a LOGIN alice secret\r\n", loggedIn("COMMAND alice  secret", "a", "")),
        row("any case", "a login alice secret\r\n", loggedIn("COMMAND alice  secret", "a", "")),
        row(
            "quoted",
            "a LOGIN \"al ice\" \"s\\\"e\\\\c{3}\"\r\n",
            loggedIn("COMMAND al ice  s\"e\\c{3}", "a", "")),
        row("odd atoms", "a LOGIN a%b* p]%*\r\n", loggedIn("COMMAND a%b*  p]%*", "a", "")),
        row(
            "literals",
            "a LOGIN {5}\r\nalice {8}\r\nse\"c r{}\r\n",
            "+ Go on.\n+ Go on.\n" + loggedIn("COMMAND alice  se\"c r{}", "a", "")),
        row(
            "non-synchronizing literals",
            "a LOGIN {5+}\r\nalice {6+}\r\nsecret\r\n",
            loggedIn("COMMAND alice  secret", "a", "")),
        row("backslash quoted", "a LOGIN \"a\\\\b\" x\r\n", loggedIn("COMMAND a\\b  x", "a", "")),
        row(
            "backslash literal",
            "a LOGIN {3+}\r\na\\b x\r\n",
            loggedIn("COMMAND a\\b  x", "a", "")),
        row("backslash atom", "a LOGIN a\\b x\r\n", "a " + SYNTAX),
        row("password with CRLF", "a LOGIN alice {4+}\r\nx\r\ny\r\n", "a " + SYNTAX),
        row("name with CRLF", "a LOGIN {4+}\r\nx\r\ny x\r\n", "a " + SYNTAX),
        row("name with NUL", "a LOGIN {3+}\r\nx\0y x\r\n", "a " + SYNTAX),
        row("name no UTF-8", "a LOGIN \"\u00ff\" x\r\n", "a " + SYNTAX), // P9
        row("name cut UTF-8", "a LOGIN {2+}\r\na\u00c3 x\r\n", "a " + SYNTAX), // P9
        row("odd domains", "a LOGIN @ x\r\n", loggedIn("COMMAND @  x", "a", "")), // P9
        row("one argument", "a LOGIN alice\r\n", "a " + SYNTAX),
        row("three arguments", "a LOGIN alice b c\r\n", "a " + SYNTAX),
        row("two spaces", "a LOGIN  alice b\r\n", "a " + SYNTAX),
        row("unclosed quote", "a LOGIN alice \"b\r\n", "a " + SYNTAX),
        row("bad escape", "a LOGIN alice \"b\\c\"\r\n", "a " + SYNTAX),
        row("escape at end", "a LOGIN alice \"b\\\r\n", "a " + SYNTAX),
        row("list", "a LOGIN (alice) x\r\n", "a " + SYNTAX),
        row("no password", "a LOGIN alice \"\"\r\n", "a " + WRONG),
        row("no password, literal", "a LOGIN alice {0+}\r\n\r\n", "a " + WRONG), // P6
        row("no name", "a LOGIN \"\" x\r\n", "a " + WRONG),
        new Row(
            "loopback is exempt", // B3.2
            EXEMPT,
            "a LOGIN alice secret\r\n",
            loggedIn("COMMAND alice  secret", "a", "")),
        clear(
            "in the clear", // B3.2
            "a LOGIN alice secret\r\nb NOOP\r\n",
            "a " + PRIVACY + "b OK Nothing done.\n"),
        clear(
            "literal is not asked for in the clear", // B3.2
            "a LOGIN {5}\r\nb NOOP\r\n",
            "a " + PRIVACY + "b OK Nothing done.\n"),
        clear(
            "second literal is not asked for in the clear",
            "a LOGIN alice {5}\r\nb NOOP\r\n",
            "a " + PRIVACY + "b OK Nothing done.\n"),
        clear(
            "non-synchronizing literal in the clear is no command",
            "a LOGIN {10+}\r\nx LOGOUT\r\n {3+}\r\nabc\r\nb NOOP\r\n",
            "a " + PRIVACY + "b OK Nothing done.\n"));
  }

  static Stream<Row> literals() { // P6, B6.1
    String tooBig = "a BAD Literal too big.\n";
    String noop = "b OK Nothing done.\n";
    return Stream.of(
        row("too big", "a LOGIN {101}\r\nb NOOP\r\n", tooBig + noop),
        row("4 GiB", "a LOGIN {4294967295}\r\nb NOOP\r\n", tooBig + noop),
        row("endless digits", "a LOGIN {" + "9".repeat(300) + "}\r\nb NOOP\r\n", tooBig + noop),
        row("leading zeros", "a LOGIN {005}\r\nb NOOP\r\n", tooBig + noop),
        row("2 GiB at once", "a LOGIN {2147483648+}\r\nb NOOP\r\n", ABUSE),
        row("too big at once", "a LOGIN {101+}\r\nb NOOP\r\n", ABUSE),
        row("leading zeros at once", "a LOGIN {005+}\r\nb NOOP\r\n", ABUSE),
        row("negative at once", "a LOGIN {-1+}\r\nb NOOP\r\n", ABUSE),
        row("negative", "a LOGIN {-1}\r\nb NOOP\r\n", "a " + SYNTAX + noop),
        row("no number", "a LOGIN {}\r\nb NOOP\r\n", "a " + SYNTAX + noop),
        row("literal8", "a LOGIN ~{1}\r\nx x\r\nb NOOP\r\n", "+ Go on.\na " + SYNTAX + noop),
        row(
            "not in this command",
            "a NOOP {5}\r\nb NOOP\r\n",
            "a BAD No such command before login, or no literal in it.\n" + noop),
        row(
            "without tag",
            "{5}\r\nb NOOP\r\n",
            "* BAD No such command before login, or no literal in it.\n" + noop),
        row("many", "a LOGIN " + "{1+}\r\nx".repeat(10_000), ABUSE),
        row(
            "many asked for",
            "a ID (" + "{1}\r\nx ".repeat(65),
            "+ Go on.\n".repeat(64) + "a BAD Literal too big.\n"),
        row("much in all", "a LOGIN " + ("{100+}\r\n" + "x".repeat(100)).repeat(8), ABUSE));
  }

  static Stream<Row> exchanges() { // B3.1
    String plain = base64("\0alice\0secret");
    String token = base64("n,a=alice@example.com,\1auth=Bearer tok\1\1");
    String xoauth2 = base64("user=alice@example.com\1auth=Bearer tok\1\1");
    String done = loggedIn("PLAIN alice  secret", "a", "");
    return Stream.of(
        row("plain at once", "a AUTHENTICATE PLAIN " + plain + "\r\n", done),
        row("plain", "a authenticate plain\r\n" + plain + "\r\n", "+ \n" + done),
        row(
            "plain as another",
            "a AUTHENTICATE PLAIN " + base64("bob\0alice\0secret") + "\r\n",
            loggedIn("PLAIN alice bob secret", "a", "")),
        row(
            "plain as oneself",
            "a AUTHENTICATE PLAIN " + base64("alice\0alice\0secret") + "\r\n",
            done),
        row(
            "login",
            "a AUTHENTICATE LOGIN\r\n" + base64("alice") + "\r\n" + base64("secret") + "\r\n",
            "+ VXNlcm5hbWU6\n+ UGFzc3dvcmQ6\n" + loggedIn("LOGIN alice  secret", "a", "")),
        row(
            "login at once",
            "a AUTHENTICATE LOGIN " + base64("alice") + "\r\n" + base64("secret") + "\r\n",
            "+ UGFzc3dvcmQ6\n" + loggedIn("LOGIN alice  secret", "a", "")),
        row(
            "oauthbearer",
            "a AUTHENTICATE OAUTHBEARER " + token + "\r\n",
            loggedIn("OAUTHBEARER alice@example.com  tok", "a", "")),
        row(
            "xoauth2",
            "a AUTHENTICATE XOAUTH2\r\n" + xoauth2 + "\r\n",
            "+ \n" + loggedIn("XOAUTH2 alice@example.com  tok", "a", "")),
        new Row(
            "external",
            IN_CLEAR.underTls("alice"),
            "a AUTHENTICATE EXTERNAL =\r\n",
            loggedIn("EXTERNAL alice  ", "a", "")),
        new Row(
            "external asked",
            IN_CLEAR.underTls("alice"),
            "a AUTHENTICATE EXTERNAL\r\n" + base64("alice") + "\r\n",
            "+ \n" + loggedIn("EXTERNAL alice  ", "a", "")),
        new Row(
            "external as another", // T11
            IN_CLEAR.underTls("alice"),
            "a AUTHENTICATE EXTERNAL " + base64("bob") + "\r\n",
            "a " + WRONG),
        row( // T11
            "external without certificate",
            "a AUTHENTICATE EXTERNAL =\r\n",
            "a NO [CANNOT] No such mechanism.\n"),
        row("unknown", "a AUTHENTICATE GSSAPI\r\n", "a NO [CANNOT] No such mechanism.\n"),
        row(
            "the command is none",
            "a AUTHENTICATE command\r\n",
            "a NO [CANNOT] No such mechanism.\n"),
        row(
            "cancelled", // P8
            "a AUTHENTICATE PLAIN\r\n*\r\n".repeat(20) + "b NOOP\r\n",
            "+ \na BAD Authentication cancelled.\n".repeat(20) + "b OK Nothing done.\n"),
        row("broken base64", "a AUTHENTICATE PLAIN !\r\n", "a " + NO_RESPONSE), // P7
        row("loose base64", "a AUTHENTICATE PLAIN Zh==\r\n", "a " + NO_RESPONSE),
        row(
            "broken second",
            "a AUTHENTICATE LOGIN YWxpY2U=\r\n=\r\n",
            "+ UGFzc3dvcmQ6\na " + NO_RESPONSE),
        row(
            "CRLF in name",
            "a AUTHENTICATE PLAIN " + base64("\0a\r\nb\0x") + "\r\n",
            "a " + NO_RESPONSE),
        row(
            "CRLF in login name",
            "a AUTHENTICATE LOGIN " + base64("a\r\nb") + "\r\n",
            "a " + NO_RESPONSE),
        row(
            "CRLF in token name",
            "a AUTHENTICATE XOAUTH2 " + base64("user=a\r\nb\1auth=Bearer t\1\1") + "\r\n",
            "a " + NO_RESPONSE),
        row(
            "NUL in login password",
            "a AUTHENTICATE LOGIN " + base64("a") + "\r\n" + base64("x\0") + "\r\n",
            "+ UGFzc3dvcmQ6\na " + NO_RESPONSE),
        row("no password", "a AUTHENTICATE PLAIN " + base64("\0alice\0") + "\r\n", "a " + WRONG),
        row(
            "starttls inside",
            "a AUTHENTICATE PLAIN\r\nb STARTTLS\r\n",
            "+ \na " + NO_RESPONSE), // T5, T6
        row("too long", "a AUTHENTICATE PLAIN\r\n" + "A".repeat(501), "+ \n" + ABUSE),
        row(
            "two spaces",
            "a AUTHENTICATE PLAIN  x\r\n",
            "a BAD AUTHENTICATE takes a mechanism and an initial response.\n"),
        row(
            "nothing",
            "a AUTHENTICATE\r\n",
            "a BAD AUTHENTICATE takes a mechanism and an initial response.\n"),
        clear( // B3.2
            "in the clear",
            "a AUTHENTICATE PLAIN\r\nb NOOP\r\nc AUTHENTICATE XOAUTH2 " + xoauth2 + "\r\n",
            "a " + PRIVACY + "b OK Nothing done.\nc " + PRIVACY));
  }

  static Stream<Row> pipelines() { // P13, B3.4
    return Stream.of(
        row(
            "commands behind LOGIN wait",
            "a NOOP\r\nb LOGIN alice secret\r\nc SELECT INBOX\r\nd FETCH 1 {3}\r\n\0\r\n",
            "a OK Nothing done.\n"
                + loggedIn("COMMAND alice  secret", "b", "c SELECT INBOX\nd FETCH 1 {3}\n\0\n")),
        row(
            "half a command behind AUTHENTICATE waits",
            "a AUTHENTICATE PLAIN " + base64("\0alice\0secret") + "\r\nb SEL",
            loggedIn("PLAIN alice  secret", "a", "b SEL")));
  }

  @ParameterizedTest
  @MethodSource({"commands", "logins", "literals", "exchanges", "pipelines"})
  void everyRowIsTheSameAtEverySplit(Row row) {
    ImapSettings settings = settings("IMAP4rev1", "IDLE");
    byte[] in = octets(row.in());
    if (in.length > 5000) {
      assertEquals(row.out(), talk(settings, row.facts(), List.of(in)));
      return;
    }
    for (List<byte[]> split : Splits.everySplitOf(in)) {
      assertEquals(row.out(), talk(settings, row.facts(), split));
    }
  }

  @Test
  void greetingCarriesTheCapabilities() {
    StringBuilder seen = new StringBuilder();
    write(seen, new ImapClientDialogue(settings("IMAP4rev1"), IN_CLEAR).onOpen());
    assertEquals(
        "* OK [CAPABILITY IMAP4rev1 SASL-IR ID STARTTLS LOGINDISABLED] mail.example.com IMAP"
            + " service is ready.\r\n",
        seen.toString());
  }

  @Test
  void startTlsBeginsOnlyIfNothingWaitsBehindIt() { // T1
    ImapSettings settings = settings("IMAP4rev1");
    assertEquals(
        "a OK Begin TLS negotiation now.\n<tls>",
        talk(settings, IN_CLEAR, List.of(octets("a STARTTLS\r\n"))));
    for (String attack :
        List.of("a STARTTLS\r\nb NOOP\r\n", "a STARTTLS\nb NOOP\n", "a STARTTLS\r\nb")) {
      assertEquals(
          "* BYE Plain text was waiting behind STARTTLS.\n<close>",
          talk(settings, IN_CLEAR, List.of(octets(attack))));
    }
  }

  @Test
  void bytesThatComeWhileTlsBeginsEndTheConnection() { // T1
    for (List<byte[]> split : Splits.everySplitOf(octets("a STARTTLS\r\nb NOOP\r\n"))) {
      String seen = talk(settings("IMAP4rev1"), IN_CLEAR, split);
      assertTrue(seen.endsWith("* BYE Plain text was waiting behind STARTTLS.\n<close>"), seen);
      assertFalse(seen.contains("b OK"), seen);
    }
  }

  @Test
  void nothingFromBeforeSurvivesTls() { // T5, T6, B6.2
    ImapClientDialogue dialogue = new ImapClientDialogue(settings("IMAP4rev1"), IN_CLEAR);
    StringBuilder seen = new StringBuilder();
    write(seen, dialogue.onBytes(octets("a ID NIL\r\nb STARTTLS\r\n")));
    write(seen, dialogue.onTls(UNDER_TLS));
    seen.setLength(0);
    write(seen, dialogue.onBytes(octets("c STARTTLS\r\nd CAPABILITY\r\n")));
    assertEquals(
        "c BAD TLS is there already, or cannot be begun here.\n"
            + ("* CAPABILITY IMAP4rev1 SASL-IR ID" + MECHANISMS + "\nd " + LISTED),
        seen.toString().replace("\r\n", "\n"));
  }

  @Test
  void whatIsPipelinedBehindALoginIsBounded() { // B6.1
    ImapClientDialogue dialogue = new ImapClientDialogue(settings("IMAP4rev1"), UNDER_TLS);
    StringBuilder seen = new StringBuilder();
    write(seen, dialogue.onBytes(octets("a LOGIN alice secret\r\n" + "x".repeat(900))));
    assertEquals("<login COMMAND alice  secret>", seen.toString());
    assertEquals(900, dialogue.buffered());
    write(seen, dialogue.onBytes(new byte[101]));
    assertTrue(seen.toString().endsWith(ABUSE.replace("\n", "\r\n")), seen.toString());
    assertEquals(0, dialogue.buffered());
  }

  @Test
  void farewellIsSaidOnce() {
    for (Farewell why : Farewell.values()) {
      ImapClientDialogue dialogue = new ImapClientDialogue(settings("IMAP4rev1"), UNDER_TLS);
      String bye = text(dialogue.farewell(why));
      assertTrue(bye.startsWith("* BYE ") && bye.indexOf("\r\n") == bye.length() - 2, bye);
      assertArrayEquals(new byte[0], dialogue.farewell(why));
      assertEquals(List.of(), dialogue.onBytes(octets("a NOOP\r\n")));
    }
    ImapClientDialogue handedOver = new ImapClientDialogue(settings("IMAP4rev1"), UNDER_TLS);
    write(new StringBuilder(), handedOver.onBytes(octets("a LOGIN alice secret\r\n")));
    handedOver.accept(LOGGED_IN);
    assertArrayEquals(new byte[0], handedOver.farewell(Farewell.SHUTTING_DOWN));
  }

  @Test
  void manyCancelledExchangesKeepNothing() { // P8
    ImapClientDialogue dialogue = new ImapClientDialogue(settings("IMAP4rev1"), UNDER_TLS);
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      write(new StringBuilder(), dialogue.onBytes(octets("a AUTHENTICATE PLAIN\r\n*\r\n")));
      if (dialogue.buffered() != 0) {
        kept.add(i);
      }
    }
    assertEquals(List.of(), kept);
  }
}
