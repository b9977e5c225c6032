package org.openmmp.program;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.imported.Migration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
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
  private static final Set<PosixFilePermission> OWNER_ALONE =
      PosixFilePermissions.fromString("rw-------");

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

  @Command(
      name = "import",
      mixinStandardHelpOptions = true,
      description =
          "Writes a configuration file out of another product's, and lists on standard error what has"
              + " no counterpart and why.")
  int importFrom(
      @Parameters(paramLabel = "FROM", description = "mmp, dovecot, nginx or perdition")
          String product,
      @Parameters(paramLabel = "FILES", arity = "1..*", description = "its configuration files")
          List<Path> files,
      @Option(
              names = "--to",
              paramLabel = "FILE",
              description = "a new file; default: standard output")
          @Nullable Path target) {
    CommandLine line = spec.commandLine();
    if (!Migration.products().contains(product)) {
      line.getErr().println("openmmp: import from one of " + Migration.products());
      return CommandLine.ExitCode.USAGE;
    }
    Map<String, String> texts = new LinkedHashMap<>();
    try {
      for (Path file : files) {
        texts.put(file.toString(), Files.readString(file));
      }
      Migration migration = Migration.of(product, texts);
      String hocon = migration.hocon(String.join(", ", texts.keySet()));
      if (target == null) {
        line.getOut().print(hocon);
        line.getOut().flush();
      } else {
        Files.createFile(target, PosixFilePermissions.asFileAttribute(OWNER_ALONE));
        Files.writeString(target, hocon);
      }
      migration.leftOut().forEach(each -> line.getErr().println("not taken over: " + each));
      line.getErr().flush();
      return migration.isEmpty() ? 1 : 0;
    } catch (FileAlreadyExistsException there) {
      line.getErr()
          .println(
              "openmmp: " + there.getMessage() + " is there, and stays as it is: name a new file");
      return CommandLine.ExitCode.USAGE;
    } catch (NoSuchFileException absent) {
      line.getErr().println("openmmp: there is no " + absent.getMessage());
      return CommandLine.ExitCode.USAGE;
    } catch (IOException unusable) {
      line.getErr().println("openmmp: cannot be read or written: " + unusable);
      return CommandLine.ExitCode.USAGE;
    }
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
