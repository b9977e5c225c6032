package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.imap.ImapFixtures.base64;
import static org.openmmp.proxy.imap.ImapFixtures.login;
import static org.openmmp.proxy.imap.ImapFixtures.octets;
import static org.openmmp.proxy.imap.ImapFixtures.password;
import static org.openmmp.proxy.imap.ImapFixtures.secret;
import static org.openmmp.proxy.imap.ImapFixtures.storeTalk;
import static org.openmmp.proxy.imap.ImapFixtures.telling;
import static org.openmmp.proxy.imap.ImapFixtures.text;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.config.TlsPolicy;
import org.openmmp.proxy.session.Credentials;
import org.openmmp.proxy.session.Mechanism;
import org.openmmp.proxy.session.StoreLogin;
import org.openmmp.wire.Secret;
import org.openmmp.wire.Splits;

final class ImapStoreDialogueTest {
  private static final String GREETING =
      "* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ ID AUTH=PLAIN] Hello\r\n";
  private static final String BARE = "* OK Hello\r\n";
  private static final String SECRET_IR = base64("\0alice\0secret");
  private static final String PLAIN_IR = "<greeted>P1 AUTHENTICATE PLAIN " + SECRET_IR + "\n";

  private static final String DROPPED =
      """
      * 1 EXISTS
      * OK [ALERT] Look
      * OK [ALERT] [REFERRAL imap://x/] no
      * OK hm
      a1 OK hi
      P OK
      P11 OK
      * NO x
      * FLAGS ()

      * CAPABILITY X
      """;

  /** What a store sends and what comes of it. */
  record Row(String name, StoreLogin login, String in, String out) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Row row(String name, String in, String out) {
    return new Row(name, login(TlsPolicy.OFF, password("alice", "secret")), in, out);
  }

  private static Row tls(String name, TlsPolicy policy, String in, String out) {
    return new Row(name, login(policy, password("alice", "secret")), in, out);
  }

  private static Row as(String name, Credentials credentials, String in, String out) {
    return new Row(name, login(TlsPolicy.OFF, credentials), in, out);
  }

  private static String offering(String capabilities) {
    return "* OK [CAPABILITY IMAP4rev1 " + capabilities + "] Hello\r\n";
  }

  static Stream<Row> greetings() { // B2.5, B3.5
    return Stream.of(
        row("bye", "* BYE Down\r\n", "<REFUSED_GREETING||><rest>"),
        row(
            "bye with referral", // R7
            "* bye [Referral IMAP://dewey/] Go\r\nx",
            "<REFERRED to @dewey:0||><rest>x"),
        row("bye with bad referral", "* BYE [REFERRAL imap://]\r\n", "<REFUSED_GREETING||><rest>"),
        row("preauth", "* PREAUTH Hi\r\n", "<PROTOCOL_VIOLATION||><rest>"), // T3
        row("pop3", "+OK Hi\r\n", "<PROTOCOL_VIOLATION||><rest>"),
        row("no", "* NO Hi\r\n", "<PROTOCOL_VIOLATION||><rest>"),
        row("http", "HTTP/1.1 400 Bad Request\r\n", "<PROTOCOL_VIOLATION||><rest>"),
        row("endless line", "* OK " + "x".repeat(9000), "<PROTOCOL_VIOLATION||>")); // B2
  }

  static Stream<Row> protection() { // T2, T3, T4
    String caps = "* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n";
    String in = "P3 AUTHENTICATE PLAIN " + SECRET_IR + "\n";
    return Stream.of(
        tls("starttls not offered", TlsPolicy.STARTTLS, GREETING, "<greeted><TLS_FAILED||><rest>"),
        tls(
            "starttls refused",
            TlsPolicy.STARTTLS,
            BARE + "P1 NO not now\r\n",
            "<greeted>P1 STARTTLS\n<TLS_FAILED||><rest>"),
        tls(
            "starttls unknown",
            TlsPolicy.STARTTLS,
            offering("STARTTLS") + "P1 BAD what\r\n",
            "<greeted>P1 STARTTLS\n<TLS_FAILED||><rest>"),
        tls(
            "preauth under policy",
            TlsPolicy.STARTTLS,
            "* PREAUTH Hi\r\n",
            "<PROTOCOL_VIOLATION||><rest>"),
        tls(
            "bye instead of starttls",
            TlsPolicy.STARTTLS,
            BARE + "* BYE Enough\r\n",
            "<greeted>P1 STARTTLS\n<UNREACHABLE||><rest>"),
        tls(
            "opportunistic refused",
            TlsPolicy.OPPORTUNISTIC,
            offering("STARTTLS AUTH=PLAIN SASL-IR") + "P1 NO\r\n",
            "<greeted>P1 STARTTLS\nP2 AUTHENTICATE PLAIN " + SECRET_IR + "\n"),
        tls("opportunistic missing", TlsPolicy.OPPORTUNISTIC, GREETING, PLAIN_IR),
        tls(
            "opportunistic asks first",
            TlsPolicy.OPPORTUNISTIC,
            BARE + caps + "P1 OK\r\n",
            "<greeted>P1 CAPABILITY\nP2 AUTHENTICATE PLAIN " + SECRET_IR + "\n"),
        tls("implicit", TlsPolicy.IMPLICIT, GREETING, PLAIN_IR),
        tls(
            "implicit asks",
            TlsPolicy.IMPLICIT,
            BARE + caps + "P1 OK\r\n",
            "<greeted>P1 CAPABILITY\nP2 AUTHENTICATE PLAIN " + SECRET_IR + "\n"),
        tls(
            "greeting alone sends no secret",
            TlsPolicy.STARTTLS,
            offering("STARTTLS AUTH=PLAIN SASL-IR"),
            "<greeted>P1 STARTTLS\n"),
        tls(
            "in",
            TlsPolicy.OFF,
            BARE + caps + "P1 OK\r\n",
            "<greeted>P1 CAPABILITY\n" + in.replace("P3", "P2")));
  }

