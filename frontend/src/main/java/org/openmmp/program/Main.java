package org.openmmp.program;

import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
    name = "openmmp",
    description = "The open front end for mail stores that fail over.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {ExplainCommand.class, LintCommand.class})
public final class Main {
  private static final String PROXY = "proxy";
  private static final String RELAY = "relay";

  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] args) {
    int status = commandLine(null, null).execute(args);
    LogSetup.end();
    if (status != 0) {
      System.exit(status);
    }
  }

  /**
   * Runs one command and returns its exit status; a command that serves returns when it has ended.
   */
  public static int run(PrintWriter out, PrintWriter errors, String... args) {
    return commandLine(out, errors).execute(args);
  }

  /** A word that begins with @ is a user's name, not a file of words. */
  private static CommandLine commandLine(@Nullable PrintWriter out, @Nullable PrintWriter errors) {
    CommandLine line = new CommandLine(new Main());
    for (Method each : CommandLine.getCommandMethods(OperatorCommands.class, null)) {
      line.addSubcommand(each);
    }
    line.setExpandAtFiles(false);
    return line.setOut(SafeOutput.to(out == null ? line.getOut() : out))
        .setErr(SafeOutput.to(errors == null ? line.getErr() : errors));
  }

  @Command(
      name = PROXY,
      mixinStandardHelpOptions = true,
      description =
          "Runs the proxy for mail clients until SIGTERM, then lets sessions end within the drain"
              + " limit.")
  int proxy(@Mixin ConfigOption config) throws InterruptedException {
    return serve(config, Set.of(PROXY));
  }

  @Command(
      name = RELAY,
      mixinStandardHelpOptions = true,
      description =
          "Runs the LMTP relay for the delivering side until SIGTERM, then lets transactions end"
              + " within the drain limit.")
  int relay(@Mixin ConfigOption config) throws InterruptedException {
    return serve(config, Set.of(RELAY));
  }

  @Command(
      name = "all",
      mixinStandardHelpOptions = true,
      description =
          "Runs proxy and relay in one process; they share what they learn about the stores.")
  int all(@Mixin ConfigOption config) throws InterruptedException {
    return serve(config, Set.of(PROXY, RELAY));
  }

  private int serve(ConfigOption config, Set<String> servers) throws InterruptedException {
    CommandLine line = spec.commandLine();
    return new Serving(line.getOut(), line.getErr()).run(servers, config);
  }

  /** The version that the launcher read off the jars. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"openmmp " + System.getProperty("openmmp.version", "unknown")};
    }
  }
}
