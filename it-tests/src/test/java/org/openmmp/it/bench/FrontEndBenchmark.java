package org.openmmp.it.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Ports;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.fixture.ServerProcess;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;

/**
 * What a login, a gigabyte and an idle session cost the proxy, beside HAProxy (TCP) and nginx
 * (mail), all over plain connections. The front ends run on processor 0, load and store on the
 * others; start the test with {@code taskset -c 1}.
 */
@Tag("benchmark")
final class FrontEndBenchmark {
  private static final String STORE = "127.0.0.77";
  private static final int ROUNDS = 3;
  private static final int LOGINS = 8_000;
  private static final int BULK_FETCHES = 512;
  private static final int BULK_OCTETS = 4 * 1024 * 1024;
  private static final int PAGE_FETCHES = 16_384;
  private static final int PAGE_OCTETS = 64 * 1024;
  private static final int NOOPS = 100_000;
  private static final int IDLE_SESSIONS = 2_000;
  private static final double GIB = 1 << 30;

  /** A piece of work that is measured. */
  private interface Work {
    void on(Load load) throws Exception;
  }

  @Test
  void printsWhatTheFrontEndsCost() throws Exception {
    try (QuickStore store = new QuickStore(STORE);
        EmbeddedDirectory directory = EmbeddedDirectory.start();
        RunDirectory run = RunDirectory.of(FrontEndBenchmark.class)) {
      directory.add(new DirectoryUser("alice", "example.com", "secret", "cluster1"));
      HttpServer authority = nginxAuthority(store.port());
      List<FrontEndUnderTest> all = new ArrayList<>();
      try {
        for (String java : List.of(System.getProperty("java.home"), newestJava())) {
          all.add(openMmp(run, java, store.port(), directory));
        }
        all.add(haproxy(run, store.port()));
        all.add(nginx(run, authority.getAddress().getPort()));
        for (FrontEndUnderTest each : all) {
          new Load(each.port()).logins(3 * LOGINS);
          new Load(each.port()).fetches(64, BULK_OCTETS);
        }
        double bulk = BULK_FETCHES * (double) BULK_OCTETS / GIB;
        double pages = PAGE_FETCHES * (double) PAGE_OCTETS / GIB;
        measure(all, "CPU s per 1,000 logins", LOGINS / 1000.0, load -> load.logins(LOGINS));
        measure(all, "CPU s per 100,000 NOOPs", 1, load -> load.noops(NOOPS));
        measure(all, "CPU s per GiB, 64 KiB", pages, l -> l.fetches(PAGE_FETCHES, PAGE_OCTETS));
        measure(all, "CPU s per GiB, 4 MiB", bulk, l -> l.fetches(BULK_FETCHES, BULK_OCTETS));
        for (FrontEndUnderTest each : all) {
          idleMemory(each);
        }
      } finally {
        all.forEach(FrontEndUnderTest::close);
        authority.stop(0);
      }
      assertTrue(all.size() >= 3, "every front end was measured");
    }
  }

