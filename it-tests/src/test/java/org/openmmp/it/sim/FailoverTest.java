package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.StoreNode;

@ParameterizedClass
@EnumSource(MailProtocol.class)
@Tag("slow")
final class FailoverTest {
  private static final Duration LONG = Duration.ofSeconds(10);

  private final MailProtocol protocol;

  FailoverTest(MailProtocol protocol) {
    this.protocol = protocol;
  }

  @Test
  void preferredMasterServesWhileItAccepts() { // B2.4
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey 2/2/2, dewey 0/0/0, louie 0/0/0");
      assertEquals("huey", site.affinity("cluster1"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "REFUSE, 1/0/0",
    "BLACK_HOLE, 1/0/0",
    "RESET, 1/1/0",
    "HANG, 1/1/0",
    "GREET_BYE, 1/1/0"
  })
  void failingMasterIsAskedOnceAndTheNewOneServes(Fault fault, String asked) { // B2.5, B2.7
    try (SimSite site =
        SitePlan.replicated().readBy(protocol).answeringWithin(Duration.ofMillis(800)).start()) {
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      site.cluster().behave("huey", NodeBehaviour.failing(fault));
      site.cluster().makeMaster("dewey");
      site.mark();
      assertTrue(site.accepts(alice), site::log);
      site.assertTraffic("huey " + asked + ", dewey 1/1/1, louie 0/0/0");
      assertEquals("dewey", site.affinity("cluster1"));
      site.mark();
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey 0/0/0, dewey 1/1/1, louie 0/0/0");
    }
  }

  @Test
  void killedMasterIsReplacedByTheElectedOne() { // B2.5
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      site.cluster().kill("huey");
      assertEquals("dewey", site.cluster().elect().master());
      site.mark();
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey 1/0/0, dewey 1/1/1, louie 0/0/0");
    }
  }

  @Test
  void sessionOfAKilledMasterEndsAndTheNextOneIsServedElsewhere() { // B2.12
    try (SimSite site = SitePlan.replicated().readBy(protocol).start();
        MailConnection client = site.clients().open(Endpoint.Security.PLAIN)) {
      MailUser alice = site.user("alice");
      assertTrue(client.answerToLogin(alice).startsWith(protocol.accepted()));
      site.cluster().kill("huey");
      site.cluster().makeMaster("louie");
      assertEquals("closed", lastWordOf(client));
      site.mark();
      assertTrue(site.accepts(alice));
      site.assertTraffic(
          "huey 1/0/0, dewey " + site.referred() + ", louie 1/1/1"); // dewey refers to louie
      assertEquals("louie", site.affinity("cluster1"));
    }
  }

  private static String lastWordOf(MailConnection client) {
    try {
      return client.line();
    } catch (AssertionError closed) {
      return "closed";
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSE", "HANG", "GREET_BYE", "DROP_AT_LOGIN"})
  void everyHostDownIsAskedOnceAndTheAnswerIsTemporary(Fault fault) { // B2.4, B3.10
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      site.expectingInLog("cool-down group=cluster1 .*group-serves=false");
      MailUser alice = site.user("alice");
      List.of("huey", "dewey", "louie")
          .forEach(name -> site.cluster().behave(name, NodeBehaviour.failing(fault)));
      try (MailConnection client = site.clients().open(Endpoint.Security.PLAIN)) {
        List<String> answer = client.answerToLogin(alice, alice.password());
        String last = answer.get(answer.size() - 1);
        assertTrue(last.startsWith(protocol.unavailable()), last);
        if (protocol == MailProtocol.IMAP) {
          assertEquals(2, answer.size());
          assertTrue(answer.get(0).startsWith("* NO [ALERT] Your mailbox"), answer::toString);
        }
      }
      assertEquals("huey 1, dewey 1, louie 1", site.attempts(), site::log); // B2.9
      int told = fault == Fault.DROP_AT_LOGIN ? 1 : 0;
      for (StoreNode node : site.cluster().nodes()) {
        assertEquals(0, node.counters().logins());
        assertEquals(told, node.counters().passwords(), "a prober tells no password");
      }
    }
  }

  @Test
  void masterKilledBetweenLookUpAndLoginIsPassedOver() { // B2.5
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      site.directory().slowDown(Duration.ofMillis(500));
      CompletableFuture<Boolean> login = CompletableFuture.supplyAsync(() -> site.accepts(alice));
      Await.until("the look-up begins", LONG, () -> site.directory().searches() > 0);
      site.cluster().kill("huey");
      site.cluster().elect();
      assertTrue(login.join());
      site.assertTraffic("huey 1/0/0, dewey 1/1/1, louie 0/0/0");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"HANG_AT_LOGIN", "TEMPORARY_ERROR", "DROP_AT_LOGIN"})
  void whatOneLoginMeetsSendsOnlyThisOneOn(Fault fault) { // B2.5, B2.19, B2.23
    try (SimSite site =
        SitePlan.replicated().readBy(protocol).answeringWithin(Duration.ofMillis(800)).start()) {
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      site.cluster().behave("huey", NodeBehaviour.failing(fault));
      site.cluster().makeMaster("dewey");
      site.mark();
      assertTrue(site.accepts(alice), site::log);
      site.assertTraffic("huey 1/1/0, dewey 1/1/1, louie 0/0/0");
      assertEquals("huey", site.affinity("cluster1"), "one login is no verdict");
      site.cluster().behave("huey", NodeBehaviour.healthy());
      site.cluster().makeMaster("huey");
      site.mark();
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey 1/1/1, dewey 0/0/0, louie 0/0/0");
    }
  }

  @Test
  void restartedGroupServesAgainOnceItsCoolDownIsOver() { // B2.8
    try (SimSite site =
        SitePlan.replicated()
            .readBy(protocol)
            .with("proxy-defaults.cool-down { first = 200ms, max = 200ms }")
            .start()) {
      site.expectingInLog("cool-down group=cluster1 .*group-serves=false")
          .expectingInLog("no-master group=cluster1");
      MailUser alice = site.user("alice");
      List.of("huey", "dewey", "louie").forEach(site.cluster()::kill);
      assertTrue(site.findsNoStore(alice));
      List.of("huey", "dewey", "louie").forEach(site.cluster()::start);
      site.cluster().elect();
      Await.until("served again", LONG, () -> site.accepts(alice));
      assertEquals("huey", site.affinity("cluster1"));
    }
  }

  @Test
  void temporaryErrorEverywhereIsToldAsTemporary() { // B2.5, B2.19: nobody is blamed
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      List.of("huey", "dewey", "louie")
          .forEach(
              name -> site.cluster().behave(name, NodeBehaviour.failing(Fault.TEMPORARY_ERROR)));
      assertTrue(site.findsNoStore(alice));
      site.assertTraffic("huey 1/1/0, dewey 1/1/0, louie 1/1/0");
      site.cluster().behave("huey", NodeBehaviour.healthy());
      site.mark();
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey 1/1/1, dewey 0/0/0, louie 0/0/0");
    }
  }
}
