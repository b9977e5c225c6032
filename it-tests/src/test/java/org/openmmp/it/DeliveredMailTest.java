package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.Letter;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Pop3Connection;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.Traffic;

/** Mail that came through the relay is read through the proxy, whoever is master by then. */
@Tag("real-servers")
final class DeliveredMailTest {
  private static final MailUser ALICE = MailUser.of("alice");

  private static MailSite site;

  @BeforeAll
  static void start() {
    site = new MailSite(DeliveredMailTest.class, List.of(ALICE));
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  @BeforeEach
  void everybodyServes() {
    site.recover();
  }

  // B2.7, B5.5
  @Test
  void messageIsReadOverBothProtocolsAfterTheMasterThatTookItDied() {
    site.withProgram(
        "all",
        "",
        program -> {
          Letter letter = Letter.about("before the failover");
          deliver(program, letter);
          assertEquals(MailSite.HUEY, program.admin("lmtp").master(MailSite.GROUP));
          site.huey().kill();
          assertReadAndDeleted(program, letter);
          assertEquals(MailSite.DEWEY, program.admin(MailProtocol.IMAP).master(MailSite.GROUP));
        });
  }

  // B2.7: what a delivery found out gives the logins their first choice
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void loginsFollowTheMasterThatADeliveryFound(MailProtocol protocol) {
    site.huey().kill();
    site.withProgram(
        "all",
        "",
        program -> {
          Letter letter = Letter.about("found by a delivery");
          deliver(program, letter);
          assertEquals(MailSite.DEWEY, program.admin("lmtp").master(MailSite.GROUP));
          site.huey().restart();
          Traffic traffic = site.traffic();
          program.assertServes(protocol, ALICE);
          traffic.awaitExactly(Map.of(site.dewey(), 1));
          assertReadAndDeleted(program, letter);
        });
  }

  private static void deliver(ProxyProcess program, Letter letter) {
    DeliveryConnection.deliver(program.lmtp(), ALICE.login(), List.of(letter));
  }

  private static void assertReadAndDeleted(ProxyProcess program, Letter letter) {
    try (ImapConnection imap = new ImapConnection(program.imap(Security.TLS))) {
      assertTrue(imap.login(ALICE).isOk());
      imap.openInbox();
      List<String> fetched = imap.command("FETCH 1 BODY.PEEK[]").untagged();
      letter.assertEnds(String.join("\r\n", fetched.subList(1, fetched.size() - 1)) + "\r\n");
      imap.leave();
    }
    try (Pop3Connection pop3 = new Pop3Connection(program.at(MailProtocol.POP3, Security.TLS))) {
      String answer = pop3.answerToLogin(ALICE);
      assertTrue(answer.startsWith("+OK"), answer);
      letter.assertEnds(String.join("\r\n", pop3.listing("RETR 1")) + "\r\n");
      pop3.command("DELE 1");
      pop3.leave();
    }
  }
}
