package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Pop3Connection;
import org.openmmp.it.fixture.ProxyProcess;

/**
 * Messages with a second transaction behind what a store may take for the end of data, handed to a
 * Dovecot although lines end otherwise than by CR LF.
 */
@Tag("real-servers")
final class FalseEndOfDataTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final MailUser SMUGGLED = MailUser.of("smuggled");

  private static MailSite site;
  private static ProxyProcess program;

  @BeforeAll
  static void start() {
    site = new MailSite(FalseEndOfDataTest.class, List.of(ALICE, SMUGGLED));
    program = site.startProgram("all", site.watch(), "openmmp.lmtp.bare-newlines = pass\n");
  }

  @AfterAll
  static void stop() {
    program.close();
    site.close();
  }

  // B5.16, L1
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\n.\r\n",
        "\r.\r",
        "\n.\n",
        "\r\n.\n",
        "\r\n.\r",
        "\r.\n",
        "\n.\r",
        "\r.\r\n",
        "\n.\r.\r\n"
      })
  void messageIsOneMessageWhateverEndsInsideIt(String falseEnd) {
    int before = messagesOf(ALICE);
    String message = "Subject: outer\r\n\r\nouter" + falseEnd + transaction() + "inner\r\n";
    deliver(message, "DATA");
    deliver(message, "BDAT");
    assertEquals(before + 2, messagesOf(ALICE));
    assertEquals(0, messagesOf(SMUGGLED));
  }

  private static void deliver(String message, String form) {
    try (DeliveryConnection mta = DeliveryConnection.lmtp("127.0.0.1", program.lmtp().getPort())) {
      mta.envelope("sender@example.org", List.of(ALICE.login()));
      if (form.equals("DATA")) {
        assertReply("354", mta.command("DATA"));
        mta.send(message + ".\r\n");
      } else {
        mta.send("BDAT " + message.length() + " LAST\r\n" + message);
      }
      assertReply("250", mta.reply());
      assertReply("250", mta.command("NOOP"));
      assertReply("221", mta.command("QUIT"));
    }
  }

  private static String transaction() {
    return """
    MAIL FROM:<boss@example.com>
    RCPT TO:<%s>
    DATA
    Subject: inner

    """
        .formatted(SMUGGLED.login())
        .replace("\n", "\r\n");
  }

  private static int messagesOf(MailUser user) {
    try (Pop3Connection connection =
        new Pop3Connection(program.at(MailProtocol.POP3, Security.PLAIN))) {
      List<String> answer = connection.answerToLogin(user, user.password());
      assertReply("+OK", answer.get(0));
      int count = connection.listing("LIST").size();
      connection.leave();
      return count;
    }
  }

  private static void assertReply(String beginning, String reply) {
    assertTrue(reply.startsWith(beginning), reply);
  }
}
