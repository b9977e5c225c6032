package org.openmmp.it.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.DebianPackage;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.fixture.ServerProcess;
import org.openmmp.it.fixture.SiteMachine;
import org.openmmp.it.fixture.Systemctl;
import org.openmmp.it.fixture.TestAuthority;

/**
 * A site is set up on fresh machines by its page alone, loses front ends and a balancer, and is
 * upgraded under load: docs/operate/site.md.
 */
@Tag("real-servers")
final class SiteTest {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String BRIDGE = "site";

  /** The page's network, and the one here: this machine may be in the page's itself. */
  private static final String ITS_NETWORK = "192.0.2.";

  private static final String NETWORK = "10.251.43.";
  private static final String OUTSIDE = NETWORK + "30";
  private static final String CLIENTS_KNOW = NETWORK + "10";
  private static final String NEXT = "99.0.0";
  private static final String CONFIGURATION = " --config /etc/openmmp/openmmp.conf";
  private static final MailUser ALICE = MailUser.of("alice");
  private static final MailUser BOB = MailUser.of("bob");

  private static final Map<String, String> ADDRESSES =
      new TreeMap<>(
          Map.of(
              "mmp1", NETWORK + "11",
              "mmp2", NETWORK + "12",
              "lb1", NETWORK + "13",
              "lb2", NETWORK + "14",
              "huey", NETWORK + "21",
              "dewey", NETWORK + "22",
              "louie", NETWORK + "23",
              "ldap1", NETWORK + "31"));

  private final WalkPage page = new WalkPage(PROJECT.resolve("docs/operate/site.md"));
  private final Map<String, SiteMachine> machines = new LinkedHashMap<>();
  private final Map<String, Systemctl> services = new LinkedHashMap<>();
  private boolean trained;
  private RunDirectory run;
  private Path shared;
  private TestAuthority authority;
  private List<Endpoint> doors;

  @BeforeEach
  void switchOn() {
    run = RunDirectory.of(SiteTest.class);
    shared = run.create("shared");
    authority = new TestAuthority(run.create("shared/pki"));
    doors =
        List.of(
            new Endpoint(
                MailProtocol.IMAP,
                CLIENTS_KNOW,
                993,
                Endpoint.Security.TLS,
                authority.certificate()),
            new Endpoint(
                MailProtocol.POP3,
                CLIENTS_KNOW,
                995,
                Endpoint.Security.TLS,
                authority.certificate()));
    Command.run("ip", "link", "del", BRIDGE);
    Command.run(
            "sh",
            "-ec",
            "ip link add name %1$s type bridge; ip addr add %2$s/24 dev %1$s; ip link set %1$s up"
                .formatted(BRIDGE, OUTSIDE))
        .succeeded();
    StringBuilder hosts = new StringBuilder("127.0.0.1 localhost\n");
    hosts.append(CLIENTS_KNOW).append(" mail.example.com\n");
    ADDRESSES.forEach(
        (name, address) -> hosts.append("%s %s.example.com %s\n".formatted(address, name, name)));
    ADDRESSES.forEach(
        (name, address) -> {
          SiteMachine machine = new SiteMachine(run, name, shared);
          machines.put(name, machine);
          services.put(name, new Systemctl(machine, run, shared));
          machine.connect(BRIDGE, address);
          machine.write("/etc/hosts", hosts.toString());
        });
  }

  @AfterEach
  void switchOff() {
    machines.values().forEach(SiteMachine::close);
    Command.run("ip", "link", "del", BRIDGE);
    run.close();
  }

  // B7.11, B8.1, B8.2
  @Test
  void siteIsSetUpByItsPageUpgradedUnderLoadAndSurvivesTheLossOfMachines() throws Exception {
    long begun = System.nanoTime();
    haveWhatThePageExpects();
    for (int section = 1; section <= 5; section++) {
      follow(section);
    }
    ADDRESSES.keySet().stream().filter(name -> name.startsWith("mmp")).forEach(this::deliver);
    awaitHolder("lb1", "lb2");
    awaitOpen();
    follow(6);
    tell("set up", begun);

    long loaded = System.nanoTime();
    try (SiteLoad load = new SiteLoad(doors, ALICE, 3)) {
      load.await(30);
      List<WalkPage.Step> upgrade = page.section(10);
      assertEquals(List.of(List.of("mmp1"), List.of("mmp2")), where(upgrade));
      for (WalkPage.Step step : upgrade) {
        follow(step);
        String name = step.machines().get(0);
        // The brackets keep it from finding its own shell.
        succeeded(name, "pgrep -f '/usr/lib/openmmp/[9]9.0.0/lib'");
        Await.until(
            name + " has clients again",
            LIMIT,
            () ->
                machine(name)
                    .run("openmmp sessions" + CONFIGURATION)
                    .output()
                    .contains(ALICE.login()));
      }
      load.await(30);
      assertEquals(List.of(), load.end());
      assertTrue(load.goodbyes() > 0);
      tell("upgraded, no login failed, no session cut, " + load, loaded);
    }

    long killed = System.nanoTime();
    services("mmp2").kill("openmmp");
    Await.until(
        "nobody listens",
        LIMIT,
        () -> succeeded("mmp2", "ss -Hltn 'sport = :993 or sport = :995'").isEmpty());
    for (int count = 0; count < 20; count++) {
      doors.forEach(door -> assertTrue(isLetIn(door)));
    }
    services("mmp2").systemctl(List.of("start", "openmmp"));
    String first = awaitHolder("lb1", "lb2");
    String second = first.equals("lb1") ? "lb2" : "lb1";
    services(first).kill("haproxy");
    awaitHolder(second);
    awaitOpen();
    services(first).systemctl(List.of("start", "haproxy"));
    Objects.requireNonNull(machines.remove(second)).close();
    awaitHolder(first);
    awaitOpen();
    tell("lost a front end, 40 logins all right; lost HAProxy, then the other balancer", killed);

    long moved = System.nanoTime();
    services(first).systemctl(List.of("stop", "keepalived"));
    addressFollowsTheFrontEndThatTakesClients();
    tell("front ends shared the address by keepalived alone", moved);
  }

