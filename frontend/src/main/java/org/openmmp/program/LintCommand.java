package org.openmmp.program;

import com.github.benmanes.caffeine.cache.Ticker;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.openmmp.config.AvailabilityModel;
import org.openmmp.config.ConfigLint;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.ldap.LdapDirectory;
import org.openmmp.text.Json;
import org.openmmp.transport.ServerTls;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what is allowed in a configuration and yet unwise (rule B7.4). */
@Command(
    name = "lint",
    mixinStandardHelpOptions = true,
    description =
        "Checks a configuration and its replication groups; prints the group table's fingerprint.")
final class LintCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ConfigOption config = new ConfigOption();

  @Option(names = "--strict", description = "exit status 1 if there are findings")
  private boolean strict;

  @Option(names = "--json", description = "prints JSON")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
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
    String table = Routes.table(read.get()).fingerprint();
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
}
