package org.openmmp.proxy.imap;

import static org.openmmp.proxy.imap.ClientRow.ABUSE;
import static org.openmmp.proxy.imap.ClientRow.PRIVACY;
import static org.openmmp.proxy.imap.ClientRow.SYNTAX;
import static org.openmmp.proxy.imap.ClientRow.WRONG;
import static org.openmmp.proxy.imap.ClientRow.clear;
import static org.openmmp.proxy.imap.ClientRow.loggedIn;
import static org.openmmp.proxy.imap.ClientRow.row;
import static org.openmmp.proxy.session.DialogueFixtures.EXEMPT;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ImapLoginCommandTest {
  static Stream<ClientRow> logins() { // B3.1, P1, P10
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
        row("backslash atom", "a LOGIN a\\b x\r\n", loggedIn("COMMAND a\\b  x", "a", "")), // B3.16
        row("password with CRLF", "a LOGIN alice {4+}\r\nx\r\ny\r\n", "a " + SYNTAX),
        row("name with CRLF", "a LOGIN {4+}\r\nx\r\ny x\r\n", "a " + SYNTAX),
        row("name with NUL", "a LOGIN {3+}\r\nx\0y x\r\n", "a " + SYNTAX),
        row("name no UTF-8", "a LOGIN \"\u00ff\" x\r\n", "a " + SYNTAX), // P9
        row("name cut UTF-8", "a LOGIN {2+}\r\na\u00c3 x\r\n", "a " + SYNTAX), // P9
        row("odd domains", "a LOGIN @ x\r\n", loggedIn("COMMAND @  x", "a", "")), // P9
        row("one argument", "a LOGIN alice\r\n", "a " + SYNTAX),
        row("three arguments", "a LOGIN alice b c\r\n", "a " + SYNTAX),
        row("spaces", "a LOGIN  alice  b  \r\n", loggedIn("COMMAND alice  b", "a", "")), // B3.16
        row(
            "no space",
            "a LOGIN \"alice\"\"b\"\r\n",
            loggedIn("COMMAND alice  b", "a", "")), // B3.16
        row("no space behind an atom", "a LOGIN alice\"b\"\r\n", "a " + SYNTAX),
        row(
            "no space behind a literal",
            "a LOGIN {1+}\r\na{1+}\r\nb \r\n",
            loggedIn("COMMAND a  b", "a", "")), // B3.16
        row(
            "tab in quotes",
            "a LOGIN alice \"b\tc\"\r\n",
            loggedIn("COMMAND alice  b\tc", "a", "")), // B3.16
        row("tab between", "a LOGIN alice\tb\r\n", "a " + SYNTAX),
        row("unclosed quote", "a LOGIN alice \"b\r\n", "a " + SYNTAX),
        row(
            "escape that need not be",
            "a LOGIN alice \"b\\@\"\r\n",
            loggedIn("COMMAND alice  b@", "a", "")), // B3.16
        row("escape at end", "a LOGIN alice \"b\\\r\n", "a " + SYNTAX),
        row("list", "a LOGIN (alice) x\r\n", "a " + SYNTAX),
        row("no password", "a LOGIN alice \"\"\r\n", "a " + WRONG),
        row("no password, literal", "a LOGIN alice {0+}\r\n\r\n", "a " + WRONG), // P6
        row("no name", "a LOGIN \"\" x\r\n", "a " + WRONG),
        new ClientRow(
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

  static Stream<ClientRow> literals() { // P6, B6.1
    String tooBig = "a BAD Literal too big.\n";
    String noop = "b OK Nothing done.\n";
    return Stream.of(
        row("too big", "a LOGIN {101}\r\nb NOOP\r\n", tooBig + noop),
        row("4 GiB", "a LOGIN {4294967295}\r\nb NOOP\r\n", tooBig + noop),
        row("endless digits", "a LOGIN {" + "9".repeat(300) + "}\r\nb NOOP\r\n", tooBig + noop),
        row(
            "leading zeros",
            "a LOGIN {001+}\r\na {01}\r\nb\r\n",
            "+ Go on.\n" + loggedIn("COMMAND a  b", "a", "")), // B3.16
        row("2 GiB at once", "a LOGIN {2147483648+}\r\nb NOOP\r\n", ABUSE),
        row("too big at once", "a LOGIN {101+}\r\nb NOOP\r\n", ABUSE),
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
        row("much in all", "a LOGIN " + ("{100+}\r\n" + "x".repeat(100)).repeat(9), ABUSE));
  }

  @ParameterizedTest
  @MethodSource({"logins", "literals"})
  void everyRowIsTheSameAtEverySplit(ClientRow row) {
    row.assertSameAtEverySplit();
  }
}
