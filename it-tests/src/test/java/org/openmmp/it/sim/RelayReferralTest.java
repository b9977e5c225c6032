package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.ReferralForm;

/** A replica refers a delivery to the master, in each form (B5.6). */
final class RelayReferralTest {
  private static final NodeBehaviour HEALTHY = NodeBehaviour.healthy();
  private static final byte[] MESSAGE =
      "Subject: x\r\n\r\nx\r\n".getBytes(StandardCharsets.US_ASCII);

  @ParameterizedTest
  @EnumSource(ReferralForm.class)
  void masterGetsTheMessageAndTheNextOneAtOnce(ReferralForm form) {
    try (RelaySite site = new RelaySite()) {
      MailUser alice = site.user("alice", "cluster1");
      site.cluster(1).makeMaster("dewey");
      site.cluster(1).behave("huey", HEALTHY.referringBy(form));

      deliver(site, alice);
      assertEquals(1, site.heardBy("dewey").deliveries().size());
      assertEquals(0, site.heardBy("louie").connections());
      int referrals = site.cluster(1).node("huey").counters().referrals();
      assertTrue(referrals > 0, "the replica was asked");

      deliver(site, alice);
      assertEquals(2, site.inbox(alice).size());
      assertEquals(referrals, site.cluster(1).node("huey").counters().referrals());
    }
  }

  @Test
  void siteMayTeachAnotherFormOfReferral() {
    String setting = "lmtp.referral-pattern = \"the master is (?<host>\\\\S+)\"";
    try (RelaySite site = new RelaySite(setting)) {
      MailUser alice = site.user("alice", "cluster1");
      site.cluster(1).makeMaster("louie");
      String louie = site.cluster(1).node("louie").hostName();
      site.cluster(1)
          .behave(
              "huey",
              HEALTHY.referringBy(ReferralForm.GREETING).referringTo("The master is " + louie));

      deliver(site, alice);
      assertEquals(1, site.heardBy("louie").deliveries().size());
      assertEquals(0, site.heardBy("dewey").connections());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ReferralForm.class,
      names = {"GREETING", "REFUSING"})
  void hostOfAnotherGroupIsNeverReferredTo(ReferralForm form) {
    try (RelaySite site =
        new RelaySite("lmtp.timeouts.search = 2s").expectingInLog("group=cluster1")) {
      MailUser alice = site.user("alice", "cluster1");
      String donald = site.cluster(2).node("donald").hostName();
      String words =
          form == ReferralForm.GREETING ? "[REFERRAL lmtp://" + donald + "/]" : "alice@" + donald;
      for (String node : List.of("huey", "dewey", "louie")) {
        site.cluster(1).behave(node, HEALTHY.referringBy(form).referringTo(words));
      }

      try (DeliveryConnection mta = site.mta()) {
        mta.command("MAIL FROM:<mta@example.org>");
        String reply = mta.command("RCPT TO:<" + alice.login() + ">");
        assertTrue(reply.startsWith("4"), reply); // B5.4: never a 5xx
      }
      assertEquals(0, site.heardBy("donald").connections());
      assertEquals(0, site.heardBy("daisy").connections());
    }
  }

  private static void deliver(RelaySite site, MailUser user) {
    try (DeliveryConnection mta = site.mta()) {
      mta.deliver("mta@example.org", List.of(user.login()), MESSAGE);
    }
  }
}
