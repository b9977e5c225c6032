package org.openmmp.it.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.operate.ImapPerson.Habit;

/**
 * Everything that an operator does to a front end in a year, within two minutes and while hundreds
 * of people work: nobody's login fails, nobody is sent away who is not meant, and no message is
 * lost, doubled, or has a word of ours in it (rules B2.26, B7.3, B7.7, B8.1, B8.5, B8.7, B9.1,
 * B9.2).
 */
@Tag("slow")
final class OperationUnderLoadTest {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final int PEOPLE = 500;

  /** Sessions could not be asked in time, on a machine that is too busy. */
  private static final int LATE = 1;

  private static final int LOGIN_EVERY_MILLIS = 20;

  private final Load load = new Load();
  private final OperatedSite site =
      new OperatedSite(OperationUnderLoadTest.class)
          .cluster("cluster1", "huey", "dewey", "louie")
          .cluster("cluster2", "donald", "daisy")
          .cluster("cluster3", "gladstone");
  private final List<MailUser> users = new ArrayList<>();
  private final Set<String> inSecondGroup = new HashSet<>();
  private final List<Thread> people = new ArrayList<>();
  private final List<ImapPerson> idling = new CopyOnWriteArrayList<>();
  private final AtomicInteger visits = new AtomicInteger();

  private Path configuration = Path.of("");

  private String text(String more) {
    return site.settings()
        + """
        openmmp {
          transport.reuse-port = on
          admin.listen = null
          drain { lead = 3s, spread = 8s, limit = 20m }
        }
        """
        + more;
  }

  private String groups(String... hostsOfFirst) {
    return site.group("cluster1", hostsOfFirst)
        + site.group("cluster2", "donald", "daisy")
        + "openmmp.proxy.cluster2.standby-site = [\"daisy.example.com\"]\n";
  }

  private void reload(String text, String told) {
    RunDirectory.write(configuration, text);
    OperatedSite.Ran ran = OperatedSite.openmmp(configuration, "reload");
    assertEquals(0, ran.status(), ran::told);
    assertTrue(ran.told().startsWith("taken over: " + told), ran::told);
    load.awaitLogins(20);
  }

  private String openmmp(String line) {
    OperatedSite.Ran ran = OperatedSite.openmmp(configuration, line);
    for (int i = 0; i < 20 && ran.status() == LATE; i++) {
      ran = OperatedSite.openmmp(configuration, line);
    }
    assertEquals(0, ran.status(), ran::told);
    return ran.told();
  }

  private void await(String what, BooleanSupplier condition) {
    Await.until(
        () -> what + " " + load.troubles() + openmmp("status"),
        LIMIT,
        () -> condition.getAsBoolean() || !load.troubles().isEmpty());
    assertEquals(List.of(), load.troubles(), what);
  }

  private MailUser person(int number) {
    boolean second = number % 5 == 4;
    MailUser user = site.user("p" + number, second ? "cluster2" : "cluster1");
    if (second) {
      inSecondGroup.add(user.name());
    }
    String letter = load.newMail(number % 10 == 0 ? 400_000 : 3_000, List.of(user));
    site.cluster(second ? "cluster2" : "cluster1")
        .mail()
        .of(user.login())
        .inbox()
        .append(
            List.of(),
            OffsetDateTime.now(ZoneOffset.UTC),
            letter.getBytes(StandardCharsets.ISO_8859_1));
    load.taken(letter, user);
    users.add(user);
    return user;
  }

  private static int port(ProxyProcess program, MailProtocol protocol, boolean tls) {
    return program.at(protocol, tls ? Endpoint.Security.TLS : Endpoint.Security.PLAIN).port();
  }

  private void arrive(ProxyProcess program) {
    for (int i = 0; i < PEOPLE; i++) {
      MailUser user = person(i);
      boolean tls = i % 2 == 0;
      int kind = i % 25;
      Runnable one;
      if (kind < 5) {
        one = new Pop3Person(load, user, port(program, MailProtocol.POP3, tls), tls, 1 + i % 3);
      } else {
        Habit habit = kind < 11 ? Habit.FETCHING : kind < 15 ? Habit.APPENDING : Habit.IDLING;
        int port = port(program, MailProtocol.IMAP, tls);
        ImapPerson person = new ImapPerson(load, user, port, tls, habit, 200 + i * 40);
        one = person;
        if (habit == Habit.IDLING) {
          idling.add(person);
        }
      }
      start(one, "person " + i);
    }
    for (int i = 0; i < 2; i++) {
      start(new Mta(load, program.lmtp().getPort(), List.copyOf(users), i), "mta " + i);
    }
  }

  private void start(Runnable one, String name) {
    Thread thread = new Thread(null, one, name, 256 * 1024);
    thread.setDaemon(true);
    people.add(thread);
    thread.start();
  }

  private void visit(ProxyProcess program) {
    int number = visits.getAndIncrement();
    MailUser user = users.get(number * 7 % PEOPLE);
    boolean tls = number % 5 == 0;
    if (number % 3 == 0) {
      new Pop3Person(load, user, port(program, MailProtocol.POP3, tls), tls, 0).run();
    } else {
      new ImapPerson(load, user, port(program, MailProtocol.IMAP, tls), tls, Habit.VISITING, 0)
          .run();
    }
  }

  private boolean isFirst(MailUser user) {
    return !user.name().equals("mta") && !inSecondGroup.contains(user.name());
  }

