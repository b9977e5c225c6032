package org.openmmp.it.deploy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.RunDirectory;

/**
 * The launcher in a folder of its own, with jars that are only names and Javas that print how they
 * are called, a word on each line.
 */
record Installation(Path home) {
  /** What the launcher looks for besides, so that no Java of the machine is taken. */
  private static final String PATH = "/usr/bin:/bin";

  private static final String DEMO = "demo/openmmp-store-sim-1.2.3.jar";

  private static final Path LAUNCHER = Path.of("..", "openmmp").toAbsolutePath().normalize();

  /** The launcher, and a folder {@code lib} with these jars, a list of them, and the demo. */
  static Installation of(Path home, String... jars) {
    Installation made = withoutList(home, jars);
    made.list(jars);
    return made;
  }

  /** The same without a list. */
  static Installation withoutList(Path home, String... jars) {
    try {
      Files.createDirectories(home.resolve("lib"));
      Files.copy(
          LAUNCHER,
          home.resolve("openmmp"),
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.COPY_ATTRIBUTES);
      Files.createDirectories(home.resolve("lib/demo"));
      RunDirectory.write(home.resolve("lib").resolve(DEMO), "the demo");
      for (String jar : jars) {
        RunDirectory.write(home.resolve("lib").resolve(jar), jar);
      }
      return new Installation(home.toRealPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The demo's jar, which belongs to no server. */
  Path demo() {
    return home.resolve("lib").resolve(DEMO);
  }

  /** Writes the list of jars. */
  void list(String... jars) {
    RunDirectory.write(home.resolve("lib/class-path"), String.join("\n", jars) + "\n");
  }

  /** A JDK of that version whose {@code java} makes a cache when it is asked to. */
  static Path jdk(Path home, String version) {
    try {
      Path bin = Files.createDirectories(home.resolve("bin"));
      RunDirectory.write(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
      Path java = bin.resolve("java");
      RunDirectory.write(
          java,
          """
          #!/bin/sh
          for word in "$@"; do
            case $word in
              -XX:AOTCacheOutput=* | -XX:ArchiveClassesAtExit=*) echo cache > "${word#*=}" ;;
            esac
          done
          printf '%s\\n' "$0" "$@"
          """);
      assertTrue(java.toFile().setExecutable(true));
      return home;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs the launcher with that Java. */
  Command.Result run(Path jdk, String... words) {
    return runIn(home, Map.of("JAVA_HOME", jdk.toString()), words);
  }

  /** Runs the launcher while one stands in a folder. */
  Command.Result runIn(Path folder, Map<String, String> environment, String... words) {
    Map<String, String> all = new TreeMap<>(environment);
    all.putIfAbsent("PATH", PATH);
    List<String> command =
        new ArrayList<>(
            List.of(
                "/bin/sh",
                "-c",
                "cd \"$0\" && exec \"$@\"",
                folder.toString(),
                home.resolve("openmmp").toString()));
    command.addAll(List.of(words));
    return Command.run(all, "", command);
  }

  /** The class path that a Java was called with, element by element. */
  static List<String> classPath(Command.Result called) {
    List<String> words = called.output().lines().toList();
    int at = words.indexOf("-cp");
    assertTrue(at >= 0, called::toString);
    return List.of(words.get(at + 1).split(":", -1));
  }

  /** Whether a Java was called with a start-up cache. */
  static boolean hasCache(Command.Result called) {
    return called.succeeded().output().contains("-XX:AOTCache=")
        || called.output().contains("-XX:SharedArchiveFile=");
  }
}
