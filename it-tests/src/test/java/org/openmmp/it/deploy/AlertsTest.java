package org.openmmp.it.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Ports;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.fixture.ServerProcess;
import org.openmmp.it.fixture.TestAuthority;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.imap.ImapEndpoint;
import org.openmmp.storesim.session.NodeTls;

/**
 * What is shipped for Prometheus and Grafana, and the page about it, fit what the program tells.
 */
@Tag("real-servers")
final class AlertsTest {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final Path ALERTS = PROJECT.resolve("docker/prometheus/alerts.yml");
  private static final Path PAGE = PROJECT.resolve("docs/operate/watch.md");
  private static final Path DASHBOARD = PROJECT.resolve("docker/grafana/dashboard.json");

  /**
   * Generous: two processors are shared by many tests, and a count of lost lines has to be
   * forgotten.
   */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private static final String TOKEN = "Token-of-who-looks-7Lk";
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:openmmp|process|jvm|system)_[a-z_]+\\b");

  /** What breaks, and the alert that has to tell of it. */
  private static final Set<String> TROUBLES =
      Set.of(
          "GroupWithoutMaster",
          "OnlyStandbySiteLeft",
          "DirectoryDown",
          "CertificateEnds",
          "LogLinesLost");

  @Test
  void everyAlertFiresAndClearsOnTheSeriesOfItsOwnTest() {
    Path tests = ALERTS.resolveSibling("alerts-test.yml");
    Command.run("promtool", "check", "rules", ALERTS.toString()).succeeded();
    Command.run("promtool", "test", "rules", tests.toString()).succeeded();
    assertEquals(
        found(Pattern.compile("- alert: (\\w+)"), ALERTS),
        found(Pattern.compile("alertname: (\\w+)"), tests));
  }

  @Test
  void everyAlertHasItsEntryAndPointsThere() {
    Set<String> alerts = found(Pattern.compile("- alert: (\\w+)"), ALERTS);
    assertEquals(alerts, found(Pattern.compile("(?m)^### ([A-Z]\\w+)$"), PAGE));
    Set<String> anchors =
        alerts.stream()
            .map(name -> "docs/operate/watch.md#" + name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(anchors, found(Pattern.compile("runbook: (\\S+)"), ALERTS));
  }

  @Test
  void alertsFireAndClearInFrontOfARunningProgram() throws IOException {
    try (RunDirectory run = RunDirectory.of(AlertsTest.class);
        Site site = new Site(run)) {
      assertTrue(site.login("alice").isOk());
      assertTrue(site.login("bob").isOk());
      site.prometheus.await(
          firing -> firing.isEmpty() && site.prometheus.sees("openmmp_group_master"));

      site.breakAll();
      site.prometheus.await(firing -> firing.containsAll(TROUBLES));

      // No client comes meanwhile: the program finds out by itself.
      site.mendAll();
      site.prometheus.await(firing -> TROUBLES.stream().noneMatch(firing::contains));
      Await.until(site::log, LIMIT, () -> site.login("alice").isOk() && site.login("bob").isOk());

      assertPagesFit(site.pageWithASessionThatCannotBeMoved());
      assertGraphsHaveData(site.prometheus);
    }
  }

  /** The page has every metric with its labels, and nothing but real ones is named anywhere. */
  private static void assertPagesFit(String scrape) {
    Map<String, Set<String>> real = families(scrape);
    Map<String, Set<String>> told = new TreeMap<>();
    Pattern row = Pattern.compile("(?m)^\\| `(openmmp_\\w+)(?:\\{([\\w,]+)})?` \\|");
    row.matcher(text(PAGE))
        .results()
        .forEach(
            each ->
                told.put(
                    each.group(1),
                    each.group(2) == null
                        ? Set.of()
                        : new TreeSet<>(List.of(each.group(2).split(",")))));
    Map<String, Set<String>> own = new TreeMap<>(real);
    own.keySet().removeIf(name -> !name.startsWith("openmmp_"));
    assertEquals(own, told);
    for (Path file : List.of(ALERTS, DASHBOARD, PAGE)) {
      Set<String> unknown = new TreeSet<>();
      for (String name : found(METRIC, file)) {
        String family = name.replaceFirst("_(bucket|sum|count|max)$", "");
        boolean only = real.containsKey(name) || real.containsKey(family);
        boolean anyOf = name.endsWith("_"); // the page speaks of "process_…"
        if (!only && !anyOf) {
          unknown.add(name);
        }
      }
      assertEquals(Set.of(), unknown, file.toString());
    }
  }

  /** Metrics with the names of their labels; the parts of a histogram are one. */
  private static Map<String, Set<String>> families(String scrape) {
    Map<String, Set<String>> families = new TreeMap<>();
    Map<String, String> types = new TreeMap<>();
    for (String line : scrape.lines().toList()) {
      if (line.startsWith("# TYPE ")) {
        String[] words = line.split(" ", -1);
        types.put(words[2], words[3]);
      } else if (!line.startsWith("#")) {
        String name = line.replaceFirst("[{ ].*", "");
        String family = name.replaceFirst("_(bucket|sum|count|max)$", "");
        Set<String> labels =
            families.computeIfAbsent(
                "histogram".equals(types.get(family)) ? family : name, each -> new TreeSet<>());
        Pattern.compile("(\\w+)=\"")
            .matcher(line)
            .results()
            .forEach(each -> labels.add(each.group(1)));
        labels.remove("le");
      }
    }
    return families;
  }

  private static void assertGraphsHaveData(Prometheus prometheus) {
    Config dashboard = ConfigFactory.parseFile(DASHBOARD.toFile());
    List<String> empty = new ArrayList<>();
    int queries = 0;
    for (Config panel : dashboard.getConfigList("panels")) {
      if (panel.hasPath("targets")) {
        for (Config target : panel.getConfigList("targets")) {
          String query = target.getString("expr");
          queries++;
          // A graph of troubles alone is empty while there are none.
          if (!prometheus.sees(query) && !query.endsWith("> 0")) {
            empty.add(query);
          }
        }
      }
    }
    assertTrue(queries > 20, queries + " queries");
    assertEquals(List.of(), empty);
  }

  private static Set<String> found(Pattern pattern, Path file) {
    return pattern
        .matcher(text(file))
        .results()
        .map((MatchResult each) -> each.group(each.groupCount()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A program that is watched, and all that can break around it. */
  private static final class Site implements AutoCloseable {
    final ProxyProcess proxy;
    final Prometheus prometheus;
    private final Accounts accounts = new Accounts();
    private final EmbeddedDirectory directory = EmbeddedDirectory.start();
    private final StoreCluster cluster1;
    private final StoreCluster store1;
    private final ServerProcess reader;
    private final TestAuthority.Certificate shown;

    Site(RunDirectory run) throws IOException {
      ImapEndpoint imap = new ImapEndpoint(NodeTls.none());
      cluster1 = started(ClusterSettings.replicated("cluster1", "huey", "dewey"), imap);
      store1 = started(ClusterSettings.replicated("store1", "near", "far"), imap);
      for (String name : List.of("alice", "bob")) {
        MailUser user = MailUser.of(name);
        accounts.user(user.login(), user.password());
        directory.add(
            new DirectoryUser(
                name,
                user.domain(),
                user.password(),
                name.equals("alice") ? "cluster1" : "store1"));
      }
      TestAuthority authority = new TestAuthority(run.create("pki"));
      shown = authority.issue("mmp.example.com");
      Path log = run.create("log").resolve("pipe");
      Command.run("mkfifo", log.toString()).succeeded();
      reader =
          ServerProcess.start("reader", run.log("read"), Map.of(), List.of("cat", log.toString()));
      proxy =
          new ProxyProcess(
              run,
              "proxy",
              "all",
              configuration(),
              authority.certificate(),
              new LogWatch(List.of()),
              List.of("bash", "-c", "exec \"$@\" 2> " + log, "openmmp"));
      prometheus = new Prometheus(run, proxy);
    }

    private StoreCluster started(ClusterSettings settings, ImapEndpoint imap) throws IOException {
      return StoreCluster.start(settings, accounts, List.of(imap));
    }

    private String configuration() {
      return """
      openmmp {
        hostname = mmp.example.com
        directory {
          urls = "%s", base-dn = "%s", bind-dn = "%s", bind-password = "%s"
          default-domain = example.com
        }
        proxy.cluster1 { storehostlist = "%s", imapport = %d
          survive-failover = on, imapadmin = administrator, imapadminpass = admin-secret }
        proxy.store1 { storehostlist = "%s", imapport = %d, standby-site = "%s" }
        proxy-defaults { tls = off, wait-for-store = 500ms }
        imap { listen = "127.0.0.1:0", clear-text-passwords = always }
        pop3 { listen = "127.0.0.1:0", clear-text-passwords = always }
        lmtp.listen = "127.0.0.1:0"
        tls { certificate = "%s", key = "%s" }
        limits.exempt-networks = "127.0.0.0/8"
        admin { listen = "127.0.0.1:0", socket = null }
        admin.tokens = [{ name = prometheus, role = look, token = "%s" }]
        log.level = debug
        state-file = null
        drain { lead = 0, limit = 1s, spread = 0 }
      }
      """
          .formatted(
              directory.url(),
              EmbeddedDirectory.BASE_DN,
              EmbeddedDirectory.BIND_DN,
              EmbeddedDirectory.BIND_PASSWORD,
              cluster1.storeHostList(),
              cluster1.port("imap"),
              store1.storeHostList(),
              store1.port("imap"),
              store1.node("far").hostName(),
              shown.chain(),
              shown.key(),
              TOKEN);
    }

    String log() {
      return proxy.log() + reader.printed();
    }

    ImapConnection.Response login(String name) {
      try (ImapConnection client = new ImapConnection(proxy.imap(Endpoint.Security.PLAIN))) {
        return client.login(MailUser.of(name));
      }
    }

    /** What is told of a session in the middle of a command is there as well. */
    String pageWithASessionThatCannotBeMoved() {
      try (ImapConnection client = new ImapConnection(proxy.imap(Endpoint.Security.PLAIN))) {
        assertTrue(client.login(MailUser.of("alice")).isOk());
        client.send("x SELECT {5}\r\n");
        Await.until(
            () -> proxy.admin().page("/metrics"),
            LIMIT,
            () -> proxy.admin().page("/metrics").contains("openmmp_sessions_immovable{"));
        return proxy.admin().page("/metrics");
      }
    }

    void breakAll() throws IOException {
      List.of("huey", "dewey").forEach(cluster1::kill);
      store1.kill("near");
      assertFalse(login("alice").isOk());
      assertFalse(login("bob").isOk());
      directory.goDown();
      assertFalse(login("newcomer").isOk());
      // Nobody's outage is the front end's own (a cluster's manager asks this).
      Command.run("../openmmp", "health", "127.0.0.1:" + proxy.adminPort()).succeeded();
      showCertificateFor(3);
      reader.hang();
      Await.until(
          () -> "log lines are lost",
          LIMIT,
          () -> {
            writeManyLines();
            return lostLines() > 0;
          });
    }

    void mendAll() throws IOException {
      reader.goOn();
      showCertificateFor(60);
      directory.comeUp();
      List.of("huey", "dewey").forEach(cluster1::start);
      cluster1.makeMaster("huey");
      store1.start("near");
      store1.makeMaster("near");
    }

    /** Each recipient leaves a line. */
    private void writeManyLines() {
      StringBuilder words = new StringBuilder("LHLO mta.example.com\r\nMAIL FROM:<>\r\n");
      for (int i = 0; i < 1_000; i++) {
        words.append("RCPT TO:<stranger").append(i).append("@example.com>\r\n");
      }
      words.append("QUIT\r\n");
      try (Socket mta = new Socket()) {
        mta.connect(proxy.lmtp());
        mta.getOutputStream().write(words.toString().getBytes(StandardCharsets.US_ASCII));
        mta.getInputStream().readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private double lostLines() {
      Matcher lost =
          Pattern.compile("(?m)^openmmp_log_lines_lost_total (\\S+)$")
              .matcher(proxy.admin().page("/metrics"));
      assertTrue(lost.find());
      return Double.parseDouble(lost.group(1));
    }

    /** The certificate that is shown ends so many days from now. */
    private void showCertificateFor(int days) throws IOException {
      Path next = shown.chain().resolveSibling("next.pem");
      Command.run(
              "openssl",
              "req",
              "-x509",
              "-key",
              shown.key().toString(),
              "-days",
              "" + days,
              "-subj",
              "/CN=mmp.example.com",
              "-out",
              next.toString())
          .succeeded();
      Files.move(
          next, shown.chain(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() {
      reader.goOn();
      prometheus.process.close();
      proxy.close();
      reader.close();
      cluster1.close();
      store1.close();
      directory.close();
    }
  }

  /** A Prometheus with what is shipped, but ever so much faster. */
  private static final class Prometheus {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    final ServerProcess process;
    private final URI base;

    Prometheus(RunDirectory run, ProxyProcess proxy) {
      int port = Ports.freeOn("127.0.0.1");
      base = URI.create("http://127.0.0.1:" + port);
      Path files = run.create("prometheus");
      RunDirectory.write(files.resolve("openmmp.token"), TOKEN);
      RunDirectory.write(
          files.resolve("alerts.yml"),
          text(ALERTS)
              .replaceAll("for: \\w+", "for: 0s")
              .replaceAll("\\[\\d+[mh]]", "[30s]")
              .replace("without_master_seconds > 30", "without_master_seconds > 5"));
      RunDirectory.write(
          files.resolve("prometheus.yml"),
          text(ALERTS.resolveSibling("prometheus.yml"))
              .replace("15s", "1s")
              .replaceAll("mmp1.example.com:9080", "127.0.0.1:" + proxy.adminPort())
              .replaceAll(" *- mmp2.*\n", ""));
      process =
          ServerProcess.start(
              "prometheus",
              run.log("prometheus"),
              Map.of(),
              List.of(
                  "prometheus",
                  "--config.file=" + files.resolve("prometheus.yml"),
                  "--storage.tsdb.path=" + files.resolve("data"),
                  "--web.listen-address=127.0.0.1:" + port));
      process.awaitAccepting(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** Waits until the alerts that fire are as wanted. */
    void await(Predicate<Set<String>> wanted) {
      Await.until(() -> "firing: " + firing(), LIMIT, () -> wanted.test(firing()));
    }

    /** Whether a query of the dashboard finds something. */
    boolean sees(String query) {
      String filled =
          query.replace("$__rate_interval", "20s").replaceAll("\\$(job|instance)", ".*");
      return !get("/api/v1/query?query=" + URLEncoder.encode(filled, StandardCharsets.UTF_8))
          .getList("data.result")
          .isEmpty();
    }

    private Set<String> firing() {
      return get("/api/v1/alerts").getConfigList("data.alerts").stream()
          .filter(each -> each.getString("state").equals("firing"))
          .map(each -> each.getString("labels.alertname"))
          .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What it answers; nothing yet while it starts. */
    private Config get(String path) {
      try {
        HttpResponse<String> response =
            HTTP.send(
                HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(60)).build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() == 503) {
          return ConfigFactory.parseString("data { alerts = [], result = [] }");
        }
        assertEquals(200, response.statusCode(), () -> path + response.body());
        return ConfigFactory.parseString(response.body());
      } catch (IOException e) {
        throw new UncheckedIOException(path, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }
}
