package org.openmmp.program;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The commands that the launcher runs without this program, so that help, man pages and completion
 * know them too.
 */
final class LauncherCommands {
  private LauncherCommands() {}

  @Command(
      name = "demo",
      mixinStandardHelpOptions = true,
      description =
          "Runs a directory, six stores, the proxy and the relay in one process, with a prompt.")
  static int demo(
      @Option(
              names = "--script",
              paramLabel = "FILE",
              description = "commands to run instead of a prompt")
          String script) {
    return atLauncher();
  }

  @Command(
      name = "health",
      mixinStandardHelpOptions = true,
      description = "Tells by its exit status whether a front end is alive.")
  static int health(
      @Parameters(
              paramLabel = "HOST:PORT",
              arity = "0..1",
              defaultValue = "127.0.0.1:9080",
              description = "its admin listener; default: ${DEFAULT-VALUE}")
          String address) {
    return atLauncher();
  }

  @Command(
      name = "install",
      mixinStandardHelpOptions = true,
      description =
          "Installs the program in a directory, or upgrades it there; what runs keeps running.")
  static int install(
      @Parameters(paramLabel = "DIRECTORY", description = "such as /opt/openmmp")
          String directory) {
    return atLauncher();
  }

  @Command(
      name = "train",
      mixinStandardHelpOptions = true,
      description =
          "Makes the cache that shortens later starts, for this machine's Java, version 25 or"
              + " newer.")
  static int train() {
    return atLauncher();
  }

  @Command(
      name = "version",
      mixinStandardHelpOptions = true,
      description = "Prints the version, and the Java that the program runs on.")
  static int version() {
    return atLauncher();
  }

  private static int atLauncher() {
    throw new IllegalStateException("the launcher runs this command: call openmmp");
  }
}
