package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.MailUser;

/** While a site is restored no mail is returned for want of its mailbox (B2.27). */
final class RelayRecoveryTest {
  private static String rcpt(RelaySite site, String address) {
    try (DeliveryConnection mta = site.mta()) {
      mta.command("MAIL FROM:<a@example.org>");
      return mta.command("RCPT TO:<" + address + ">");
    }
  }

  @Test
  void unknownUserIsPutOffWhileItsGroupOrDomainIsInRecovery() {
    try (RelaySite site = new RelaySite()) {
      MailUser alice = site.user("alice", "cluster1");
      MailUser missing = site.missing("bob", "cluster1");
      MailUser other = site.missing("carol", "cluster2");
      assertTrue(rcpt(site, missing.login()).startsWith("550 "), missing.login());
      assertTrue(rcpt(site, "nobody@example.com").startsWith("550 5.1.1 "));

      assertEquals(0, site.openmmp("recovery", "cluster1", "on"));
      String reply = rcpt(site, missing.login());
      assertTrue(reply.startsWith("451 4.2.0 Mailboxes are being restored here"), reply);
      assertTrue(rcpt(site, other.login()).startsWith("550 "));
      assertTrue(rcpt(site, "nobody@example.com").startsWith("550 5.1.1 "));
      assertTrue(rcpt(site, alice.login()).startsWith("250 "));

      assertEquals(0, site.openmmp("recovery", "example.com", "on"));
      assertTrue(rcpt(site, "nobody@example.com").startsWith("451 4.2.0 Mailboxes are being"));
      assertTrue(rcpt(site, other.login()).startsWith("451 4.2.0 Mailboxes are being"));
      assertTrue(site.log().contains("code=451 reply=\"451 4.2.0 Mailboxes are being"), site.log());

      assertEquals(0, site.openmmp("recovery", "example.com", "off"));
      assertEquals(0, site.openmmp("recovery", "cluster1", "off"));
      assertTrue(rcpt(site, "nobody@example.com").startsWith("550 5.1.1 "));
      assertTrue(rcpt(site, missing.login()).startsWith("550 "));
    }
  }

  @Test // B7.3
  void theConfigurationSaysSoToo() {
    try (RelaySite site = new RelaySite("recovery { groups = [cluster2], domains = \"*\" }")) {
      MailUser missing = site.missing("carol", "cluster2");
      assertTrue(rcpt(site, missing.login()).startsWith("451 4.2.0 Mailboxes are being"));
      assertTrue(rcpt(site, "nobody@example.org").startsWith("451 4.2.0 Mailboxes are being"));
    }
  }

  @Test // B8.4
  void aProbeGoesToTheAnswerToRcptAndDeliversNothing() {
    try (RelaySite site = new RelaySite()) {
      MailUser alice = site.user("alice", "cluster1");
      MailUser missing = site.missing("bob", "cluster1");
      Await.until(
          "the store takes the recipient",
          Duration.ofSeconds(60),
          () -> site.openmmp("probe", alice.login(), "--service", "lmtp", "--login") == 0);
      assertEquals(3, site.openmmp("probe", missing.login(), "--service", "lmtp", "--login"));
      assertTrue(
          site.heardBy("huey").lines("RCPT").contains("RCPT TO:<" + alice.login() + ">"),
          () -> site.heardBy("huey").lines("RCPT").toString());
      assertEquals(0, site.inbox(alice).size());
    }
  }
}
