package org.openmmp.proxy.pop3;

import static org.openmmp.proxy.pop3.Pop3Fixtures.store;
import static org.openmmp.proxy.session.DialogueFixtures.base64;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.proxy.session.DialogueRow;
import org.openmmp.routing.TlsPolicy;

final class Pop3LoginAnswersTest {
  private static final String CAPA_USER = "+OK Hello\r\n+OK\r\nUSER\r\n.\r\n";
  private static final String CAPA_PLAIN = "+OK Hello\r\n+OK\r\nSASL PLAIN\r\n.\r\n";
  private static final String USER = "<greeted>CAPA\nUSER alice\n";
  private static final String PASS = USER + "PASS secret\n";
  private static final String AUTH =
      "<greeted>CAPA\nAUTH PLAIN " + base64("\0alice\0secret") + "\n";

  static Stream<DialogueRow> answers() { // B4.3
    return Stream.of(
        pass("accepted", "+OK 2 messages\r\n", "<ACCEPTED||+OK 2 messages><rest>"),
        pass("accepted without words", "+ok\r\n", "<ACCEPTED||><rest>"),
        pass("and more", "+OK Hi\r\n+OK 2 320\r\nz", "<ACCEPTED||+OK Hi><rest>+OK 2 320\nz"),
        pass("LF alone", "+OK Hi\nz", "<ACCEPTED||+OK Hi><rest>z"),
        pass("wrong", "-ERR [AUTH] no\r\n", "<AUTH_REJECTED||-ERR [AUTH] no><rest>"),
        pass("without code", "-ERR no\r\n", "<AUTH_REJECTED||-ERR no><rest>"),
        pass("bare", "-err\r\n", "<AUTH_REJECTED||-ERR ><rest>"),
        refused("a code of its own", "[LOCK] no"),
        refused("alert", "[ALERT] Call us"),
        refused("permanent", "[sys/perm] POP3 is not for you"), // B3.10
        refused("two codes", "[ALERT] [LOCK] no"),
        pass(
            "wrong with an alert",
            "-ERR [ALERT] [AUTH] no\r\n",
            "<AUTH_REJECTED||-ERR [ALERT] [AUTH] no><rest>"),
        pass("in use", "-ERR [in-use] x\r\n", "<MAILBOX_BUSY||-ERR [in-use] x><rest>"),
        pass("too soon", "-ERR [LOGIN-DELAY] x\r\n", "<MAILBOX_BUSY||-ERR [LOGIN-DELAY] x><rest>"),
        temporary("temporary", "[SYS/TEMP] x"),
        temporary("unknown", "[SYS/OTHER] x"),
        temporary("bare", "[SYS] x"),
        temporary("unclosed", "[SYS/TEMP x"),
        temporary("no slash", "[SYS TEMP] x"),
        temporary("a second code", "[X] [SYS/TEMP] x"),
        temporary("like a referral", "[SYS/REFERENCE/huey] x"),
        pass(
            "two spaces",
            "-ERR  [SYS/TEMP] x\r\n",
            "<TEMPORARY_FAILURE||-ERR [SYS/TEMP] x><rest>"));
  }

