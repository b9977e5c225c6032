package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.DebianPackage;
import org.openmmp.it.fixture.Machine;
import org.openmmp.it.fixture.ReadyLine;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.fixture.ServerProcess;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;

/** The tarball and the Debian package: how they are made, and what becomes of a machine by them. */
@Tag("real-servers")
final class PackageTest {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final Path MADE = PROJECT.resolve("docker/target");
  private static final Duration BUILD_LIMIT = Duration.ofMinutes(20);
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int EVERY_MILLIS = 100;

  /** No Java starts with it, so that no start-up cache is made: the first installation shows it. */
  private static final Map<String, String> QUICK = Map.of("JAVA_TOOL_OPTIONS", "-XX:+NoSuchOption");

  private static final String NEXT = "99.0.0";
  private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)[)#]");

  @Test // B7.11
  void buildElsewhereGivesTheSameOctets() {
    try (RunDirectory run = RunDirectory.of(PackageTest.class)) {
      Path other = run.create("another").resolve("place");
      Command.run(
              "sh",
              "-c",
              "mkdir \"$1\" && cd \"$0\" && tar c --exclude=target --exclude=.git . | tar x -C"
                  + " \"$1\"",
              PROJECT.toString(),
              other.toString())
          .succeeded();
      Command.run(
              BUILD_LIMIT,
              Map.of(),
              "",
              List.of("nice", "-n", "5", other.resolve("openmmp").toString(), "package"))
          .succeeded();
      for (String pattern :
          List.of("openmmp-*.tar.gz", "openmmp_*_all.deb", "openmmp-*.cdx.json")) {
        assertEquals(
            -1,
            mismatch(
                DebianPackage.made(MADE, pattern),
                DebianPackage.made(other.resolve("docker/target"), pattern)),
            pattern);
      }
    }
  }

  @Test // B7.11
  void bothHaveTheLibrariesOfBothProcessorsAndAPageForEachCommand() {
    String tarball =
        Command.run("tar", "tzf", DebianPackage.made(MADE, "openmmp-*.tar.gz").toString())
            .succeeded()
            .output();
    String debian =
        Command.run("dpkg-deb", "-c", DebianPackage.made(MADE, "openmmp_*_all.deb").toString())
            .succeeded()
            .output();
    for (String content : List.of(tarball, debian)) {
      for (String library :
          List.of(
              "netty-transport-native-epoll-",
              "netty-transport-native-io_uring-",
              "netty-tcnative-boringssl-static-")) {
        for (String processor : List.of("x86_64", "aarch_64")) {
          assertTrue(
              content.matches(
                  "(?s).*/lib/" + library + "[^/\n]*-linux-" + processor + "\\.jar\n.*"),
              library + processor);
        }
      }
      for (String page : List.of("openmmp.1", "openmmp-drain.1", "openmmp-health.1")) {
        assertTrue(content.contains("/man1/" + page + "\n"), page);
      }
    }
    assertFalse(tarball.contains("start.aot"), "a cache of the machine that built");
  }

  @Test // B7.11
  void pagesLinkToFilesThatAreInBoth() throws IOException {
    try (RunDirectory run = RunDirectory.of(PackageTest.class)) {
      Path tarball = run.create("tarball");
      Command.run(
              "tar",
              "xzf",
              DebianPackage.made(MADE, "openmmp-*.tar.gz").toString(),
              "-C",
              tarball.toString())
          .succeeded();
      Path debian = run.create("debian");
      Command.run("dpkg-deb", "-x", DebianPackage.made().file().toString(), debian.toString())
          .succeeded();
      assertEquals(List.of(), brokenLinks(tarball));
      assertEquals(List.of(), brokenLinks(debian));
      assertTrue(
          Files.isExecutable(
              debian.resolve("usr/share/doc/openmmp/docker/cluster/pacemaker/openmmp")));
    }
  }

  private static List<String> brokenLinks(Path folder) throws IOException {
    List<String> broken = new ArrayList<>();
    int pages = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path page : files.filter(file -> file.toString().endsWith(".md")).toList()) {
        pages++;
        LINK.matcher(Files.readString(page))
            .results()
            .map((MatchResult link) -> link.group(1))
            .filter(link -> !Files.exists(page.resolveSibling(link)))
            .forEach(link -> broken.add(folder.relativize(page) + ": " + link));
      }
    }
    assertTrue(pages > 10);
    return broken;
  }

  // B7.11, B8.1
  @Test
  void debianPackageIsInstalledUpgradedUnderLoadTakenBackRemovedAndPurged() throws Exception {
    Place place = Place.of(1);
    try (LoginLoad load = new LoginLoad(4, LIMIT);
        RunDirectory run = RunDirectory.of(PackageTest.class);
        EmbeddedDirectory directory = EmbeddedDirectory.start();
        ScriptedStore store = new ScriptedStore(place.address(0), place.port(), new ImapScript());
        Machine machine = new Machine(run)) {
      directory.add(new DirectoryUser("amy", "example.test", AttackedProxy.passwordOf("amy"), "g"));
      Path shared = run.create("shared");
      String settings =
          place.group("g")
              + "openmmp.transport.reuse-port = on\n"
              + "openmmp.admin { listen = null, socket = \"/tmp/admin.sock\" }\n"
              + "openmmp.drain { lead = 3s, limit = 60s, spread = 1s }\n";
      Path configuration = AttackConfig.write(shared, directory.url(), settings);
      Path first = Files.copy(DebianPackage.made().file(), shared.resolve("first.deb"));
      String version = DebianPackage.made().version();

      install(machine, Map.of(), first);
      String told = succeeded(machine, "openmmp --version");
      assertTrue(told.startsWith("openmmp " + version + ", Java "), told);
      assertEquals(
          told.contains("Java 17 ") ? "" : "/usr/lib/openmmp/" + version + "/lib/start.aot\n",
          succeeded(machine, "find /usr/lib/openmmp -name start.aot"));
      assertEquals("750 root openmmp\n", succeeded(machine, "stat -c '%a %U %G' /etc/openmmp"));
      succeeded(machine, "test -e /usr/lib/systemd/system/openmmp.service");
      succeeded(
          machine,
          "bash -c '. /usr/share/bash-completion/completions/openmmp && complete -p openmmp'");

      try (ServerProcess old = serve(machine, run, "old", configuration)) {
        int port = Objects.requireNonNull(ReadyLine.awaitPorts(old).get("imap"));
        load.begin(port, EVERY_MILLIS);
        load.await(10);
        Path second = DebianPackage.made().under(NEXT, shared).file();
        assertTrue(install(machine, QUICK, second).contains("until it is restarted"));
        assertTrue(succeeded(machine, "openmmp --version").startsWith("openmmp " + NEXT + ","));
        load.await(10);
        Path samePort =
            Files.writeString(
                shared.resolve("next.conf"),
                "include required(\"openmmp.conf\")\nopenmmp.imap.listen = [\"127.0.0.1:"
                    + port
                    + "\"]\n");
        try (ServerProcess next = serve(machine, run, "next", samePort)) {
          ReadyLine.awaitPorts(next);
          succeeded(machine, "openmmp drain self --config " + configuration);
          Await.until(old::printed, LIMIT, () -> !old.isAlive());
          load.await(10);
          install(machine, QUICK, first);
          assertTrue(succeeded(machine, "openmmp --version").startsWith("openmmp " + version));
          load.await(10);
          assertTrue(next.isAlive());
          assertEquals(
              version + "\n" + NEXT + "\ncurrent\n", succeeded(machine, "ls /usr/lib/openmmp"));
          load.endWithoutAFailure();
        }
      }
      install(machine, QUICK, first);
      assertEquals(
          version + "\ncurrent\n", succeeded(machine, "ls /usr/lib/openmmp"), "nothing runs of it");

      succeeded(machine, "touch /etc/openmmp/openmmp.conf");
      succeeded(machine, "dpkg --remove openmmp");
      succeeded(machine, "test ! -e /usr/lib/openmmp && test ! -e /usr/bin/openmmp");
      succeeded(machine, "test -e /etc/openmmp/openmmp.conf && id openmmp");
      succeeded(machine, "dpkg --purge openmmp");
      succeeded(machine, "test ! -e /etc/openmmp && test ! -e /usr/share/openmmp && ! id openmmp");
      assertTrue(store.connections() > 0);
    }
  }

  private static ServerProcess serve(
      Machine machine, RunDirectory run, String name, Path configuration) {
    return machine.start(
        name,
        run.log(name),
        "openmmp",
        "env",
        "JAVA_OPTS=-Xmx256m",
        "openmmp",
        "proxy",
        "--config",
        configuration.toString());
  }

  private static String install(Machine machine, Map<String, String> environment, Path file) {
    return machine
        .run(
            environment,
            "DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends"
                + " --reinstall --allow-downgrades "
                + file)
        .succeeded()
        .output();
  }

  private static String succeeded(Machine machine, String command) {
    return machine.run(Map.of(), command).succeeded().output();
  }

  private static long mismatch(Path one, Path other) {
    try {
      return Files.mismatch(one, other);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
