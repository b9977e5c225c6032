package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.Service;
import org.openmmp.routing.Recovery;

/** The commands of an operator, from the command line to the running program and back (B8.7). */
class OperatorCommandsTest {
  private static final Service IMAP = new Service("imap");

  @TempDir private Path folder;

  private final RecordedServer server = new RecordedServer(new ArrayList<>(), "imap", 143);
  private String printed = "";
  private String told = "";

  private Path file(String more) throws IOException {
    return Files.writeString(
        folder.resolve("openmmp.conf"),
        """
        openmmp.directory { urls = "ldap://127.0.0.1:1", base-dn = "dc=example,dc=com" }
        openmmp.admin { listen = null, socket = admin.sock }
        openmmp.state-file = state
        openmmp.proxy.cluster1 { storehostlist = "huey dewey louie", standby-site = [louie] }
        openmmp.proxy.cluster2.storehostlist = "qwer asdf"
        %s
        """
            .formatted(more));
  }

  private Program start() throws IOException, BadConfigException {
    Program program = Program.startAll(ConfigReader.load(file("")), List.of(server));
    server.rooms().selector().serve(IMAP, ClientKind.WRITER);
    return program;
  }

  private int run(String line) {
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    List<String> words = new ArrayList<>(List.of(line.split(" ")));
    words.addAll(List.of("--config", folder.resolve("openmmp.conf").toString()));
    int status =
        Main.run(
            new PrintWriter(out, true),
            new PrintWriter(errors, true),
            words.toArray(String[]::new));
    printed = out.toString();
    told = errors.toString();
    return status;
  }

  private String order(Program program) {
    return program.groups(System.nanoTime()).stream()
        .filter(each -> each.group().equals("cluster1"))
        .map(each -> each.standbySiteActive() ? "active" : "not active")
        .findFirst()
        .orElse("");
  }

  @Test // B2.15, B8.7
  void anActivatedSiteIsUsedUntilItIsDeactivatedAndOverARestart() throws Exception {
    try (Program program = start()) {
      assertEquals("not active", order(program));
      assertEquals(0, run("activate-site cluster1 --yes"), told);
      assertEquals(
          "group cluster1: the standby site (louie) is active" + System.lineSeparator(), printed);
      assertEquals("active", order(program));
      assertEquals(0, run("status"), told);
      assertTrue(printed.contains("standby site active"), printed);
    }
    try (Program again = start()) {
      assertEquals("active", order(again));
      assertEquals(0, run("deactivate-site CLUSTER1. --yes --json"), told);
      assertEquals(
          "{\"group\":\"cluster1\",\"standbySite\":[\"louie\"],\"active\":false,"
              + "\"overRestart\":true}",
          printed.strip());
      assertEquals("not active", order(again));
    }
    try (Program third = start()) {
      assertEquals("not active", order(third));
    }
  }

  @ParameterizedTest // B2.15
  @ValueSource(strings = {"activate-site cluster1", "deactivate-site cluster1"})
  void aSiteIsNotTouchedWithoutAWordFromTheOperator(String line) throws Exception {
    try (Program program = start()) {
      assertEquals(2, run(line));
      assertTrue(told.contains("--yes"), told);
      assertEquals("not active", order(program));
    }
  }

  @ParameterizedTest // B8.7
  @CsvSource(
      delimiter = '|',
      value = {
        "failback none | 3 | there is no group none; the groups are cluster1, cluster2",
        "activate-site cluster2 --yes | 3 | group cluster2 has no standby-site",
        "recovery none on | 3 | none is no group and no domain; the groups are cluster1, cluster2",
        "recovery cluster1 maybe | 2 | switch is on or off",
        "recovery cluster1 off | 3 | group cluster1 is not in recovery",
        "failback | 2 | Missing required parameter: 'GROUP'",
        "failback cluster1 cluster2 | 2 | Unmatched argument",
      })
  void aRefusalSaysWhatToDo(String line, int status, String text) throws Exception {
    try (Program program = start()) {
      assertEquals(status, run(line));
      assertTrue(told.contains(text), told);
      assertEquals("", printed);
      assertEquals("not active", order(program));
    }
  }