  /** What docs/operate/cluster.md says of keepalived without a balancer. */
  private void addressFollowsTheFrontEndThatTakesClients() throws IOException {
    String example = Files.readString(PROJECT.resolve("docker/cluster/keepalived/keepalived.conf"));
    for (String name : List.of("mmp1", "mmp2")) {
      machine(name).write("/etc/keepalived/keepalived.conf", here(example));
      services(name).systemctl(List.of("start", "keepalived"));
    }
    String holder = awaitHolder("mmp1", "mmp2");
    succeeded(holder, "openmmp drain self" + CONFIGURATION);
    String other = holder.equals("mmp1") ? "mmp2" : "mmp1";
    awaitHolder(other);
    services(holder).systemctl(List.of("restart", "openmmp"));
    services(other).kill("openmmp");
    awaitHolder(holder);
  }

  private void haveWhatThePageExpects() throws IOException {
    TestAuthority.Certificate front = authority.issue("mail.example.com", CLIENTS_KNOW);
    for (String name : List.of("mmp1", "mmp2", "lb1", "lb2")) {
      machine(name).write("/root/site-ca.pem", Files.readString(authority.certificate()));
      machine(name).write("/etc/default/keepalived", "DAEMON_ARGS=\"--log-console\"\n");
    }
    DebianPackage made = DebianPackage.made();
    DebianPackage next = made.under(NEXT, shared);
    for (String name : List.of("mmp1", "mmp2")) {
      machine(name).write("/root/mmp.pem", Files.readString(front.chain()));
      machine(name).write("/root/mmp.key", Files.readString(front.key()));
      machine(name).write("/root/ldap.password", "of-the-front-end\n");
      Files.copy(made.file(), shared.resolve("first.deb"), StandardCopyOption.REPLACE_EXISTING);
      succeeded(
          name,
          "ln -s %s openmmp_%s_all.deb".formatted(shared.resolve("first.deb"), made.version()));
      succeeded(name, "ln -s %s openmmp_NEW_all.deb".formatted(next.file()));
    }
    haveDirectory();
    Path mail = run.create("shared/mail");
    Command.run("chown", "8:8", mail.toString()).succeeded();
    for (String name : List.of("huey", "dewey", "louie")) {
      haveStore(name, mail);
    }
  }

  private void haveDirectory() throws IOException {
    Path demonstration = PROJECT.resolve("docker/directory");
    TestAuthority.Certificate own = authority.issue("ldap1.example.com");
    SiteMachine ldap = machine("ldap1");
    succeeded("ldap1", "mkdir /etc/openmmp-directory && rm -f /var/lib/ldap/*");
    ldap.write(
        "/etc/openmmp-directory/slapd.conf",
        Files.readString(demonstration.resolve("slapd.conf"))
            .replace(
                "database mdb",
                "TLSCertificateFile %s\nTLSCertificateKeyFile %s\ndatabase mdb"
                    .formatted(own.chain(), own.key())));
    ldap.write(
        "/etc/openmmp-directory/mail-user.schema",
        Files.readString(demonstration.resolve("mail-user.schema")));
    ldap.write(
        "/etc/openmmp-directory/users.ldif",
        Files.readString(demonstration.resolve("users.ldif"))
            .replace("mailHost: ducks", "mailHost: cluster1"));
    succeeded(
        "ldap1",
        "slapadd -q -f /etc/openmmp-directory/slapd.conf -l /etc/openmmp-directory/users.ldif");
    ServerProcess process =
        ldap.start(
            "slapd",
            run.log("ldap1-slapd"),
            List.of(
                "slapd",
                "-d",
                "stats",
                "-h",
                "ldaps:///",
                "-f",
                "/etc/openmmp-directory/slapd.conf"));
    process.awaitLine(Pattern.compile("slapd starting"));
  }

