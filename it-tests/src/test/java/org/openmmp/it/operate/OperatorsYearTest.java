package org.openmmp.it.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.operate.Door.End;
import org.openmmp.it.operate.Door.Told;
import org.openmmp.storesim.StoreNode;
import org.openmmp.wire.Secret;

/**
 * What an operator does to a front end in a year, once by commands alone and once by the API alone:
 * each step's answer for people and for programs, its end, its line in the log, and what mail
 * clients see of it. What is printed stands in docs/operate (rules B2.12, B2.15, B2.26, B7.1, B7.3,
 * B7.7, B8.1, B8.3, B8.4, B8.5, B8.7, B8.10).
 */
@Tag("slow")
final class OperatorsYearTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final OperatedSite site =
      new OperatedSite(OperatorsYearTest.class)
          .cluster("cluster1", "huey", "dewey", "louie")
          .cluster("cluster2", "donald", "daisy");
  private final MailUser alice = site.user("alice", "cluster1");
  private final MailUser bob = site.user("bob", "cluster1");
  private final MailUser carol = site.user("carol", "cluster2");
  private final List<String> notInDocs = new ArrayList<>();
  private final String docs = pages();

  private Door door = Door.API;
  private ProxyProcess program = site.start("first", text(groups("huey", "dewey")));
  private int audited;

  private static String pages() {
    try (Stream<Path> files = Files.list(Path.of("../docs/operate"))) {
      StringBuilder all = new StringBuilder();
      for (Path each : files.sorted().toList()) {
        all.append(Files.readString(each)).append('\n');
      }
      return plain(all.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without what is another one at every site. */
  private static String plain(String text) {
    return text.replaceAll("\\.example\\.com|@example\\.com", "")
        .replaceAll("\\b(?:huey|dewey|louie|donald|daisy)\\b", "HOST")
        .replaceAll("\\bcluster\\d\\b", "GROUP")
        .replaceAll("\\b(?:alice|bob|carol|mallory)\\b", "USER")
        .replaceAll(
            "\\b(?:\\d+ sessions and deliveries are|1 session or delivery is)\\b", "SESSIONS")
        .replaceAll("\\b(?:N sessions are|1 session is|\\d+ sessions are)\\b", "SESSIONS")
        .replaceAll("[0-9][0-9.]*(?:/[0-9]+)?", "N")
        .replaceAll("(?:N ?(?:ms|[dhms])\\b ?)+", "TIME")
        .replaceAll("HOST (?:added|removed)", "HOST CHANGED")
        .replaceAll("(?:N|USER) is (?=blocked|not blocked)", "WHO is ");
  }

  private String text(String more) {
    return site.settings()
        + """
        openmmp {
          proxy-defaults {
            wait-for-store = 500ms, retry-pause { first = 100ms, max = 200ms }
            cool-down { first = 1s, max = 1s }
          }
          transport.reuse-port = on
          drain { lead = 2s, spread = 1s, limit = 20m }
        }
        """
        + more;
  }

  private String groups(String... hostsOfFirst) {
    return site.group("cluster1", hostsOfFirst)
        + site.group("cluster2", "donald", "daisy")
        + "openmmp.proxy.cluster2.standby-site = [\"daisy.example.com\"]\n";
  }

  private void await(String what, BooleanSupplier condition) {
    Await.until(() -> what + "\n" + program.log(), SOON, condition);
  }

  private String ask(String command, String call, End end, String... parts) {
    return judged(command, door.ask(program, command, call, false), end, parts);
  }

  private String judged(String command, Told told, End end, String... parts) {
    assertEquals(door.status(end), told.status(), told::toString);
    for (String part : parts) {
      assertTrue(told.said().contains(part), () -> part + " is not in " + told);
    }
    if (!docs.contains(" " + command.replaceAll(" .*", "") + " ")) {
      notInDocs.add(command);
    }
    return told.said();
  }

  /** What is told, for people. */
  private String look(String command, String call, String... parts) {
    return judged(command, looked(command, call, false), End.DONE, parts);
  }

  /** A program on a machine that is too busy may say that it could not look in time. */
  private Told looked(String command, String call, boolean json) {
    List<Told> told = new ArrayList<>();
    await(
        command + " is answered: " + told,
        () -> {
          told.add(0, door.ask(program, command, call, json));
          return told.get(0).status() == door.status(End.DONE);
        });
    return told.get(0);
  }

  /** What is told, for programs. */
  private Config lookJson(String command, String call) {
    return ConfigFactory.parseString(looked(command, call, true).said());
  }

  private Config actJson(String command, String call) {
    Told told = door.ask(program, command, call, true);
    assertEquals(door.status(End.DONE), told.status(), told::toString);
    awaitAudit(call, End.DONE);
    return ConfigFactory.parseString(told.said());
  }

  /** Does something, or is refused, and is told so in the log and in docs/operate. */
  private String act(String command, String call, End end, String... parts) {
    String said = ask(command, call, end, parts);
    String first = said.lines().findFirst().orElse("").replaceFirst("^openmmp: ", "");
    if (end == End.DONE && !docs.contains(plain(first))) {
      notInDocs.add(first);
    }
    awaitAudit(call, end);
    return said;
  }

  private void awaitAudit(String call, End end) {
    audited++;
    await("audit line " + audited + " of " + call, () -> audits().size() == audited);
    String line = audits().get(audited - 1);
    String wanted =
        "acted %s action=%s .*result=%s status=%d"
            .formatted(
                door.caller(),
                call.replaceAll("\\?.*", ""),
                end == End.DONE ? "done" : "refused",
                Door.API.status(end));
    assertTrue(Pattern.compile(wanted).matcher(line).find(), () -> line + " is not " + wanted);
  }

  private List<String> audits() {
    return program.log().lines().filter(line -> line.contains(" acted who=")).toList();
  }

  private ImapConnection connect() {
    return new ImapConnection(program.imap(Endpoint.Security.PLAIN));
  }

  private String login(MailUser user) {
    try (ImapConnection client = connect()) {
      String answer = client.login(user).tagged();
      client.leave();
      return answer;
    }
  }

  private void assertServed(MailUser user, StoreNode by) {
    int before = by.counters().logins();
    assertTrue(login(user).startsWith("OK "), program::log);
    assertEquals(before + 1, by.counters().logins(), program::log);
  }

  private ImapConnection loggedIn(MailUser user) {
    ImapConnection client = connect();
    assertTrue(client.login(user).isOk(), program::log);
    return client;
  }

  private static void assertGoesOn(ImapConnection client) {
    assertTrue(client.command("NOOP").isOk());
  }

  private static void assertGoodbye(ImapConnection client) throws IOException {
    String line = client.line();
    assertTrue(line.startsWith("* BYE "), line);
    assertEquals(-1, client.input().read());
  }

  private StoreNode node(String name) {
    String group = name.startsWith("d") && !name.equals("dewey") ? "cluster2" : "cluster1";
    return site.cluster(group).node(name);
  }

  private void write(String text) {
    RunDirectory.write(program.configuration(), text);
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @EnumSource(Door.class)
  void everythingThatAnOperatorDoesInOneYear(Door way) throws Exception {
    door = way;
    try (site) {
      site.expectingInLog("drain|reload|standby|openmmp.tls: the certificate .* ends soon")
          .expectingInLog("is another front end's|openmmp.limits.max-connections is")
          .expectingInLog("selection (?:no-master|cool-down|failover|only)")
          .expectingInLog(" WARN .*(?:standstill|directory server)");
      looksAround();
      reloads();
      renewsTheCertificate();
      drainsAStore();
      movesTheMaster();
      retiresAStore();
      activatesASite();
      restoresASite();
      keepsPeopleOut();
      sendsPeopleAway();
      asksTheDirectoryAnew();
      watchesTheWire();
      probes();
      upgrades();
      assertEquals(List.of(), notInDocs, "what is printed does not stand in docs/operate");
    }
  }

  private void looksAround() {
    if (door == Door.COMMAND_LINE) {
      OperatedSite.Ran lint = OperatedSite.openmmp(program.configuration(), "lint");
      assertEquals(0, lint.status(), lint::told);
      assertTrue(lint.told().contains("group table "), lint::told);
      String found = OperatedSite.openmmp(program.configuration(), "lint --json").printed();
      assertTrue(
          ConfigFactory.parseString(found).getStringList("findings").stream()
              .anyMatch(each -> each.contains("cluster2")),
          found);
    }
    look("status", "groups", "cluster1 imap: not used yet");
    try (ImapConnection client = loggedIn(alice)) {
      look("status", "groups", "cluster1 imap: master huey.example.com for ");
      Config status = lookJson("status", "groups");
      assertEquals(
          List.of("huey.example.com"),
          status.getConfigList("groups").stream()
              .filter(each -> each.hasPath("master.host"))
              .map(each -> each.getString("master.host"))
              .distinct()
              .toList());
      String list = look("sessions --user alice", "sessions?user=alice", "1 session");
      assertTrue(list.contains("alice@example.com  127.0.0.1"), list);
      assertEquals(1, lookJson("sessions", "sessions").getInt("count"));
      look(
          "explain alice",
          "explain?user=alice",
          "mail host    cluster1",
          "  1. huey.example.com: ",
          "its last answer: accepted");
      Config way =
          lookJson("explain alice --client 192.0.2.7", "explain?user=alice&client=192.0.2.7");
      assertEquals("cluster1", way.getString("group"));
      look("top --once", "top", "users               alice@example.com 1");
      assertEquals(1, lookJson("top --once", "top").getInt("sessions"));
      look("blocks", "blocks", "nobody is blocked");
      assertGoesOn(client);
    }
  }

  private void reloads() {
    try (ImapConnection before = loggedIn(alice)) {
      String wrong = text(groups("huey", "dewey") + "openmmp.limits.max-connections = many\n");
      write(wrong);
      String place =
          program.configuration()
              + ":"
              + wrong.lines().count()
              + ": openmmp.limits.max-connections: ";
      ask("reload", "reload", End.MISTAKES, place);
      if (door == Door.API) {
        awaitAudit("reload", End.MISTAKES);
      }
      assertServed(bob, node("huey"));
      write(text(groups("huey", "dewey", "louie")));
      String change = "taken over: group cluster1: louie.example.com added";
      act("reload --dry-run", "reload?dry-run=true", End.DONE, "would be " + change);
      assertFalse(look("explain alice", "explain?user=alice").contains("louie"));
      act("reload", "reload", End.DONE, change);
      look("explain alice", "explain?user=alice", "louie.example.com");
      assertTrue(actJson("reload --dry-run", "reload?dry-run=true").getBoolean("dryRun"));
      act("reload", "reload", End.DONE, "taken over: nothing has changed");
      assertGoesOn(before);
      assertFalse(program.log().contains(" DEBUG "));
      write(text(groups("huey", "dewey", "louie") + "openmmp.log.level = debug\n"));
      act("reload", "reload", End.DONE, "1 log");
      assertServed(bob, node("huey"));
      await("more is logged", () -> program.log().contains(" DEBUG "));
      write(text(groups("huey", "dewey", "louie")));
      act("reload", "reload", End.DONE, "1 log");
    }
  }

  private void renewsTheCertificate() {
    Endpoint imaps = program.imap(Endpoint.Security.TLS);
    BigInteger first = OperatedSite.serialShown(imaps);
    site.renewCertificate();
    act("reload", "reload", End.DONE);
    BigInteger second = OperatedSite.serialShown(imaps);
    assertNotEquals(first, second);
    site.renewCertificate();
    await("the files alone are enough", () -> !OperatedSite.serialShown(imaps).equals(second));
    act("reload", "reload", End.DONE);
  }

  private void drainsAStore() throws IOException {
    try (ImapConnection client = loggedIn(alice)) {
      act("drain huey.example.com", "drain?host=huey.example.com", End.DONE, "drained in cluster1");
      site.cluster("cluster1").makeMaster("dewey");
      assertServed(bob, node("dewey"));
      assertGoodbye(client);
    }
    await(
        "nobody is at huey",
        () ->
            look("sessions --host huey.example.com", "sessions?host=huey.example.com")
                .equals("0 sessions"));
    look("status", "groups", "working, drained  ");
    site.cluster("cluster1").kill("huey");
    assertServed(alice, node("dewey"));
    site.cluster("cluster1").start("huey");
    Config again = actJson("drain huey.example.com", "drain?host=huey.example.com");
    assertEquals("drained in cluster1", again.getString("result"));
    act(
        "undrain huey.example.com",
        "undrain?host=huey.example.com",
        End.DONE,
        "in use again in cluster1");
    act(
        "undrain huey.example.com",
        "undrain?host=huey.example.com",
        End.REFUSED,
        "neither drained nor retired");
    act(
        "drain nowhere",
        "drain?host=nowhere",
        End.NOTHING,
        "no group of the configuration lists nowhere");
    assertServed(alice, node("dewey"));
  }

  private void awaitFirst(String host) {
    await(
        host + " is first",
        () ->
            look("explain alice", "explain?user=alice").contains("  1. " + host + ".example.com"));
  }

  private void movesTheMaster() {
    act(
        "failback cluster1",
        "failback?group=cluster1",
        End.DONE,
        "its master was dewey.example.com");
    awaitFirst("huey");
    int asked = node("huey").counters().connections();
    assertServed(alice, node("dewey"));
    assertTrue(node("huey").counters().connections() > asked);
    Config told = actJson("prefer louie.example.com", "prefer?host=louie.example.com");
    assertEquals("cluster1", told.getString("group"));
    act(
        "prefer louie.example.com",
        "prefer?host=louie.example.com",
        End.DONE,
        "the next login begins at louie.example.com");
    awaitFirst("louie");
    asked = node("louie").counters().connections();
    assertServed(alice, node("dewey"));
    assertTrue(node("louie").counters().connections() > asked);
    act(
        "failback nowhere",
        "failback?group=nowhere",
        End.NOTHING,
        "the groups are cluster1, cluster2");
    assertEquals(
        List.of("dewey.example.com"),
        actJson("failback cluster1", "failback?group=cluster1").getStringList("formerMasters"));
    awaitFirst("huey");
  }

  private void retiresAStore() {
    act(
        "retire louie.example.com",
        "retire?host=louie.example.com",
        End.DONE,
        "retired in cluster1");
    look("explain alice", "explain?user=alice", "-  louie.example.com: ");
    look("status", "groups", ", retired  ");
    actJson("retire louie.example.com", "retire?host=louie.example.com");
    act(
        "retire donald.example.com",
        "retire?host=donald.example.com",
        End.REFUSED,
        "would have no host left that is used");
    String again = "taken over: host louie.example.com not retired any more";
    act("reload", "reload", End.DONE, again);
    act("reload", "reload", End.DONE, "taken over: nothing has changed");
    act("retire louie.example.com", "retire?host=louie.example.com", End.DONE);
    write(text(groups("huey", "dewey")));
    act("reload", "reload", End.DONE, "group cluster1: louie.example.com removed");
    act("undrain louie.example.com", "undrain?host=louie.example.com", End.NOTHING);
    site.cluster("cluster1").kill("louie");
    assertServed(alice, node("dewey"));
  }

  private void activatesASite() {
    assertServed(carol, node("donald"));
    site.cluster("cluster2").kill("donald");
    site.cluster("cluster2").makeMaster("daisy");
    String none = login(carol);
    assertTrue(none.startsWith("NO [UNAVAILABLE]"), none);
    assertFalse(node("daisy").counters().saw(Secret.of(carol.password())));
    if (door == Door.COMMAND_LINE) {
      ask("activate-site cluster2", "", End.WRONG, "Say --yes if that is meant");
    }
    act(
        "activate-site cluster2 --yes",
        "activate-site?group=cluster2",
        End.DONE,
        "the standby site (daisy.example.com) is active");
    assertServed(carol, node("daisy"));
    Config told = actJson("activate-site cluster2 --yes", "activate-site?group=cluster2");
    assertTrue(told.getBoolean("active") && told.getBoolean("overRestart"), told::toString);
    act(
        "activate-site cluster1 --yes",
        "activate-site?group=cluster1",
        End.REFUSED,
        "has no standby-site");
    site.cluster("cluster2").start("donald");
    site.cluster("cluster2").makeMaster("donald");
    act(
        "deactivate-site cluster2 --yes",
        "deactivate-site?group=cluster2",
        End.DONE,
        "is not active any more");
    act("failback cluster2", "failback?group=cluster2", End.DONE);
    await(
        "donald is first",
        () -> look("explain carol", "explain?user=carol").contains("  1. donald.example.com"));
    assertServed(carol, node("donald"));
    assertFalse(
        actJson("deactivate-site cluster2 --yes", "deactivate-site?group=cluster2")
            .getBoolean("active"));
  }

  private String answerToWrongPassword() {
    try (ImapConnection client = connect()) {
      return client.login(alice, MailUser.WRONG_PASSWORD).tagged();
    }
  }

  private String answerForNobody() {
    try (DeliveryConnection mta = DeliveryConnection.lmtp("127.0.0.1", program.lmtp().getPort())) {
      assertTrue(mta.command("MAIL FROM:<mta@example.org>").startsWith("250"));
      return mta.command("RCPT TO:<nobody@example.com>");
    }
  }

  private void restoresASite() {
    act("recovery cluster1 on", "recovery?name=cluster1&switch=on", End.DONE, "is in recovery");
    String later = answerToWrongPassword();
    assertTrue(later.startsWith("NO [UNAVAILABLE]"), later);
    look("status", "groups", "IN RECOVERY");
    assertServed(alice, node("dewey"));
    act("recovery cluster1 off", "recovery?name=cluster1&switch=off", End.DONE);
    String wrong = answerToWrongPassword();
    assertTrue(wrong.startsWith("NO [AUTHENTICATIONFAILED]"), wrong);
    String unknown = answerForNobody();
    assertTrue(unknown.startsWith("550 5.1.1"), unknown);
    Config told = actJson("recovery example.com on", "recovery?name=example.com&switch=on");
    assertTrue(told.getBoolean("recovery"), told::toString);
    String kept = answerForNobody();
    assertTrue(kept.startsWith("451"), kept);
    act("recovery example.com off", "recovery?name=example.com&switch=off", End.DONE);
    act(
        "recovery example.com off",
        "recovery?name=example.com&switch=off",
        End.NOTHING,
        "is not in recovery");
  }

  /** The first line that a client from that address of this machine hears. */
  private String heardFrom(String address) {
    int port = program.imap(Endpoint.Security.PLAIN).port();
    try (Socket socket =
            new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.getByName(address), 0);
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      socket.setSoTimeout((int) SOON.toMillis());
      return String.valueOf(in.readLine());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void keepsPeopleOut() {
    act(
        "block 127.0.0.9/32 --for 1h",
        "block?what=127.0.0.9/32&for=1h",
        End.DONE,
        "is blocked for ");
    String heard = heardFrom("127.0.0.9");
    assertTrue(heard.startsWith("* BYE [CONTACTADMIN]"), heard);
    assertTrue(heardFrom("127.0.0.8").startsWith("* OK "));
    try (ImapConnection before = loggedIn(bob)) {
      Config block = actJson("block bob", "block?what=bob");
      assertEquals("user", block.getString("kind"));
      act("block bob", "block?what=bob", End.DONE, "bob@example.com is blocked until unblock");
      String answer = login(bob);
      assertTrue(answer.startsWith("NO [CONTACTADMIN]"), answer);
      assertGoesOn(before);
    }
    look("blocks", "blocks", "network  127.0.0.9 for another ", "user     bob@example.com");
    assertEquals(2, lookJson("blocks", "blocks").getConfigList("blocks").size());
    act("unblock bob", "unblock?what=bob", End.DONE, "is not blocked any more");
    assertServed(bob, node("dewey"));
    act("unblock bob", "unblock?what=bob", End.NOTHING, "is not blocked");
    actJson("unblock 127.0.0.9/32", "unblock?what=127.0.0.9/32");
    assertTrue(heardFrom("127.0.0.9").startsWith("* OK "));
    act("block alice --for 1s", "block?what=alice&for=1s", End.DONE);
    await("a block ends by itself", () -> login(alice).startsWith("OK "));
    act("block 192.0.2.0/33", "block?what=192.0.2.0/33", End.WRONG, "is no network");
  }

  private void sendsPeopleAway() throws IOException {
    try (ImapConnection stays = loggedIn(alice);
        ImapConnection one = loggedIn(bob);
        ImapConnection two = loggedIn(bob)) {
      if (door == Door.COMMAND_LINE) {
        ask("kick --user bob", "", End.WRONG, "2 sessions will end. Say --yes");
        assertGoesOn(two);
      }
      act("kick --yes --user bob", "kick?user=bob", End.DONE, "2 sessions are being ended");
      assertGoodbye(one);
      assertGoodbye(two);
      assertGoesOn(stays);
      assertEquals(1, actJson("kick --yes --user alice", "kick?user=alice").getInt("count"));
      assertGoodbye(stays);
    }
    await(
        "nobody is there",
        () -> look("sessions --service imap", "sessions?service=imap").equals("0 sessions"));
    act("kick --user bob", "kick?user=bob", End.NOTHING, "there is no such session");
    if (door == Door.COMMAND_LINE) {
      ask("kick", "", End.WRONG, "say whose sessions");
    } else {
      act("kick", "kick", End.WRONG, "say whose sessions");
    }
  }

  private void asksTheDirectoryAnew() {
    assertServed(bob, node("dewey"));
    site.directory().changeUser(bob.login(), "mailHost", "cluster2");
    assertServed(bob, node("dewey"));
    act("flush bob", "flush?name=bob", End.DONE, "what the directory said of bob is forgotten");
    assertServed(bob, node("donald"));
    site.directory().changeUser(bob.login(), "mailHost", "cluster1");
    assertEquals("all", actJson("flush --all", "flush?all=yes").getString("flushed"));
    assertServed(bob, node("dewey"));
  }

  private void watchesTheWire() {
    CompletableFuture<Told> trace =
        CompletableFuture.supplyAsync(
            () -> door.ask(program, "trace alice --for 1h", "trace?what=alice&for=1h", false),
            task -> new Thread(task, "trace").start());
    awaitAudit("trace", End.DONE);
    act("reload", "reload", End.DONE, "taken over: nothing has changed");
    assertServed(alice, node("dewey"));
    act("trace --stop", "trace?stop=yes", End.DONE, "1 trace has ended");
    String seen =
        judged(
            "trace alice",
            trace.join(),
            End.DONE,
            "from client: *** LOGIN ***",
            "to dewey.example.com: ",
            "the trace has ended (stopped): ");
    assertFalse(seen.contains(alice.password()), seen);
    assertTrue(docs.contains(plain(seen.lines().findFirst().orElse(""))), seen);
    act("trace --stop", "trace?stop=yes", End.NOTHING, "there is no such trace");
    act("trace 192.0.2.0/24", "trace?what=192.0.2.0/24", End.WRONG, "is no login name");
  }

  private void probes() {
    act("probe alice", "probe?user=alice", End.DONE, "  dewey.example.com: greets (");
    assertTrue(actJson("probe alice", "probe?user=alice").getBoolean("served"));
    Path password = site.file("tester.password", alice.password() + "\n");
    String through = "probe alice --login --password-file " + password;
    act(through, "probe?user=alice&login=yes", End.DONE, "it works: dewey.example.com lets the");
    Path wrong = site.file("wrong.password", MailUser.WRONG_PASSWORD + "\n");
    String refused = "probe alice --login --password-file " + wrong;
    act(refused, "probe?user=alice&login=yes", End.REFUSED, "directory: answered");
    act("probe nobody", "probe?user=nobody", End.NOTHING, "the name leads to no group");
  }

  private void upgrades() throws IOException {
    String ports =
        Stream.of(MailProtocol.values())
            .map(
                each ->
                    "openmmp.%s { listen = \"127.0.0.1:%d\", listen-tls = \"127.0.0.1:%d\" }%n"
                        .formatted(
                            each.service(),
                            program.at(each, Endpoint.Security.PLAIN).port(),
                            program.at(each, Endpoint.Security.TLS).port()))
            .collect(Collectors.joining());
    ProxyProcess old = program;
    act("drain huey.example.com", "drain?host=huey.example.com", End.DONE);
    act("block bob", "block?what=bob", End.DONE);
    try (ImapConnection client = loggedIn(alice)) {
      ProxyProcess next = site.start("next", text(groups("huey", "dewey") + ports));
      assertGoesOn(client);
      act("drain self", "drain-self", End.DONE, "this front end says that it is not ready");
      assertGoodbye(client);
      await("the old one ends", () -> !old.process().isAlive());
      program = next;
    }
    audited = 0;
    await(
        "the new one is asked from now on",
        () -> door.ask(program, "status", "groups", false).status() == door.status(End.DONE));
    assertServed(alice, node("dewey"));
    look("status", "groups", "cluster1 imap: master dewey.example.com");
    await("nobody is there", () -> lookJson("sessions", "sessions").getInt("count") == 0);
    String answer = login(bob);
    assertTrue(answer.startsWith("NO [CONTACTADMIN]"), answer);
    look("blocks", "blocks", "user     bob@example.com");
    act("unblock bob", "unblock?what=bob", End.DONE);
    assertServed(bob, node("dewey"));
    look("status", "groups", ", drained  ");
    act("drain self", "drain-self", End.DONE);
    await("it ends", () -> !program.process().isAlive());
    if (door == Door.COMMAND_LINE) {
      OperatedSite.Ran silent = OperatedSite.openmmp(program.configuration(), "status");
      assertEquals(1, silent.status(), silent::told);
    }
  }
}