  static Stream<DialogueRow> referrals() { // B4.2, R6, R7
    return Stream.of(
        referral("plain", "[SYS/REFER/dewey] Go", "@dewey:0"),
        referral("any case", "[sys/Refer/Dewey.Example.COM]", "@dewey.example.com:0"),
        referral("IPv6 in brackets", "[SYS/REFER/[2001:DB8::7]] Go", "@2001:db8::7:0"),
        referral("IPv6 without", "[SYS/REFER/2001:db8::7] Go", "@2001:db8::7:0"),
        referral("port", "[SYS/REFER/dewey:1110] Go", "@dewey:1110"),
        referral("user and port", "[REFERRAL/alice@dewey:110] Go", "alice@dewey:110"),
        referral("user with domain", "[referral/al@x.org@dewey] Go", "al@x.org@dewey:0"),
        referral("no user", "[REFERRAL/dewey] Go", "@dewey:0"),
        referral("user and IPv6", "[REFERRAL/al@[::1]:110] Go", "al@::1:110"),
        referral("behind another code", "[X] [SYS/REFER/dewey] Go", "@dewey:0"),
        referral("the first of two", "[SYS/REFER/a] [SYS/REFER/b] Go", "@a:0"),
        unusable("empty host", "[SYS/REFER/] Go"),
        unusable("no host", "[SYS/REFER] Go"),
        unusable("unclosed", "[SYS/REFER/dewey Go"),
        unusable("bad port", "[SYS/REFER/dewey:0] Go"),
        unusable("large port", "[REFERRAL/a@dewey:65536] Go"),
        unusable("two ports", "[REFERRAL/a@dewey:1:2] Go"),
        unusable("space in host", "[SYS/REFER/de wey] Go"),
        unusable("control in host", "[SYS/REFER/de\u0001wey] Go"),
        unusable("control in user", "[REFERRAL/a\u0001@dewey] Go"),
        unusable("broken UTF-8 in user", "[REFERRAL/\u00e4@dewey] Go"),
        unusable("escapes", "[SYS/REFER/de%0d%0awey] Go"),
        unusable("no IPv6", "[SYS/REFER/[dewey]] Go"),
        unusable("bare word", "[REFERRAL] Go"),
        unusable("long", "[SYS/REFER/" + "x".repeat(256) + "] Go"),
        store(
            "as the greeting",
            TlsPolicy.STARTTLS,
            "-ERR [SYS/REFER/dewey] Go\r\n",
            "<REFERRED to @dewey:0||><rest>"),
        store(
            "greeting of Dovecot's form",
            TlsPolicy.OFF,
            "-ERR [REFERRAL/a@dewey:110] Go\r\n",
            "<REFERRED to a@dewey:110||><rest>"),
        store(
            "greeting that cannot be used",
            TlsPolicy.OFF,
            "-ERR [SYS/REFER/] Go\r\n",
            "<TEMPORARY_FAILURE||><rest>"),
        store("refused", TlsPolicy.OFF, "-ERR [SYS/TEMP] no\r\n", "<REFUSED_GREETING||><rest>"),
        store("refused bare", TlsPolicy.OFF, "-ERR\r\n", "<REFUSED_GREETING||><rest>"));
  }

  static Stream<DialogueRow> positions() { // B4.2, B2.5, R7
    String go = "-ERR [SYS/REFER/dewey] Go\r\n";
    String to = "<REFERRED to @dewey:0||><rest>";
    return Stream.of(
        store("to USER", TlsPolicy.OFF, CAPA_USER + go, USER + to),
        store("to PASS", TlsPolicy.OFF, CAPA_USER + "+OK\r\n" + go, PASS + to),
        store("to AUTH", TlsPolicy.OFF, CAPA_PLAIN + go, AUTH + to),
        store(
            "no such user",
            TlsPolicy.OFF,
            CAPA_USER + "-ERR who?\r\n",
            USER + "<AUTH_REJECTED||-ERR who?><rest>"),
        store(
            "user's store down",
            TlsPolicy.OFF,
            CAPA_USER + "-ERR [SYS/TEMP] x\r\n",
            USER + "<TEMPORARY_FAILURE||-ERR [SYS/TEMP] x><rest>"),
        store(
            "no referral to CAPA",
            TlsPolicy.OFF,
            "+OK Hello\r\n" + go,
            "<greeted>CAPA\nUSER alice\n"));
  }

  @ParameterizedTest
  @MethodSource({"answers", "referrals", "positions"})
  void everyRowIsTheSameAtEverySplit(DialogueRow row) {
    row.assertSameAtEverySplit();
  }

  private static DialogueRow pass(String name, String in, String out) {
    return store(name, TlsPolicy.OFF, CAPA_USER + "+OK\r\n" + in, PASS + out);
  }

  private static DialogueRow temporary(String name, String text) {
    return pass(name, "-ERR " + text + "\r\n", "<TEMPORARY_FAILURE||-ERR " + text + "><rest>");
  }

  private static DialogueRow refused(String name, String text) {
    return pass(name, "-ERR " + text + "\r\n", "<USER_REFUSED||-ERR " + text + "><rest>");
  }

  private static DialogueRow referral(String name, String text, String to) {
    return pass(name, "-ERR " + text + "\r\n", "<REFERRED to " + to + "||><rest>");
  }

  private static DialogueRow unusable(String name, String text) {
    return pass(name, "-ERR " + text + "\r\n", "<TEMPORARY_FAILURE||><rest>");
  }
}
