package org.openmmp.proxy.pop3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.openmmp.proxy.pop3.Pop3Fixtures.store;
import static org.openmmp.proxy.session.DialogueFixtures.base64;
import static org.openmmp.proxy.session.DialogueFixtures.joining;
import static org.openmmp.proxy.session.DialogueFixtures.login;
import static org.openmmp.proxy.session.DialogueFixtures.octets;
import static org.openmmp.proxy.session.DialogueFixtures.password;
import static org.openmmp.proxy.session.DialogueFixtures.secret;
import static org.openmmp.proxy.session.DialogueFixtures.storeTalk;
import static org.openmmp.proxy.session.DialogueFixtures.telling;
import static org.openmmp.proxy.session.DialogueFixtures.text;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.proxy.session.DialogueFixtures;
import org.openmmp.proxy.session.DialogueRow;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.routing.StoreStep;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.Secret;

final class Pop3StoreDialogueTest {
  private static final String GREETED = "<greeted>CAPA\n";
  private static final String PLAIN_IR = base64("\0alice\0secret");
  private static final String AUTH = "AUTH PLAIN " + PLAIN_IR + "\n";
  private static final String USER = "USER alice\n";
  private static final String PASS = "PASS secret\n";
  private static final String HELLO = "+OK Hello\r\n";
  private static final String TELLS = "XCLIENT ADDR=192.0.2.7 PORT=40000 SESSION=s1 TTL=5\n";

  private static String capa(String... lines) {
    return "+OK\r\n" + String.join("\r\n", lines) + (lines.length == 0 ? "" : "\r\n") + ".\r\n";
  }