  @Test // B8.7
  void aRefusalIsJsonWhereJsonIsAskedFor() throws Exception {
    try (Program program = start()) {
      assertEquals(3, run("failback none --json"));
      assertTrue(printed.startsWith("{\"error\":\"there is no group none"), printed);
      assertTrue(program.live());
    }
  }

  @Test // B8.7
  void withoutAFrontEndTheCommandSaysWhereItLooked() throws Exception {
    file("");
    assertEquals(1, run("failback cluster1"));
    assertTrue(told.contains("there is no " + folder.resolve("admin.sock")), told);
    file("openmmp.admin.listen = \"127.0.0.1:1\"");
    assertEquals(1, run("status"));
    assertTrue(told.contains("no front end answers at 127.0.0.1:1"), told);
    Files.writeString(folder.resolve("openmmp.conf"), "openmmp.nonsense = 1\n");
    assertEquals(78, run("status"));
  }

  @Test // B8.7
  void whoMayNotActHearsThatTheSocketIsNotThere() throws Exception {
    String admin = "openmmp.admin { socket = none/admin.sock, listen = \"127.0.0.1:0\" }";
    try (Program program = Program.startAll(ConfigReader.load(file(admin)), List.of(server))) {
      String at = program.addresses().replaceAll(".*admin=(\\S+).*", "$1");
      file(admin.replace("127.0.0.1:0", at));
      assertEquals(3, run("failback cluster1"));
      assertTrue(told.contains("none/admin.sock (it is not there: its folder must exist"), told);
    }
  }

  @Test // B2.15
  void aBrokenStateFileIsToldAndNotFatal() throws Exception {
    Path state = folder.resolve("state");
    Files.write(state, new byte[] {(byte) 0xff, 0, 1, '\n'});
    try (Program program = start()) {
      assertEquals("not active", order(program));
      assertEquals(0, run("activate-site cluster1 --yes"), told);
      assertFalse(printed.contains("will not hold"), printed);
    }
    try (Program again = start()) {
      assertEquals("active", order(again));
    }
    Files.writeString(state, "standby-site-active cluster1\n\u001b[31m what is this\n");
    try (Program third = start()) {
      assertEquals("active", order(third));
    }
  }

  @Test // B2.15
  void aDecisionThatCannotBeKeptSaysSo() throws Exception {
    Files.createDirectory(folder.resolve("state"));
    try (Program program = start()) {
      assertEquals(0, run("activate-site cluster1 --yes"), told);
      assertTrue(printed.contains("this will not hold over a restart"), printed);
      assertEquals("active", order(program));
    }
  }

  @Test // B2.12
  void aPreferredHostIsWhereLoginsBegin() throws Exception {
    try (Program program = start()) {
      assertEquals(0, run("prefer DEWEY"), told);
      assertTrue(printed.startsWith("group cluster1: the next login begins at dewey"), printed);
      assertEquals("dewey", first());
      assertEquals(0, run("failback cluster1"), told);
      assertEquals("huey", first());
      assertEquals(3, run("prefer none"));
      assertTrue(told.contains("no group lists none"), told);
      assertEquals(3, run("prefer dewey --group cluster2"));
      assertEquals("huey", first());
      String metrics = program.metrics(Set.of());
      assertTrue(
          metrics.contains("openmmp_group_without_master_seconds{group=\"cluster1\"} 0.0"),
          metrics);
      assertTrue(
          metrics.contains("openmmp_group_only_standby_site_left{group=\"cluster2\"} 0.0"),
          metrics);
    }
  }

