package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.Letter;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Pop3Client;
import org.openmmp.it.fixture.Postfix;
import org.openmmp.it.fixture.RealStores;

/** Real LMTP servers and senders without a relay between them. */
@Tag("real-servers")
final class DeliveryServersStartTest {
  private static final MailUser ALICE = MailUser.of("alice");

  private static RealStores stores;

  @BeforeAll
  static void start() {
    stores = new RealStores(DeliveryServersStartTest.class, ALICE);
  }

  @AfterAll
  static void stop() {
    stores.close();
  }

  @Test
  void postfixHandsOverToDovecotAndTriesAgainUntilItIsThere() {
    Letter letter = Letter.about("by Postfix");
    stores.dovecot().kill();
    try (Postfix postfix =
            new Postfix(stores.run(), "postfix", stores.dovecot().at(MailPort.LMTP), "");
        DeliveryConnection sender = postfix.connect()) {
      sender.deliver("sender@example.org", List.of(ALICE.login()), letter.octets());
      Await.until(
          postfix::log, Duration.ofSeconds(10), () -> postfix.log().contains("status=deferred"));
      assertEquals(1, postfix.queued());
      stores.dovecot().restart();
      Await.until(postfix::log, Duration.ofSeconds(20), postfix::hasHandedOverAll);
      assertTrue(postfix.log().contains("status=sent"), postfix.log());
    }
    assertArrived(letter);
  }

  @Test
  void swaksDelivers() {
    assertTrue(swaks(stores.dovecot().at(MailPort.LMTP), "--tls").contains("TLS started"));
    swaks(stores.cyrus().at(MailPort.LMTP));
    Pop3Client.POPLIB.collect(
        stores.atDovecot(MailProtocol.POP3, Security.PLAIN), ALICE, stores.run().create("swaks"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void storeAnswersEachRecipient(boolean isDovecot) {
    InetSocketAddress store =
        isDovecot ? stores.dovecot().at(MailPort.LMTP) : stores.cyrus().at(MailPort.LMTP);
    try (DeliveryConnection sender = DeliveryConnection.lmtp("localhost", store.getPort())) {
      if (isDovecot) {
        sender.startTls(stores.authority().certificate());
      }
      assertTrue(sender.extensions().contains("8BITMIME"), sender.extensions().toString());
      sender.envelope("sender@example.org", List.of(ALICE.name()));
      String refused = sender.command("RCPT TO:<nobody>");
      assertTrue(refused.startsWith("550"), refused);
      sender.command("RSET");
    }
  }

  private static String swaks(InetSocketAddress store, String... options) {
    List<String> command = new ArrayList<>(List.of("swaks", "--protocol", "LMTP"));
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "--server",
            store.getHostString() + ":" + store.getPort(),
            "--from",
            "sender@example.org",
            "--to",
            ALICE.name()));
    return Command.run(Map.of(), "", command).succeeded().output();
  }

  private static void assertArrived(Letter letter) {
    List<String> collected =
        Pop3Client.ANGUS.collect(
            stores.atDovecot(MailProtocol.POP3, Security.PLAIN),
            ALICE,
            stores.run().create("arrived"));
    assertEquals(1, collected.size());
    letter.assertEnds(collected.get(0));
  }
}