  static Stream<DialogueRow> forms() { // B4.1, B3.13, P1
    return Stream.of(
        off("plain at once", capa("SASL PLAIN LOGIN", "USER"), AUTH),
        off(
            "plain when asked, for the line would be too long", // RFC 5034 section 4
            password("alice", "x".repeat(200)),
            capa("SASL PLAIN") + "+ \r\n",
            "AUTH PLAIN\n" + base64("\0alice\0" + "x".repeat(200)) + "\n"),
        off("user and pass", capa("USER", "TOP") + "+OK\r\n", USER + PASS),
        off("no capabilities at all", "-ERR what?\r\n+OK\r\n", USER + PASS),
        off("takes no password", capa("TOP", "SASL CRAM-MD5"), "<TEMPORARY_FAILURE||><rest>"),
        off(
            "octets of name and password",
            password("j\u00fc", " p \u00e4"),
            capa("USER") + "+OK\r\n",
            "USER j\u00c3\u00bc\nPASS  p \u00c3\u00a4\n"),
        off(
            "authorization identity",
            new Credentials(Mechanism.PLAIN, "alice", "bob", secret("secret")),
            capa("SASL PLAIN"),
            "AUTH PLAIN " + base64("bob\0alice\0secret") + "\n"),
        off(
            "authorization identity without plain",
            new Credentials(Mechanism.PLAIN, "alice", "bob", secret("secret")),
            capa("USER"),
            "<TEMPORARY_FAILURE||><rest>"),
        store( // B3.18
            "authorization identity without plain, where names can be joined",
            joining(
                login(
                    TlsPolicy.OFF,
                    new Credentials(Mechanism.PLAIN, "alice", "bob", secret("secret")))),
            HELLO + capa("USER") + "+OK\r\n",
            GREETED + "USER bob*alice\n" + PASS),
        off(
            "oauthbearer",
            new Credentials(Mechanism.OAUTHBEARER, "alice", "", secret("tok")),
            capa("SASL OAUTHBEARER") + "+ e30=\r\n-ERR [AUTH] no\r\n",
            "AUTH OAUTHBEARER "
                + base64("n,a=alice,\1auth=Bearer tok\1\1")
                + "\n<asks e30=><AUTH_REJECTED||-ERR [AUTH] no><rest>"), // B3.10
        off(
            "xoauth2",
            new Credentials(Mechanism.XOAUTH2, "alice", "", secret("tok")),
            capa("SASL XOAUTH2") + "+ e30=\r\n+ again\r\n",
            "AUTH XOAUTH2 "
                + base64("user=alice\1auth=Bearer tok\1\1")
                + "\n<asks e30=><PROTOCOL_VIOLATION||><rest>"),
        off(
            "token without mechanism",
            new Credentials(Mechanism.XOAUTH2, "alice", "", secret("tok")),
            capa("SASL PLAIN", "USER"),
            "<TEMPORARY_FAILURE||><rest>"),
        off(
            "exchange at once", // B4.1
            scram(),
            capa("SASL PLAIN SCRAM-SHA-256") + "+ cj14eQ==\r\n",
            "AUTH SCRAM-SHA-256 " + base64("n,,n=alice,r=x") + "\n<asks cj14eQ==>"),
        off(
            "exchange without mechanism",
            scram(),
            capa("SASL PLAIN SCRAM-SHA-1"),
            "<TEMPORARY_FAILURE||><rest>"),
        off(
            "accepted before the client has answered",
            scram(),
            capa("SASL SCRAM-SHA-256") + "+ cj14eQ==\r\n+OK\r\n",
            "AUTH SCRAM-SHA-256 "
                + base64("n,,n=alice,r=x")
                + "\n<asks cj14eQ==><PROTOCOL_VIOLATION||><rest>"),
        off(
            "external without administrator",
            new Credentials(Mechanism.EXTERNAL, "alice", "", Secret.none()),
            capa("SASL PLAIN"),
            "<TEMPORARY_FAILURE||><rest>"),
        store(
            "external by administrator",
            telling(
                login(
                    TlsPolicy.OFF,
                    new Credentials(Mechanism.EXTERNAL, "alice", "", Secret.none()))),
            HELLO + capa("SASL PLAIN"),
            GREETED + "AUTH PLAIN " + base64("alice\0admin\0adminpass") + "\n"),
        store(
            "refused administrator is no wrong password", // B3.13
            telling(
                login(
                    TlsPolicy.OFF,
                    new Credentials(Mechanism.EXTERNAL, "alice", "", Secret.none()))),
            HELLO + capa("SASL PLAIN") + "-ERR [AUTH] Wrong\r\n",
            GREETED
                + "AUTH PLAIN "
                + base64("alice\0admin\0adminpass")
                + "\n<TEMPORARY_FAILURE||><rest>"),
        store(
            "empty password is no administrator's login",
            telling(login(TlsPolicy.OFF, password("alice", ""))),
            HELLO + capa("SASL PLAIN"),
            GREETED + "AUTH PLAIN " + base64("\0alice\0") + "\n"),
        off(
            "utf8 first",
            new Credentials(Mechanism.COMMAND, "alice", "", secret("secret"), true),
            capa("USER", "UTF8") + "+OK\r\n+OK\r\n",
            "UTF8\n" + USER + PASS),
        off(
            "utf8 refused",
            new Credentials(Mechanism.COMMAND, "alice", "", secret("secret"), true),
            capa("USER") + "-ERR what?\r\n",
            "UTF8\n<TEMPORARY_FAILURE||><rest>"));
  }

  static Stream<DialogueRow> tellings() { // B3.12
    return Stream.of(
        told("listed", HELLO + capa("USER", "XCLIENT") + "+OK Updated\r\n", TELLS + USER),
        told(
            "in the greeting, as Dovecot",
            "+OK [XCLIENT] Hi\r\n" + capa("USER") + "+OK\r\n",
            TELLS + USER),
        told("refused", "+OK [XCLIENT] Hi\r\n" + capa("USER") + "-ERR no\r\n", TELLS + USER),
        told("not offered", HELLO + capa("USER"), USER),
        store(
            "offered to us, who tell nobody",
            TlsPolicy.OFF,
            "+OK [XCLIENT] Hi\r\n" + capa("USER", "XCLIENT"),
            GREETED + USER));
  }

