package org.openmmp.storesim.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.StoreNode;

/** Prints the world as it is, and the proxy as it says of itself. */
final class DemoReport {
  private final DemoWorld world;
  private final DemoProxy proxy;
  private final PrintWriter out;

  DemoReport(DemoWorld world, DemoProxy proxy, PrintWriter out) {
    this.world = world;
    this.proxy = proxy;
    this.out = out;
  }

  /** Addresses, users and lines to paste. */
  void printWelcome() {
    out.println("directory   " + world.directory().url());
    for (StoreCluster group : world.groups()) {
      out.println(
          "group       "
              + group.name()
              + ", ports imap "
              + group.port("imap")
              + ", pop3 "
              + group.port("pop3")
              + ", lmtp "
              + group.port("lmtp"));
      group.nodes().forEach(node -> out.println("  store     " + place(node)));
    }
    for (String service : List.of("imap", "pop3")) {
      out.println("proxy       " + url(service) + " (STARTTLS), " + url(service + "s"));
    }
    out.println("relay       " + url("lmtp"));
    out.println(
        "            http://" + DemoWorld.PROXY_ADDRESS + ":" + proxy.adminPort() + "/metrics");
    out.println("files       " + world.configFile().getParent());
    for (DirectoryUser user : world.users()) {
      out.println("user        " + user.login() + " password " + user.password());
    }
    out.println("to paste");
    linesToPaste(world.user("alice")).forEach(line -> out.println("  " + line));
  }

  private List<String> linesToPaste(DirectoryUser user) {
    String curl =
        "curl --cacert " + world.certificate() + " -u " + user.login() + ":" + user.password();
    String openssl = "openssl s_client -quiet -crlf -CAfile " + world.certificate();
    String python =
        "python3 -c \"import poplib, ssl; p = poplib.POP3_SSL('%s', %d,"
            + " context=ssl.create_default_context(cafile='%s'));"
            + " p.user('%s'); p.pass_('%s'); print(p.stat()); p.quit()\"";
    String operator = " --config " + world.configFile();
    return List.of(
        "./openmmp status" + operator,
        "./openmmp sessions" + operator,
        "./openmmp explain " + user.login() + operator,
        "./openmmp drain " + world.groups().get(0).nodes().get(0).hostName() + operator,
        curl + " '" + url("imaps") + "/INBOX;MAILINDEX=1'",
        curl + " --ssl-reqd " + url("imap") + "/",
        curl + " " + url("pop3s") + "/1",
        curl + " --ssl-reqd " + url("pop3") + "/",
        python.formatted(
            DemoWorld.PROXY_ADDRESS,
            proxy.address("pop3s").getPort(),
            world.certificate(),
            user.login(),
            user.password()),
        openssl + " -connect " + place("imaps"),
        openssl + " -starttls pop3 -connect " + place("pop3"),
        "swaks --protocol LMTP --server "
            + place("lmtp")
            + " --from carol@example.org --to "
            + user.login(),
        "postconf -e transport_maps='inline:{ "
            + user.domain()
            + "=lmtp:inet:"
            + place("lmtp")
            + " }'");
  }

  private String url(String service) {
    return service + "://" + place(service);
  }

  private String place(String service) {
    return DemoWorld.PROXY_ADDRESS + ":" + proxy.address(service).getPort();
  }

  /** Every store's role, and what the proxy remembers. */
  void printStatus() {
    for (StoreCluster group : world.groups()) {
      List<String> masters = group.replication().masters();
      out.println(
          "group "
              + group.name()
              + (masters.size() > 1 ? ", masters " : ", master ")
              + (masters.isEmpty() ? "none" : String.join(", ", masters)));
      for (StoreNode node : group.nodes()) {
        out.println(
            "  " + node.name() + " is " + stateOf(node) + commits(node) + ", " + traffic(node));
      }
      proxy.groups().stream()
          .filter(snapshot -> snapshot.group().equals(group.name()))
          .forEach(this::printMemory);
    }
  }

  /** The order of attempts that a login would have now, and why. */
  void printDecision(DirectoryUser user) throws IOException, InterruptedException {
    out.println("the proxy would now try for " + user.login());
    proxy.explain(user.login()).lines().filter(line -> line.startsWith("  ")).forEach(out::println);
  }

  /** Whole explanation of a name. */
  void printExplanation(String login) throws IOException, InterruptedException {
    out.println(proxy.explain(login));
  }

  /** Who served a login: what the client never sees. */
  void printWhoServed(
      StoreCluster group, List<Integer> connectionsBefore, List<Integer> loginsBefore) {
    String connections = changes(connections(group), connectionsBefore, group);
    String logins = changes(logins(group), loginsBefore, group);
    out.println("connections: " + connections + "; logins: " + logins);
    proxy.groups().stream()
        .filter(snapshot -> snapshot.group().equals(group.name()))
        .forEach(this::printAffinity);
  }

  static List<Integer> connections(StoreCluster group) {
    return group.nodes().stream().map(node -> node.counters().connections()).toList();
  }

  static List<Integer> logins(StoreCluster group) {
    return group.nodes().stream().map(node -> node.counters().logins()).toList();
  }

  private static String changes(List<Integer> now, List<Integer> before, StoreCluster group) {
    StringBuilder changes = new StringBuilder();
    for (int i = 0; i < now.size(); i++) {
      int more = now.get(i) - before.get(i);
      if (more > 0) {
        changes.append(changes.isEmpty() ? "" : ", ");
        changes.append(group.nodes().get(i).name()).append(' ').append(more);
      }
    }
    return changes.isEmpty() ? "none" : changes.toString();
  }

  private void printAffinity(GroupSnapshot snapshot) {
    GroupSnapshot.AffinitySnapshot affinity = snapshot.affinity();
    out.println(
        snapshot.service()
            + (snapshot.service().name().equals("lmtp") ? ": the relay" : ": the proxy")
            + " holds "
            + (affinity == null
                ? "nobody for master"
                : affinity.host() + " for master: " + affinity.why().text()));
  }

  private void printMemory(GroupSnapshot snapshot) {
    printAffinity(snapshot);
    for (GroupSnapshot.HostSnapshot host : snapshot.hosts()) {
      String last = host.lastReason().isEmpty() ? "" : ", last: " + host.lastReason();
      out.println("    " + host.host() + " " + stateOf(host) + last);
    }
  }

  private static String stateOf(GroupSnapshot.HostSnapshot host) {
    long millis = TimeUnit.NANOSECONDS.toMillis(host.coolDownLeftNanos());
    String left = millis == 0 ? "" : " for " + (millis + 999) / 1_000 + " s";
    return host.state().name().toLowerCase(Locale.ROOT).replace('_', '-') + left;
  }

  private static String stateOf(StoreNode node) {
    Fault fault = node.behaviour().fault();
    String role = node.role().name();
    return fault == Fault.NONE || !node.role().running() ? role : role + " with fault " + fault;
  }

  private static String commits(StoreNode node) {
    long wait = node.commitWait().toSeconds();
    return wait == 0 ? "" : ", each commit waits " + wait + " s for its replicas";
  }

  private static String traffic(StoreNode node) {
    return counted(node.counters().connections(), "connection")
        + ", "
        + counted(node.counters().logins(), "login");
  }

  private static String counted(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  private static String place(StoreNode node) {
    return node.name() + " = " + node.hostName() + " at " + node.address() + ", " + stateOf(node);
  }
}
