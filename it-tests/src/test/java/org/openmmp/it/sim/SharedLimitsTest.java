package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;

/** What holds for a user and an address whatever the protocol. */
final class SharedLimitsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @ParameterizedTest
  @EnumSource
  void sessionsOfAUserCountInBothProtocolsTogether(MailProtocol last) { // B6.3
    try (SimSite site =
        SitePlan.replicated()
            .with("limits { exempt-networks = [], sessions-per-user = 2 }")
            .start()) {
      MailUser alice = site.user("alice");
      try (MailConnection imap = open(site, MailProtocol.IMAP);
          MailConnection pop3 = open(site, MailProtocol.POP3)) {
        assertTrue(imap.answerToLogin(alice).startsWith("OK "));
        assertTrue(pop3.answerToLogin(alice).startsWith("+OK"));
        site.assertTraffic("huey 2/2/2, dewey 0/0/0, louie 0/0/0");
        site.mark();
        String over = answer(site, last, alice, alice.password());
        assertTrue(over.startsWith(last == MailProtocol.IMAP ? "NO [LIMIT]" : "-ERR [SYS/TEMP]"));
        // The attempt is given up before it connects.
        site.assertTraffic("huey 1/0/0, dewey 0/0/0, louie 0/0/0");
        assertTrue(site.clients().answer(last, site.user("bob")).startsWith(last.accepted()));
        imap.leave();
      }
      Await.until(
          "the user has room again",
          PATIENCE,
          () -> answer(site, last, alice, alice.password()).startsWith(last.accepted()));
    }
  }

  @Test
  void wrongPasswordsOfBothProtocolsAddUp() { // B6.4
    Duration first = Duration.ofMillis(200);
    try (SimSite site =
        SitePlan.replicated()
            .with("limits { exempt-networks = [], penalty { first = 200ms, max = 5s } }")
            .start()) {
      MailUser alice = site.user("alice");
      MailProtocol[] turns = {MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.IMAP};
      for (int i = 0; i < turns.length; i++) {
        long begun = System.nanoTime();
        String answer = answer(site, turns[i], alice, MailUser.WRONG_PASSWORD + i);
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        assertTrue(answer.startsWith(turns[i].wrongPassword()), answer);
        // The answer is never earlier than the delay, which doubles with each.
        Duration delay = first.multipliedBy(1L << i);
        assertTrue(took.compareTo(delay) >= 0, "number " + i + " took only " + took);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void mailboxInUseIsNoWrongPasswordAndTriedNowhereElse(MailProtocol spoken) { // B3.10, B4.3
    try (SimSite site =
        SitePlan.replicated()
            .readBy(spoken)
            .with("limits { exempt-networks = [], penalty { first = 1m, max = 1m } }")
            .start()) {
      MailUser alice = site.user("alice");
      site.cluster().behave("huey", NodeBehaviour.failing(Fault.MAILBOX_IN_USE));
      String refused =
          spoken == MailProtocol.IMAP
              ? "NO [INUSE] Another session holds the mailbox"
              : "-ERR [IN-USE] Another session holds the mailbox";
      assertEquals(refused, site.clients().answer(alice));
      site.assertTraffic("huey 1/1/0, dewey 0/0/0, louie 0/0/0");
      site.cluster().behave("huey", NodeBehaviour.healthy());
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey 2/2/1, dewey 0/0/0, louie 0/0/0");
    }
  }

  private static MailConnection open(SimSite site, MailProtocol spoken) {
    return spoken.connect(site.clients().endpoint(spoken, Endpoint.Security.PLAIN));
  }

  private static String answer(SimSite site, MailProtocol spoken, MailUser user, String password) {
    try (MailConnection client = open(site, spoken)) {
      List<String> lines = client.answerToLogin(user, password);
      return lines.get(lines.size() - 1);
    }
  }
}