  @Test // B8.5
  @SuppressWarnings("try") // the program is asked by commands
  void aRefusalSaysWhatMayBeMeant() throws Exception {
    try (Program program = start()) {
      assertEquals(3, run("drain huey.example.com"));
      assertTrue(told.contains("lists huey.example.com; is huey meant?"), told);
      assertEquals(3, run("drain nowhere"));
      assertTrue(told.contains("lists nowhere; status lists the hosts"), told);
      assertEquals(3, run("sessions --host huey.example.com"));
      assertTrue(told.contains("lists huey.example.com; is huey meant?"), told);
      assertEquals(0, run("sessions --host huey"), told);
      assertEquals(3, run("kick --group nowhere --yes"));
      assertTrue(told.contains("there is no such session; there is no group nowhere"), told);
      assertEquals(0, run("block 192.0.2.0/24"), told);
      assertEquals(3, run("unblock 192.0.2.7"));
      assertTrue(told.contains("it is in 192.0.2.0/24, which is: unblock that"), told);
      assertEquals(3, run("unblock 198.51.100.7"));
      assertTrue(told.strip().endsWith("198.51.100.7 is not blocked"), told);
      assertEquals(2, run("flush"));
      assertTrue(told.contains("--all"), told);
      assertEquals(0, run("prefer dewey"), told);
      assertEquals(0, run("status"), told);
      assertTrue(printed.contains("cluster1 imap: not used yet; dewey preferred"), printed);
      assertEquals(0, run("failback cluster1"), told);
      assertTrue(printed.contains("; dewey is not preferred any more; "), printed);
      assertEquals(0, run("failback cluster1"), told);
      assertFalse(printed.contains("preferred"), printed);
    }
  }

