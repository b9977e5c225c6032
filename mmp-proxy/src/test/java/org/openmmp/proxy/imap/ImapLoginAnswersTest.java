package org.openmmp.proxy.imap;

import static org.openmmp.proxy.imap.StoreRow.GREETING;
import static org.openmmp.proxy.imap.StoreRow.PLAIN_IR;
import static org.openmmp.proxy.imap.StoreRow.row;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ImapLoginAnswersTest {
  private static final String DROPPED =
      """
      * 1 EXISTS
      * OK [ALERT] Look
      * OK [ALERT] [REFERRAL imap://x/] no
      * OK hm
      a1 OK hi
      P OK
      P11x OK
      * NO x
      * FLAGS ()

      * CAPABILITY X
      """;

  static Stream<StoreRow> answers() { // B2.5, B3.5, B3.10, R5, R6, R7
    return Stream.of(
        answer(
            "ok",
            "P1 OK [CAPABILITY X] Hi\r\n* 1 EXISTS\r\n",
            "<ACCEPTED||OK [CAPABILITY X] Hi><rest>* 1 EXISTS\n"),
        answer(
            "LF only", "P1 OK [CAPABILITY X] Hi\n* 1", "<ACCEPTED||OK [CAPABILITY X] Hi><rest>* 1"),
        answer(
            "untagged capability",
            "* CAPABILITY X\r\nP1 OK Hi\r\n",
            "<ACCEPTED|* CAPABILITY X|OK Hi><rest>"),
        answer(
            "capability is asked for", // B3.3
            "P1 OK Hi\r\n* CAPABILITY X Y\r\n* 1 EXISTS\r\nP2 OK\r\nz",
            "P2 CAPABILITY\n<ACCEPTED|* CAPABILITY X Y|OK Hi><rest>* 1 EXISTS\nz"),
        answer(
            "literal behind the login is not lost",
            "P1 OK\r\n* LIST () \"/\" {2}\r\nab\r\nP2 OK\r\n",
            "P2 CAPABILITY\n<ACCEPTED||OK Logged in.><rest>* LIST () \"/\" {2}\nab\n"),
        answer(
            "capability refused",
            "P1 OK Hi\r\nP2 BAD\r\n",
            "P2 CAPABILITY\n<ACCEPTED||OK Hi><rest>"),
        answer( // R7
            "ok referral",
            "* CAPABILITY X\r\nP1 OK [REFERRAL imap://alice;AUTH=PLAIN@Dewey:144/] Hi\r\n",
            "<REFERRED to alice@dewey:144 logged in|* CAPABILITY X|OK Hi><rest>"),
        answer(
            "ok referral displaced the list", // B3.3
            "P1 OK [REFERRAL imap://[::1]/]\r\n* CAPABILITY X\r\nP2 OK\r\n",
            "P2 CAPABILITY\n<REFERRED to @::1:0 logged in|* CAPABILITY X|OK Logged in.><rest>"),
        answer(
            "ok with two codes",
            "P1 OK [CAPABILITY X] [REFERRAL imap://dewey/] Hi\r\n",
            "<REFERRED to @dewey:0 logged in||OK [CAPABILITY X] Hi><rest>"),
        answer(
            "ok with two referrals",
            "P1 OK [REFERRAL imap://a/][REFERRAL imap://b/][CAPABILITY X] Hi\r\n",
            "<REFERRED to @a:0 logged in||OK [CAPABILITY X] Hi><rest>"),
        answer(
            "ok, empty host",
            "P1 OK [REFERRAL imap:///] [CAPABILITY X] Hi\r\n",
            "<ACCEPTED||OK [CAPABILITY X] Hi><rest>"),
        answer(
            "ok, no URL",
            "P1 OK [REFERRAL] [CAPABILITY X] Hi\r\n",
            "<ACCEPTED||OK [CAPABILITY X] Hi><rest>"),
        answer(
            "ok, unclosed",
            "* CAPABILITY X\r\nP1 OK [REFERRAL imap://dewey/ Hi\r\n",
            "<ACCEPTED|* CAPABILITY X|OK Logged in.><rest>"),
        answer( // R7
            "no referral",
            "P1 no [referral IMAP://al%40x;AUTH=*@dewey:143/] Go\r\n",
            "<REFERRED to al@x@dewey:143||NO Go><rest>"),
        answer(
            "no, bad port",
            "P1 NO [REFERRAL imap://dewey:0/] Go\r\n",
            "<TEMPORARY_FAILURE||NO Go><rest>"),
        answer(
            "no, control in host",
            "P1 NO [REFERRAL imap://d%0d%0a/] Go\r\n",
            "<TEMPORARY_FAILURE||NO Go><rest>"),
        answer(
            "no, unclosed",
            "P1 NO [REFERRAL imap://dewey/ Go\r\n",
            "<TEMPORARY_FAILURE||NO ><rest>"),
        answer(
            "bye with referral",
            "* BYE [REFERRAL imap://dewey/]\r\n",
            "<REFERRED to @dewey:0||><rest>"),
        answer("bye", "* BYE Down\r\nP1 OK\r\n", "<UNREACHABLE||><rest>P1 OK\n"),
        answer("no", "P1 NO Wrong\r\n", "<AUTH_REJECTED||NO Wrong><rest>"),
        answer("bare no", "P1 NO\r\n", "<AUTH_REJECTED||NO ><rest>"),
        answer(
            "failed",
            "P1 NO [AUTHENTICATIONFAILED] x\r\n",
            "<AUTH_REJECTED||NO [AUTHENTICATIONFAILED] x><rest>"),
        answer(
            "no authorization",
            "P1 NO [AUTHORIZATIONFAILED] x\r\n",
            "<AUTH_REJECTED||NO [AUTHORIZATIONFAILED] x><rest>"),
        answer(
            "the list is no code of a refusal",
            "P1 NO [CAPABILITY X] x\r\n",
            "<AUTH_REJECTED||NO x><rest>"),
        answer("unclosed", "P1 NO [ALERT x\r\n", "<USER_REFUSED||NO [ALERT x><rest>"),
        answer(
            "alerts are for the user",
            "* NO [ALERT] Look\r\n* BAD [ALERT] Here\r\n* CAPABILITY X\r\nP1 NO [LIMIT] x\r\n",
            "<USER_REFUSED|* NO [ALERT] Look|* BAD [ALERT] Here|NO [LIMIT] x><rest>"),
        answer(
            "what says that the store is out says more than a wrong password",
            "P1 NO [AUTHENTICATIONFAILED] [UNAVAILABLE] x\r\n",
            "<TEMPORARY_FAILURE||NO [AUTHENTICATIONFAILED] [UNAVAILABLE] x><rest>"),
        answer(
            "unavailable",
            "P1 NO [Unavailable] x\r\n",
            "<TEMPORARY_FAILURE||NO [Unavailable] x><rest>"),
        answer(
            "serverbug", "P1 NO [SERVERBUG] x\r\n", "<TEMPORARY_FAILURE||NO [SERVERBUG] x><rest>"),
        answer("in use", "P1 NO [INUSE] x\r\n", "<MAILBOX_BUSY||NO [INUSE] x><rest>"),
        answer("bad", "P1 BAD x\r\n", "<TEMPORARY_FAILURE||><rest>"),
        answer("bad password", "P1 BAD [AUTHENTICATIONFAILED] x\r\n", "<AUTH_REJECTED||><rest>"),
        answer("nonsense", "P1 MAYBE x\r\n", "<PROTOCOL_VIOLATION||><rest>"),
        answer( // B4
            "what may not pass",
            DROPPED + "P1 OK Hi\r\n",
            "<ACCEPTED|* OK [ALERT] Look|* CAPABILITY X|OK Hi><rest>"),
        answer(
            "literal is no response",
            "* ID (\"name\" {9}\r\nP1 OK Hi\r \"x\" {8}\r\nP1 OK x\r\n)\r\n* CAPABILITY X\r\nP1 NO x\r\n",
            "<AUTH_REJECTED||NO x><rest>"),
        answer("literal without bound", "* X {999999999999}\r\n", "<PROTOCOL_VIOLATION||><rest>"),
        answer("endless line", "* " + "x".repeat(8193), "<PROTOCOL_VIOLATION||>"), // B2
        answer(
            "endless lines",
            "* OK still working\r\n".repeat(10_000),
            "<PROTOCOL_VIOLATION||>")); // B2
  }

  static Stream<StoreRow> refusalsOfTheUser() { // B3.10
    return Stream.of(
            "[ALERT]",
            "[LIMIT]",
            "[OVERQUOTA]",
            "[NOPERM]",
            "[EXPIRED]",
            "[CONTACTADMIN]",
            "[PRIVACYREQUIRED]",
            "[CORRUPTION]",
            "[CANNOT]",
            "[CLIENTBUG]",
            "[X-MAINTENANCE]",
            "[WEBALERT https://x.example/]",
            "[SYS/TEMP]",
            "[alert]",
            "[ALERT] [X]",
            "[]")
        .map(
            code ->
                answer(
                    code,
                    "P1 NO " + code + " Call us\r\n",
                    "<USER_REFUSED||NO " + code + " Call us><rest>"));
  }

  private static StoreRow answer(String name, String in, String out) {
    return row(name, GREETING + in, PLAIN_IR + out);
  }

  @ParameterizedTest
  @MethodSource({"answers", "refusalsOfTheUser"})
  void everyRowIsTheSameAtEverySplit(StoreRow row) {
    row.assertSameAtEverySplit();
  }
}
