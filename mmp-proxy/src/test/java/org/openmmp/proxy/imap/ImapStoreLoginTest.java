package org.openmmp.proxy.imap;

import static org.openmmp.proxy.imap.StoreRow.GREETING;
import static org.openmmp.proxy.imap.StoreRow.PLAIN_IR;
import static org.openmmp.proxy.imap.StoreRow.SECRET_IR;
import static org.openmmp.proxy.imap.StoreRow.as;
import static org.openmmp.proxy.imap.StoreRow.offering;
import static org.openmmp.proxy.imap.StoreRow.row;
import static org.openmmp.proxy.session.DialogueFixtures.base64;
import static org.openmmp.proxy.session.DialogueFixtures.joining;
import static org.openmmp.proxy.session.DialogueFixtures.login;
import static org.openmmp.proxy.session.DialogueFixtures.password;
import static org.openmmp.proxy.session.DialogueFixtures.secret;
import static org.openmmp.proxy.session.DialogueFixtures.surviving;
import static org.openmmp.proxy.session.DialogueFixtures.telling;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.Secret;

final class ImapStoreLoginTest {
  static Stream<StoreRow> forms() { // B3.1, B3.13, P1
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
        new StoreRow( // B3.18
            "authorization identity without plain, where names can be joined",
            joining(
                login(
                    TlsPolicy.OFF,
                    new Credentials(Mechanism.PLAIN, "alice", "bob", secret("secret")))),
            offering(""),
            hello + "LOGIN \"bob*alice\" \"secret\"\n"),
        new StoreRow( // B3.18
            "joined names that would be split elsewhere",
            joining(
                login(
                    TlsPolicy.OFF,
                    new Credentials(Mechanism.PLAIN, "alice", "b*b", secret("secret")))),
            offering(""),
            "<greeted><TEMPORARY_FAILURE||><rest>"),
        new StoreRow( // B3.18
            "plain comes before joined names",
            joining(
                login(
                    TlsPolicy.OFF,
                    new Credentials(Mechanism.COMMAND, "alice", "bob", secret("secret")))),
            GREETING,
            hello + "AUTHENTICATE PLAIN " + base64("bob\0alice\0secret") + "\n"),
        new StoreRow( // B9.3
            "what keeps a session from being moved is not shown, in a code",
            surviving(login(TlsPolicy.OFF, password("alice", "secret")), "COMPRESS", "NOTIFY"),
            GREETING + "P1 OK [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE IDLE NOTIFY] In\r\n",
            PLAIN_IR + "<ACCEPTED||OK [CAPABILITY IMAP4rev1 IDLE] In><rest>"),
        new StoreRow( // B9.3
            "nor in a response",
            surviving(login(TlsPolicy.OFF, password("alice", "secret")), "COMPRESS"),
            GREETING + "* CAPABILITY IMAP4rev1 compress=DEFLATE NOTIFY\r\n" + "P1 OK In\r\n",
            PLAIN_IR + "<ACCEPTED|* CAPABILITY IMAP4rev1 NOTIFY|OK In><rest>"),
        as(
            "authorization identity in an exchange", // B3.18
            new Credentials(Mechanism.SCRAM_SHA_256, "alice", "bob", secret("n,a=bob,n=alice,r=x")),
            offering("SASL-IR AUTH=SCRAM-SHA-256"),
            hello + "AUTHENTICATE SCRAM-SHA-256 " + base64("n,a=bob,n=alice,r=x") + "\n"),
        as(
            "oauthbearer",
            new Credentials(Mechanism.OAUTHBEARER, "alice", "", secret("tok")),
            offering("SASL-IR AUTH=OAUTHBEARER") + "+ e30=\r\nP1 NO no\r\n",
            hello
                + "AUTHENTICATE OAUTHBEARER "
                + base64("n,a=alice,\1auth=Bearer tok\1\1")
                + "\n<asks e30=><AUTH_REJECTED||NO no><rest>"), // B3.10
        as(
            "a word behind the token that the client could not read is answered here",
            new Credentials(Mechanism.OAUTHBEARER, "alice", "", secret("tok")),
            offering("SASL-IR AUTH=OAUTHBEARER") + "+ wrong token\r\nP1 NO no\r\n",
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
                + "\n<asks e30=><PROTOCOL_VIOLATION||><rest>"),
        as(
            "token without mechanism",
            new Credentials(Mechanism.XOAUTH2, "alice", "", secret("tok")),
            GREETING,
            "<greeted><TEMPORARY_FAILURE||><rest>"),
        as( // B3.1
            "exchange at once",
            scram("n,,n=alice,r=x"),
            offering("SASL-IR AUTH=SCRAM-SHA-256") + "+ cj14eQ==\r\n",
            hello + "AUTHENTICATE SCRAM-SHA-256 " + base64("n,,n=alice,r=x") + "\n<asks cj14eQ==>"),
        as(
            "exchange when asked",
            scram("n,,n=alice,r=x"),
            offering("AUTH=SCRAM-SHA-256") + "+ \r\n+ cj14eQ==\r\n",
            hello
                + "AUTHENTICATE SCRAM-SHA-256\n"
                + base64("n,,n=alice,r=x")
                + "\n<asks cj14eQ==>"),
        as(
            "exchange refused at once",
            scram("n,,n=alice,r=x"),
            offering("SASL-IR AUTH=SCRAM-SHA-256") + "P1 NO [UNAVAILABLE] later\r\n",
            hello
                + "AUTHENTICATE SCRAM-SHA-256 "
                + base64("n,,n=alice,r=x")
                + "\n<TEMPORARY_FAILURE||NO [UNAVAILABLE] later><rest>"),
        as(
            "exchange without mechanism",
            scram("n,,n=alice,r=x"),
            offering("AUTH=SCRAM-SHA-1 AUTH=SCRAM-SHA-256-PLUS"),
            "<greeted><TEMPORARY_FAILURE||><rest>"),
        as(
            "exchange of a client that could bind, with a store that does",
            scram("y,,n=alice,r=x"),
            offering("AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-256-PLUS"),
            "<greeted><TEMPORARY_FAILURE||><rest>"),
        as(
            "exchange under another name than a referral's",
            scram("n,,n=bob,r=x"),
            offering("AUTH=SCRAM-SHA-256"),
            "<greeted><TEMPORARY_FAILURE||><rest>"),
        as(
            "challenge that is no base64", // P1
            scram("n,,n=alice,r=x"),
            offering("SASL-IR AUTH=SCRAM-SHA-256") + "+ r=x\r\n",
            hello
                + "AUTHENTICATE SCRAM-SHA-256 "
                + base64("n,,n=alice,r=x")
                + "\n<PROTOCOL_VIOLATION||><rest>"),
        as(
            "two challenges in a row",
            scram("n,,n=alice,r=x"),
            offering("SASL-IR AUTH=SCRAM-SHA-256") + "+ cj14eQ==\r\n+ cj14eQ==\r\n",
            hello
                + "AUTHENTICATE SCRAM-SHA-256 "
                + base64("n,,n=alice,r=x")
                + "\n<asks cj14eQ==><PROTOCOL_VIOLATION||><rest>"),
        new StoreRow(
            "external by administrator",
            telling(
                login(
                    TlsPolicy.OFF,
                    new Credentials(Mechanism.EXTERNAL, "alice", "", Secret.none()))),
            offering("SASL-IR AUTH=PLAIN"),
            hello + "AUTHENTICATE PLAIN " + base64("alice\0admin\0adminpass") + "\n"),
        new StoreRow(
            "refused administrator is no wrong password", // B3.13
            telling(
                login(
                    TlsPolicy.OFF,
                    new Credentials(Mechanism.EXTERNAL, "alice", "", Secret.none()))),
            offering("SASL-IR AUTH=PLAIN") + "P1 NO [AUTHENTICATIONFAILED] Wrong\r\n",
            hello
                + "AUTHENTICATE PLAIN "
                + base64("alice\0admin\0adminpass")
                + "\n<TEMPORARY_FAILURE||><rest>"),
        as(
            "external without administrator",
            new Credentials(Mechanism.EXTERNAL, "alice", "", Secret.none()),
            GREETING,
            "<greeted><TEMPORARY_FAILURE||><rest>"),
        new StoreRow(
            "empty password is no administrator's login",
            telling(login(TlsPolicy.OFF, password("alice", ""))),
            offering("SASL-IR AUTH=PLAIN"),
            hello + "AUTHENTICATE PLAIN " + base64("\0alice\0") + "\n"),
        new StoreRow(
            "client is told", // B3.12
            telling(login(TlsPolicy.OFF, password("alice", "secret"))),
            GREETING,
            "<greeted>P3 ID (\"x-originating-ip\" \"192.0.2.7\" \"x-originating-port\" \"40000\""
                + " \"x-connected-ip\" \"192.0.2.1\" \"x-connected-port\" \"143\""
                + " \"x-proxy-ttl\" \"5\" \"x-session-id\" \"s1\")\nP1 AUTHENTICATE PLAIN "
                + SECRET_IR
                + "\n"));
  }

  private static Credentials scram(String first) {
    return new Credentials(Mechanism.SCRAM_SHA_256, "alice", "", secret(first));
  }

  @ParameterizedTest
  @MethodSource({"forms"})
  void everyRowIsTheSameAtEverySplit(StoreRow row) {
    row.assertSameAtEverySplit();
  }
}
