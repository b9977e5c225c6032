package org.openmmp.program;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    description = {
      "Prints entry, mail host, group and order of attempts for a login name, and why.",
      "Asks the running front end; if there is none, uses only the directory and the configuration."
    },
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:there is a host that a login would be tried at",
      "1:the running front end gave no answer",
      "2:the command line is wrong",
      "3:there is no host, or the front end refuses to answer",
      "78:the configuration is refused"
    })
final class ExplainCommand implements Callable<Integer> {
  static final List<String> SERVICES = List.of("imap", "pop3", "lmtp");

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private AdminDoor door = new AdminDoor();

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

  @Override
  public Integer call() {
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
    Optional<OpenMmpConfig> read = door.configuration();
    if (read.isEmpty()) {
      return StartStatus.EX_CONFIG;
    }
    try {
      Optional<AdminClient.Reply> reply = door.ask(read.get().admin(), "/api/v1/explain", asked());
      if (reply.isPresent()) {
        return tell(reply.get());
      }
      source("no front end is running: from directory and configuration alone");
      Explanation explanation = Explainer.once(read.get(), user, service, client);
      door.out().println((door.json() ? explanation.json() : explanation.text()).strip());
      return explanation.leadsToAHost() ? 0 : AdminDoor.REFUSED;
    } catch (IOException silent) {
      door.errors().println("openmmp: " + silent.getMessage());
      return AdminDoor.NOBODY;
    }
  }

  private int tell(AdminClient.Reply reply) {
    boolean answered = reply.status() == 200;
    if (answered) {
      source("from the front end that runs at " + reply.from());
    }
    int status = door.print(reply);
    return answered && !namesAHost(reply.body()) ? AdminDoor.REFUSED : status;
  }

  /** Who explains; beside JSON only people are told. */
  private void source(String text) {
    (door.json() ? door.errors() : door.out()).println(text);
  }

  /** Whether a page has a first host in its order; what users chose cannot look like one there. */
  private boolean namesAHost(String page) {
    return door.json()
        ? page.contains("\"usable\":true")
        : page.lines().anyMatch(line -> line.startsWith("  1. "));
  }

  private Map<String, String> asked() {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("client", client);
    parameters.put("service", service);
    parameters.put("user", user);
    return parameters;
  }
}
