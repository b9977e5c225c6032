package org.openmmp.program;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.config.OpenMmpConfig;
import picocli.CommandLine.Option;

/** The option that names the configuration, and the way its mistakes are told. */
final class ConfigOption {
  @Option(
      names = {"-c", "--config"},
      required = true,
      paramLabel = "FILE",
      description = "configuration file (HOCON)")
  private @Nullable Path file;

  /** Reads it; on mistakes prints all of them and returns nothing (rule B7.1). */
  Optional<OpenMmpConfig> read(PrintWriter errors) {
    return read(errors, List.of());
  }

  /** The same for servers that are to be started, each of which clients must be able to reach. */
  Optional<OpenMmpConfig> read(PrintWriter errors, List<FrontEndProvider> servers) {
    if (file == null) {
      throw new IllegalStateException("a required option is missing");
    }
    try {
      OpenMmpConfig config = ConfigReader.load(file);
      List<String> problems = new ArrayList<>(DirectoryCheck.problems(config.directory()));
      problems.addAll(FrontEnds.withoutListeners(servers, config));
      return problems.isEmpty() ? Optional.of(config) : refused(problems, errors);
    } catch (BadConfigException bad) {
      return refused(bad.problems(), errors);
    }
  }

  private static Optional<OpenMmpConfig> refused(List<?> problems, PrintWriter errors) {
    problems.forEach(problem -> errors.println("openmmp: " + problem));
    errors.println("openmmp: the configuration is refused, nothing was started");
    errors.flush();
    return Optional.empty();
  }
}