  private static void measure(List<FrontEndUnderTest> all, String what, double units, Work work)
      throws Exception {
    double[][] costs = new double[all.size()][ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < all.size(); i++) {
        double before = all.get(i).cpuSeconds();
        work.on(new Load(all.get(i).port()));
        costs[i][round] = (all.get(i).cpuSeconds() - before) / units;
      }
    }
    for (int i = 0; i < all.size(); i++) {
      Arrays.sort(costs[i]);
      print(all.get(i), what, costs[i][ROUNDS / 2]);
    }
  }

  private static void idleMemory(FrontEndUnderTest each) throws Exception {
    Load load = new Load(each.port());
    for (Load.Client client : load.idle(IDLE_SESSIONS)) {
      client.close();
    }
    each.collectGarbage();
    long before = each.residentKib();
    List<Load.Client> clients = load.idle(IDLE_SESSIONS);
    each.collectGarbage();
    print(each, "KiB per idle session", (each.residentKib() - before) / (double) IDLE_SESSIONS);
    print(each, "MiB at rest before them", before / 1024.0);
    for (Load.Client client : clients) {
      client.close();
    }
  }

  private static void print(FrontEndUnderTest each, String what, double value) {
    System.out.println(
        String.format(Locale.ROOT, "BENCHMARK %-28s %-10s %8.3f", what, each.name(), value));
  }

  private static String newestJava() throws IOException {
    try (Stream<Path> homes = Files.list(Path.of("/usr/lib/jvm"))) {
      return homes
          .filter(each -> each.toString().contains("25"))
          .findFirst()
          .orElseThrow()
          .toString();
    }
  }

  private static FrontEndUnderTest openMmp(
      RunDirectory run, String javaHome, int storePort, EmbeddedDirectory directory) {
    String name = "openmmp-" + Path.of(javaHome).getFileName().toString().replaceAll("\\D+", "");
    Path file = run.create(name).resolve("openmmp.conf");
    RunDirectory.write(
        file,
        """
        openmmp {
          hostname = mmp.test
          directory {
            urls = ["%s"], bind-dn = "%s", bind-password = "%s", base-dn = "%s"
          }
          proxy.cluster1 { storehostlist = "%s", imapport = %d, tls = off }
          imap { listen = ["127.0.0.1:0"], clear-text-passwords = loopback }
          limits.exempt-networks = ["127.0.0.0/8"]
          admin.listen = "127.0.0.1:0"
          transport.threads = 1
        }
        """
            .formatted(
                directory.url(),
                EmbeddedDirectory.BIND_DN,
                EmbeddedDirectory.BIND_PASSWORD,
                EmbeddedDirectory.BASE_DN,
                STORE,
                storePort));
    ServerProcess process =
        onProcessorZero(
            run,
            name,
            List.of(
                javaHome + "/bin/java",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-Xms16m",
                "-XX:MinHeapFreeRatio=5",
                "-XX:MaxHeapFreeRatio=10",
                "-cp",
                System.getProperty("java.class.path"),
                "org.openmmp.program.Main",
                "proxy",
                "--config",
                file.toString()));
    String ready = process.awaitLine(Pattern.compile("(?m)^ready .*imap=\\S*?:(\\d+)")).group(1);
    return new FrontEndUnderTest(name, process, Integer.parseInt(ready));
  }

  private static FrontEndUnderTest haproxy(RunDirectory run, int storePort) {
    int port = Ports.freeOn("127.0.0.1");
    Path file = run.create("haproxy").resolve("haproxy.cfg");
    RunDirectory.write(
        file,
        """
        global
          nbthread 1
          maxconn 8000
        defaults
          mode tcp
          timeout connect 5s
          timeout client 30m
          timeout server 30m
        listen imap
          bind 127.0.0.1:%d
          server store %s:%d
        """
            .formatted(port, STORE, storePort));
    ServerProcess process =
        onProcessorZero(run, "haproxy", List.of("haproxy", "-db", "-f", file.toString()));
    process.awaitAccepting(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return new FrontEndUnderTest("haproxy", process, port);
  }

  private static FrontEndUnderTest nginx(RunDirectory run, int authorityPort) {
    int port = Ports.freeOn("127.0.0.1");
    Path home = run.create("nginx");
    Path file = home.resolve("nginx.conf");
    RunDirectory.write(
        file,
        """
        load_module /usr/lib/nginx/modules/ngx_mail_module.so;
        daemon off;
        worker_processes 1;
        pid %1$s/nginx.pid;
        error_log %1$s/error.log;
        events { worker_connections 8000; }
        mail {
          auth_http 127.0.0.1:%2$d/;
          timeout 30m;
          proxy_timeout 30m;
          imap_capabilities IMAP4rev1;
          server { listen 127.0.0.1:%3$d; protocol imap; proxy on; }
        }
        """
            .formatted(home, authorityPort, port));
    ServerProcess process =
        onProcessorZero(run, "nginx", List.of("nginx", "-c", file.toString(), "-p", home + "/"));
    process.awaitAccepting(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return new FrontEndUnderTest("nginx", process, port);
  }

  private static ServerProcess onProcessorZero(
      RunDirectory run, String name, List<String> command) {
    List<String> pinned = new ArrayList<>(List.of("taskset", "-c", "0"));
    pinned.addAll(command);
    return ServerProcess.start(name, run.log(name), Map.of(), pinned);
  }

  /** Tells nginx where every user's store is. */
  private static HttpServer nginxAuthority(int storePort) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    server.setExecutor(Executors.newFixedThreadPool(2));
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Auth-Status", "OK");
          exchange.getResponseHeaders().set("Auth-Server", STORE);
          exchange.getResponseHeaders().set("Auth-Port", String.valueOf(storePort));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    return server;
  }
}
