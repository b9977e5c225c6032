package org.openmmp.program;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.AdminPage;
import org.openmmp.admin.AdminPage.Answer;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.ServerTlsConfig.ClientAuth;
import org.openmmp.config.StoreService;
import org.openmmp.repgroup.ReferralTrust;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Routing;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.HostPort;
import org.openmmp.text.Json;
import org.openmmp.wire.Secret;

/** What is tried of a running front end before it goes live (rule B7.17). It blocks. */
final class SelfTest {
  private static final String PAGE = "/api/v1/selftest";

  /** Longer than the longest penalty and a login's deadline together. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final int OK = 200;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;

  /** Hosts that are in nobody's configuration (RFC 6761 section 6.4, RFC 5737). */
  private static final List<String> STRANGERS = List.of("selftest.invalid", "203.0.113.254");

  private final AdminDoor door;
  private final OpenMmpConfig config;
  private final Duration patience;
  private final List<Map<String, String>> findings = new ArrayList<>();

  SelfTest(AdminDoor door, OpenMmpConfig config) {
    this(door, config, PATIENCE);
  }

  /** The same with another patience for one answer. */
  SelfTest(AdminDoor door, OpenMmpConfig config, Duration patience) {
    this.door = door;
    this.config = config;
    this.patience = patience;
  }

  /** What a self-test is told by the front end: where it listens, and whom it would follow. */
  static AdminPage page(SharedRooms rooms, List<FrontEndServer> servers, IntSupplier adminPort) {
    return AdminPage.looking(
        PAGE,
        "What a self-test must know: the listeners, and what would become of a referral to a host"
            + " that nobody configured",
        List.of(),
        query -> {
          List<Map<String, Object>> listeners =
              servers.stream().flatMap(server -> server.described().stream()).toList();
          List<Map<String, Object>> referrals = referrals(rooms.now());
          List<String> lines = new ArrayList<>();
          listeners.forEach(each -> lines.add(line("listener", each)));
          referrals.forEach(each -> lines.add(line("referral", each)));
          lines.add("admin " + adminPort.getAsInt());
          return Answer.done(
              String.join("\n", lines),
              Map.of(
                  "listeners",
                  listeners,
                  "referrals",
                  referrals,
                  "adminPort",
                  adminPort.getAsInt()));
        });
  }

  private static String line(String kind, Map<String, Object> values) {
    return kind + values.values().stream().map(each -> " " + each).collect(Collectors.joining());
  }

