package org.openmmp.it.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.program.Main;

/** What the launcher starts, with which Java and which jars. */
final class LauncherTest {
  private static final String FRONT_END = "openmmp-frontend-1.2.3.jar";
  private static final String OTHER = "netty-common-4.2.18.Final.jar";

  private RunDirectory run;
  private Path jdk;

  @BeforeEach
  void open() {
    run = RunDirectory.of(LauncherTest.class);
    jdk = Installation.jdk(run.create("jdk-25"), "25.0.3");
  }

  @AfterEach
  void remove() {
    run.close();
  }

  private Installation installation() {
    return Installation.of(run.create("openmmp"), FRONT_END, OTHER);
  }

  // B7.6
  @Test
  void classPathHasTheListedJarsByTheirAbsoluteNamesAndNothingElse() {
    Installation installation = installation();
    RunDirectory.write(installation.home().resolve("lib/left-over-1.0.jar"), "");
    Path folder = run.create("strange");
    Command.Result called =
        installation.runIn(folder, Map.of("JAVA_HOME", jdk.toString()), "explain", "alice");
    String lib = installation.home().resolve("lib").toString();
    assertEquals(List.of(lib + "/" + FRONT_END, lib + "/" + OTHER), Installation.classPath(called));
    assertFalse(called.output().contains(folder.toString()), called.output());
  }

  // B7.6, B7.10
  @Test
  void demoIsOnItsOwnClassPathOnly() {
    Installation installation = installation();
    String lib = installation.home().resolve("lib").toString();
    List<String> servers = List.of(lib + "/" + FRONT_END, lib + "/" + OTHER);
    assertEquals(servers, Installation.classPath(installation.run(jdk, "all")));
    assertEquals(
        List.of(servers.get(0), servers.get(1), installation.demo().toString()),
        Installation.classPath(installation.run(jdk, "demo")));
  }

  // B7.6, B7.10
  @Test
  void installationWithoutTheDemoServesAndSaysWhatItHasNot() throws IOException {
    Installation installation = installation();
    Files.delete(installation.demo());
    Command.Result refused = installation.run(jdk, "demo");
    assertEquals(78, refused.status(), refused::toString);
    assertTrue(refused.errors().contains("there is no demo in"), refused.errors());
    assertTrue(
        installation.run(jdk, "train").errors().contains("no start-up cache was made"),
        "nobody to train with");
    assertFalse(Installation.hasCache(installation.run(jdk, "all")));
  }

  // B7.6
  @Test
  void launcherInAFolderBinFindsTheJarsBesideIt() throws IOException {
    Installation installation = installation();
    Path bin = run.create("openmmp/bin");
    Files.move(installation.home().resolve("openmmp"), bin.resolve("openmmp"));
    Command.Result called =
        Command.run(
            Map.of("JAVA_HOME", jdk.toString()),
            "",
            List.of(bin.resolve("openmmp").toString(), "lint"));
    assertEquals(
        installation.home().resolve("lib").resolve(FRONT_END).toString(),
        Installation.classPath(called.succeeded()).get(0));
  }

  // B7.6
  @Test
  void launcherThatIsCalledByALinkFindsItsOwnJars() throws IOException {
    Installation installation = installation();
    Path link =
        Files.createSymbolicLink(
            run.create("bin").resolve("openmmp"), installation.home().resolve("openmmp"));
    Command.Result called =
        Command.run(
            Map.of("JAVA_HOME", jdk.toString(), "CDPATH", "/:/tmp"),
            "",
            List.of(link.toString(), "lint"));
    assertEquals(
        installation.home().resolve("lib").resolve(FRONT_END).toString(),
        Installation.classPath(called.succeeded()).get(0));
  }

  // B7.6
  @Test
  void jarsWithoutAListAllCount() {
    Installation installation = Installation.withoutList(run.create("bare"), FRONT_END, OTHER);
    assertEquals(2, Installation.classPath(installation.run(jdk, "lint")).size());
  }

