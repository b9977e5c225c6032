package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.NetworkNamespace;
import org.openmmp.it.fixture.Ports;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.ReferringStore;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;

/**
 * The whole program before stores that are processes of their own, one of which is stopped or
 * vanishes (B2.31, B2.33). A login that waited for the limits of a silent store would fail: they
 * are longer than its deadline. How long it took is printed.
 */
@Tag("real-servers")
@ParameterizedClass
@EnumSource(MailProtocol.class)
final class HungMasterTest {
  private static final MailUser ALICE = MailUser.of("alice");

  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** As many greetings as make a store known. */
  private static final int ENOUGH = 25;

  private final MailProtocol protocol;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<ReferringStore> stores = new ArrayList<>();
  private RunDirectory run;
  private EmbeddedDirectory directory;
  private Path master;

  HungMasterTest(MailProtocol protocol) {
    this.protocol = protocol;
  }

  @BeforeEach
  void open() {
    run = RunDirectory.of(HungMasterTest.class);
    directory = EmbeddedDirectory.start();
    directory.add(new DirectoryUser(ALICE.name(), ALICE.domain(), ALICE.password(), "site"));
    master = run.create("master").resolve("master");
  }

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
    directory.close();
    run.close();
  }

  /** Stores at these addresses, of which only so many run, and the proxy in front of them. */
  private ProxyProcess site(List<String> hosts, List<String> launcherOfSecond, int running) {
    return site(hosts, launcherOfSecond, running, "");
  }

  private ProxyProcess site(
      List<String> hosts, List<String> launcherOfSecond, int running, String more) {
    int imap = Ports.freeOn(hosts.get(0));
    int pop3 = Ports.freeOn(hosts.get(0));
    for (int i = 0; i < running; i++) {
      List<String> launcher = i == 1 ? launcherOfSecond : List.of();
      ReferringStore store = new ReferringStore(run, launcher, hosts.get(i), imap, pop3, master);
      opened.add(store);
      stores.add(store);
    }
    String configuration =
        """
        openmmp.directory {
          urls = "%s", base-dn = "%s", bind-dn = "%s", bind-password = "%s"
          default-domain = example.com
        }
        openmmp.proxy.site { storehostlist = "%s", imapport = %d, popport = %d, tls = off }
        openmmp.proxy-defaults { connect-timeout = 1m, greeting-timeout = 1m }
        openmmp.login.deadline = 25s
        openmmp.limits.max-connections = 1000
        openmmp.drain { lead = 0s, spread = 0s, limit = 1s }
        openmmp.imap { listen = "127.0.0.1:0", clear-text-passwords = always }
        openmmp.pop3 { listen = "127.0.0.1:0", clear-text-passwords = always }
        openmmp.limits.exempt-networks = "127.0.0.0/8"
        openmmp.admin.listen = "127.0.0.1:0"
        """
                .formatted(
                    directory.url(),
                    EmbeddedDirectory.BASE_DN,
                    EmbeddedDirectory.BIND_DN,
                    EmbeddedDirectory.BIND_PASSWORD,
                    String.join(" ", hosts),
                    imap,
                    pop3)
            + more;
    ProxyProcess proxy =
        new ProxyProcess(
            run,
            "proxy",
            "proxy",
            configuration,
            run.create("authority").resolve("none.pem"),
            new LogWatch(List.of(ALICE.password(), EmbeddedDirectory.BIND_PASSWORD)));
    opened.add(proxy);
    return proxy;
  }

  private void masterIs(String address) {
    RunDirectory.write(master, address);
  }

  private void assertServes(ProxyProcess proxy) {
    assertTrue(logsIn(proxy), proxy::log);
  }

  private boolean logsIn(ProxyProcess proxy) {
    Endpoint listener = proxy.at(protocol, Endpoint.Security.PLAIN);
    try (MailConnection client = protocol.connect(listener)) {
      List<String> lines = client.answerToLogin(ALICE, ALICE.password());
      client.leave();
      return lines.get(lines.size() - 1).startsWith(protocol.accepted());
    }
  }

  private long hedges(ProxyProcess proxy, String result) {
    return proxy
        .admin(protocol)
        .page("/metrics")
        .lines()
        .filter(line -> line.startsWith("openmmp_hedges_total{"))
        .filter(line -> line.contains("service=\"" + protocol.service() + "\""))
        .filter(line -> line.contains("result=\"" + result + "\""))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void storesThatReferHaveTheNextLoginServed(boolean vanishes) {
    try (NetworkNamespace host = new NetworkNamespace()) {
      List<String> hosts = List.of("127.0.0.2", host.address(), "127.0.0.4");
      masterIs(host.address());
      ProxyProcess proxy = site(hosts, host.launcher(), hosts.size());
      for (int i = 0; i < ENOUGH; i++) {
        assertServes(proxy);
      }
      assertEquals(1, stores.get(0).logins(), "it has referred");
      ReferringStore dying = stores.get(1);
      if (vanishes) {
        host.vanish();
      } else {
        dying.process().hang();
      }
      masterIs("127.0.0.4");
      long begun = System.nanoTime();
      assertServes(proxy);
      System.out.printf(
          "%s, the master %s: the next login is served after %d ms%n",
          protocol,
          vanishes ? "vanished" : "hangs",
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
      assertServes(proxy);
      assertEquals("127.0.0.4", proxy.admin(protocol).master("site"));
      assertEquals(2, stores.get(0).logins());
      assertEquals(2, stores.get(2).logins());
      assertEquals(1, hedges(proxy, "used"));
      if (vanishes) {
        host.reappear();
      } else {
        dying.process().goOn();
      }
      assertServes(proxy);
      assertEquals("127.0.0.4", proxy.admin(protocol).master("site"));
      assertEquals(ENOUGH, dying.logins());
    }
  }

  /** No client was ever referred: the probe's user was. */
  @Test
  void probeThatIsReferredHasTheNextLoginServed() {
    List<String> hosts = List.of("127.0.0.2", "127.0.0.3", "127.0.0.4");
    masterIs("127.0.0.2");
    ProxyProcess proxy =
        site(
            hosts,
            List.of(),
            hosts.size(),
            """
            openmmp.proxy.site.probe { kind = login, interval = 1s, user = "%s", password = "%s" }
            """
                .formatted(ALICE.login(), ALICE.password()));
    for (int i = 0; i < ENOUGH; i++) {
      assertServes(proxy);
    }
    long before = stores.get(1).logins();
    Await.until(
        () -> "the probe asked " + hosts.get(1), LIMIT, () -> stores.get(1).logins() > before + 1);
    stores.get(0).process().hang();
    masterIs("127.0.0.3");
    assertServes(proxy);
    assertEquals("127.0.0.3", proxy.admin(protocol).master("site"));
  }

  @Test
  void storesThatDoNotReferLetTheLoginGoOnAndAreNotBlamed() {
    List<String> hosts = List.of("127.0.0.2", "127.0.0.3", "127.0.0.4");
    masterIs("all");
    ProxyProcess proxy = site(hosts, List.of(), hosts.size());
    for (int i = 0; i < ENOUGH; i++) {
      assertServes(proxy);
    }
    stores.get(0).process().hang();
    assertServes(proxy);
    assertEquals(1, stores.get(1).logins());
    assertEquals(1, hedges(proxy, "used"));
    assertEquals("127.0.0.2", proxy.admin(protocol).master("site"));
    stores.get(0).process().goOn();
    assertServes(proxy);
    assertEquals(ENOUGH + 1, stores.get(0).logins());
  }

  @Test
  void standbysThatDoNotRunLeaveTheLoginWhereItIs() {
    List<String> hosts = List.of("127.0.0.2", "127.0.0.3", "127.0.0.4");
    masterIs("all");
    ProxyProcess proxy = site(hosts, List.of(), 1);
    assertServes(proxy);
    stores.get(0).process().hang();
    CompletableFuture<Boolean> login = CompletableFuture.supplyAsync(() -> logsIn(proxy));
    Await.until(
        "both standbys were tried", Duration.ofSeconds(20), () -> hedges(proxy, "failed") == 2);
    stores.get(0).process().goOn();
    assertTrue(login.join(), proxy::log);
    assertEquals("127.0.0.2", proxy.admin(protocol).master("site"));
    assertEquals(2, proxy.admin(protocol).attempts("site", "127.0.0.2"));
    assertEquals(0, proxy.admin(protocol).attempts("site", "127.0.0.3"));
  }
}
