package org.openmmp.program;

import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.openmmp.config.ConfigLint;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.wire.AddressLiteral;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Optional<OpenMmpConfig> read = config.read(spec.commandLine().getErr());
    if (read.isEmpty()) {
      return Main.EX_CONFIG;
    }
    read.get().notices().forEach(notice -> out.println("notice: " + notice));
    ConfigLint.findings(read.get()).forEach(finding -> out.println("finding: " + finding));
    DirectoryCheck.findings(read.get().directory())
        .forEach(finding -> out.println("finding: " + finding));
    unresolved(read.get()).forEach(host -> out.println("finding: " + host + " does not resolve"));
    out.println("group table " + Routes.table(read.get()).fingerprint());
    return 0;
  }

  private static Set<String> unresolved(OpenMmpConfig config) {
    Set<String> hosts = new TreeSet<>();
    for (GroupConfig group : config.groups()) {
      for (String host : group.hosts()) {
        if (!config.resolver().hosts().containsKey(host)
            && AddressLiteral.parse(host) == null
            && !resolves(host)) {
          hosts.add(host);
        }
      }
    }
    return hosts;
  }

  private static boolean resolves(String host) {
    try {
      return InetAddress.getAllByName(host).length > 0;
    } catch (UnknownHostException unknown) {
      return false;
    }
  }
}
