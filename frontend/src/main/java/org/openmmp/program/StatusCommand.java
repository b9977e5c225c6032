package org.openmmp.program;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.openmmp.config.OpenMmpConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints who is master of each group and how each host is (rule B8.3). */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description =
        "Prints the state of each directory server, each group's master, since when and why, and"
            + " the state of each host, as the running front end sees them.",
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:the table was printed",
      "1:no front end answers, or it refuses to",
      "2:the command line is wrong",
      "78:the configuration is refused"
    })
final class StatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ConfigOption config = new ConfigOption();

  @Option(names = "--json", description = "prints JSON")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter errors = spec.commandLine().getErr();
    Optional<OpenMmpConfig> read = config.readForAsking(errors);
    if (read.isEmpty()) {
      return StartStatus.EX_CONFIG;
    }
    try {
      Optional<String> page =
          new AdminClient(read.get().admin())
              .get("/api/v1/groups?format=" + (json ? "json" : "text"));
      if (page.isEmpty()) {
        errors.println(
            read.get()
                .admin()
                .listen()
                .map(at -> "openmmp: no front end answers at " + at + " (openmmp.admin.listen)")
                .orElse("openmmp: openmmp.admin.listen is null, so no front end can be asked"));
        return 1;
      }
      spec.commandLine().getOut().println(page.get().strip());
      return 0;
    } catch (IOException refused) {
      errors.println("openmmp: " + refused.getMessage());
      return 1;
    }
  }
}
