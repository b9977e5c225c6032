package org.openmmp.proxy.imap;

import static org.openmmp.proxy.imap.ClientRow.ABUSE;
import static org.openmmp.proxy.imap.ClientRow.PRIVACY;
import static org.openmmp.proxy.imap.ClientRow.WRONG;
import static org.openmmp.proxy.imap.ClientRow.clear;
import static org.openmmp.proxy.imap.ClientRow.loggedIn;
import static org.openmmp.proxy.imap.ClientRow.row;
import static org.openmmp.proxy.session.DialogueFixtures.IN_CLEAR;
import static org.openmmp.proxy.session.DialogueFixtures.base64;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.directory.CertificateIdentity;

final class ImapAuthenticateTest {
  private static final String NO_RESPONSE = "BAD Invalid response for this mechanism.\n";

  static Stream<ClientRow> exchanges() { // B3.1
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
            "oauthbearer that names nobody", // B3.10
            "a AUTHENTICATE OAUTHBEARER " + base64("n,,\1auth=Bearer t\1\1") + "\r\n",
            "a NO [CANNOT] The message names no user, by whom your mailbox is found.\n"),
        row(
            "xoauth2",
            "a AUTHENTICATE XOAUTH2\r\n" + xoauth2 + "\r\n",
            "+ \n" + loggedIn("XOAUTH2 alice@example.com  tok", "a", "")),
        new ClientRow(
            "external",
            IN_CLEAR.underTls(CertificateIdentity.named("alice")),
            "a AUTHENTICATE EXTERNAL =\r\n",
            loggedIn("EXTERNAL alice  ", "a", "")),
        new ClientRow(
            "external asked",
            IN_CLEAR.underTls(CertificateIdentity.named("alice")),
            "a AUTHENTICATE EXTERNAL\r\n" + base64("alice") + "\r\n",
            "+ \n" + loggedIn("EXTERNAL alice  ", "a", "")),
        new ClientRow(
            "external as another, whom the directory may know as the same", // T11
            IN_CLEAR.underTls(CertificateIdentity.named("alice")),
            "a AUTHENTICATE EXTERNAL " + base64("bob") + "\r\n",
            loggedIn("EXTERNAL alice bob ", "a", "")),
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
            "a AUTHENTICATE  PLAIN  " + base64("\0alice\0secret") + "  \r\n", // B3.16
            loggedIn("PLAIN alice  secret", "a", "")),
        row(
            "a space behind a response", // B3.16
            "a AUTHENTICATE PLAIN \r\n" + base64("\0alice\0secret") + " \r\n",
            "+ \n" + loggedIn("PLAIN alice  secret", "a", "")),
        row(
            "a space behind the cancellation", // B3.16
            "a AUTHENTICATE PLAIN\r\n* \r\n",
            "+ \na BAD Authentication cancelled.\n"),
        row(
            "nothing",
            "a AUTHENTICATE\r\n",
            "a BAD AUTHENTICATE takes a mechanism and an initial response.\n"),
        clear( // B3.2
            "in the clear",
            "a AUTHENTICATE PLAIN\r\nb NOOP\r\nc AUTHENTICATE XOAUTH2 " + xoauth2 + "\r\n",
            "a " + PRIVACY + "b OK Nothing done.\nc " + PRIVACY));
  }

  @ParameterizedTest
  @MethodSource({"exchanges"})
  void everyRowIsTheSameAtEverySplit(ClientRow row) {
    row.assertSameAtEverySplit();
  }
}
