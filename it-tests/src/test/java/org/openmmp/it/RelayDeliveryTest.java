package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Cyrus;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.Letter;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Pop3Connection;
import org.openmmp.it.fixture.Postfix;
import org.openmmp.it.fixture.ProxyProcess;

/** A real MTA's mail through the relay to real stores of three groups. */
@Tag("real-servers")
final class RelayDeliveryTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final MailUser BOB = MailUser.of("bob");
  private static final MailUser DORA = MailUser.of("dora");
  private static final MailUser CARLA = MailUser.of("carla");
  private static final MailUser FULL = MailUser.of("full");
  private static final MailUser CROWDED = MailUser.of("crowded");
  private static final MailUser STRANGER = MailUser.of("stranger");
  private static final String DONALD = "donald.example.com";
  private static final String CYRUS = "cyrus.example.com";
  private static final String SENDER = "sender@example.org";

  private static MailSite site;
  private static Dovecot donald;
  private static Cyrus cyrus;
  private static ProxyProcess program;
  private static Postfix postfix;

  @BeforeAll
  static void start() {
    List<MailUser> users = List.of(ALICE, BOB, DORA, CARLA, FULL, CROWDED, STRANGER);
    site = new MailSite(RelayDeliveryTest.class, users);
    site.huey()
        .serves(
            List.of(ALICE, BOB, FULL),
            user -> user.equals(FULL) ? "userdb_quota_rule=*:bytes=100" : "");
    donald =
        site.startStore(DONALD, site.addressFor(DONALD), site.authority().issue(DONALD), List.of());
    cyrus = new Cyrus(site.run(), site.cyrus(CYRUS), List.of(CARLA, CROWDED));
    cyrus.limit(CROWDED, 0);
    site.slapd().set(DORA, "mailHost", "cluster2");
    site.slapd().set(CARLA, "mailHost", CYRUS);
    site.slapd().set(CROWDED, "mailHost", CYRUS);
    // A Cyrus that takes mail from the network without a login offers no STARTTLS for LMTP.
    program =
        site.startProgram(
            "all",
            site.watch(),
            """
            openmmp.proxy {
              cluster2.storehostlist = "%s"
              "%s".tls = off
            }
            """
                .formatted(DONALD, CYRUS));
    postfix = new Postfix(site.run(), "postfix", program.lmtp(), "");
  }

  @AfterAll
  static void stop() {
    postfix.close();
    program.close();
    cyrus.close();
    donald.close();
    site.close();
  }

  // B5.2, B5.3, B5.8
  @Test
  void messageForThreeGroupsIsStoredByEachAsItWasSent() {
    assertEachGets(Letter.about("for three groups"));
    assertEachGets(
        new Letter(
            Letter.about("line ends").text()
                + ".\r\n..\r\n\r\n\1\u00ff\r\n"
                + "\u00e9".repeat(900)
                + "\r\n"));
  }

  // B5.9
  @Test
  void messageOf25MebibytesIsStoredAsItWasSent() {
    String line = "0123456789abcdef".repeat(4) + "\u00fc\r\n";
    assertEachGets(
        new Letter(Letter.about("large").text() + line.repeat((25 << 20) / line.length())));
  }

  // B1.4, B5.2, B5.3: each the store's own word, or the directory's
  @Test
  void eachRecipientGetsItsOwnReply() {
    try (DeliveryConnection mta = DeliveryConnection.lmtp("127.0.0.1", program.lmtp().getPort())) {
      mta.envelope(SENDER, List.of(ALICE.login()));
      assertReply("550 5.1.1", mta.command("RCPT TO:<nobody@example.com>"));
      String full = mta.command("RCPT TO:<" + FULL.login() + ">");
      String crowded = mta.command("RCPT TO:<" + CROWDED.login() + ">");
      assertReply("550 5.1.1", mta.command("RCPT TO:<" + STRANGER.login() + ">"));
      assertReply("250", mta.command("RCPT TO:<" + DORA.login() + ">"));
      List<String> expected = new ArrayList<>(List.of("250"));
      expectAtItsTime("552 5.2.2", full, expected);
      expectAtItsTime("452 4.2.2", crowded, expected);
      expected.add("250");
      List<String> replies = mta.data(Letter.about("quota").octets(), expected.size());
      for (int i = 0; i < expected.size(); i++) {
        assertReply(expected.get(i), replies.get(i));
      }
    }
    assertEquals(1, collect(ALICE).size());
    assertEquals(1, collect(DORA).size());
  }

  // B5.1, L10: Cyrus has no CHUNKING, and neither store SMTPUTF8
  @Test
  void whatIsOfferedIsTheRelaysOwnListWhateverStoresHave() {
    assertEachGets(Letter.about("to hear every store"));
    try (DeliveryConnection mta = DeliveryConnection.lmtp("127.0.0.1", program.lmtp().getPort())) {
      List<String> offered = mta.extensions();
      assertTrue(
          offered.containsAll(
              List.of("8BITMIME", "ENHANCEDSTATUSCODES", "PIPELINING", "CHUNKING", "SMTPUTF8")),
          offered::toString);
    }
  }

  /** A store may judge a quota at RCPT, or once it has the message. */
  private static void expectAtItsTime(String refusal, String atRcpt, List<String> finalReplies) {
    if (atRcpt.startsWith("250")) {
      finalReplies.add(refusal);
    } else {
      assertReply(refusal, atRcpt);
    }
  }

  private static void assertEachGets(Letter letter) {
    List<MailUser> recipients = List.of(ALICE, BOB, DORA, CARLA);
    try (DeliveryConnection sender = postfix.connect()) {
      sender.deliver(SENDER, recipients.stream().map(MailUser::login).toList(), letter.octets());
    }
    Await.until(postfix::log, Duration.ofSeconds(30), postfix::hasHandedOverAll);
    assertFalse(postfix.log().contains("status=bounced"), postfix::log);
    for (MailUser user : recipients) {
      Letter.assertReceived(List.of(letter), collect(user));
    }
  }

  /** Reads a mailbox through the proxy, and empties it. */
  private static List<String> collect(MailUser user) {
    try (Pop3Connection connection =
        new Pop3Connection(program.at(MailProtocol.POP3, Security.PLAIN))) {
      assertReply("+OK", connection.answerToLogin(user));
      List<String> messages = new ArrayList<>();
      int count = connection.listing("LIST").size();
      for (int number = 1; number <= count; number++) {
        messages.add(String.join("\r\n", connection.listing("RETR " + number)) + "\r\n");
        connection.command("DELE " + number);
      }
      connection.leave();
      return messages;
    }
  }

  private static void assertReply(String beginning, String reply) {
    assertTrue(reply.startsWith(beginning), reply);
  }
}
