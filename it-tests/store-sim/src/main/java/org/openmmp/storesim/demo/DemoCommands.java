package org.openmmp.storesim.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openmmp.storesim.AckPolicy;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.Election;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.StoreNode;

/** The commands of the demo's prompt. */
final class DemoCommands {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final DemoWorld world;
  private final DemoProxy proxy;
  private final PrintWriter out;
  private final DemoReport report;

  DemoCommands(DemoWorld world, DemoProxy proxy, PrintWriter out) {
    this.world = world;
    this.proxy = proxy;
    this.out = out;
    this.report = new DemoReport(world, proxy, out);
  }

  /** How a command went. */
  enum Result {
    DONE,
    NOT_UNDERSTOOD,
    QUIT
  }

  /** Runs one line; an empty one or a comment does nothing. */
  Result run(String line) throws InterruptedException {
    String[] words = line.strip().split("\\s+", 3);
    String argument = words.length > 1 ? words[1] : "";
    String more = words.length > 2 ? words[2] : "";
    if (words[0].isEmpty() || words[0].startsWith("#")) {
      return Result.DONE;
    }
    try {
      return run(words[0], argument, more);
    } catch (IllegalArgumentException | IllegalStateException | IOException e) {
      out.println(e.getMessage());
      return Result.NOT_UNDERSTOOD;
    }
  }

  private Result run(String command, String argument, String more)
      throws IOException, InterruptedException {
    switch (command) {
      case "kill" -> kill(world.store(argument));
      case "start" -> start(world.store(argument));
      case "hang" -> fault(world.store(argument), "hang");
      case "fault" -> fault(world.store(argument), more);
      case "elect" -> elect();
      case "await" -> await(world.store(argument));
      case "cut" -> cut(argument, more);
      case "heal" -> heal();
      case "remove" -> remove(world.store(argument));
      case "priority" -> priority(world.store(argument), more);
      case "twosites" -> twoSites(argument);
      case "ackpolicy" -> ackPolicy(argument, more);
      case "directory" -> directory(argument);
      case "login" -> login("imaps", world.user(argument), more);
      case "pop" -> login("pop3s", world.user(argument), more);
      case "deliver" -> deliver(world.user(argument));
      case "explain" -> report.printExplanation(argument);
      case "status" -> report.printStatus();
      case "help" -> help();
      case "quit", "exit" -> {
        return Result.QUIT;
      }
      default ->
          throw new IllegalArgumentException("there is no command " + command + "; try help");
    }
    return Result.DONE;
  }

  private void kill(String node) throws IOException, InterruptedException {
    StoreCluster group = world.groupOf(node);
    group.kill(node);
    out.println(node + " is dead: its connections are closed and its port refuses");
    printMaster(group);
    report.printDecision(someUserOf(group));
  }

  private void start(String node) throws IOException, InterruptedException {
    StoreCluster group = world.groupOf(node);
    group.start(node);
    out.println(node + " runs as " + group.node(node).role());
    printMaster(group);
    report.printDecision(someUserOf(group));
  }

  private void fault(String node, String name) throws IOException, InterruptedException {
    StoreCluster group = world.groupOf(node);
    Fault fault = fault(name);
    group.behave(node, NodeBehaviour.failing(fault));
    out.println(node + " has the fault " + fault);
    printMaster(group);
    report.printDecision(someUserOf(group));
  }

