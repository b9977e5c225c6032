package org.openmmp.program;

import com.github.benmanes.caffeine.cache.Ticker;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.ldap.DirectoryConfig;
import org.openmmp.directory.ldap.LdapDirectory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The option that names the configuration, and the way its mistakes are told. */
final class ConfigOption {
  @Option(
      names = {"-c", "--config"},
      required = true,
      paramLabel = "FILE",
      description = "configuration file (HOCON)")
  private @Nullable Path file;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  /** The command that has this option. */
  CommandLine command() {
    return command.commandLine();
  }

  /** Reads it; on mistakes prints all of them and returns nothing (rule B7.1). */
  Optional<OpenMmpConfig> read(PrintWriter errors) {
    return read(errors, List.of());
  }

  /** The same for a command that asks the server, which need not read its keys (rule B8.4). */
  Optional<OpenMmpConfig> readForAsking(PrintWriter errors) {
    try {
      OpenMmpConfig config = ConfigReader.loadForAsking(file());
      List<String> problems = unusable(config.directory());
      return problems.isEmpty() ? Optional.of(config) : refused(problems, errors);
    } catch (BadConfigException bad) {
      return refused(bad.problems(), errors);
    }
  }

  /** The same for servers that are to be started, each of which clients must be able to reach. */
  Optional<OpenMmpConfig> read(PrintWriter errors, List<FrontEndProvider> servers) {
    List<String> problems = new ArrayList<>();
    Optional<OpenMmpConfig> read = readAgain(servers, problems::add);
    return read.isPresent() ? read : refused(problems, errors);
  }

  /** The same for servers that run; every mistake is told. */
  Optional<OpenMmpConfig> readAgain(List<FrontEndProvider> servers, Consumer<String> mistakes) {
    try {
      OpenMmpConfig config = ConfigReader.load(file());
      List<String> problems = new ArrayList<>(unusable(config.directory()));
      problems.addAll(FrontEnds.withoutListeners(servers, config));
      problems.addAll(FrontEnds.sharingPorts(servers, config));
      problems.forEach(mistakes);
      return problems.isEmpty() ? Optional.of(config) : Optional.empty();
    } catch (BadConfigException bad) {
      bad.problems().forEach(problem -> mistakes.accept(problem.toString()));
      return Optional.empty();
    }
  }

  /** What the directory cannot use of its configuration; it is asked before anything is started. */
  private static List<String> unusable(DirectoryConfig config) {
    try {
      new LdapDirectory(config, DirectoryListener.NONE, Ticker.systemTicker()).close();
      return List.of();
    } catch (IllegalArgumentException refused) {
      return List.of("openmmp.directory: " + refused.getMessage());
    }
  }

  private Path file() {
    if (file == null) {
      throw new IllegalStateException("a required option is missing");
    }
    return file;
  }

  private static Optional<OpenMmpConfig> refused(List<?> problems, PrintWriter errors) {
    problems.forEach(problem -> errors.println("openmmp: " + problem));
    errors.println("openmmp: the configuration is refused");
    errors.flush();
    return Optional.empty();
  }
}