  // B7.6
  @Test
  void jarsWithoutAListAreRefusedIfOneIsThereInTwoVersions() {
    Installation installation =
        Installation.withoutList(
            run.create("mixed"),
            FRONT_END,
            "netty-transport-native-epoll-4.2.18.Final-linux-x86_64.jar",
            "netty-transport-native-epoll-4.2.19.Final-linux-x86_64.jar");
    Command.Result refused = installation.run(jdk, "lint");
    assertEquals(78, refused.status(), refused::toString);
    assertTrue(
        refused.errors().contains("two versions of netty-transport-native-epoll"),
        refused.errors());
  }

  // B7.6
  @Test
  void listedJarThatIsMissingIsRefusedByName() throws IOException {
    Installation installation = installation();
    Files.delete(installation.home().resolve("lib").resolve(OTHER));
    Command.Result refused = installation.run(jdk, "proxy");
    assertEquals(78, refused.status());
    assertTrue(refused.errors().contains(OTHER + " is missing"), refused.errors());
  }

  // B7.6
  @ParameterizedTest
  @ValueSource(strings = {"", "../other/evil.jar", "a:b.jar"})
  void lineThatNamesNoJarOfTheFolderIsRefused(String line) {
    Installation installation = installation();
    installation.list(FRONT_END, line, OTHER);
    Command.Result refused = installation.run(jdk, "lint");
    assertEquals(78, refused.status());
    assertTrue(refused.errors().contains("is not a list of jars"), refused.errors());
  }

  // B7.6
  @Test
  void folderWithAColonIsRefusedInsteadOfCutApart() {
    Installation installation = Installation.of(run.create("a:b"), FRONT_END);
    Command.Result refused = installation.run(jdk, "lint");
    assertEquals(78, refused.status());
    assertTrue(refused.errors().contains("colon"), refused.errors());
  }

  // B7.6
  @Test
  void cacheIsUsedWhereItWasMade() {
    Installation installation = installation();
    assertFalse(Installation.hasCache(installation.run(jdk, "lint")));
    installation.run(jdk, "train").succeeded();
    assertTrue(Installation.hasCache(installation.run(jdk, "lint")));
  }

  // B7.6
  @Test
  void eachJavaHasACacheOfItsOwn() {
    Installation installation = installation();
    Path older = Installation.jdk(run.create("jdk-17"), "17.0.15");
    installation.run(older, "train").succeeded();
    Command.Result called = installation.run(older, "lint").succeeded();
    String archive = "-XX:SharedArchiveFile=" + installation.home().resolve("lib/start.jsa");
    assertTrue(called.output().contains(archive + "\n-Xshare:auto\n"), called.output());
    assertFalse(Installation.hasCache(installation.run(jdk, "lint")));
    installation.run(jdk, "train").succeeded();
    assertTrue(installation.run(jdk, "lint").output().contains("-XX:AOTCache="));
    assertTrue(installation.run(older, "lint").output().contains(archive));
  }

  // B7.6
  @Test
  void cacheOfAnotherPlaceIsNotUsed() {
    Installation installation = installation();
    installation.run(jdk, "train").succeeded();
    Path copy = run.create("copies").resolve("there");
    Command.run("cp", "-a", installation.home().toString(), copy.toString()).succeeded();
    assertFalse(Installation.hasCache(new Installation(copy).run(jdk, "lint")));
    Path moved = run.create("moved").resolve("current");
    Command.run("mv", installation.home().toString(), moved.toString()).succeeded();
    Command.Result called = new Installation(moved).run(jdk, "lint");
    assertFalse(Installation.hasCache(called));
    assertEquals("", called.errors());
  }