  private static Fault fault(String name) {
    return Arrays.stream(Fault.values())
        .filter(any -> written(any).equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no fault "
                        + name
                        + "; there are "
                        + Arrays.stream(Fault.values())
                            .filter(fault -> fault != Fault.NONE)
                            .map(DemoCommands::written)
                            .collect(Collectors.joining(", "))
                        + ", and none, which ends one"));
  }

  private static String written(Fault fault) {
    return fault.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private void elect() throws IOException, InterruptedException {
    StoreCluster group = world.groups().get(0);
    Election.Decision decision = group.elect();
    out.println(
        group.name()
            + " elects "
            + (decision.master() == null ? "nobody" : decision.master())
            + ": "
            + decision.reason());
    report.printDecision(someUserOf(group));
  }

  private void await(String node) throws InterruptedException {
    StoreCluster group = world.groupOf(node);
    StoreNode master = group.awaitMaster(node, PATIENCE);
    out.println(master.name() + " is master of " + group.name() + ": " + group.decision().reason());
  }

  private void cut(String first, String others) throws IOException, InterruptedException {
    List<String> stores =
        Stream.concat(Stream.of(first), Arrays.stream(others.split("\\s+")))
            .filter(name -> !name.isEmpty() || first.isEmpty())
            .map(world::store)
            .distinct()
            .toList();
    StoreCluster group = world.groupOf(stores.get(0));
    group.cutOff(stores.toArray(String[]::new));
    out.println(
        String.join(" and ", stores)
            + (stores.size() == 1 ? " hears" : " hear")
            + " nobody else of its group; clients reach all");
    printMaster(group);
    report.printDecision(someUserOf(group));
  }

  private void heal() throws IOException, InterruptedException {
    StoreCluster group = world.groups().get(0);
    group.heal();
    out.println("the nodes of " + group.name() + " hear each other");
    printMaster(group);
    report.printDecision(someUserOf(group));
  }

  private void remove(String node) throws IOException, InterruptedException {
    StoreCluster group = world.groupOf(node);
    group.remove(node);
    out.println(node + " ends, and its group does not count it until it is started");
    printMaster(group);
    report.printDecision(someUserOf(group));
  }

  private void priority(String node, String number) {
    if (!number.matches("\\d{1,9}")) {
      throw new IllegalArgumentException("a priority is a number, and 0 is never master");
    }
    world.groupOf(node).setPriority(node, Integer.parseInt(number));
    out.println(node + " has the priority " + number + " from the next election on");
  }

  private void twoSites(String state) {
    if (!state.equals("on") && !state.equals("off")) {
      throw new IllegalArgumentException("twosites is on or off");
    }
    StoreCluster group = world.groups().get(0);
    group.setTwoSites(state.equals("on"));
    out.println(
        "the survivor of two "
            + (state.equals("on") ? "may" : "may not")
            + " take over in "
            + group.name());
  }

  private void ackPolicy(String name, String seconds) {
    StoreCluster group = world.groups().get(0);
    if (!seconds.matches("\\d{0,2}")) {
      throw new IllegalArgumentException("an acktimeout is a number of seconds, 99 at most");
    }
    Duration timeout =
        seconds.isEmpty()
            ? group.replication().ackTimeout()
            : Duration.ofSeconds(Integer.parseInt(seconds));
    group.acknowledge(AckPolicy.of(name), timeout);
    out.println(
        "commits wait for the acknowledgements of "
            + group.replication().ackPolicy().written()
            + ", or "
            + timeout.toSeconds()
            + " s");
  }

  private void directory(String state) {
    switch (state) {
      case "down" -> world.directory().goDown();
      case "up" -> world.directory().comeUp();
      default -> throw new IllegalArgumentException("the directory goes down or up");
    }
    out.println("the directory is " + state);
  }

  private void login(String service, DirectoryUser user, String otherPassword) {
    String password = otherPassword.isEmpty() ? user.password() : otherPassword;
    useStoresOf(
        user,
        () -> {
          try (DemoClient client =
              DemoClient.secured(proxy.address(service), world.certificate(), out)) {
            if (service.equals("imaps")) {
              new ImapLogin(client).run(user.login(), password);
            } else {
              new Pop3Login(client).run(user.login(), password);
            }
          }
        });
  }

  private void deliver(DirectoryUser user) {
    useStoresOf(
        user,
        () -> {
          try (DemoClient client = DemoClient.inTheClear(proxy.address("lmtp"), out)) {
            new DemoDelivery(client).run(user.login());
          }
        });
  }

  /** What a client does. */
  @FunctionalInterface
  private interface ClientUse {
    void run() throws IOException, GeneralSecurityException;
  }

  /** Lets a client do something and tells which stores it came to. */
  private void useStoresOf(DirectoryUser user, ClientUse use) {
    StoreCluster group = world.groupOf(user);
    List<Integer> connections = DemoReport.connections(group);
    List<Integer> logins = DemoReport.logins(group);
    try {
      use.run();
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("that did not end well: " + e.getMessage(), e);
    }
    report.printWhoServed(group, connections, logins);
  }

  private void printMaster(StoreCluster group) {
    List<String> masters = group.replication().masters();
    boolean elects = group.settings().electionTime() != null;
    out.println(
        masters.isEmpty()
            ? group.name()
                + " has no master; "
                + (elects ? "its replicas will elect one" : "an operator may start a standby")
            : group.name()
                + " has the master"
                + (masters.size() == 1 ? " " : "s ")
                + String.join(", ", masters));
  }

  private DirectoryUser someUserOf(StoreCluster group) {
    return world.users().stream()
        .filter(user -> world.groupOf(user) == group)
        .findFirst()
        .orElseThrow();
  }

  private void help() {
    report.printWelcome();
    out.println(
        """
        commands
          kill STORE        as a crash does        start STORE   start or heal it
          hang STORE        it falls silent        fault STORE   refuse, black-hole, reset, greet-bye,
          elect             hold an election now                 temporary-error, drop-at-login, ...
          await STORE       until it is master     directory down | up
          cut STORE ...     they hear each other and nobody else of their group; clients reach all
          heal              ends that              remove STORE  its group counts it no more
          priority STORE N  0: never master        twosites on | off  whether one of two may take over
          ackpolicy POLICY [SECONDS]   whose acknowledgements a commit waits for: none, one, quorum, ...
          login USER [PASSWORD]   through the proxy, as a mail client with IMAP
          pop USER [PASSWORD]     the same with POP3
          deliver USER      a message through the relay
          explain USER      the way to the store   status        who is what, and what the proxy knows
          help              this page              quit\
        """);
  }
}
