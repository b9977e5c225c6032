package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.imap.ImapFixtures.storeTalk;
import static org.openmmp.proxy.imap.StoreRow.BARE;
import static org.openmmp.proxy.imap.StoreRow.GREETING;
import static org.openmmp.proxy.imap.StoreRow.PLAIN_IR;
import static org.openmmp.proxy.imap.StoreRow.SECRET_IR;
import static org.openmmp.proxy.imap.StoreRow.offering;
import static org.openmmp.proxy.imap.StoreRow.row;
import static org.openmmp.proxy.imap.StoreRow.tls;
import static org.openmmp.proxy.session.DialogueFixtures.login;
import static org.openmmp.proxy.session.DialogueFixtures.octets;
import static org.openmmp.proxy.session.DialogueFixtures.password;
import static org.openmmp.proxy.session.DialogueFixtures.text;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.routing.TlsPolicy;

final class ImapStoreDialogueTest {
  static Stream<StoreRow> greetings() { // B2.5, B3.5
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

  static Stream<StoreRow> protection() { // T2, T3, T4
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

  @ParameterizedTest
  @MethodSource({"greetings", "protection"})
  void everyRowIsTheSameAtEverySplit(StoreRow row) {
    row.assertSameAtEverySplit();
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
    StoreDialogue dialogue =
        ImapStoreWords.dialogue(
            login(TlsPolicy.OFF, password("alice", "secret")), ImapCapabilities.learnt(() -> 0));
    assertEquals("", text(dialogue.leave()));
    dialogue.onBytes(octets(offering("AUTH=PLAIN")));
    assertEquals("*\r\nP3 LOGOUT\r\n", text(dialogue.leave()));
    dialogue.onBytes(octets("P1 NO\r\n"));
    assertEquals("P4 LOGOUT\r\n", text(dialogue.leave()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        GREETING + "P1 OK in\r\n",
        GREETING + "* 1 EXISTS\r\nP1 OK [CAPABILITY IMAP4rev1] in\r\n",
        GREETING + "P1 NO [REFERRAL imap://dewey/] there\r\n",
        GREETING + "+ go on\r\n",
        BARE + "P1 OK done\r\n",
        BARE + "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nP1 OK done\r\nP2 OK in\r\n",
        BARE + "P2 OK in\r\n"
      })
  void answerBeforeTheQuestionIsNone(String words) { // B2.5
    StoreDialogue dialogue =
        ImapStoreWords.dialogue(
            login(TlsPolicy.OFF, password("alice", "secret")), ImapCapabilities.learnt(() -> 0));
    String steps = dialogue.onBytes(octets(words)).toString();
    assertTrue(steps.contains("PROTOCOL_VIOLATION"), steps);
    assertFalse(steps.contains("Send["), steps);
  }

  @Test
  void reasonNeverRepeatsWhatTheStoreSaidOfALogin() { // B6.6
    StoreDialogue dialogue =
        ImapStoreWords.dialogue(
            login(TlsPolicy.OFF, password("alice", "secret")), ImapCapabilities.learnt(() -> 0));
    String steps =
        dialogue.onBytes(octets(GREETING)).toString()
            + dialogue.onBytes(octets("P1 NO [LIMIT] [X-secret] secret\r\n"));
    assertTrue(steps.contains("reason=the store answered NO [LIMIT],"), steps);
  }
}
