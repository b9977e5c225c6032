package org.openmmp.program;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.openmmp.config.OpenMmpConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says where a login would go, and why, without a password (rule B8.4). */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "Says entry, mail host, group and order of attempts for a login name, and why.",
      "Asks the running front end; if there is none, the directory and the configuration alone."
    })
final class ExplainCommand implements Callable<Integer> {
  private static final List<String> SERVICES = List.of("imap", "pop3", "lmtp");

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ConfigOption config = new ConfigOption();

  @Parameters(paramLabel = "USER", description = "login name, as a client would type it")
  private String user = "";

  @Option(
      names = "--service",
      paramLabel = "SERVICE",
      defaultValue = "imap",
      description = "imap, pop3 or lmtp; default: ${DEFAULT-VALUE}")
  private String service = "imap";

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter errors = spec.commandLine().getErr();
    if (!SERVICES.contains(service)) {
      throw new ParameterException(
          spec.commandLine(), "--service is one of " + String.join(", ", SERVICES));
    }
    Optional<OpenMmpConfig> read = config.readForAsking(errors);
    if (read.isEmpty()) {
      return StartStatus.EX_CONFIG;
    }
    try {
      Optional<String> page = new AdminClient(read.get().admin()).get(path());
      if (page.isPresent()) {
        out.println("from the front end that runs at " + read.get().admin().listen().orElseThrow());
        out.println(page.get().strip());
        return 0;
      }
      out.println("no front end is running: from directory and configuration alone");
      out.println(Explainer.once(read.get(), user, service).text());
      return 0;
    } catch (IOException refused) {
      errors.println("openmmp: " + refused.getMessage());
      return 1;
    }
  }

  private String path() {
    return "/api/v1/explain?format=text&service="
        + URLEncoder.encode(service, StandardCharsets.UTF_8)
        + "&user="
        + URLEncoder.encode(user, StandardCharsets.UTF_8);
  }
}