  // B7.6
  @Test
  void cacheOfOtherJarsIsNotUsed() throws IOException {
    Installation installation = installation();
    installation.run(jdk, "train").succeeded();
    Path jar = installation.home().resolve("lib").resolve(OTHER);
    FileTime time = Files.getLastModifiedTime(jar);
    RunDirectory.write(jar, "another content of another size");
    Files.setLastModifiedTime(jar, time);
    assertFalse(Installation.hasCache(installation.run(jdk, "lint")), "another size");
    installation.run(jdk, "train").succeeded();
    Files.setLastModifiedTime(jar, FileTime.fromMillis(time.toMillis() - 5_000));
    assertFalse(Installation.hasCache(installation.run(jdk, "lint")), "another time");
    installation.run(jdk, "train").succeeded();
    RunDirectory.write(installation.home().resolve("lib/more-1.jar"), "");
    installation.list(FRONT_END, OTHER, "more-1.jar");
    assertFalse(Installation.hasCache(installation.run(jdk, "lint")), "one more");
  }

  // B7.6
  @Test
  void cacheOfAnotherJavaIsNotUsed() {
    Installation installation = installation();
    installation.run(jdk, "train").succeeded();
    Path other = Installation.jdk(run.create("jdk-other"), "25.0.3");
    assertFalse(Installation.hasCache(installation.run(other, "lint")), "another path");
    RunDirectory.write(jdk.resolve("release"), "JAVA_VERSION=\"25.0.4\"\n");
    assertFalse(Installation.hasCache(installation.run(jdk, "lint")), "upgraded in its place");
  }

  // B7.6
  @Test
  void cacheThatWasCutOffIsNotUsed() {
    Installation installation = installation();
    installation.run(jdk, "train").succeeded();
    RunDirectory.write(installation.home().resolve("lib/start.aot"), "");
    assertFalse(Installation.hasCache(installation.run(jdk, "lint")));
  }

  // B7.6
  @Test
  void javaHomeIsObeyedThoughANewerJavaIsThere() {
    Path older = Installation.jdk(run.create("jdk-17"), "17.0.15");
    Command.Result called =
        installation()
            .runIn(
                run.create("any"),
                Map.of(
                    "JAVA_HOME", older.toString(), "PATH", jdk.resolve("bin") + ":/usr/bin:/bin"),
                "lint");
    assertEquals(older.resolve("bin/java").toString(), called.output().lines().findFirst().get());
    assertFalse(called.output().contains("CompactObjectHeaders"), "an option of a newer Java");
  }

  // B7.6
  @Test
  void javaHomeThatIsTooOldIsNamedAndPassedOver() {
    Path older = Installation.jdk(run.create("jdk-11"), "11.0.2");
    Path newest = Installation.jdk(run.create("jdk-99"), "99.0.1");
    Command.Result called =
        installation()
            .runIn(
                run.create("any"),
                Map.of(
                    "JAVA_HOME",
                    older.toString(),
                    "PATH",
                    newest.resolve("bin") + ":/usr/bin:/bin"),
                "lint");
    assertEquals(newest.resolve("bin/java").toString(), called.output().lines().findFirst().get());
    assertTrue(called.errors().contains("JAVA_HOME, " + older + ", has no Java"), called.errors());
  }

  // B7.6
  @Test
  void versionIsThatOfTheJars() {
    String text = installation().run(jdk, "--version").succeeded().output();
    assertEquals("openmmp 1.2.3, Java 25 of " + jdk + "\n", text);
  }

  // B7.6, B7.11
  @Test
  void launcherKnowsEveryCommandOfTheProgramAndTheProgramItsOwn() {
    StringWriter help = new StringWriter();
    PrintWriter out = new PrintWriter(help, true);
    assertEquals(0, Main.run(out, out, "--help"));
    Set<String> program = commands(help.toString());
    Set<String> launcher = commands(installation().run(jdk, "help").succeeded().output());
    launcher.removeAll(Set.of("test", "bench", "build", "package", "help"));
    assertEquals(launcher, program);
    assertTrue(program.containsAll(Set.of("proxy", "drain", "health", "install")), help::toString);
  }

