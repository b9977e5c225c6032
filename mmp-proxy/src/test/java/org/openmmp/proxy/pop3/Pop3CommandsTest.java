package org.openmmp.proxy.pop3;

import static org.openmmp.proxy.pop3.Pop3Fixtures.ABUSE;
import static org.openmmp.proxy.pop3.Pop3Fixtures.NEXT;
import static org.openmmp.proxy.pop3.Pop3Fixtures.PRIVACY;
import static org.openmmp.proxy.pop3.Pop3Fixtures.UNKNOWN;
import static org.openmmp.proxy.pop3.Pop3Fixtures.WRONG;
import static org.openmmp.proxy.pop3.Pop3Fixtures.client;
import static org.openmmp.proxy.pop3.Pop3Fixtures.loggedIn;
import static org.openmmp.proxy.session.DialogueFixtures.EXEMPT;
import static org.openmmp.proxy.session.DialogueFixtures.IN_CLEAR;
import static org.openmmp.proxy.session.DialogueFixtures.UNDER_TLS;
import static org.openmmp.proxy.session.DialogueFixtures.base64;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.proxy.session.DialogueRow;

final class Pop3CommandsTest {
  private static final String MECHANISMS = "PLAIN LOGIN OAUTHBEARER XOAUTH2";
  private static final String OFFERED =
      "+OK That is what there is before login.\nTOP\nUIDL\nUTF8\nRESP-CODES\nAUTH-RESP-CODE\n";
  private static final String PLAIN = base64("\0alice\0secret");
  private static final String NO_ARGUMENTS = "-ERR This command has no arguments.\n";
  private static final String SYNTAX = "-ERR AUTH takes a mechanism and an initial response.\n";
  private static final String INVALID = "-ERR Invalid response for this mechanism.\n";

  static Stream<DialogueRow> logins() { // B4.1, B4.4, P13
    return Stream.of(
        client(
            "user and pass",
            "USER alice\r\nPASS secret\r\n",
            NEXT + loggedIn("COMMAND alice  secret", "")),
        client(
            "pipelined in one packet",
            "USER alice\r\nPASS secret\r\nSTAT\r\nRETR 1\r\n",
            NEXT + loggedIn("COMMAND alice  secret", "STAT\nRETR 1\n")),
        client(
            "any case, LF alone",
            "user alice\nPaSs secret\nx",
            NEXT + loggedIn("COMMAND alice  secret", "x")),
        client(
            "spaces are the password's",
            "USER alice\r\nPASS  my  pass word \r\n",
            NEXT + loggedIn("COMMAND alice   my  pass word ", "")),
        client(
            "octets are kept",
            "USER j\u00c3\u00bc\r\nPASS p\u00e4\t{9}\r\n",
            NEXT + loggedIn("COMMAND j\u00fc  p\u00e4\t{9}", "")),
        client(
            "other commands between",
            "USER alice\r\nNOOP\r\nPASS secret\r\n",
            NEXT + "+OK Nothing done.\n" + loggedIn("COMMAND alice  secret", "")),
        client(
            "the last name counts",
            "USER bob\r\nUSER alice\r\nPASS secret\r\n",
            NEXT + NEXT + loggedIn("COMMAND alice  secret", "")),
        client(
            "exempt from TLS", EXEMPT, "USER a\r\nPASS b\r\n", NEXT + loggedIn("COMMAND a  b", "")),
        client(
            "plain with initial response", // RFC 5034
            "AUTH PLAIN " + PLAIN + "\r\nSTAT\r\n",
            loggedIn("PLAIN alice  secret", "STAT\n")),
        client(
            "plain asked for",
            "auth plain\r\n" + PLAIN + "\r\n",
            "+ \n" + loggedIn("PLAIN alice  secret", "")),
        client(
            "login mechanism",
            "AUTH LOGIN\r\n" + base64("alice") + "\r\n" + base64("secret") + "\r\n",
            "+ VXNlcm5hbWU6\n+ UGFzc3dvcmQ6\n" + loggedIn("LOGIN alice  secret", "")),
        client(
            "token",
            "AUTH XOAUTH2 " + base64("user=alice\1auth=Bearer tok\1\1") + "\r\n",
            loggedIn("XOAUTH2 alice  tok", "")),
        client(
            "xoauth2 that names nobody", // B3.10
            "AUTH XOAUTH2 " + base64("user=\1auth=Bearer tok\1\1") + "\r\n",
            "-ERR The message names no user, by whom your mailbox is found.\n"),
        client(
            "certificate, empty initial response",
            IN_CLEAR.underTls(CertificateIdentity.named("alice")),
            "AUTH EXTERNAL =\r\n",
            loggedIn("EXTERNAL alice  ", "")),
        client(
            "in UTF-8", // RFC 6856 section 2
            "UTF8\r\nUSER alice\r\nPASS secret\r\n",
            "+OK UTF-8 it is.\n" + NEXT + loggedIn("COMMAND alice  secret utf8", "")));
  }