  static Stream<Row> forms() { // B3.1, B3.13, P1
    String hello = "<greeted>P1 ";
    return Stream.of(
        row("plain at once", GREETING, PLAIN_IR),
        row(
            "plain when asked",
            offering("AUTH=PLAIN") + "+ \r\n",
            hello + "AUTHENTICATE PLAIN\n" + SECRET_IR + "\n"),
        row("login", offering("ID"), hello + "LOGIN \"alice\" \"secret\"\n"),
        row("login disabled", offering("LOGINDISABLED"), "<greeted><TEMPORARY_FAILURE||><rest>"),
        as(
            "login quotes",
            password("al\"i\\ce", "p {9}\" x"),
            offering(""),
            hello + "LOGIN \"al\\\"i\\\\ce\" \"p {9}\\\" x\"\n"),
        as(
            "literals asked for",
            password("j\u00fc", "p\u00e4"),
            offering("") + "+ go\r\n+ go\r\n",
            hello + "LOGIN {3}\nj\u00c3\u00bc {3}\np\u00c3\u00a4\n"),
        as(
            "literals at once",
            password("j\u00fc", "p\u00e4"),
            offering("LITERAL-"),
            hello + "LOGIN {3+}\nj\u00c3\u00bc {3+}\np\u00c3\u00a4\n"),
        as(
            "line ends in a password stay in their literal", // P1
            password("alice", "x\r\nP2 LOGOUT\r\n"),
            offering("LITERAL+"),
            hello + "LOGIN \"alice\" {14+}\nx\nP2 LOGOUT\n\n"),
        as(
            "asked for too much",
            password("alice", "secret"),
            offering("") + "+ more\r\n",
            hello + "LOGIN \"alice\" \"secret\"\n<PROTOCOL_VIOLATION||><rest>"),
        as(
            "authorization identity",
            new Credentials(Mechanism.PLAIN, "alice", "bob", secret("secret")),
            GREETING,
            hello + "AUTHENTICATE PLAIN " + base64("bob\0alice\0secret") + "\n"),
        as(
            "authorization identity without plain",
            new Credentials(Mechanism.PLAIN, "alice", "bob", secret("secret")),
            offering(""),
            "<greeted><TEMPORARY_FAILURE||><rest>"),
        as(
            "oauthbearer",
            new Credentials(Mechanism.OAUTHBEARER, "alice", "", secret("tok")),
            offering("SASL-IR AUTH=OAUTHBEARER") + "+ e30=\r\nP1 NO no\r\n",
            hello
                + "AUTHENTICATE OAUTHBEARER "
                + base64("n,a=alice,\1auth=Bearer tok\1\1")
                + "\nAQ==\n<AUTH_REJECTED||NO no><rest>"),
        as(
            "xoauth2",
            new Credentials(Mechanism.XOAUTH2, "alice", "", secret("tok")),
            offering("AUTH=XOAUTH2") + "+ \r\n+ e30=\r\n+ again\r\n",
            hello
                + "AUTHENTICATE XOAUTH2\n"
                + base64("user=alice\1auth=Bearer tok\1\1")
                + "\n\n<PROTOCOL_VIOLATION||><rest>"),
        as(
            "token without mechanism",
            new Credentials(Mechanism.XOAUTH2, "alice", "", secret("tok")),
            GREETING,
            "<greeted><TEMPORARY_FAILURE||><rest>"),
        new Row(
            "external by administrator",
            telling(
                login(
                    TlsPolicy.OFF,
                    new Credentials(Mechanism.EXTERNAL, "alice", "", Secret.none()))),
            offering("SASL-IR AUTH=PLAIN"),
            hello + "AUTHENTICATE PLAIN " + base64("alice\0admin\0adminpass") + "\n"),
        as(
            "external without administrator",
            new Credentials(Mechanism.EXTERNAL, "alice", "", Secret.none()),
            GREETING,
            "<greeted><TEMPORARY_FAILURE||><rest>"),
        new Row(
            "empty password is no administrator's login",
            telling(login(TlsPolicy.OFF, password("alice", ""))),
            offering("SASL-IR AUTH=PLAIN"),
            hello + "AUTHENTICATE PLAIN " + base64("\0alice\0") + "\n"),
        new Row(
            "client is told", // B3.12
            telling(login(TlsPolicy.OFF, password("alice", "secret"))),
            GREETING,
            "<greeted>P1 ID (\"x-originating-ip\" \"192.0.2.7\" \"x-originating-port\" \"40000\""
                + " \"x-connected-ip\" \"192.0.2.1\" \"x-connected-port\" \"143\""
                + " \"x-proxy-ttl\" \"5\" \"x-session-id\" \"s1\")\nP2 AUTHENTICATE PLAIN "
                + SECRET_IR
                + "\n"));
  }