  /** A Dovecot with two users and the mail that all stores share. */
  private void haveStore(String name, Path mail) {
    TestAuthority.Certificate own = authority.issue(name + ".example.com");
    machine(name)
        .write(
            "/etc/dovecot/conf.d/10-auth.conf",
            """
            auth_mechanisms = plain
            passdb {
              driver = passwd-file
              args = username_format=%n /etc/dovecot/users
            }
            userdb {
              driver = passwd-file
              args = username_format=%n /etc/dovecot/users
              default_fields = uid=mail gid=mail home=/nonexistent
            }
            """);
    machine(name)
        .write(
            "/etc/dovecot/users",
            "alice:{PLAIN}%s::::::\nbob:{PLAIN}%s::::::\n"
                .formatted(ALICE.password(), BOB.password()));
    machine(name)
        .write(
            "/etc/dovecot/conf.d/99-site.conf",
            """
            log_path = /dev/stderr
            ssl = required
            ssl_cert = <%s
            ssl_key = <%s
            first_valid_uid = 8
            mail_location = maildir:%s/%%n
            """
                .formatted(own.chain(), own.key(), mail));
    services(name).systemctl(List.of("start", "dovecot"));
  }

  private void follow(int section) {
    page.section(section).forEach(this::follow);
  }

  /** Does a step on one machine after the other. */
  private void follow(WalkPage.Step step) {
    for (String name : step.machines()) {
      if (!step.file().isEmpty()) {
        // This machine may allow fewer descriptors.
        String text = String.join("\n", step.lines()).replace("maxconn 40000", "maxconn 4000");
        machine(name).write(step.file(), here(text + "\n"));
        continue;
      }
      for (String line : step.lines()) {
        String[] words = line.split(" ", -1);
        if (words[0].equals("systemctl")) {
          services(name).systemctl(List.of(words).subList(1, words.length));
        } else {
          succeeded(name, quick(here(line).replace("PASSWORD", ALICE.password())));
        }
      }
    }
  }

  /** A start-up cache is made once: no Java starts with an option that none has. */
  private String quick(String line) {
    if (!line.startsWith("apt-get install ./openmmp")) {
      return line;
    }
    String begin = trained ? "JAVA_TOOL_OPTIONS=-XX:+NoSuchOption " : "";
    trained = true;
    return begin + line;
  }

  private static String here(String text) {
    return text.replace(ITS_NETWORK, NETWORK);
  }

  private static List<List<String>> where(List<WalkPage.Step> steps) {
    List<List<String>> where = new ArrayList<>();
    steps.forEach(step -> where.add(step.machines()));
    return where;
  }

  private void deliver(String frontEnd) {
    try (DeliveryConnection sender =
        DeliveryConnection.lmtp(Objects.requireNonNull(ADDRESSES.get(frontEnd)), 2400)) {
      sender.deliver(
          "sender@example.org",
          List.of(ALICE.login(), BOB.login()),
          ("Subject: by " + frontEnd + "\r\n\r\nHello.\r\n").getBytes(StandardCharsets.US_ASCII));
    }
  }

  private void awaitOpen() {
    doors.forEach(door -> Await.until(door + " is open", LIMIT, () -> isLetIn(door)));
  }

  /** Whether a login is accepted; false if there is nobody to connect to. */
  private static boolean isLetIn(Endpoint door) {
    try (MailConnection client = door.protocol().connect(door)) {
      String answer = client.answerToLogin(BOB);
      assertTrue(answer.startsWith(door.protocol().accepted()), answer);
      client.leave();
      return true;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  /** Waits until one of some machines, and no other, has the address that clients know. */
  private String awaitHolder(String... candidates) {
    List<String> holders = new ArrayList<>();
    Await.until(
        () -> "one of " + List.of(candidates) + " has the address, not " + holders,
        LIMIT,
        () -> {
          holders.clear();
          machines.keySet().stream().filter(this::holdsAddress).forEach(holders::add);
          return holders.size() == 1 && List.of(candidates).containsAll(holders);
        });
    return holders.get(0);
  }

  private boolean holdsAddress(String name) {
    return succeeded(name, "ip -4 -o addr show dev eth0").contains(" " + CLIENTS_KNOW + "/");
  }

  private String succeeded(String name, String command) {
    Command.Result result = machine(name).run(command);
    assertEquals(
        0, result.status(), () -> name + ": " + command + "\n" + result.output() + result.errors());
    return result.output();
  }

  private SiteMachine machine(String name) {
    return Objects.requireNonNull(machines.get(name), name);
  }

  private Systemctl services(String name) {
    return Objects.requireNonNull(services.get(name), name);
  }

  private static void tell(String what, long sinceNanos) {
    System.out.printf("%s, in %d s%n", what, (System.nanoTime() - sinceNanos) / 1_000_000_000);
  }
}
