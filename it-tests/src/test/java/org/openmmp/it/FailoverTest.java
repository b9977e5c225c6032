package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.it.fixture.MailSite.DEWEY;
import static org.openmmp.it.fixture.MailSite.HUEY;
import static org.openmmp.it.fixture.MailSite.LOUIE;
import static org.openmmp.it.fixture.MailSite.hosts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.AdminClient;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.NetworkNamespace;
import org.openmmp.it.fixture.Traffic;

/** Masters that die, hang and vanish: which host serves, and how many connections each host had. */
@Tag("real-servers")
final class FailoverTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static int vanishing;

  private static MailSite site;

  @BeforeAll
  static void start() {
    site = new MailSite(FailoverTest.class, List.of(ALICE));
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  @BeforeEach
  void everybodyServes() {
    site.recover();
  }

  // B2.4, B2.7
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void preferredMasterServesAndNoOtherHostIsAsked(MailProtocol protocol) {
    site.withProxy(
        "",
        proxy -> {
          Traffic traffic = site.traffic();
          for (int i = 0; i < 3; i++) {
            proxy.assertServes(protocol, ALICE);
          }
          traffic.awaitExactly(Map.of(site.huey(), 3));
          assertAttempts(proxy.admin(protocol), 3, 0, 0);
          assertEquals(HUEY, proxy.admin(protocol).master(MailSite.GROUP));
        });
  }

  // B2.5, B2.7, B2.8, B2.12
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void killedMasterIsReplacedAndDoesNotComeBackWhileItsSuccessorServes(MailProtocol protocol) {
    site.withProxy(
        "openmmp.proxy-defaults.cool-down { first = 100ms, max = 100ms }",
        proxy -> {
          proxy.assertServes(protocol, ALICE);
          site.huey().kill();
          Traffic traffic = site.traffic();
          proxy.assertServes(protocol, ALICE);
          assertEquals(DEWEY, proxy.admin(protocol).master(MailSite.GROUP));
          site.huey().restart();
          proxy.assertServes(protocol, ALICE);
          proxy.assertServes(protocol, ALICE);
          traffic.awaitExactly(Map.of(site.dewey(), 3));
          assertAttempts(proxy.admin(protocol), 2, 3, 0);
        });
  }

  // B2.6, B2.8
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void hungMasterIsLeftAfterTheGreetingLimitAndNotAskedAgain(MailProtocol protocol) {
    site.withProxy(
        "openmmp.proxy-defaults.greeting-timeout = 1s",
        proxy -> {
          proxy.assertServes(protocol, ALICE);
          proxy.awaitSessionEnds(1);
          site.huey().hang();
          long begun = System.nanoTime();
          proxy.assertServes(protocol, ALICE);
          Duration firstLogin = Duration.ofNanos(System.nanoTime() - begun);
          assertTrue(firstLogin.compareTo(Duration.ofSeconds(1)) >= 0, firstLogin::toString);
          assertTrue(firstLogin.compareTo(Duration.ofSeconds(8)) < 0, firstLogin::toString);
          proxy.assertServes(protocol, ALICE);
          assertAttempts(proxy.admin(protocol), 2, 2, 0);
          assertEquals("cooling", proxy.admin(protocol).host(MailSite.GROUP, HUEY).state());
        });
  }

  // B2.5
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void masterKilledWhileALoginIsUnderWayCostsThatLoginNothing(MailProtocol protocol) {
    site.withProxy(
        "openmmp.proxy-defaults.greeting-timeout = 20s",
        proxy -> {
          site.huey().hang();
          CompletableFuture<Void> login =
              CompletableFuture.runAsync(() -> proxy.assertServes(protocol, ALICE));
          Await.until(
              "the login is at huey",
              Duration.ofSeconds(10),
              () -> proxy.admin(protocol).host(MailSite.GROUP, HUEY).underWay() == 1);
          Traffic traffic = site.traffic();
          site.huey().kill();
          login.orTimeout(10, TimeUnit.SECONDS).join();
          traffic.awaitExactly(Map.of(site.dewey(), 1));
          assertAttempts(proxy.admin(protocol), 1, 1, 0);
        });
  }

  // B2.5, B2.6
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void hostThatVanishedWithoutAWordIsLeftAfterTheConnectLimit(MailProtocol protocol) {
    try (NetworkNamespace host = new NetworkNamespace();
        Dovecot vanishing = inNamespace(host)) {
      site.withProxy(
          firstHost(vanishing) + "openmmp.proxy-defaults.connect-timeout = 500ms",
          proxy -> {
            proxy.assertServes(protocol, ALICE);
            vanishing.awaitConnections(1);
            host.vanish();
            Traffic traffic = site.traffic();
            proxy.assertServes(protocol, ALICE);
            proxy.assertServes(protocol, ALICE);
            traffic.awaitExactly(Map.of(site.dewey(), 2));
            assertEquals(2, proxy.admin(protocol).attempts(MailSite.GROUP, nameOf(vanishing)));
            assertEquals(DEWEY, proxy.admin(protocol).master(MailSite.GROUP));
          });
    }
  }

  // B2.9
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void hundredLoginsAtOnceCostADeadMasterOneAttempt(MailProtocol protocol) {
    try (NetworkNamespace host = new NetworkNamespace();
        Dovecot vanishing = inNamespace(host)) {
      site.withProxy(
          firstHost(vanishing),
          proxy -> {
            proxy.assertServes(protocol, ALICE);
            host.vanish();
            awaitEndOfConfirmWindow(proxy.admin(protocol));
            Traffic traffic = site.traffic();
            atOnce(100, () -> proxy.assertServes(protocol, ALICE));
            traffic.awaitExactly(Map.of(site.dewey(), 100));
            assertEquals(1 + 1, proxy.admin(protocol).attempts(MailSite.GROUP, nameOf(vanishing)));
            assertEquals(100, proxy.admin(protocol).attempts(MailSite.GROUP, DEWEY));
          });
    }
  }

  private static void assertAttempts(AdminClient admin, int huey, int dewey, int louie) {
    assertEquals(
        List.of(huey, dewey, louie),
        List.of(
            admin.attempts(MailSite.GROUP, HUEY),
            admin.attempts(MailSite.GROUP, DEWEY),
            admin.attempts(MailSite.GROUP, LOUIE)));
  }

  private static void atOnce(int count, Runnable action) {
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        all.add(CompletableFuture.runAsync(action, threads));
      }
      CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).join();
    } finally {
      threads.shutdownNow();
    }
  }

  /** A master that gave a sign of life just now is dialled by all at once, and rightly so. */
  private static void awaitEndOfConfirmWindow(AdminClient admin) {
    double before = admin.secondsOfMaster(MailSite.GROUP);
    Await.until(
        "the master's sign of life grows old",
        Duration.ofSeconds(2),
        () -> admin.secondsOfMaster(MailSite.GROUP) - before > 0.2);
  }

  private static Dovecot inNamespace(NetworkNamespace host) {
    String name = "vanishing" + ++vanishing + ".example.com";
    return site.startStore(name, host.address(), site.authority().issue(name), host.launcher());
  }

  private static String firstHost(Dovecot store) {
    return hosts(nameOf(store), DEWEY, LOUIE);
  }

  private static String nameOf(Dovecot store) {
    return store.settings().name();
  }
}