  static Stream<Row> answers() { // B2.5, B3.5, B3.10, R5, R6, R7
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
        answer("bye", "* BYE Down\r\nP1 OK\r\n", "<TEMPORARY_FAILURE||><rest>P1 OK\n"),
        answer("no", "P1 NO Wrong\r\n", "<AUTH_REJECTED||NO Wrong><rest>"),
        answer("bare no", "P1 NO\r\n", "<AUTH_REJECTED||NO ><rest>"),
        answer(
            "failed",
            "P1 NO [AUTHENTICATIONFAILED] x\r\n",
            "<AUTH_REJECTED||NO [AUTHENTICATIONFAILED] x><rest>"),
        answer("expired", "P1 NO [EXPIRED] x\r\n", "<AUTH_REJECTED||NO [EXPIRED] x><rest>"),
        answer(
            "unavailable",
            "P1 NO [Unavailable] x\r\n",
            "<TEMPORARY_FAILURE||NO [Unavailable] x><rest>"),
        answer(
            "serverbug", "P1 NO [SERVERBUG] x\r\n", "<TEMPORARY_FAILURE||NO [SERVERBUG] x><rest>"),
        answer("in use", "P1 NO [INUSE] x\r\n", "<TEMPORARY_FAILURE||NO [INUSE] x><rest>"),
        answer("limit", "P1 NO [LIMIT] x\r\n", "<TEMPORARY_FAILURE||NO [LIMIT] x><rest>"),
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

  private static Row answer(String name, String in, String out) {
    return row(name, GREETING + in, PLAIN_IR + out);
  }

  @ParameterizedTest
  @MethodSource({"greetings", "protection", "forms", "answers"})
  void everyRowIsTheSameAtEverySplit(Row row) { // B3
    byte[] in = octets(row.in());
    if (in.length > 5000) {
      String seen = storeTalk(row.login(), List.of(in));
      assertTrue(seen.startsWith(row.out()), seen);
      return;
    }
    for (List<byte[]> split : Splits.everySplitOf(in)) {
      assertEquals(row.out(), storeTalk(row.login(), split));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"STARTTLS", "OPPORTUNISTIC"})
  void capabilitiesAreAskedForAgainUnderTls(TlsPolicy policy) { // T2
    String seen =
        storeTalk(
            login(policy, password("alice", "secret")),
            List.of(
                octets(offering("STARTTLS LOGINDISABLED")),
                octets("P1 OK Go\r\n"),
                octets("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\nP2 OK\r\n"),
                octets("P3 OK [CAPABILITY X] Hi\r\n")));
    assertEquals(
        "<greeted>P1 STARTTLS\n<tls>P2 CAPABILITY\nP3 AUTHENTICATE PLAIN "
            + SECRET_IR
            + "\n<ACCEPTED||OK [CAPABILITY X] Hi><rest>",
        seen);
  }

  @ParameterizedTest
  @EnumSource(names = {"STARTTLS", "OPPORTUNISTIC"})
  void bytesBehindTheAnswerToStartTlsEndTheAttempt(TlsPolicy policy) { // T2
    String seen =
        storeTalk(
            login(policy, password("alice", "secret")),
            List.of(
                octets(offering("STARTTLS")),
                octets("P1 OK Go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nP2 OK\r\nP3 OK\r\n")));
    assertTrue(seen.startsWith("<greeted>P1 STARTTLS\n<TLS_FAILED||>"), seen);
    assertFalse(seen.contains("AUTHENTICATE"), seen);
  }

  @Test
  void leaveTakingFitsTheMoment() { // B3.5
    ImapStoreDialogue dialogue =
        new ImapStoreDialogue(
            login(TlsPolicy.OFF, password("alice", "secret")), ImapCapabilities.learnt());
    assertEquals("", text(dialogue.leave()));
    dialogue.onBytes(octets(offering("AUTH=PLAIN")));
    assertEquals("*\r\nP3 LOGOUT\r\n", text(dialogue.leave()));
    dialogue.onBytes(octets("P1 NO\r\n"));
    assertEquals("P4 LOGOUT\r\n", text(dialogue.leave()));
  }

  @Test
  void reasonNeverRepeatsWhatTheStoreSaidOfALogin() { // B6.6
    ImapStoreDialogue dialogue =
        new ImapStoreDialogue(
            login(TlsPolicy.OFF, password("alice", "secret")), ImapCapabilities.learnt());
    String steps =
        dialogue.onBytes(octets(GREETING + "P1 NO [LIMIT] [X-secret] secret\r\n")).toString();
    assertTrue(steps.contains("reason=the store answered NO [LIMIT]]"), steps);
  }
}
