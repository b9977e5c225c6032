package org.openmmp.it.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.RunDirectory;

/** Every file under docker/ is read by the program that it is for, or by a linter of its kind. */
@Tag("real-servers")
final class DeploymentFilesTest {
  private static final Path DOCKER = Path.of("..", "docker").toAbsolutePath().normalize();
  private static final String LINTER = "/opt/openmmp-tests/node/node_modules/.bin/dockerfile-utils";

  /** What the units and their defaults name. */
  private static final List<String> TARGETS =
      List.of(
          "sysinit.target",
          "basic.target",
          "shutdown.target",
          "network-online.target",
          "nss-lookup.target");

  private RunDirectory run;

  @BeforeEach
  void open() {
    run = RunDirectory.of(DeploymentFilesTest.class);
  }

  @AfterEach
  void remove() {
    run.close();
  }

  static List<Path> dockerfiles() {
    return files("Dockerfile");
  }

  static List<Path> units() {
    return files(".service");
  }

  @ParameterizedTest
  @MethodSource("dockerfiles")
  void dockerfileHasNoFinding(Path file) {
    Command.Result result = Command.run(LINTER, "lint", file.toString()).succeeded();
    assertEquals("", result.output() + result.errors());
  }

  /** Every script of a shell in the project. */
  static List<Path> scripts() {
    Path project = Path.of("..").toAbsolutePath().normalize();
    return Stream.of(
            "openmmp",
            "it-tests/install-packages",
            "docker/debian/postinst",
            "docker/debian/prerm",
            "docker/debian/postrm",
            "docker/certificates/make-certificates",
            "docker/directory/run-directory",
            "docker/cluster/pacemaker/openmmp",
            "docker/cluster/vcs/online",
            "docker/cluster/vcs/offline",
            "docker/cluster/vcs/monitor",
            "docker/cluster/vcs/clean",
            "docker/cluster/clusterware/openmmp",
            "docker/cluster/solaris/register")
        .map(project::resolve)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void scriptHasNoFinding(Path script) {
    Command.Result result = Command.run("shellcheck", script.toString()).succeeded();
    assertEquals("", result.output() + result.errors());
  }

  @Test
  void compositionIsOfItsSchema() {
    Command.run("docker-compose", "-f", DOCKER.resolve("compose.yaml").toString(), "config", "-q")
        .succeeded();
  }

  @ParameterizedTest
  @MethodSource("units")
  void unitIsVerified(Path unit) {
    Path root = run.create("root");
    Path units = run.create("root/etc/systemd/system");
    RunDirectory.write(
        run.create("root/etc").resolve("passwd"), "openmmp:x:10143:10143::/:/bin/sh\n");
    RunDirectory.write(run.create("root/etc").resolve("group"), "openmmp:x:10143:\n");
    Path launcher = run.create("root/usr/bin").resolve("openmmp");
    RunDirectory.write(launcher, "#!/bin/sh\n");
    assertTrue(launcher.toFile().setExecutable(true));
    RunDirectory.write(units.resolve(unit.getFileName().toString()), text(unit));
    Path kill = run.create("root/bin").resolve("kill");
    RunDirectory.write(kill, "#!/bin/sh\n");
    assertTrue(kill.toFile().setExecutable(true));
    for (String known : TARGETS) {
      RunDirectory.write(units.resolve(known), "[Unit]\nDescription=" + known + "\n");
    }
    Command.Result result =
        Command.run(
                "systemd-analyze",
                "--root=" + root,
                "--man=no",
                "verify",
                "/etc/systemd/system/" + unit.getFileName().toString().replace("@.", "@a."))
            .succeeded();
    assertEquals("", result.errors());
  }

  @Test
  void unitsRunWhatIsInstalled() {
    for (Path unit : units()) {
      assertTrue(text(unit).contains("ExecStart=openmmp "), unit.toString());
    }
    assertTrue(
        text(DOCKER.resolve("Dockerfile")).contains("ENTRYPOINT [\"/opt/openmmp/openmmp\"]"));
  }

  @Test // B8.9
  void unitsAreToldHowTheProgramIsAndCountItsFailures() {
    for (Path unit : units()) {
      for (String line :
          List.of(
              "Type=notify",
              "WatchdogSec=30s",
              "StartLimitIntervalSec=600",
              "StartLimitBurst=3",
              "RestartPreventExitStatus=78")) {
        assertTrue(text(unit).contains("\n" + line + "\n"), unit + " lacks " + line);
      }
    }
  }

  private static List<Path> files(String ending) {
    try (Stream<Path> all = Files.walk(DOCKER)) {
      return all.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
