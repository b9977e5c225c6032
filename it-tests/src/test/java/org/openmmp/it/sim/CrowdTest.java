package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;

/** A hundred logins at once (rules B2.9 and B2.10). */
final class CrowdTest {
  private static final int LOGINS = 100;

  @ParameterizedTest
  @CsvSource({"REFUSE, 1/0/0", "BLACK_HOLE, 1/0/0", "HANG, 1/1/0", "GREET_BYE, 1/1/0"})
  void deadMasterCostsOneAttemptAndAllLogInElsewhere(Fault fault, String asked) { // B2.9
    try (SimSite site = SitePlan.replicated().start()) {
      List<MailUser> users = users(site);
      assertTrue(site.login(users.get(0)).isOk());
      Await.until("nobody vouches for huey now", Duration.ofSeconds(5), () -> doubted(site));
      site.cluster().behave("huey", NodeBehaviour.failing(fault));
      site.cluster().makeMaster("dewey");
      site.mark();
      assertAll(site.loginAtOnce(users), "OK ");
      site.assertTraffic("huey " + asked + ", dewey 100/100/100, louie 0/0/0");
    }
  }

  @ParameterizedTest
  @CsvSource({"REFUSE, 1/0/0", "HANG, 1/1/0", "GREET_BYE, 1/1/0"})
  void unknownMasterIsFoundByOneLoginForAll(Fault fault, String asked) { // B2.9
    try (SimSite site = SitePlan.replicated().start()) {
      List<MailUser> users = users(site);
      site.cluster().behave("huey", NodeBehaviour.failing(fault));
      site.cluster().makeMaster("louie");
      assertAll(site.loginAtOnce(users), "OK ");
      site.assertTraffic("huey " + asked + ", dewey 1/1/1, louie 100/100/100");
    }
  }

  @ParameterizedTest
  @CsvSource({"REFUSE, 1/0/0", "HANG, 1/1/0", "GREET_BYE, 1/1/0"})
  void everyHostDownCostsOneAttemptEachAndAllAreTold(Fault fault, String asked) { // B2.9, B3.10
    try (SimSite site = SitePlan.replicated().start()) {
      site.expectingInLog("cool-down group=cluster1");
      List<MailUser> users = users(site);
      List.of("huey", "dewey", "louie")
          .forEach(name -> site.cluster().behave(name, NodeBehaviour.failing(fault)));
      assertAll(site.loginAtOnce(users), "NO [UNAVAILABLE] ");
      site.assertTraffic("huey " + asked + ", dewey " + asked + ", louie " + asked);
    }
  }

  @Test
  void boundedAttemptsQueueAndAllLogIn() { // B2.10
    try (SimSite site =
        SitePlan.replicated().with("proxy-defaults.max-attempts-per-store = 4").start()) {
      assertAll(site.loginAtOnce(users(site)), "OK ");
      site.assertTraffic("huey 100/100/100, dewey 0/0/0, louie 0/0/0");
    }
  }

  /** Within the confirm window of a login, others may dial its host without asking. */
  private static boolean doubted(SimSite site) {
    return site.snapshot("cluster1")
        .map(GroupSnapshot::affinity)
        .filter(
            master ->
                master.sinceNanosAgo() > SelectorSettings.defaults().confirmWindow().toNanos())
        .isPresent();
  }

  private static List<MailUser> users(SimSite site) {
    return IntStream.range(0, LOGINS).mapToObj(number -> site.user("user" + number)).toList();
  }

  private static void assertAll(List<ImapConnection.Response> answers, String begin) {
    assertEquals(LOGINS, answers.size());
    assertEquals(
        List.of(), answers.stream().filter(answer -> !answer.tagged().startsWith(begin)).toList());
  }
}