  @Test
  void nothingFailsWhateverTheOperatorDoes(TestReporter reporter) throws Exception {
    ScheduledExecutorService visitors = Executors.newScheduledThreadPool(24);
    try (site) {
      // A machine that stands still is warned of; errors, leaks and secrets are not expected.
      site.expectingInLog(" WARN .*(?:selection|standstill|directory server|reload|drain)")
          .expectingInLog("drain|standby site|openmmp.tls: the certificate .* ends soon")
          .expectingInLog("is another front end's|openmmp.limits.max-connections is");
      ProxyProcess first = site.start("first", text(groups("huey", "dewey")));
      configuration = first.configuration();
      arrive(first);
      visitors.scheduleAtFixedRate(
          () -> visit(first), 0, LOGIN_EVERY_MILLIS, TimeUnit.MILLISECONDS);
      await("everybody is there", () -> load.present.get() >= PEOPLE * 19 / 20);
      load.awaitLogins(200);

      reloadSixTimes(first);
      kick();
      drainAndStopHuey();
      reload(text(groups("dewey", "louie")), "group cluster1: huey.example.com removed");
      site.renewCertificate();
      reload(text(groups("dewey", "louie")), "2 tls");
      activateSite();
      reload(text(groups("dewey", "louie") + "openmmp.log.level = warn\n"), "1 log");
      reload(text(groups("dewey", "louie")), "1 log");

      upgrade(first);

      load.end();
      for (ImapPerson each : idling) {
        each.wake();
      }
      visitors.shutdown();
      assertTrue(visitors.awaitTermination(LIMIT.toSeconds(), TimeUnit.SECONDS));
      for (Thread each : people) {
        each.join(LIMIT.toMillis());
        assertTrue(!each.isAlive(), each::getName);
      }
      load.judgeMail(site);
      reporter.publishEntry(load.toString());
      assertEquals(List.of(), load.troubles());
    } finally {
      load.end();
      visitors.shutdownNow();
    }
  }

  /** Groups, hosts, limits, the certificate, times. */
  private void reloadSixTimes(ProxyProcess program) {
    String wide = groups("huey", "dewey", "louie");
    reload(text(wide), "group cluster1: louie.example.com added");
    reload(text(wide + site.group("cluster3", "gladstone")), "group cluster3 added");
    reload(
        text(wide + "openmmp.limits.sessions-per-user = 77\n"), "group cluster3 removed; 1 limits");
    Endpoint imaps = program.imap(Endpoint.Security.TLS);
    BigInteger before = OperatedSite.serialShown(imaps);
    site.renewCertificate();
    reload(text(wide + "openmmp.limits.sessions-per-user = 77\n"), "2 tls");
    assertNotEquals(before, OperatedSite.serialShown(imaps));
    reload(text(wide + "openmmp.imap.idle-timeout = 40m\n"), "1 imap; 1 limits");
    reload(text(wide), "1 imap");
  }

  private void kick() {
    MailUser one = users.get(20);
    Runnable over = load.meaning(one::equals);
    int before = load.goodbyes.get();
    OperatedSite.Ran told = OperatedSite.openmmp(configuration, "kick --yes --user " + one.login());
    assertTrue(told.told().endsWith("being ended") || told.status() == LATE, told::told);
    await("the kicked session has ended", () -> load.goodbyes.get() > before);
    over.run();
  }

  private long sessionsAt(String host) {
    String told = openmmp("sessions --limit 0 --host " + host + OperatedSite.DOMAIN);
    return Long.parseLong(told.substring(0, told.indexOf(' ')));
  }

  private void drainAndStopHuey() {
    await("the first group is at huey", () -> sessionsAt("huey") > PEOPLE / 2);
    Runnable over = load.meaning(this::isFirst);
    String told = openmmp("drain huey.example.com");
    assertTrue(told.startsWith("host huey.example.com: drained in cluster1; "), told);
    site.cluster("cluster1").makeMaster("dewey");
    await("nobody is at huey", () -> sessionsAt("huey") == 0);
    over.run();
    site.cluster("cluster1").kill("huey");
    load.awaitLogins(100);
  }

  private void activateSite() {
    int before = site.cluster("cluster2").node("daisy").counters().logins();
    String told = openmmp("activate-site cluster2 --yes");
    assertEquals("group cluster2: the standby site (daisy.example.com) is active", told);
    site.cluster("cluster2").makeMaster("daisy");
    await(
        "logins reach the standby site",
        () -> site.cluster("cluster2").node("daisy").counters().logins() > before + 20);
  }

  private void upgrade(ProxyProcess first) {
    StringBuilder ports = new StringBuilder();
    for (MailProtocol each : MailProtocol.values()) {
      ports.append(
          "openmmp.%s { listen = \"127.0.0.1:%d\", listen-tls = \"127.0.0.1:%d\" }%n"
              .formatted(each.service(), port(first, each, false), port(first, each, true)));
    }
    ports.append("openmmp.lmtp.listen = \"127.0.0.1:%d\"%n".formatted(first.lmtp().getPort()));
    ProxyProcess second = site.start("second", text(groups("dewey", "louie") + ports));
    load.awaitLogins(50);
    load.meaning(any -> true);
    assertTrue(openmmp("drain self").startsWith("this front end says that it is not ready"));
    Await.until(
        () -> load.present + " sessions " + load.troubles() + first.log(),
        LIMIT,
        () -> !first.process().isAlive() || !load.troubles().isEmpty());
    configuration = second.configuration();
    await("everybody is there again", () -> load.present.get() >= PEOPLE * 19 / 20);
    load.awaitLogins(200);
    assertTrue(openmmp("status").contains("cluster1 imap: master dewey.example.com"));
  }
}
