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
      @Option(names = "--ready", description = "whether it takes new clients, too") boolean ready,
      @Parameters(
              paramLabel = "HOST:PORT",
              arity = "0..1",
              defaultValue = "127.0.0.1:9080",
              description = "its admin listener; default: ${DEFAULT-VALUE}")
          String address) {
    return atLauncher();
  }

  @Command(
      name = "agent",
      mixinStandardHelpOptions = true,
      description =
          "Starts, stops, looks at or kills a front end for a cluster's manager, and ends with the"
              + " exit status that the manager understands.")
  static int agent(
      @Parameters(paramLabel = "ACTION", description = "start, stop, monitor or clean")
          String action,
      @Option(
              names = "--for",
              paramLabel = "MANAGER",
              defaultValue = "ocf",
              description =
                  "ocf (Pacemaker), vcs (Veritas), crs (Oracle Clusterware), gds (Solaris Cluster);"
                      + " default: ${DEFAULT-VALUE}")
          String manager,
      @Option(
              names = "--config",
              required = true,
              paramLabel = "FILE",
              description = "configuration file (HOCON)")
          String config,
      @Option(
              names = "--run",
              paramLabel = "DIRECTORY",
              defaultValue = "/run/openmmp",
              description = "for the process' number and its log; default: ${DEFAULT-VALUE}")
          String run,
      @Option(
              names = "--admin",
              paramLabel = "HOST:PORT",
              defaultValue = "127.0.0.1:9080",
              description = "its admin listener; default: ${DEFAULT-VALUE}")
          String admin,
      @Option(
              names = "--role",
              paramLabel = "ROLE",
              defaultValue = "all",
              description = "all, proxy or relay; default: ${DEFAULT-VALUE}")
          String role,
      @Option(
              names = "--limit",
              paramLabel = "SECONDS",
              defaultValue = "5",
              description = "for an answer to the monitor; default: ${DEFAULT-VALUE}")
          int limit) {
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
      description = "Makes the cache that shortens later starts of this machine's Java.")
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