  static Stream<DialogueRow> commands() { // B4.1, B3.2
    return Stream.of(
        client("capa", "CAPA\r\n", OFFERED + "USER\nSASL " + MECHANISMS + "\n.\n"),
        client("capa in clear", IN_CLEAR, "CAPA\r\n", OFFERED + "STLS\n.\n"),
        client(
            "capa with certificate",
            IN_CLEAR.underTls(CertificateIdentity.named("alice")),
            "capa\r\n",
            OFFERED + "USER\nSASL " + MECHANISMS + " EXTERNAL\n.\n"),
        client(
            "bare auth lists",
            "AUTH\r\n",
            "+OK These are there.\n" + MECHANISMS.replace(' ', '\n') + "\n.\n"),
        client("bare auth in clear", IN_CLEAR, "AUTH\r\n", "+OK These are there.\n.\n"),
        client("noop", "NOOP\r\nnoop \r\n", "+OK Nothing done.\n+OK Nothing done.\n"),
        client("quit", "QUIT\r\nNOOP\r\n", "+OK Goodbye.\n<close>"),
        client(
            "no apop",
            "APOP alice c4c9334bac560ecc979e58001b3e22fb\r\n",
            "-ERR APOP is not there.\n"),
        client("capa takes nothing", "CAPA x\r\n", NO_ARGUMENTS),
        client(
            "stls under TLS",
            "STLS\r\n",
            "-ERR TLS is there already, or cannot be begun here.\n"), // T6
        client(
            "no stls behind utf8", // RFC 6856 section 2
            IN_CLEAR,
            "UTF8\r\nSTLS\r\n",
            "+OK UTF-8 it is.\n-ERR TLS is there already, or cannot be begun here.\n"),
        client("user in clear", IN_CLEAR, "USER a\r\nPASS b\r\n", PRIVACY + PRIVACY),
        client("auth in clear", IN_CLEAR, "AUTH PLAIN " + PLAIN + "\r\n", PRIVACY),
        client("no such mechanism", "AUTH CRAM-MD5\r\n", "-ERR No such mechanism.\n"),
        client("external without certificate", "AUTH EXTERNAL =\r\n", "-ERR No such mechanism.\n"),
        client(
            "cancelled",
            "AUTH PLAIN\r\n*\r\nNOOP\r\n",
            "+ \n-ERR Authentication cancelled.\n+OK Nothing done.\n"),
        client(
            "no name is left behind one that is refused", // P1
            "USER a\r\nUSER \u00ff\r\nPASS b\r\n",
            NEXT + "-ERR USER takes a name.\n-ERR USER comes first.\n"),
        client("pass first", "PASS secret\r\n", "-ERR USER comes first.\n"),
        client(
            "pass once", "USER a\r\nPASS\r\nPASS b\r\n", NEXT + WRONG + "-ERR USER comes first.\n"),
        client(
            "name forgotten by auth",
            "USER a\r\nAUTH\r\nPASS b\r\n",
            NEXT
                + "+OK These are there.\n"
                + MECHANISMS.replace(' ', '\n')
                + "\n.\n-ERR USER comes first.\n"),
        client("empty password", "USER a\r\nPASS \r\n", NEXT + WRONG),
        client(
            "empty name",
            "USER\r\nUSER \r\n",
            "-ERR USER takes a name.\n-ERR USER takes a name.\n"));
  }

