package org.openmmp.it.bench;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.Ports;
import org.openmmp.it.fixture.ReadyLine;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.fixture.ServerProcess;
import org.openmmp.it.fixture.TestAuthority;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;

/** Starts the front ends that are compared, all before the same quick stores. */
final class FrontEnds implements AutoCloseable {
  /** Over so many stores recipients may be spread. */
  static final int SPREAD_STORES = 8;

  private static final String STORE = "127.0.0.77";
  private static final Duration TRAINING_LIMIT = Duration.ofMinutes(5);
  private static final List<String> MAIL_PROTOCOLS = List.of("imap", "imaps", "pop3", "pop3s");

  private final RunDirectory run = RunDirectory.of(FrontEndBenchmark.class);
  private final EmbeddedDirectory directory = EmbeddedDirectory.start();
  private final QuickStore imap = new QuickStore(STORE, StoreTalk.IMAP);
  private final QuickStore pop3 = new QuickStore(STORE, StoreTalk.POP3);
  private final List<QuickStore> lmtp = new ArrayList<>();
  private final NginxAuthority authority =
      new NginxAuthority(STORE, Map.of("imap", imap.port(), "pop3", pop3.port()));

  /** Where recipients are, in the words of Dovecot. */
  private final StringBuilder passwords = new StringBuilder();

  private final TestAuthority certificates = new TestAuthority(run.create("certificates"));
  private final TestAuthority.Certificate certificate = certificates.issue("localhost");

  /** Stores, and a directory that knows alice and a number of recipients. */
  FrontEnds(int recipients) throws IOException {
    for (int i = 0; i < SPREAD_STORES; i++) {
      lmtp.add(new QuickStore(STORE, StoreTalk.LMTP));
    }
    addUser("alice", 0);
    for (int i = 0; i < recipients; i++) {
      addUser(BulkLetter.recipient(i, false), 0);
      addUser(BulkLetter.recipient(i, true), i);
    }
  }

  /** So many more users, each of whom is asked for by nobody yet. */
  List<String> people(int number) {
    List<String> names = new ArrayList<>(number);
    for (int i = 0; i < number; i++) {
      DirectoryUser user =
          new DirectoryUser("person" + i, "example.com", "secret", "cluster" + (i % 8 + 1));
      directory.add(user);
      names.add(user.login());
    }
    return names;
  }

  /** How often the directory was searched. */
  int searches() {
    return directory.searches();
  }

  private void addUser(String name, int store) {
    String group = "cluster" + (store % SPREAD_STORES + 1);
    directory.add(new DirectoryUser(name, "example.com", "secret", group));
    passwords
        .append(name + "@example.com:{PLAIN}x::::::proxy=y nopassword=y host=" + STORE)
        .append(" port=" + lmtp.get(store % SPREAD_STORES).port() + "\n");
  }

