package org.openmmp.it.bench;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openmmp.it.fixture.Ports;
import org.openmmp.it.fixture.ReadyLine;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.fixture.ServerProcess;
import org.openmmp.it.fixture.TestAuthority;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;

/**
 * The front ends that lead a crowd, each set up as its documentation advises for stores of which
 * one is the master: HAProxy logs in for a check each second; nginx asks an authority, and
 * Dovecot's proxy reads a file of passwords, that are told by the same check; Dovecot follows
 * referrals too.
 */
final class CrowdFrontEnds implements AutoCloseable {
  private static final int SILENCE_MILLIS = 2_000;

  private final RunDirectory run;
  private final CrowdSite site;
  private final EmbeddedDirectory directory = EmbeddedDirectory.start();
  private final TestAuthority certificates;
  private final ScheduledExecutorService checks = Executors.newScheduledThreadPool(3);
  private final HttpServer authority;
  private final Path hosts;
  private volatile String master;

  CrowdFrontEnds(RunDirectory run, CrowdSite site, int people) throws IOException {
    this.run = run;
    this.site = site;
    this.hosts = run.create("hosts").resolve("hosts");
    this.master = site.address(0);
    setMaster(master);
    this.certificates = new TestAuthority(run.create("certificates"));
    for (int i = 0; i < people; i++) {
      directory.add(new DirectoryUser(Crowd.name(i), "example.com", "secret", "cluster1"));
    }
    directory.add(new DirectoryUser("next", "example.com", "secret", "cluster1"));
    authority =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4_096);
    authority.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Auth-Status", "OK");
          exchange.getResponseHeaders().set("Auth-Server", master);
          exchange.getResponseHeaders().set("Auth-Port", String.valueOf(CrowdSite.PORT));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    authority.start();
  }

  private void check(String host) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, CrowdSite.PORT), SILENCE_MILLIS);
      socket.setSoTimeout(SILENCE_MILLIS);
      try (Connection store = new Connection(socket)) {
        store.expect("* OK");
        store.say("a LOGIN check secret\r\n");
        store.expect("a OK");
        setMaster(host);
      }
    } catch (IOException noMaster) {
      // Another one may be.
    }
  }

  /** Those who cannot check stores themselves are told by a check that connects to them, too. */
  private void checkEachSecond() {
    for (String host : site.addresses()) {
      checks.scheduleWithFixedDelay(() -> check(host), 0, 1, TimeUnit.SECONDS);
    }
  }

  /** Says at whom a login is a success. */
  private synchronized void setMaster(String host) throws IOException {
    if (!host.equals(master) || !Files.exists(hosts)) {
      master = host;
      Path written = hosts.resolveSibling("written");
      Files.writeString(
          written,
          "all:::::::proxy=y nopassword=y host=%s port=%d proxy_timeout=5%n"
              .formatted(host, CrowdSite.PORT));
      Files.move(written, hosts, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  FrontEndUnderTest start(String name) {
    return switch (name) {
      case "openmmp" -> openMmp("");
      case "haproxy" -> haproxy();
      case "nginx" -> nginx();
      case "dovecot" -> dovecot();
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** OpenMMP, whose IMAP sessions outlive their store, so many in a second. */
  FrontEndUnderTest surviving(int perSecond) {
    return openMmp(
        ", survive-failover = on, imapadmin = admin, imapadminpass = secret,"
            + " survival.moves-per-second = "
            + perSecond);
  }

  /** OpenMMP's relay. */
  FrontEndUnderTest relay() {
    return openMmp("relay", "lmtp", ", lmtpport = " + CrowdSite.LMTP_PORT);
  }

  private FrontEndUnderTest openMmp(String more) {
    return openMmp("proxy", "imap", more);
  }

  private FrontEndUnderTest openMmp(String command, String protocol, String more) {
    Path home = run.create("openmmp" + System.nanoTime());
    Path file = home.resolve("openmmp.conf");
    RunDirectory.write(
        file,
        """
        openmmp {
          hostname = mmp.test
          directory {
            urls = ["%s"], bind-dn = "%s", bind-password = "%s", base-dn = "%s"
          }
          limits.exempt-networks = ["127.0.0.0/8"]
          admin.listen = "127.0.0.1:0"
          proxy.cluster1 {
            storehostlist = "%s", imapport = %d, tls = off
            probe { kind = login, interval = 1s, user = "next", password = "secret" }%s
          }
          imap { listen = ["127.0.0.1:0"], clear-text-passwords = loopback }
          lmtp { listen = ["127.0.0.1:0"], affinitylist = on }
        }
        """
            .formatted(
                directory.url(),
                EmbeddedDirectory.BIND_DN,
                EmbeddedDirectory.BIND_PASSWORD,
                EmbeddedDirectory.BASE_DN,
                String.join(" ", site.addresses()),
                CrowdSite.PORT,
                more));
    ServerProcess process =
        ServerProcess.start(
            "openmmp",
            run.log("openmmp"),
            Map.of(),
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "org.openmmp.program.Main",
                command,
                "--config",
                file.toString()));
    return underTest(
        "openmmp",
        process,
        protocol,
        Objects.requireNonNull(ReadyLine.awaitPorts(process).get(protocol)));
  }

  private FrontEndUnderTest haproxy() {
    int port = Ports.freeOn("127.0.0.1");
    String servers =
        IntStream.range(0, 3)
            .mapToObj(
                i -> "  server s%d %s:%d check%n".formatted(i, site.address(i), CrowdSite.PORT))
            .collect(Collectors.joining());
    Path file = run.create("haproxy" + port).resolve("haproxy.cfg");
    RunDirectory.write(
        file,
        """
        global
          maxconn 9000
        defaults
          mode tcp
          timeout connect 2s
          timeout check 2s
          timeout client 30m
          timeout server 30m
          option redispatch 1
          retries 3
        listen imap
          bind 127.0.0.1:%d backlog 4096
          option tcp-check
          tcp-check connect
          tcp-check expect string *\\ OK
          tcp-check send a\\ LOGIN\\ check\\ secret\\r\\n
          tcp-check expect string a\\ OK
          default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
        %s
        """
            .formatted(port, servers));
    return accepting("haproxy", port, List.of("haproxy", "-db", "-f", file.toString()));
  }

  private FrontEndUnderTest nginx() {
    checkEachSecond();
    int port = Ports.freeOn("127.0.0.1");
    Path home = run.create("nginx" + port);
    Path file = home.resolve("nginx.conf");
    RunDirectory.write(
        file,
        """
        load_module /usr/lib/nginx/modules/ngx_mail_module.so;
        daemon off;
        worker_processes 1;
        worker_rlimit_nofile 20000;
        pid %1$s/nginx.pid;
        error_log %1$s/error.log;
        events { worker_connections 15000; }
        mail {
          auth_http 127.0.0.1:%2$d/;
          timeout 30m;
          proxy_timeout 30m;
          imap_capabilities IMAP4rev1;
          server { listen 127.0.0.1:%3$d backlog=4096; protocol imap; proxy on; }
        }
        """
            .formatted(home, authority.getAddress().getPort(), port));
    return accepting("nginx", port, List.of("nginx", "-c", file.toString(), "-p", home + "/"));
  }

  private FrontEndUnderTest dovecot() {
    checkEachSecond();
    int port = Ports.freeOn("127.0.0.1");
    Path home = run.create("dovecot" + port);
    Path file = home.resolve("dovecot.conf");
    RunDirectory.write(
        file,
        """
        base_dir = %1$s/run
        state_dir = %1$s/state
        log_path = /dev/stderr
        protocols = imap
        listen = 127.0.0.1
        ssl = no
        disable_plaintext_auth = no
        default_internal_user = dovecot
        default_login_user = dovenull
        passdb {
          driver = passwd-file
          args = username_format=all %2$s
        }
        service imap-login {
          service_count = 0
          client_limit = 12000
          process_min_avail = 1
          inet_listener imap {
            port = %3$d
          }
          inet_listener imaps {
            port = 0
          }
        }
        service anvil {
          client_limit = 13000
        }
        service auth {
          client_limit = 13000
        }
        """
            .formatted(home, hosts, port));
    return accepting("dovecot", port, List.of("dovecot", "-F", "-c", file.toString()));
  }

  private FrontEndUnderTest accepting(String name, int port, List<String> command) {
    ServerProcess process = ServerProcess.start(name, run.log(name), Map.of(), command);
    process.awaitAccepting(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return underTest(name, process, "imap", port);
  }

  private FrontEndUnderTest underTest(
      String name, ServerProcess process, String protocol, int port) {
    return new FrontEndUnderTest(name, process, Map.of(protocol, port), certificates.certificate());
  }

  @Override
  public void close() {
    checks.shutdownNow();
    authority.stop(0);
    directory.close();
  }
}
