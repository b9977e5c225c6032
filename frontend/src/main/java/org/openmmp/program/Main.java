package org.openmmp.program;

import com.github.benmanes.caffeine.cache.Ticker;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.AvailabilityModel;
import org.openmmp.config.ConfigLint;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.imported.Migration;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.ldap.LdapDirectory;
import org.openmmp.text.Json;
import org.openmmp.transport.ServerTls;
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
    name = Main.NAME,
    description = "The open front end for mail stores that fail over.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.class,
    modelTransformer = Main.class,
    subcommands = ExplainCommand.class,
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
  static final String NAME = "openmmp";
  private static final Set<PosixFilePermission> OWNER_ALONE =
      PosixFilePermissions.fromString("rw-------");

  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] args) {
    int status = run(null, null, args);
    LogSetup.end();
    if (status != 0) {
      System.exit(status);
    }
  }

  /**
   * Runs one command and returns its exit status; a command that serves returns when it has ended.
   *
   * @param out null: standard output
   * @param errors null: standard error
   */
  public static int run(@Nullable PrintWriter out, @Nullable PrintWriter errors, String... args) {
    List<Method> server =
        args.length == 0 ? List.of() : CommandLine.getCommandMethods(Serving.class, args[0]);
    // A server starts without the other commands: to put all of them together takes its time.
    CommandLine line = new CommandLine(server.isEmpty() ? new Main() : server.get(0));
    line.setExpandAtFiles(false); // a word that begins with @ is a user's name
    line.setOut(SafeOutput.to(out == null ? line.getOut() : out));
    line.setErr(SafeOutput.to(errors == null ? line.getErr() : errors));
    if (server.isEmpty()) {
      return line.execute(args);
    }
    return line.setCommandName(NAME + ' ' + args[0])
        .execute(Arrays.copyOfRange(args, 1, args.length));
  }

  @Command(
      name = "import",
      mixinStandardHelpOptions = true,
      description =
          "Writes a configuration file out of another product's, and lists on standard error what"
              + " has no counterpart and why.")
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

  @Command(
      name = "lint",
      mixinStandardHelpOptions = true,
      description =
          "Checks a configuration and its replication groups; says what is unwise, and what takes"
              + " over in each group; prints the group table's fingerprint.")
  int lint(
      @Mixin ConfigOption config,
      @Option(names = "--strict", description = "exit status 1 if there are findings")
          boolean strict,
      @Option(names = "--json", description = "prints JSON") boolean json)
      throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Optional<OpenMmpConfig> read = config.read(spec.commandLine().getErr());
    if (read.isEmpty()) {
      return StartStatus.EX_CONFIG;
    }
    Optional<List<String>> cautions = cautions(read.get());
    if (cautions.isEmpty()) {
      return StartStatus.EX_CONFIG;
    }
    List<String> notices = read.get().notices().stream().map(String::valueOf).toList();
    List<String> findings = new ArrayList<>();
    findings.addAll(ConfigLint.findings(read.get()));
    findings.addAll(atDirectory(read.get()));
    findings.addAll(cautions.get());
    findings.addAll(new NameTrial().findings(read.get()));
    findings.addAll(atStores(read.get()));
    List<String> availability = AvailabilityModel.sentences(read.get());
    String table = read.get().table().fingerprint();
    if (json) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("notices", notices);
      tree.put("findings", findings);
      tree.put(
          "availability",
          AvailabilityModel.of(read.get()).entrySet().stream()
              .map(each -> Map.of("group", each.getKey(), "model", each.getValue().written()))
              .toList());
      tree.put("takeovers", availability);
      tree.put("fingerprint", table);
      out.println(Json.write(tree));
    } else {
      notices.forEach(notice -> out.println("notice: " + notice));
      findings.forEach(finding -> out.println("finding: " + finding));
      availability.forEach(line -> out.println("availability: " + line));
      out.println("group table " + table);
    }
    return strict && !findings.isEmpty() ? 1 : 0;
  }

  /** What is wrong with the directory's servers as they are now. */
  private static List<String> atDirectory(OpenMmpConfig read) {
    try (LdapDirectory directory =
        new LdapDirectory(read.directory(), DirectoryListener.NONE, Ticker.systemTicker())) {
      return directory.findings();
    }
  }

  private static List<String> atStores(OpenMmpConfig read) throws InterruptedException {
    List<String> findings = new ArrayList<>();
    for (FrontEndProvider server : FrontEnds.all()) {
      try {
        findings.addAll(server.findings(read));
      } catch (IOException unusable) {
        findings.add("the stores could not be asked: " + unusable.getMessage());
      }
    }
    return findings;
  }

  /** What will stop working; nothing if a certificate cannot be used, which was told then. */
  private Optional<List<String>> cautions(OpenMmpConfig read) {
    try {
      ServerTls.check(read.tls());
      return Optional.of(Cautions.of(read, Instant.now()));
    } catch (IOException unusable) {
      spec.commandLine().getErr().println("openmmp: openmmp.tls: " + unusable.getMessage());
      spec.commandLine().getErr().flush();
      return Optional.empty();
    }
  }

  /** Puts the commands of servers, of the running one and of the launcher beside those above. */
  @Override
  public CommandSpec transform(CommandSpec model) {
    for (Class<?> group : List.of(Serving.class, OperatorCommands.class, LauncherCommands.class)) {
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
