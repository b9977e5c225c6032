package org.openmmp.proxy.imap;

import static org.openmmp.proxy.imap.ClientRow.ABUSE;
import static org.openmmp.proxy.imap.ClientRow.clear;
import static org.openmmp.proxy.imap.ClientRow.loggedIn;
import static org.openmmp.proxy.imap.ClientRow.row;
import static org.openmmp.proxy.session.DialogueFixtures.base64;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ImapCommandsTest {
  private static final String LISTED = "OK That is what there is before login.\n";
  private static final String MECHANISMS = " AUTH=PLAIN AUTH=LOGIN AUTH=OAUTHBEARER AUTH=XOAUTH2";
  private static final String UNKNOWN = "BAD Not a command, or not one before login.\n";

  private static String bad(String tag) {
    return tag + " " + UNKNOWN;
  }

  static Stream<ClientRow> commands() { // B3.1
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
        row(
            "enable",
            "a ENABLE UTF8=ACCEPT\r\n",
            "a OK Nothing is enabled before login.\n"), // B3.16
        row("a space behind a command", "a NOOP \r\n", "a OK Nothing done.\n"), // B3.16
        row("a tag that is the untagged one", "* NOOP\r\n", "* BAD Invalid tag.\n"),
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
        row("id nil", "a ID NIL\r\n", "* ID (\"name\" \"OpenMMP\")\na OK Pleased to meet you.\n"),
        row(
            "id list",
            "a ID (\"name\" \"x\" \"os\" nil)\r\n",
            "* ID (\"name\" \"OpenMMP\")\na OK Pleased to meet you.\n"),
        row("id empty", "a ID ()\r\n", "* ID (\"name\" \"OpenMMP\")\na OK Pleased to meet you.\n"),
        row(
            "id literals",
            "a ID (\"name\" {3}\r\nx)y {2+}\r\nos {1}\r\nu)\r\n",
            "+ Go on.\n+ Go on.\n* ID (\"name\" \"OpenMMP\")\na OK Pleased to meet you.\n"),
        row(
            "id malformed",
            "a ID (name \"x\")\r\n",
            "a BAD Malformed ID, or a field that is too long.\n"),
        row(
            "id bare",
            "a ID\r\n",
            "* ID (\"name\" \"OpenMMP\")\na OK Pleased to meet you.\n"), // B3.16
        row(
            "id with odd spaces",
            "a ID  ( \"name\"  \"x\"\"os\" \"y\" \"z\" ) \r\n",
            "* ID (\"name\" \"OpenMMP\")\na OK Pleased to meet you.\n"));
  }

  static Stream<ClientRow> pipelines() { // P13, B3.4
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
  @MethodSource({"commands", "pipelines"})
  void everyRowIsTheSameAtEverySplit(ClientRow row) {
    row.assertSameAtEverySplit();
  }
}
