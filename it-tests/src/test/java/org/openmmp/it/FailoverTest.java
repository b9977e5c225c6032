package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.ByeGreeting;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.ImapConnection.Response;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.NetworkNamespace;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.Traffic;

/**
 * Stores that die, hang, vanish, refuse and come back: which host serves, and how many connections
 * each host had. Every test has a program of its own, which knows nothing yet.
 */
@Tag("real-servers")
final class FailoverTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final String HUEY = "huey.example.com";
  private static final String DEWEY = "dewey.example.com";
  private static final String LOUIE = "louie.example.com";

  private static MailSite site;
  private static int vanishing;

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
  @Test
  void preferredMasterServesAndNoOtherHostIsAsked() {
    with(
        "",
        proxy -> {
          Traffic traffic = site.traffic();
          for (int i = 0; i < 3; i++) {
            assertServed(proxy);
          }
          traffic.awaitExactly(Map.of(site.huey(), 3));
          assertAttempts(proxy, 3, 0, 0);
          assertEquals(HUEY, proxy.admin().master(MailSite.GROUP));
        });
  }

  // B2.5, B2.7, B2.8, B2.12
  @Test
  void killedMasterIsReplacedAndDoesNotComeBackWhileItsSuccessorServes() {
    with(
        "openmmp.proxy-defaults.cool-down { first = 100ms, max = 100ms }",
        proxy -> {
          assertServed(proxy);
          site.huey().kill();
          Traffic traffic = site.traffic();
          assertServed(proxy);
          assertEquals(DEWEY, proxy.admin().master(MailSite.GROUP));
          site.huey().restart();
          assertServed(proxy);
          assertServed(proxy);
          traffic.awaitExactly(Map.of(site.dewey(), 3));
          assertAttempts(proxy, 2, 3, 0);
        });
  }

  // B2.6, B2.8
  @Test
  void hungMasterIsLeftAfterTheGreetingLimitAndNotAskedAgain() {
    with(
        "openmmp.proxy-defaults.greeting-timeout = 1s",
        proxy -> {
          assertServed(proxy);
          site.huey().hang();
          long begun = System.nanoTime();
          assertServed(proxy);
          Duration firstLogin = Duration.ofNanos(System.nanoTime() - begun);
          assertTrue(firstLogin.compareTo(Duration.ofSeconds(1)) >= 0, firstLogin::toString);
          assertTrue(firstLogin.compareTo(Duration.ofSeconds(8)) < 0, firstLogin::toString);
          assertServed(proxy);
          assertAttempts(proxy, 2, 2, 0);
          assertEquals("cooling", proxy.admin().host(MailSite.GROUP, HUEY).state());
        });
  }

  // B2.5
  @Test
  void masterKilledWhileALoginIsUnderWayCostsThatLoginNothing() {
    with(
        "openmmp.proxy-defaults.greeting-timeout = 20s",
        proxy -> {
          site.huey().hang();
          CompletableFuture<Void> login = CompletableFuture.runAsync(() -> assertServed(proxy));
          Await.until(
              "the login is at huey",
              Duration.ofSeconds(10),
              () -> proxy.admin().host(MailSite.GROUP, HUEY).underWay() == 1);
          Traffic traffic = site.traffic();
          site.huey().kill();
          login.orTimeout(10, TimeUnit.SECONDS).join();
          traffic.awaitExactly(Map.of(site.dewey(), 1));
          assertAttempts(proxy, 1, 1, 0);
        });
  }

  // B2.5, B2.6
  @Test
  void hostThatVanishedWithoutAWordIsLeftAfterTheConnectLimit() {
    try (NetworkNamespace host = new NetworkNamespace();
        Dovecot vanishing = inNamespace(host)) {
      with(
          firstHost(vanishing) + "openmmp.proxy-defaults.connect-timeout = 500ms",
          proxy -> {
            assertServed(proxy);
            vanishing.awaitConnections(1);
            host.vanish();
            Traffic traffic = site.traffic();
            assertServed(proxy);
            assertServed(proxy);
            traffic.awaitExactly(Map.of(site.dewey(), 2));
            assertEquals(2, proxy.admin().attempts(MailSite.GROUP, nameOf(vanishing)));
            assertEquals(DEWEY, proxy.admin().master(MailSite.GROUP));
          });
    }
  }

  // B2.9
  @Test
  void hundredLoginsAtOnceCostADeadMasterOneAttempt() {
    try (NetworkNamespace host = new NetworkNamespace();
        Dovecot vanishing = inNamespace(host)) {
      with(
          firstHost(vanishing),
          proxy -> {
            assertServed(proxy);
            host.vanish();
            awaitEndOfConfirmWindow(proxy);
            Traffic traffic = site.traffic();
            atOnce(100, () -> assertServed(proxy));
            traffic.awaitExactly(Map.of(site.dewey(), 100));
            assertEquals(1 + 1, proxy.admin().attempts(MailSite.GROUP, nameOf(vanishing)));
            assertEquals(100, proxy.admin().attempts(MailSite.GROUP, DEWEY));
          });
    }
  }

  // B2.5
  @ParameterizedTest
  @ValueSource(strings = {"* BYE overloaded", "* BYE [UNAVAILABLE] not today"})
  void byeGreetingIsPassedOver(String greeting) {
    String name = "bye.example.com";
    String address = site.addressFor(name);
    try (ByeGreeting refusing = new ByeGreeting(address, site.imapPort(), greeting)) {
      with(
          hosts(name, DEWEY),
          proxy -> {
            Traffic traffic = site.traffic();
            assertServed(proxy);
            assertServed(proxy);
            traffic.awaitExactly(Map.of(site.dewey(), 2));
            assertEquals(1, refusing.connections());
            assertEquals(
                "refused-greeting", proxy.admin().host(MailSite.GROUP, name).lastOutcome());
          });
    }
  }

  // B2.3, B2.5, T8
  @ParameterizedTest
  @ValueSource(strings = {"starttls", "implicit"})
  void storeWithAnotherNamesCertificateNeverSeesALogin(String tls) {
    String name = "impostor-" + tls + ".example.com";
    try (Dovecot impostor =
        site.startStore(
            name,
            site.addressFor(name),
            site.authority().issue("somebody-else.example.com"),
            List.of())) {
      int port = tls.equals("implicit") ? site.imapsPort() : site.imapPort();
      String settings = "openmmp.proxy-defaults { tls = %s, imapport = %d }\n".formatted(tls, port);
      with(
          settings + hosts(name, DEWEY),
          proxy -> {
            Traffic traffic = site.traffic();
            assertServed(proxy);
            traffic.awaitExactly(Map.of(site.dewey(), 1));
            impostor.awaitConnections(1);
            assertEquals(List.of(), impostor.logins());
            assertTrue(impostor.log().contains("no auth attempts"), impostor.log());
            assertEquals("tls-failed", proxy.admin().host(MailSite.GROUP, name).lastOutcome());
          },
          name);
    }
  }

  // B2.5
  @Test
  void temporaryRefusalGoesToTheNextHostAndIsNotHeldAgainstTheStore() {
    with(
        "",
        proxy -> {
          site.huey().refusesForNow();
          Traffic traffic = site.traffic();
          assertServed(proxy);
          traffic.awaitExactly(Map.of(site.huey(), 1, site.dewey(), 1));
          assertFalse(proxy.admin().host(MailSite.GROUP, HUEY).state().equals("cooling"));
        });
  }

  // B2.4, B2.8, B2.11, B3.10
  @Test
  void whenEveryHostIsDownTheAnswerIsTemporaryAndTheFirstThatReturnsServes() {
    with(
        "openmmp.login.deadline = 2s\nopenmmp.proxy-defaults.cool-down { first = 200ms, max = 200ms }",
        proxy -> {
          site.huey().kill();
          site.dewey().kill();
          site.louie().kill();
          try (ImapConnection connection = new ImapConnection(proxy.imap(Security.TLS))) {
            Response refused = connection.login(ALICE);
            assertTrue(refused.tagged().startsWith("NO [UNAVAILABLE]"), refused.toString());
            assertTrue(refused.untagged().get(0).startsWith("* NO [ALERT] "), refused.toString());
            assertAttempts(proxy, 1, 1, 1);
            assertEquals("", proxy.admin().master(MailSite.GROUP));
            site.louie().restart();
            Await.until(
                "louie may be asked again",
                Duration.ofSeconds(5),
                () -> proxy.admin().host(MailSite.GROUP, LOUIE).state().equals("half-open"));
            Response served = connection.login(ALICE);
            assertTrue(served.isOk(), served.toString());
          }
          assertEquals(LOUIE, proxy.admin().master(MailSite.GROUP));
        },
        MailSite.GROUP);
  }

  // B1.7, B3.10
  @Test
  void directoryThatIsDownIsATemporaryFailureAndNoStoreIsAsked() {
    MailUser unknown = MailUser.of("nobody-asked-for-yet");
    with(
        "",
        proxy -> {
          assertServed(proxy);
          Traffic traffic = site.traffic();
          site.slapd().kill();
          try (ImapConnection connection = new ImapConnection(proxy.imap(Security.TLS))) {
            String refused = connection.login(unknown).tagged();
            assertTrue(refused.startsWith("NO [UNAVAILABLE]"), refused);
          } finally {
            site.slapd().restart();
          }
          traffic.awaitExactly(Map.of());
        },
        "(?i)ldap|directory");
  }

  private static void with(
      String settings, Consumer<ProxyProcess> test, String... expectedTrouble) {
    LogWatch watch = site.watch();
    List.of(expectedTrouble).forEach(watch::expect);
    try (ProxyProcess proxy = site.startProxy(watch, settings)) {
      test.accept(proxy);
    }
  }

  private static void assertServed(ProxyProcess proxy) {
    try (ImapConnection connection = new ImapConnection(proxy.imap(Security.PLAIN))) {
      Response response = connection.login(ALICE);
      assertTrue(response.isOk(), response.toString());
      assertTrue(connection.command("SELECT INBOX").isOk());
      connection.command("LOGOUT");
    }
  }

  private static void assertAttempts(ProxyProcess proxy, int huey, int dewey, int louie) {
    assertEquals(
        List.of(huey, dewey, louie),
        List.of(
            proxy.admin().attempts(MailSite.GROUP, HUEY),
            proxy.admin().attempts(MailSite.GROUP, DEWEY),
            proxy.admin().attempts(MailSite.GROUP, LOUIE)));
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
  private static void awaitEndOfConfirmWindow(ProxyProcess proxy) {
    double before = proxy.admin().secondsOfMaster(MailSite.GROUP);
    Await.until(
        "the master's sign of life grows old",
        Duration.ofSeconds(2),
        () -> proxy.admin().secondsOfMaster(MailSite.GROUP) - before > 0.2);
  }

  private static Dovecot inNamespace(NetworkNamespace host) {
    String name = "vanishing" + ++vanishing + ".example.com";
    return site.startStore(name, host.address(), site.authority().issue(name), host.launcher());
  }

  private static String firstHost(Dovecot store) {
    return hosts(nameOf(store), DEWEY, LOUIE);
  }

  private static String hosts(String... names) {
    return "openmmp.proxy.%s.storehostlist = \"%s\"\n"
        .formatted(MailSite.GROUP, String.join(" ", names));
  }

  private static String nameOf(Dovecot store) {
    return store.settings().name();
  }
}