  /**
   * OpenMMP.
   *
   * @param server proxy or relay
   * @param listeners what is listened for, in the words of its configuration
   * @param classPath what is there for tests is left out: it logs as it does where it is installed
   * @param options of Java
   */
  FrontEndUnderTest openMmp(
      String name,
      String server,
      String listeners,
      String javaHome,
      String classPath,
      String... options) {
    Path file = configuration(name, listeners + "\ntransport.threads = 1");
    List<String> command =
        new ArrayList<>(
            List.of(
                javaHome + "/bin/java",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-Xms16m",
                "-XX:MinHeapFreeRatio=5",
                "-XX:MaxHeapFreeRatio=10"));
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-cp",
            Stream.of(classPath.split(File.pathSeparator, -1))
                .filter(each -> !each.contains("test-classes") && !each.endsWith("-tests.jar"))
                .collect(Collectors.joining(File.pathSeparator)),
            "org.openmmp.program.Main",
            server,
            "--config",
            file.toString()));
    ServerProcess process = onProcessorZero(name, command);
    return underTest(name, process, ReadyLine.awaitPorts(process));
  }

  /** An empty directory for what a test writes. */
  Path folder(String directory) {
    return run.create(directory);
  }

  /**
   * OpenMMP as the launcher starts it, both servers in one process.
   *
   * @param launcher of an installation or of a checkout's distribution
   * @param options for Java, beside the launcher's own
   * @param configuration see {@link #configuration}
   */
  FrontEndUnderTest launched(
      String name, Path launcher, String javaHome, String options, Path configuration) {
    List<String> command =
        List.of(
            "taskset", "-c", "0", launcher.toString(), "all", "--config", configuration.toString());
    Map<String, String> environment = Map.of("JAVA_HOME", javaHome, "JAVA_OPTS", options);
    ServerProcess process = ServerProcess.start(name, run.log(name), environment, command);
    return underTest(name, process, ReadyLine.awaitPorts(process));
  }

  /** A copy of an installation, with a start-up cache of that Java if it is to have one. */
  Path installation(String name, Path from, String javaHome, boolean trained) {
    Path copy = run.create("installations").resolve(name);
    Command.run("cp", "-a", from.toString(), copy.toString()).succeeded();
    Command.run("rm", "-f", copy + "/lib/start.aot", copy + "/lib/start.jsa").succeeded();
    Path launcher = copy.resolve("bin/openmmp");
    if (trained) {
      Command.run(
              TRAINING_LIMIT,
              Map.of("JAVA_HOME", javaHome),
              "",
              List.of(launcher.toString(), "train"))
          .succeeded();
    }
    return launcher;
  }

  /** A configuration before the quick stores, with further settings. */
  Path configuration(String name, String further) {
    StringBuilder groups = new StringBuilder();
    for (int i = 0; i < SPREAD_STORES; i++) {
      groups.append("proxy.cluster" + (i + 1) + " { storehostlist = \"" + STORE + "\"");
      groups.append(", lmtpport = " + lmtp.get(i).port() + " }\n");
    }
    Path file = run.create(name).resolve("openmmp.conf");
    RunDirectory.write(
        file,
        """
        openmmp {
          hostname = mmp.test
          directory {
            urls = ["%s"], bind-dn = "%s", bind-password = "%s", base-dn = "%s"
          }
          tls { certificate = "%s", key = "%s" }
          limits.exempt-networks = ["127.0.0.0/8"]
          admin { listen = "127.0.0.1:0", socket = null }
          state-file = null
          proxy-defaults { imapport = %d, popport = %d, tls = off }
          %s
          %s
        }
        """
            .formatted(
                directory.url(),
                EmbeddedDirectory.BIND_DN,
                EmbeddedDirectory.BIND_PASSWORD,
                EmbeddedDirectory.BASE_DN,
                certificate.chain(),
                certificate.key(),
                imap.port(),
                pop3.port(),
                groups,
                further));
    return file;
  }

  /** HAProxy, which passes bytes on. */
  FrontEndUnderTest haproxy() {
    Map<String, Integer> ports = freePorts(MAIL_PROTOCOLS);
    String listeners =
        listenersOf(
            ports,
            """
            listen %1$s
              bind 127.0.0.1:%2$d %3$s
              server store %4$s
            """,
            "ssl crt " + certificate.bundle());
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
        %s
        """
            .formatted(listeners));
    return accepting("haproxy", ports, List.of("haproxy", "-db", "-f", file.toString()));
  }

  /** The mail proxy of nginx. */
  FrontEndUnderTest nginx() {
    Map<String, Integer> ports = freePorts(MAIL_PROTOCOLS);
    String listeners =
        listenersOf(
            ports, "server { listen 127.0.0.1:%2$d %3$s; protocol %5$s; proxy on; }\n", "ssl");
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
          ssl_certificate %3$s;
          ssl_certificate_key %4$s;
          %5$s
        }
        """
            .formatted(home, authority.port(), certificate.chain(), certificate.key(), listeners));
    return accepting("nginx", ports, List.of("nginx", "-c", file.toString(), "-p", home + "/"));
  }

  /** The IMAP and POP3 proxy of Dovecot, in its high-performance mode. */
  FrontEndUnderTest dovecotProxy() {
    Map<String, Integer> ports = freePorts(MAIL_PROTOCOLS);
    Path home = run.create("dovecot-proxy");
    Path users = home.resolve("users");
    RunDirectory.write(
        users,
        """
        imap:::::::proxy=y nopassword=y host=%1$s port=%2$d
        pop3:::::::proxy=y nopassword=y host=%1$s port=%3$d
        """
            .formatted(STORE, imap.port(), pop3.port()));
    String service =
        """
        service %1$s-login {
          service_count = 0
          client_limit = 8000
          process_min_avail = 1
          process_limit = 1
          inet_listener %1$s {
            port = %2$d
          }
          inet_listener %1$ss {
            port = %3$d
            ssl = yes
          }
        }
        """;
    StringBuilder services = new StringBuilder();
    for (String each : List.of("imap", "pop3")) {
      services.append(service.formatted(each, ports.get(each), ports.get(each + "s")));
    }
    Path file = home.resolve("dovecot.conf");
    RunDirectory.write(
        file,
        """
        base_dir = %1$s/run
        state_dir = %1$s/state
        log_path = /dev/stderr
        protocols = imap pop3
        listen = 127.0.0.1
        ssl = yes
        ssl_cert = <%2$s
        ssl_key = <%3$s
        disable_plaintext_auth = no
        passdb {
          driver = passwd-file
          args = username_format=%%s %4$s
        }
        service anvil {
          client_limit = 17000
        }
        service auth {
          client_limit = 17000
        }
        %5$s
        """
            .formatted(home, certificate.chain(), certificate.key(), users, services));
    return accepting("dovecot", ports, List.of("dovecot", "-F", "-c", file.toString()));
  }

  /** The LMTP proxy of Dovecot. */
  FrontEndUnderTest dovecot() {
    Map<String, Integer> ports = freePorts(List.of("lmtp"));
    Path home = run.create("dovecot");
    Path file = home.resolve("dovecot.conf");
    RunDirectory.write(
        file,
        """
        base_dir = %1$s/run
        state_dir = %1$s/state
        log_path = /dev/stderr
        protocols = lmtp
        listen = 127.0.0.1
        ssl = no
        lmtp_proxy = yes
        passdb {
          driver = passwd-file
          args = username_format=%%Lu %1$s/passwd
        }
        service lmtp {
          inet_listener lmtp {
            port = %2$d
          }
        }
        """
            .formatted(home, ports.get("lmtp")));
    RunDirectory.write(home.resolve("passwd"), passwords.toString());
    return accepting("dovecot", ports, List.of("dovecot", "-F", "-c", file.toString()));
  }

  /** One listener for each protocol; its format gets name, port, TLS, store and bare protocol. */
  private String listenersOf(Map<String, Integer> ports, String format, String tls) {
    Map<String, Integer> stores = Map.of("imap", imap.port(), "pop3", pop3.port());
    StringBuilder text = new StringBuilder();
    for (Entry<String, Integer> each : ports.entrySet()) {
      String name = each.getKey();
      String protocol = name.substring(0, 4);
      String security = name.equals(protocol) ? "" : tls;
      String store = STORE + ":" + stores.get(protocol);
      text.append(format.formatted(name, each.getValue(), security, store, protocol));
    }
    return text.toString();
  }

  private static Map<String, Integer> freePorts(List<String> protocols) {
    return protocols.stream()
        .collect(
            Collectors.toMap(
                each -> each, each -> Ports.freeOn("127.0.0.1"), Math::max, TreeMap::new));
  }

  private FrontEndUnderTest accepting(
      String name, Map<String, Integer> ports, List<String> command) {
    ServerProcess process = onProcessorZero(name, command);
    for (int port : ports.values()) {
      process.awaitAccepting(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }
    return underTest(name, process, ports);
  }

  private FrontEndUnderTest underTest(
      String name, ServerProcess process, Map<String, Integer> ports) {
    return new FrontEndUnderTest(name, process, ports, certificates.certificate());
  }

  private ServerProcess onProcessorZero(String name, List<String> command) {
    List<String> pinned = new ArrayList<>(List.of("taskset", "-c", "0"));
    pinned.addAll(command);
    return ServerProcess.start(name, run.log(name), Map.of(), pinned);
  }

  @Override
  public void close() {
    authority.close();
    List.of(imap, pop3).forEach(QuickStore::close);
    lmtp.forEach(QuickStore::close);
    directory.close();
    run.close();
  }
}
