package org.openmmp.program;

import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
    name = "openmmp",
    description = "The open front end for mail stores that fail over.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.class,
    modelTransformer = Main.class,
    subcommands = {ExplainCommand.class, LintCommand.class},
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:done",
      "1:the command failed, or no front end answers",
      "2:the command line is wrong",
      "3:the running front end refuses, or nothing matches",
      "75:the start failed for a reason that may pass, such as a port in use",
      "78:the configuration, a certificate, a key or the installation is refused",
      "143:ended by SIGTERM"
    })
public final class Main implements IVersionProvider, IModelTransformer {
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

  /** Puts the commands of the running front end and of the launcher beside those above. */
  @Override
  public CommandSpec transform(CommandSpec model) {
    for (Class<?> group : List.of(OperatorCommands.class, LauncherCommands.class)) {
      for (Method each : CommandLine.getCommandMethods(group, null)) {
        CommandLine command = new CommandLine(each);
        model.addSubcommand(command.getCommandName(), command);
      }
    }
    return model;
  }

  /** The version that the launcher read off the jars. */
  @Override
  public String[] getVersion() {
    return new String[] {"openmmp " + System.getProperty("openmmp.version", "unknown")};
  }
}