  /** Judged by what logins and deliveries ask, for each group and service. */
  private static List<Map<String, Object>> referrals(Settings now) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (StoreService service : StoreService.values()) {
      Routing routing = now.routing(service);
      for (ReplicationGroup group : now.table().groups()) {
        StoreHost by = group.hosts().get(0);
        for (String stranger : STRANGERS) {
          ReferralTrust.Verdict verdict =
              routing
                  .trust()
                  .judge(
                      now.table(),
                      group,
                      new ReferralTrust.Claim(by, Set.of(by), stranger, 0, 0),
                      each -> routing.accessTo(each).port());
          Map<String, Object> told = new LinkedHashMap<>();
          told.put("service", service.name().toLowerCase(Locale.ROOT));
          told.put("group", group.name());
          told.put("host", stranger);
          told.put("followed", verdict.kind().followed());
          told.put("reason", verdict.reason());
          all.add(told);
        }
      }
    }
    return all;
  }

  /**
   * Tries everything and tells it; the exit status.
   *
   * @param user a test account's login name; empty if there is none
   * @param passwordFile where its password stands; null if that is not to be tried
   * @param certificateName by which clients know this front end; empty: its host name
   */
  int run(String user, @Nullable Path passwordFile, String certificateName) {
    List<String> lines;
    try {
      Optional<AdminClient.Reply> reply = door.ask(config.admin(), PAGE, Map.of("format", "text"));
      if (reply.isEmpty() || reply.get().status() != OK) {
        return reply.map(door::print).orElseGet(this::nobody);
      }
      lines = reply.get().body().lines().toList();
    } catch (IOException silent) {
      door.errors().println("openmmp: " + silent.getMessage());
      return AdminDoor.NOBODY;
    }
    Secret password =
        passwordFile == null
            ? Secret.none()
            : Secret.firstLineOf(passwordFile).orElse(Secret.none());
    if (passwordFile != null && (password.isEmpty() || user.isEmpty())) {
      door.errors()
          .println(
              "openmmp: "
                  + (user.isEmpty()
                      ? "--password-file needs --user"
                      : passwordFile + " is no readable file whose first line is a password"));
      return AdminDoor.WRONG;
    }
    for (String line : lines) {
      String[] words = line.split(" ", 6);
      switch (words[0]) {
        case "listener" -> tell(listener(words, certificateName, user, password));
        case "admin" -> tell(admin(Integer.parseInt(words[1])));
        default -> {
          // Referrals are told together.
        }
      }
    }
    password.clear();
    tell(referrals(lines));
    long failures =
        findings.stream().filter(each -> ListenerTrial.FAIL.equals(each.get("verdict"))).count();
    if (door.json()) {
      door.out().println(Json.write(Map.of("failed", failures, "checks", findings)));
    } else {
      door.out().println(findings.size() + " checks, " + failures + " failed");
    }
    return failures == 0 ? 0 : AdminDoor.REFUSED;
  }

  private int nobody() {
    door.errors().println("openmmp: " + new AdminClient(config.admin()).nobody());
    return AdminDoor.NOBODY;
  }

  private void tell(List<Map<String, String>> found) {
    findings.addAll(found);
    if (!door.json()) {
      PrintWriter out = door.out();
      found.forEach(
          each ->
              out.printf(
                  "%-7s  %s %s: %s%n",
                  each.get("verdict"), each.get("where"), each.get("check"), each.get("reason")));
      out.flush();
    }
  }

  private List<Map<String, String>> listener(
      String[] words, String certificateName, String user, Secret password) {
    HostPort at = HostPort.parse(words[2]);
    InetAddress address = at == null ? null : AddressLiteral.parse(at.host());
    if (at == null || address == null) {
      return List.of(
          ListenerTrial.finding(words[1], "address", ListenerTrial.FAIL, "is none: " + words[2]));
    }
    InetSocketAddress reached =
        new InetSocketAddress(address.isAnyLocalAddress() ? loopback(address) : address, at.port());
    boolean header = words[4].equals("required");
    return new ListenerTrial(
            words[1],
            reached,
            words[3],
            header,
            header && config.proxyProtocol().networks().contains(reached.getAddress()),
            certificateName.isEmpty() ? config.hostname() : certificateName,
            config.tls().clientAuth() == ClientAuth.REQUIRED,
            patience)
        .run("selftest-nobody", user, password);
  }

  private static InetAddress loopback(InetAddress any) {
    InetAddress found = AddressLiteral.parse(any.getAddress().length == 4 ? "127.0.0.1" : "::1");
    return found == null ? InetAddress.getLoopbackAddress() : found;
  }

  /** Strangers must not look at, and nobody may act without a token at, the admin listener. */
  private List<Map<String, String>> admin(int port) {
    Optional<ListenAddress> listen = config.admin().listen();
    if (listen.isEmpty()) {
      return List.of(
          ListenerTrial.finding(
              "admin", "admin-token", ListenerTrial.SKIPPED, "there is no admin listener"));
    }
    InetAddress configured = AddressLiteral.parse(listen.get().host());
    String host =
        configured == null
            ? listen.get().host()
            : AddressLiteral.textOf(
                configured.isAnyLocalAddress() ? loopback(configured) : configured);
    String at = AddressLiteral.withPort(host, port);
    try {
      int acting = status(at, "POST", "/api/v1/reload?dry-run=true");
      int looking = status(at, "GET", "/api/v1/groups");
      boolean closed = refuses(looking);
      boolean own =
          config.admin().token().isEmpty()
              && InetAddress.getByName(host).isLoopbackAddress()
              && looking == OK;
      String reason =
          "without a token, acting is answered by "
              + acting
              + " and looking by "
              + looking
              + (own ? ", since callers on this machine may look (openmmp.admin.token)" : "");
      return List.of(
          ListenerTrial.finding(
              "admin " + at,
              "admin-token",
              refuses(acting) && (closed || own) ? ListenerTrial.PASS : ListenerTrial.FAIL,
              reason));
    } catch (IOException silent) {
      return List.of(
          ListenerTrial.finding(
              "admin " + at,
              "admin-token",
              ListenerTrial.FAIL,
              "could not be tried: " + silent.getMessage()));
    }
  }

  private static boolean refuses(int status) {
    return status == UNAUTHORIZED || status == FORBIDDEN;
  }

  private int status(String at, String method, String path) throws IOException {
    HttpURLConnection asked =
        (HttpURLConnection) URI.create("http://" + at + path).toURL().openConnection();
    try {
      asked.setConnectTimeout((int) patience.toMillis());
      asked.setReadTimeout((int) patience.toMillis());
      asked.setRequestMethod(method);
      return asked.getResponseCode();
    } finally {
      asked.disconnect();
    }
  }

  /** One line for each service. */
  private static List<Map<String, String>> referrals(List<String> lines) {
    Map<String, List<String>> followed = new LinkedHashMap<>();
    for (String line : lines) {
      String[] words = line.split(" ", 6);
      if (words[0].equals("referral")) {
        List<String> bad = followed.computeIfAbsent(words[1], any -> new ArrayList<>());
        if (words[4].equals("true")) {
          bad.add(words[2] + "'s stores to " + words[3]);
        }
      }
    }
    List<Map<String, String>> all = new ArrayList<>();
    followed.forEach(
        (service, bad) ->
            all.add(
                ListenerTrial.finding(
                    service,
                    "foreign-referral",
                    bad.isEmpty() ? ListenerTrial.PASS : ListenerTrial.FAIL,
                    bad.isEmpty()
                        ? "would be refused from every group, as the running front end judges it"
                            + " (no store was asked)"
                        : "would be followed, with passwords: from "
                            + String.join(", ", bad)
                            + " (openmmp.login.referral.trusted)")));
    return all;
  }
}