  static Stream<DialogueRow> protections() { // B2.3, B3.7, T2, T4
    return Stream.of(
        tls("required", TlsPolicy.STARTTLS, "+OK Begin\r\n", "STLS\n<tls>CAPA\n"),
        tls(
            "required and refused",
            TlsPolicy.STARTTLS,
            "-ERR no\r\n",
            "STLS\n<TLS_FAILED||><rest>"),
        tls(
            "optional and there",
            TlsPolicy.OPPORTUNISTIC,
            capa("STLS", "USER") + "+OK Begin\r\n",
            "CAPA\nSTLS\n<tls>CAPA\n"),
        tls("optional and not there", TlsPolicy.OPPORTUNISTIC, capa("USER"), "CAPA\n" + USER),
        tls(
            "optional and refused",
            TlsPolicy.OPPORTUNISTIC,
            capa("STLS", "USER") + "-ERR no\r\n",
            "CAPA\nSTLS\n" + USER),
        tls("implicit", TlsPolicy.IMPLICIT, capa("USER", "STLS"), "CAPA\n" + USER));
  }

  static Stream<DialogueRow> brokenStores() { // B1, B2
    return Stream.of(
        store("not POP3", TlsPolicy.OFF, "* OK IMAP\r\n", "<PROTOCOL_VIOLATION||><rest>"),
        store("challenge as greeting", TlsPolicy.OFF, "+ x\r\n", "<PROTOCOL_VIOLATION||><rest>"),
        store("greeting without space", TlsPolicy.OFF, "+OKAY\r\n", "<PROTOCOL_VIOLATION||><rest>"),
        store("endless line", TlsPolicy.OFF, "+OK " + "x".repeat(8193), "<PROTOCOL_VIOLATION||>"),
        off("nonsense for CAPA", "what\r\n", "<PROTOCOL_VIOLATION||><rest>"),
        off("endless list", "+OK\r\n" + "X\r\n".repeat(30_000), "<PROTOCOL_VIOLATION||>"),
        off("nonsense for USER", capa("USER") + "ok\r\n", USER + "<PROTOCOL_VIOLATION||><rest>"),
        off(
            "asks to go on after USER",
            capa("USER") + "+ \r\n",
            USER + "<PROTOCOL_VIOLATION||><rest>"),
        off(
            "accepts what it was not told",
            password("alice", "x".repeat(200)),
            capa("SASL PLAIN") + "+OK in\r\n",
            "AUTH PLAIN\n<PROTOCOL_VIOLATION||><rest>"),
        off(
            "asks twice",
            capa("SASL PLAIN") + "+ \r\n+ \r\n",
            AUTH + "*\n<PROTOCOL_VIOLATION||><rest>"),
        off("dots in the list", capa("..SASL PLAIN", "USER", ".x"), USER));
  }

  @ParameterizedTest
  @MethodSource({"forms", "tellings", "protections", "brokenStores"})
  void everyRowIsTheSameAtEverySplit(DialogueRow row) {
    row.assertSameAtEverySplit();
  }