  @Test // B2.12, B2.26, B8.5
  @SuppressWarnings("try") // the programs are asked by commands
  void whatAnAdministratorDecidedHoldsOverARestartUntilItIsTakenBack() throws Exception {
    try (Program program = start()) {
      assertEquals(0, run("drain huey"), told);
      assertEquals(0, run("retire QWER"), told);
      assertEquals(0, run("prefer huey"), told);
      assertEquals(0, run("prefer dewey"), told);
      assertEquals(0, run("block 192.0.2.0/24 --for 1h"), told);
      assertEquals(0, run("block 192.0.2.0/24 --for 2h"), told);
      assertEquals(0, run("block Mallory@Example.com"), told);
      assertFalse(printed.contains("restart"), printed);
    }
    Path state = folder.resolve("state");
    assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(state)));
    Files.writeString(
        state, "blocked 2020-01-01T00:00:00Z carol@example.com\n", StandardOpenOption.APPEND);
    try (Program again = start()) {
      assertEquals(0, run("status"), told);
      assertTrue(printed.contains("drained"), printed);
      assertTrue(printed.contains("retired"), printed);
      assertEquals("dewey", first());
      assertEquals(0, run("blocks"), told);
      assertTrue(
          printed.matches("(?s)network  192\\.0\\.2\\.0/24 for another (1h 5.m|2h 0m)\\R.*"),
          printed);
      assertEquals("user     mallory@example.com", printed.lines().toList().get(1));
      assertEquals(2, printed.lines().count(), printed);
      assertFalse(Files.readString(state).contains("carol"), "it is over");
      assertEquals(0, run("undrain huey"), told);
      assertEquals(0, run("undrain qwer"), told);
      assertEquals(0, run("failback cluster1"), told);
      assertEquals(0, run("unblock 192.0.2.0/24"), told);
      assertEquals(0, run("unblock mallory@example.com --json"), told);
    }
    assertEquals(1, Files.readAllLines(state).size(), "nothing is left but its first line");
    try (Program third = start()) {
      assertEquals(0, run("status"), told);
      assertFalse(printed.contains("drained") || printed.contains("retired"), printed);
      assertEquals("huey", first());
      assertEquals(0, run("blocks"), told);
      assertEquals("nobody is blocked", printed.strip());
      assertTrue(third.live());
    }
  }

  @Test // B2.26, B8.5
  void whatCannotBeUsedOfTheStateFileIsPassedOverAndTheRestHolds() throws Exception {
    Files.writeString(
        folder.resolve("state"),
        """
        blocked soon bob@example.com
        blocked
        blocked - 198.51.100.0/24
        drained no/host
        preferred louie cluster2
        preferred cluster1
        retired huey
        retired dewey
        retired louie
        later-version this is kept
        """);
    try (Program program = start()) {
      assertEquals(0, run("blocks"), told);
      assertEquals("network  198.51.100.0/24", printed.strip());
      assertEquals(0, run("status"), told);
      assertEquals(2, printed.split("retired", -1).length - 1, printed);
      assertEquals(0, run("block eve@example.com"), told);
      assertTrue(program.live());
    }
    assertTrue(Files.readString(folder.resolve("state")).contains("later-version this is kept"));
  }

  @Test // B2.26
  void aReloadWantsRetiredHostsAgainAndKeepsDrainedOnesAway() throws Exception {
    try (Program program = start()) {
      assertEquals(0, run("drain huey"), told);
      assertEquals(0, run("retire dewey"), told);
      assertEquals(0, run("prefer louie"), told);
      assertEquals(List.of("dewey"), List.copyOf(program.retired()));
      program.become(ConfigReader.load(file("openmmp.limits.max-connections = 30")), false);
      assertEquals(List.of(), List.copyOf(program.retired()));
    }
    try (Program again = start()) {
      assertEquals(0, run("status"), told);
      assertTrue(printed.contains("drained"), printed);
      assertFalse(printed.contains("retired"), printed);
      assertTrue(again.live());
    }
  }

  private String first() {
    return server
        .rooms()
        .selector()
        .explain(
            server.rooms().now().table().named("cluster1").orElseThrow(),
            IMAP,
            ClientKind.WRITER,
            System.nanoTime())
        .get(0)
        .host()
        .name();
  }

  @Test // B2.27, B8.7
  void aRecoveryHoldsUntilItIsSwitchedOffAndOverARestart() throws Exception {
    try (Program program = start()) {
      assertEquals(Recovery.NONE, program.recovery());
      assertEquals(0, run("recovery CLUSTER1. on"), told);
      assertTrue(printed.startsWith("group cluster1 is in recovery: "), printed);
      assertEquals(0, run("recovery Example.COM on --json"), told);
      assertEquals(
          "{\"domain\":\"example.com\",\"recovery\":true,\"overRestart\":true}", printed.strip());
      assertEquals(0, run("status"), told);
      assertTrue(printed.contains("IN RECOVERY: domain example.com"), printed);
      assertTrue(printed.contains("cluster1 imap: not used yet; IN RECOVERY"), printed);
      assertFalse(printed.contains("cluster2 imap: not used yet; IN"), printed);
      String metrics = program.metrics(Set.of());
      assertTrue(metrics.contains("openmmp_group_recovery{group=\"cluster1\"} 1.0"), metrics);
      assertTrue(metrics.contains("openmmp_group_recovery{group=\"cluster2\"} 0.0"), metrics);
      assertTrue(metrics.contains("openmmp_recovery_domains 1.0"), metrics);
    }
    Recovery both = new Recovery(Set.of("cluster1"), Set.of("example.com"));
    try (Program again = start()) {
      assertEquals(both, again.recovery());
      again.become(ConfigReader.load(file("openmmp.recovery.groups = cluster2")), false);
      assertEquals(both.withGroup("cluster2", true), again.recovery());
      assertEquals(3, run("recovery cluster2 off"));
      assertTrue(told.contains("by openmmp.recovery of the configuration"), told);
      again.become(ConfigReader.load(file("")), false);
      assertEquals(both, again.recovery());
      assertEquals(0, run("recovery cluster1 off"), told);
      assertEquals("group cluster1 is not in recovery any more" + System.lineSeparator(), printed);
      assertEquals(3, run("recovery cluster1 off"));
      assertEquals(0, run("recovery @example.com off"), told);
    }
    try (Program third = start()) {
      assertEquals(Recovery.NONE, third.recovery());
    }
  }
}
