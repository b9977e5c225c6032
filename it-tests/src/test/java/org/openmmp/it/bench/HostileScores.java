package org.openmmp.it.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Ports;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.fixture.ServerProcess;
import org.openmmp.it.fixture.TestAuthority;
import org.openmmp.program.HostileSuite;

/**
 * The scores of {@code ./openmmp test hostile} of this program, Dovecot's proxy, nginx and
 * Perdition, each before the same store, with the packages of Debian and their defaults where these
 * let a client in. It prints the table of the README.
 */
@Tag("benchmark")
final class HostileScores {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final String STORE = "scores.example.com";
  private static final Pattern ROW = Pattern.compile("(PASS|FAIL|n/a) +(\\S+) +(.*)");
  private static final Pattern SCORE =
      Pattern.compile("score (\\d+) of (\\d+) rows.*; (\\d+) not.*");

  private final List<ServerProcess> started = new ArrayList<>();
  private final Map<String, Map<String, String>> scores = new LinkedHashMap<>();
  private final List<Runnable> candidates = new ArrayList<>();
  private final StringBuilder failures = new StringBuilder();
  private final MailSite site = new MailSite(HostileScores.class, List.of(ALICE));
  private final RunDirectory run = site.run();
  private final TestAuthority.Certificate shown = site.authority().issue("localhost");
  private final Path password = run.create("secret").resolve("password");

  /** The penalty of its own for wrong passwords would be taken for the front end's. */
  private final Dovecot store =
      site.startStore(
          STORE,
          site.addressFor(STORE),
          site.authority().issue(STORE),
          List.of(),
          "service anvil {\n unix_listener anvil-auth-penalty {\n mode = 0\n }\n}\n");

  @Test
  void printsTheScores() throws IOException {
    RunDirectory.write(password, ALICE.password() + "\n");
    try (NginxAuthority authority =
        new NginxAuthority(
            store.settings().address(),
            Map.of("imap", port(MailPort.IMAP), "pop3", port(MailPort.POP3)))) {
      for (String protocol : List.of("imap", "pop3", "lmtp")) {
        candidate("Dovecot", protocol, dovecot(protocol));
        if (!protocol.equals("lmtp")) {
          candidate("nginx", protocol, nginx(protocol, authority.port()));
          candidate("Perdition", protocol, perdition(protocol));
        }
      }
      site.withProgram("all", MailSite.hosts(STORE), this::besideOurs, ".*");
    } finally {
      started.forEach(ServerProcess::close);
      store.close();
      site.close();
    }
    print();
  }

  private void candidate(String whose, String protocol, int port) {
    candidates.add(() -> judge(whose, protocol, port));
  }

  /** All at once, for most of the time is waiting; one row alone in turn. */
  private void besideOurs(ProxyProcess program) {
    ours(program);
    if (System.getProperty("hostile.only", "").isEmpty()) {
      CompletableFuture<?>[] all =
          candidates.stream()
              .map(each -> CompletableFuture.runAsync(each, Executors.newSingleThreadExecutor()))
              .toArray(CompletableFuture<?>[]::new);
      CompletableFuture.allOf(all).join();
    } else {
      candidates.forEach(Runnable::run);
    }
  }

  private void ours(ProxyProcess program) {
    candidate("OpenMMP", "imap", program.imap(Endpoint.Security.PLAIN).port());
    candidate("OpenMMP", "pop3", program.at(MailProtocol.POP3, Endpoint.Security.PLAIN).port());
    candidate("OpenMMP", "lmtp", program.lmtp().getPort());
  }

