package org.openmmp.program;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.openmmp.admin.Explanation;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.text.AddressLiteral;
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
      "Prints entry, mail host, group and order of attempts for a login name, and why.",
      "Asks the running front end; if there is none, uses only the directory and the configuration."
    },
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:there is a host that a login would be tried at",
      "1:there is none",
      "2:the command line is wrong",
      "75:the running front end gave no answer",
      "78:the configuration is refused"
    })
final class ExplainCommand implements Callable<Integer> {
  private static final int NO_WAY = 1;
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

  @Option(
      names = "--client",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "address that the client comes from; default: ${DEFAULT-VALUE}")
  private String client = "127.0.0.1";

  @Option(names = "--json", description = "prints JSON")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter errors = spec.commandLine().getErr();
    if (!SERVICES.contains(service)) {
      throw new ParameterException(
          spec.commandLine(), "--service is one of " + String.join(", ", SERVICES));
    }
    if (AddressLiteral.parse(client) == null) {
      throw new ParameterException(spec.commandLine(), "--client is an address such as 192.0.2.7");
    }
    if (user.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "USER is empty");
    }
    Optional<OpenMmpConfig> read = config.readForAsking(errors);
    if (read.isEmpty()) {
      return StartStatus.EX_CONFIG;
    }
    try {
      Optional<String> page = new AdminClient(read.get().admin()).get(path());
      if (page.isPresent()) {
        source("from the front end that runs at " + read.get().admin().listen().orElseThrow());
        out.println(page.get().strip());
        return namesAHost(page.get()) ? 0 : NO_WAY;
      }
      source("no front end is running: from directory and configuration alone");
      Explanation explanation = Explainer.once(read.get(), user, service, client);
      out.println((json ? explanation.json() : explanation.text()).strip());
      return explanation.leadsToAHost() ? 0 : NO_WAY;
    } catch (IOException refused) {
      errors.println("openmmp: " + refused.getMessage());
      return StartStatus.EX_TEMPFAIL;
    }
  }

  /** Who explains; beside JSON only people are told. */
  private void source(String text) {
    (json ? spec.commandLine().getErr() : spec.commandLine().getOut()).println(text);
  }

  /** Whether a page has a first host in its order; what users chose cannot look like one there. */
  private boolean namesAHost(String page) {
    return json
        ? page.contains("\"usable\":true")
        : page.lines().anyMatch(line -> line.startsWith("  1. "));
  }

  private String path() {
    return "/api/v1/explain?format="
        + (json ? "json" : "text")
        + "&client="
        + URLEncoder.encode(client, StandardCharsets.UTF_8)
        + "&service="
        + URLEncoder.encode(service, StandardCharsets.UTF_8)
        + "&user="
        + URLEncoder.encode(user, StandardCharsets.UTF_8);
  }
}