  static Stream<DialogueRow> attacks() { // P1, P9, P11, T7, B6.1
    return Stream.of(
        client("name of broken UTF-8", "USER \u00e4\r\n", "-ERR USER takes a name.\n"), // P9
        client("control in name", "USER a\u0001b\r\n", "-ERR USER takes a name.\n"),
        client("nul in password", "USER a\r\nPASS b\0c\r\n", NEXT + UNKNOWN), // P1
        client("bare CR in password", "USER a\r\nPASS b\rSTAT\r\n", NEXT + UNKNOWN),
        client("malformed base64", "AUTH PLAIN !\r\n", INVALID),
        client("line end in plain", "AUTH PLAIN " + base64("\0a\0b\r\nDELE 1") + "\r\n", INVALID),
        client("two responses", "AUTH PLAIN a b\r\n", SYNTAX),
        client( // B3.16
            "spaces around the words",
            "AUTH  PLAIN  " + PLAIN + " \r\n",
            loggedIn("PLAIN alice  secret", "")),
        client( // B3.16
            "spaces behind the lines",
            "AUTH PLAIN \r\n" + PLAIN + " \r\n",
            "+ \n" + loggedIn("PLAIN alice  secret", "")),
        client( // B3.16, RFC 1939 section 7
            "spaces around a name go, those of a password stay",
            "USER  alice \r\nPASS  se cret \r\n",
            "+OK Send the password.\n" + loggedIn("COMMAND alice   se cret ", "")),
        client("a space behind a command", "NOOP \r\n", "+OK Nothing done.\n"), // B3.16
        client(
            "web client",
            "GET / HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nX: y\r\n", // T7
            UNKNOWN.repeat(3) + ABUSE),
        client("commands of later", "STAT\r\nRETR 1\r\nDELE 1\r\n", UNKNOWN.repeat(3) + ABUSE),
        client("empty lines", "\r\n\r\n\r\n\r\n", UNKNOWN.repeat(3) + ABUSE),
        client("keyword without end", "N".repeat(17) + "\r\n", UNKNOWN),
        client("xclient of a stranger", "XCLIENT ADDR=10.0.0.1\r\n", UNKNOWN), // B3.12
        client("endless line", "USER " + "x".repeat(600), ABUSE),
        client("endless response", "AUTH PLAIN\r\n" + "x".repeat(600), "+ \n" + ABUSE),
        client("stls and more", IN_CLEAR, "STLS\r\n", "+OK Begin TLS negotiation now.\n<tls>"));
  }

  @ParameterizedTest
  @MethodSource({"logins", "commands", "attacks"})
  void everyRowIsTheSameAtEverySplit(DialogueRow row) {
    row.assertSameAtEverySplit();
  }

  @ParameterizedTest
  @MethodSource("names")
  void nameIsTakenAsItWasTyped(String name) { // P3, P4, P10, R10
    client(
            "",
            UNDER_TLS,
            "USER " + name + "\r\nPASS p\r\n",
            NEXT + loggedIn("COMMAND " + name + "  p", ""))
        .assertSameAtEverySplit();
  }

  static Stream<String> names() {
    return Stream.of(
        "*", "a)(mail=*", "\\2a", "a b", "a@evil:143", "a%evil", "evil!a", "%s%n${jndi:x}");
  }
}