  private void judge(String whose, String protocol, int port) {
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said, true);
    List<String> words =
        new ArrayList<>(
            List.of(
                "--target",
                "127.0.0.1:" + port,
                "--protocol",
                protocol,
                "--tls",
                protocol.equals("lmtp") ? "none" : "starttls",
                "--user",
                ALICE.login(),
                "--password-file",
                password.toString()));
    String only = System.getProperty("hostile.only", "");
    if (!only.isEmpty()) {
      words.addAll(List.of("--only", only));
    }
    HostileSuite.run(out, out, words.toArray(String[]::new));
    synchronized (scores) {
      note(whose, protocol, said);
    }
  }

  private void note(String whose, String protocol, StringWriter said) {
    System.out.println(whose + " " + protocol + "\n" + said);
    Matcher score = SCORE.matcher(said.toString());
    String told = score.find() ? score.group(1) + "/" + score.group(2) : "none";
    scores.computeIfAbsent(whose, any -> new TreeMap<>()).put(protocol, told);
    said.toString()
        .lines()
        .map(ROW::matcher)
        .filter(row -> row.matches() && row.group(1).equals("FAIL"))
        .forEach(
            row ->
                failures.append(
                    whose + " " + protocol + " " + row.group(2) + " " + row.group(3) + "\n"));
  }

  private void print() {
    System.out.println("| front end | IMAP | POP3 | LMTP |\n|---|---|---|---|");
    scores.forEach(
        (whose, by) ->
            System.out.printf(
                "| %s | %s | %s | %s |%n",
                whose,
                by.getOrDefault("imap", "-"),
                by.getOrDefault("pop3", "-"),
                by.getOrDefault("lmtp", "-")));
    System.out.println(failures);
    assertEquals(4, scores.size());
  }

  private int port(MailPort port) {
    return site.ports().of(port);
  }

  private int storePort(String protocol) {
    return port(MailPort.valueOf(protocol.toUpperCase(Locale.ROOT)));
  }

  private int dovecot(String protocol) {
    int port = Ports.freeOn("127.0.0.1");
    Path home = run.create("dovecot-" + protocol);
    Path file = home.resolve("dovecot.conf");
    RunDirectory.write(
        file,
        """
        instance_name = hostile-%1$s
        base_dir = %2$s/run
        state_dir = %2$s/state
        log_path = /dev/stderr
        protocols = %1$s
        listen = 127.0.0.1
        ssl = yes
        ssl_cert = <%3$s
        ssl_key = <%4$s
        disable_plaintext_auth = no
        lmtp_proxy = yes
        auth_mechanisms = plain login
        passdb {
          driver = static
          args = proxy=y nopassword=y host=%5$s port=%6$d
        }
        service %7$s {
          inet_listener %1$s {
            port = %8$d
          }
          %9$s
        }
        """
            .formatted(
                protocol,
                home,
                shown.chain(),
                shown.key(),
                store.settings().address(),
                storePort(protocol),
                protocol.equals("lmtp") ? "lmtp" : protocol + "-login",
                port,
                protocol.equals("lmtp") ? "" : "inet_listener " + protocol + "s {\n port = 0\n }"));
    return accepting("dovecot-" + protocol, port, List.of("dovecot", "-F", "-c", file.toString()));
  }

  private int nginx(String protocol, int authority) {
    int port = Ports.freeOn("127.0.0.1");
    Path home = run.create("nginx-" + protocol);
    Path file = home.resolve("nginx.conf");
    RunDirectory.write(
        file,
        """
        load_module /usr/lib/nginx/modules/ngx_mail_module.so;
        daemon off;
        worker_processes 1;
        pid %1$s/nginx.pid;
        error_log %1$s/error.log;
        events { worker_connections 1000; }
        mail {
          auth_http 127.0.0.1:%2$d/;
          imap_auth plain login;
          pop3_auth plain;
          ssl_certificate %3$s;
          ssl_certificate_key %4$s;
          server { listen 127.0.0.1:%5$d; protocol %6$s; starttls on; proxy on; proxy_pass_error_message on; }
        }
        """
            .formatted(home, authority, shown.chain(), shown.key(), port, protocol));
    return accepting(
        "nginx-" + protocol, port, List.of("nginx", "-c", file.toString(), "-p", home + "/"));
  }

  private int perdition(String protocol) {
    int port = Ports.freeOn("127.0.0.1");
    Path home = run.create("perdition-" + protocol);
    Path file = home.resolve("perdition.conf");
    RunDirectory.write(file, "");
    return accepting(
        "perdition-" + protocol,
        port,
        List.of(
            "perdition",
            "--config_file",
            file.toString(),
            "--protocol",
            protocol.equals("imap") ? "IMAP4" : "POP3",
            "--no_daemon",
            "--log_facility",
            "-",
            "--bind_address",
            "127.0.0.1",
            "--listen_port",
            String.valueOf(port),
            "--outgoing_server",
            store.settings().address(),
            "--outgoing_port",
            String.valueOf(storePort(protocol)),
            "--map_library",
            "",
            "--pid_file",
            home.resolve("pid").toString(),
            "--username",
            "root",
            "--group",
            "root",
            "--ssl_mode",
            "tls_listen",
            "--ssl_cert_file",
            shown.chain().toString(),
            "--ssl_key_file",
            shown.key().toString()));
  }

  private int accepting(String name, int port, List<String> command) {
    ServerProcess process = ServerProcess.start(name, run.log(name), Map.of(), command);
    started.add(process);
    process.awaitAccepting(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return port;
  }
}
