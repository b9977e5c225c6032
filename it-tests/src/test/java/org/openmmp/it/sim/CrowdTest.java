package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.StoreNode;

/** A hundred logins at once (rules B2.9 and B2.10). */
@ParameterizedClass
@EnumSource(MailProtocol.class)
@Tag("slow")
final class CrowdTest {
  private static final int LOGINS = 100;

  private final MailProtocol protocol;

  CrowdTest(MailProtocol protocol) {
    this.protocol = protocol;
  }

  @ParameterizedTest
  @CsvSource({"REFUSE, 1/0/0", "BLACK_HOLE, 1/0/0", "HANG, 1/1/0", "GREET_BYE, 1/1/0"})
  void deadMasterCostsOneAttemptAndAllLogInElsewhere(Fault fault, String asked) { // B2.9
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      List<MailUser> users = users(site);
      assertTrue(site.accepts(users.get(0)));
      site.awaitDoubt();
      site.cluster().behave("huey", NodeBehaviour.failing(fault));
      site.cluster().makeMaster("dewey");
      site.mark();
      assertAll(site.clients().answersAtOnce(users), protocol.accepted());
      site.assertTraffic("huey " + asked + ", dewey 100/100/100, louie 0/0/0");
    }
  }

  @ParameterizedTest
  @CsvSource({"REFUSE, 1/0/0", "HANG, 1/1/0", "GREET_BYE, 1/1/0"})
  void unknownMasterIsFoundByOneLoginForAll(Fault fault, String asked) { // B2.9
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      List<MailUser> users = users(site);
      site.cluster().behave("huey", NodeBehaviour.failing(fault));
      site.cluster().makeMaster("louie");
      assertAll(site.clients().answersAtOnce(users), protocol.accepted());
      site.assertTraffic("huey " + asked + ", dewey " + site.referred() + ", louie 100/100/100");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"REFUSE", "HANG", "GREET_BYE"})
  void everyHostDownCostsOneAttemptEachAndAllAreTold(Fault fault) { // B2.9, B3.10
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      site.expectingInLog("cool-down group=cluster1");
      List<MailUser> users = users(site);
      List.of("huey", "dewey", "louie")
          .forEach(name -> site.cluster().behave(name, NodeBehaviour.failing(fault)));
      assertAll(site.clients().answersAtOnce(users), protocol.unavailable());
      // While they waited a prober asked for greetings, and told nobody's password.
      assertEquals("huey 1, dewey 1, louie 1", site.attempts(), site::log);
      for (StoreNode node : site.cluster().nodes()) {
        assertEquals(0, node.counters().passwords());
      }
    }
  }

  @Test
  void boundedAttemptsQueueAndAllLogIn() { // B2.10
    try (SimSite site =
        SitePlan.replicated()
            .readBy(protocol)
            .with("proxy-defaults.max-attempts-per-store = 4")
            .start()) {
      assertAll(site.clients().answersAtOnce(users(site)), protocol.accepted());
      site.assertTraffic("huey 100/100/100, dewey 0/0/0, louie 0/0/0");
    }
  }

  private static List<MailUser> users(SimSite site) {
    return IntStream.range(0, LOGINS).mapToObj(number -> site.user("user" + number)).toList();
  }

  private static void assertAll(List<String> answers, String begin) {
    assertEquals(LOGINS, answers.size());
    assertEquals(List.of(), answers.stream().filter(answer -> !answer.startsWith(begin)).toList());
  }
}