  @Test
  void plainTextBehindTheAnswerToStlsIsAnAttack() { // T2, B6.2
    StoreDialogue dialogue = dialogue(TlsPolicy.STARTTLS);
    dialogue.onBytes(octets(HELLO));
    String seen = storeTalk(dialogue, List.of(octets("+OK Begin\r\n+OK\r\nSASL PLAIN\r\n.\r\n")));
    assertEquals("<TLS_FAILED||>", seen.substring(0, seen.indexOf('>') + 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"+OK in\r\n", "-ERR [AUTH] no\r\n", "+ \r\n", "+", "\n"})
  void replyThatIsThereBeforeItsCommandIsAViolation(String early) { // B4, B4.3
    String violated = "<PROTOCOL_VIOLATION||>";
    assertEquals("<greeted>" + violated, heard(password("alice", "secret"), HELLO + early));
    assertEquals(
        GREETED + violated, heard(password("alice", "secret"), HELLO, capa("USER") + early));
    assertEquals(
        GREETED + USER + violated,
        heard(password("alice", "secret"), HELLO, capa("USER"), "+OK\r\n" + early));
    assertEquals(
        GREETED + "AUTH PLAIN\n" + violated,
        heard(password("alice", "x".repeat(200)), HELLO, capa("SASL PLAIN"), "+ \r\n" + early));
    assertEquals(
        GREETED + "AUTH SCRAM-SHA-256 " + base64("n,,n=alice,r=x") + "\n" + violated,
        heard(scram(), HELLO, capa("SASL SCRAM-SHA-256"), "+ cj14eQ==\r\n" + early));
  }

  private static String heard(Credentials credentials, String... packets) {
    StoreDialogue dialogue =
        Pop3StoreWords.dialogue(
            login(TlsPolicy.OFF, credentials), Pop3Capabilities.learnt(() -> 0));
    String heard = storeTalk(dialogue, Stream.of(packets).map(DialogueFixtures::octets).toList());
    return heard.substring(0, heard.indexOf("<rest>"));
  }

  @Test
  void storeIsLeftWithQuit() { // B4.2
    StoreDialogue dialogue = dialogue(TlsPolicy.OFF);
    assertEquals("", text(dialogue.leave()));
    dialogue.onBytes(octets(HELLO));
    assertEquals("QUIT\r\n", text(dialogue.leave()));
    dialogue.onBytes(octets(capa("USER")));
    dialogue.onBytes(octets("-ERR [SYS/REFER/huey]\r\n"));
    assertEquals("QUIT\r\n", text(dialogue.leave()));
  }

  @Test
  void exchangeUnderWayIsCancelledBeforeTheStoreIsLeft() {
    StoreDialogue dialogue =
        Pop3StoreWords.dialogue(
            login(TlsPolicy.OFF, password("alice", "x".repeat(200))),
            Pop3Capabilities.learnt(() -> 0));
    dialogue.onBytes(octets(HELLO));
    dialogue.onBytes(octets(capa("SASL PLAIN")));
    assertEquals("*\r\nQUIT\r\n", text(dialogue.leave()));
  }

  @Test
  void nothingIsSaidWhileTlsBegins() {
    StoreDialogue dialogue = dialogue(TlsPolicy.STARTTLS);
    dialogue.onBytes(octets(HELLO));
    dialogue.onBytes(octets("+OK Begin\r\n"));
    assertEquals("", text(dialogue.leave()));
  }

  @Test
  void clientsResponseIsPassedOn() { // B4.1
    StoreDialogue dialogue =
        Pop3StoreWords.dialogue(login(TlsPolicy.OFF, scram()), Pop3Capabilities.learnt(() -> 0));
    storeTalk(
        dialogue,
        List.of(octets(HELLO), octets(capa("SASL SCRAM-SHA-256")), octets("+ cj14eQ==\r\n")));
    assertEquals("*\r\nQUIT\r\n", text(dialogue.leave()));
    StoreStep.Send sent = (StoreStep.Send) dialogue.respond(octets("Zg==")).get(0);
    assertEquals("Zg==\r\n", text(sent.octets()));
    assertEquals("<ACCEPTED||+OK Hi><rest>", storeTalk(dialogue, List.of(octets("+OK Hi\r\n"))));
  }

  private static Credentials scram() {
    return new Credentials(Mechanism.SCRAM_SHA_256, "alice", "", secret("n,,n=alice,r=x"));
  }

  private static StoreDialogue dialogue(TlsPolicy policy) {
    return Pop3StoreWords.dialogue(
        login(policy, password("alice", "secret")), Pop3Capabilities.learnt(() -> 0));
  }

  private static DialogueRow off(String name, String in, String out) {
    return off(name, password("alice", "secret"), in, out);
  }

  private static DialogueRow off(String name, Credentials credentials, String in, String out) {
    return store(name, login(TlsPolicy.OFF, credentials), HELLO + in, GREETED + out);
  }

  private static DialogueRow told(String name, String in, String out) {
    return store(
        name, telling(login(TlsPolicy.OFF, password("alice", "secret"))), in, GREETED + out);
  }

  private static DialogueRow tls(String name, TlsPolicy policy, String in, String out) {
    return store(name, policy, HELLO + in, "<greeted>" + out);
  }
}