  private static Set<String> commands(String help) {
    return Pattern.compile("(?m)^  ([a-z][a-z-]*) ")
        .matcher(help)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  // B7.12
  @Test
  void memoryFollowsTheMachineAndTheClientsThatAreAllowed() throws IOException {
    Path folder = run.create("etc");
    long few = heapMib(folder, "limits.max-connections = 10\n");
    long byDefault = heapMib(folder, "# limits.max-connections = 1000000\n");
    long many = heapMib(folder, "limits { max-connections: 1000000 }\n");
    RunDirectory.write(folder.resolve("more.conf"), "\"max-connections\" = 1000000\n");
    long included = heapMib(folder, "include required(\"more.conf\")\n");
    assertTrue(few <= byDefault && byDefault <= many, few + " " + byDefault + " " + many);
    assertTrue(few > 0 && many <= 2 * few + 1, few + " " + many);
    assertEquals(many, included);
    long machineMib =
        Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemTotal:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum()
            / 1024;
    assertTrue(many <= machineMib / 2 + 1, many + " of " + machineMib);
  }

  // B7.12
  @Tag("real-servers")
  @ParameterizedTest
  @CsvSource({
    // The hierarchy of version 2; the group's own limit, or a narrower one above it.
    "0::/system.slice/openmmp.service, system.slice/openmmp.service/memory.max, 1073741824, 408",
    "0::/system.slice/openmmp.service, system.slice/memory.max, 1073741824, 408",
    "0::/, memory.max, 536870912, 256",
    "0::/openmmp, openmmp/memory.max, 4294967296, 1024",
    // Version 1.
    "4:memory:/docker/1, memory/docker/1/memory.limit_in_bytes, 1073741824, 408",
  })
  void controlGroupLeavesLess(String group, String file, long limit, long heapMib)
      throws IOException {
    Path groups = run.create("groups");
    Path limited = groups.resolve(file);
    Files.createDirectories(limited.getParent());
    RunDirectory.write(limited, limit + "\n");
    RunDirectory.write(groups.resolve("own"), group + "\n");
    String launcher = installation().home().resolve("openmmp").toString();
    String script =
        "mount --bind \"$1\" /sys/fs/cgroup; mount --bind \"$1/own\" /proc/$$/cgroup; exec \"$2\""
            + " all";
    List<String> called =
        Command.run(
                Map.of("JAVA_HOME", jdk.toString()),
                "",
                List.of("unshare", "-m", "bash", "-c", script, "it", groups.toString(), launcher))
            .succeeded()
            .output()
            .lines()
            .toList();
    assertTrue(called.contains("-Xmx" + heapMib + "m"), called::toString);
    long direct = limit / 4 / 1048576;
    assertTrue(called.contains("-XX:MaxDirectMemorySize=" + direct + "m"), called::toString);
  }

  private long heapMib(Path folder, String settings) {
    Path file = folder.resolve("openmmp.conf");
    RunDirectory.write(file, settings);
    List<String> called =
        installation()
            .run(jdk, "all", "--config", file.toString())
            .succeeded()
            .output()
            .lines()
            .toList();
    assertTrue(called.contains("-Dio.netty.leakDetection.level=disabled"), called::toString);
    assertTrue(called.stream().anyMatch(word -> word.startsWith("-XX:MaxDirectMemorySize=")));
    return called.stream()
        .filter(word -> word.matches("-Xmx[0-9]+m"))
        .mapToLong(word -> Long.parseLong(word.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  // B7.12
  @Test
  void collectorFollowsTheClientsThatAreAllowed() {
    Path folder = run.create("etc");
    RunDirectory.write(folder.resolve("few.conf"), "limits.max-connections = 20000\n");
    RunDirectory.write(folder.resolve("many.conf"), "limits.max-connections = 100000\n");
    assertTrue(served(folder, "few.conf", "").contains("-XX:+UseSerialGC\n-Xms32m\n"));
    String many = served(folder, "many.conf", "");
    assertTrue(many.contains("-XX:+UseG1GC\n"), many);
    assertTrue(many.contains("-XX:G1PeriodicGCInterval="), many);
    // Java refuses two collectors.
    String chosen = served(folder, "few.conf", "-XX:+UseParallelGC -Dx=y");
    assertTrue(chosen.contains("-XX:+UseParallelGC\n"), chosen);
    assertFalse(chosen.contains("SerialGC"), chosen);
  }

  private String served(Path folder, String file, String javaOptions) {
    Installation installation = installation();
    return installation
        .runIn(
            folder,
            Map.of("JAVA_HOME", jdk.toString(), "JAVA_OPTS", javaOptions),
            "all",
            "--config",
            folder.resolve(file).toString())
        .succeeded()
        .output();
  }

  // B7.12: an older Java may not know the option, and would not start
  @Test
  void whatJavaNeedsNoMoreGoesBackWhereItCan() {
    Path older = Installation.jdk(run.create("jdk-17"), "17.0.15");
    Installation installation = installation();
    String option = "-XX:TrimNativeHeapInterval=";
    assertTrue(installation.run(jdk, "all").succeeded().output().contains(option));
    assertFalse(installation.run(older, "all").succeeded().output().contains(option));
    assertFalse(installation.run(jdk, "status").succeeded().output().contains(option));
  }

  // B7.12
  @Test
  void whoAsksGetsNoMemoryOfAServer() {
    assertFalse(installation().run(jdk, "status").succeeded().output().contains("-Xmx"));
  }

  // B7.6
  @Test
  void commandThatIsNotThereIsRefusedWithoutAStart() {
    for (String wrong : List.of("drian", "Drain", "usage:", "drain ", "GROUP")) {
      Command.Result refused = installation().run(jdk, wrong);
      assertEquals(2, refused.status(), refused::toString);
      assertTrue(refused.errors().contains("there is no command '" + wrong + "'"), wrong);
    }
  }

  // B7.6
  @Test
  void launchersOwnCommandsExplainThemselvesAndDoNothing() {
    Installation installation = installation();
    for (String command : List.of("install", "train", "health", "agent", "demo", "version")) {
      List<String> called =
          installation.run(jdk, command, "--help").succeeded().output().lines().toList();
      assertEquals(
          List.of("org.openmmp.program.Main", command, "--help"),
          called.subList(called.size() - 3, called.size()));
    }
    assertFalse(Files.exists(installation.home().resolve("--help")));
  }

  // B7.6
  @Test
  void buildWithoutMavenSaysSoBeforeItSaysThatItBuilds() {
    Path checkout = run.create("checkout");
    Installation sources = Installation.withoutList(checkout);
    RunDirectory.write(run.create("checkout/docker").resolve("pom.xml"), "");
    RunDirectory.write(checkout.resolve("pom.xml"), "");
    run.create("checkout/it-tests/store-sim/src/main");
    RunDirectory.write(run.create("checkout/it-tests/store-sim").resolve("pom.xml"), "");
    run.create("checkout/repgroup/src/main");
    Path tools = run.create("tools");
    for (String tool : List.of("bash", "dirname", "readlink", "find", "sed", "sh", "env")) {
      link(tools, tool);
    }
    Command.Result refused = sources.runIn(checkout, Map.of("PATH", tools.toString()), "lint");
    assertEquals(1, refused.status(), refused::toString);
    assertTrue(refused.errors().contains("Maven is not installed"), refused.errors());
    assertTrue(refused.errors().contains("apt-get install maven"), refused.errors());
    assertFalse(refused.errors().contains("building"), refused.errors());
  }

  @ParameterizedTest
  @CsvSource({
    "NoSuchTest, there is no test class NoSuchTest",
    "../LauncherTest, '../LauncherTest' is no name of a test class",
    "'', is no name of a test class"
  })
  void testsThatAreNotThereAreRefusedByNameBeforeAnythingIsBuilt(String name, String why) {
    Command.Result refused = Command.run("../openmmp", "test", "--only", name);
    assertEquals(2, refused.status());
    assertTrue(refused.errors().contains(why), refused.errors());
  }

  private static void link(Path tools, String tool) {
    String found = Command.run("sh", "-c", "command -v " + tool).succeeded().output().strip();
    Command.run("ln", "-s", found, tools.resolve(tool).toString()).succeeded();
  }

  // B7.6
  @Test
  void upgradeLeavesTheJarsOfARunningProgramAlone() throws IOException {
    Path target = run.create("opt").resolve("openmmp");
    installation().run(jdk, "install", target.toString()).succeeded();
    Installation installed = new Installation(target.toRealPath());
    List<String> before = Installation.classPath(installed.run(jdk, "lint"));
    Installation.of(run.create("next"), "openmmp-frontend-1.3.0.jar", OTHER)
        .run(jdk, "install", target.toString())
        .succeeded();
    List<String> after = Installation.classPath(installed.run(jdk, "lint"));
    assertTrue(before.stream().allMatch(jar -> Files.exists(Path.of(jar))), before::toString);
    assertTrue(
        after.stream().noneMatch(before::contains) && after.get(0).contains("lib-1.3.0-"),
        after::toString);
    assertTrue(Installation.hasCache(installed.run(jdk, "lint")), "trained in its place");
    assertEquals(3, Installation.classPath(installed.run(jdk, "demo")).size(), "the demo is there");
    assertEquals("openmmp 1.3.0, Java 25 of " + jdk + "\n", installed.run(jdk, "version").output());
  }

  // B7.6
  @Test
  void installationIsNotPutOverAFolderThatAProgramMayRunOf() {
    Path target = run.create("old");
    Installation.of(target, "openmmp-frontend-1.0.0.jar");
    Command.Result refused = installation().run(jdk, "install", target.toString());
    assertEquals(1, refused.status());
    assertTrue(refused.errors().contains("is a folder and no link"), refused.errors());
    assertTrue(Files.exists(target.resolve("lib/openmmp-frontend-1.0.0.jar")));
  }

  // B8.2
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void healthKnowsAddressesOfBothKinds(String address) throws Exception {
    try (ServerSocket admin = new ServerSocket(0, 5, InetAddress.getByName(address))) {
      Thread answering = new Thread(() -> answer(admin));
      answering.start();
      String at =
          (address.contains(":") ? "[" + address + "]" : address) + ":" + admin.getLocalPort();
      Command.Result result = installation().run(jdk, "health", at);
      answering.join();
      assertEquals(0, result.status(), result::toString);
    }
  }

  private static void answer(ServerSocket admin) {
    try (Socket caller = admin.accept()) {
      assertTrue(caller.getInputStream().read() >= 0);
      caller.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  // B8.2
  @Test
  void frontEndThatClosesWithoutAnAnswerIsNotHealthy() throws Exception {
    try (ServerSocket admin = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread closing =
          new Thread(
              () -> {
                try {
                  admin.accept().close();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      closing.start();
      Command.Result result =
          installation().run(jdk, "health", "127.0.0.1:" + admin.getLocalPort());
      closing.join();
      assertEquals(1, result.status(), result::toString);
      assertTrue(result.errors().contains("gives no answer"), result.errors());
    }
  }

  // B8.2
  @ParameterizedTest
  @ValueSource(strings = {"::1:9080", "localhost", ":9080", "[::1]", "localhost:http"})
  void healthRefusesWhatIsNoAddress(String text) {
    Command.Result refused = installation().run(jdk, "health", text);
    assertEquals(2, refused.status(), refused::toString);
    assertTrue(refused.errors().contains("is no HOST:PORT"), refused.errors());
  }
}
