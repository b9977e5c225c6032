package org.openmmp.program;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.openmmp.config.ConfigLint;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.transport.ServerTls;
import org.openmmp.wire.AddressLiteral;
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
  private static final Duration SOON = Duration.ofDays(30);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ConfigOption config = new ConfigOption();

  @Option(names = "--strict", description = "exit status 1 if there are findings")
  private boolean strict;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Optional<OpenMmpConfig> read = config.read(spec.commandLine().getErr());
    if (read.isEmpty()) {
      return StartStatus.EX_CONFIG;
    }
    Optional<List<String>> certificates = certificates(read.get().tls());
    if (certificates.isEmpty()) {
      return StartStatus.EX_CONFIG;
    }
    read.get().notices().forEach(notice -> out.println("notice: " + notice));
    List<String> findings = new ArrayList<>();
    ConfigLint.findings(read.get()).forEach(finding -> findings.add(finding.toString()));
    DirectoryCheck.findings(read.get().directory())
        .forEach(finding -> findings.add(finding.toString()));
    findings.addAll(certificates.get());
    unresolved(read.get()).forEach(host -> findings.add(host + " does not resolve"));
    findings.forEach(finding -> out.println("finding: " + finding));
    out.println("group table " + Routes.table(read.get()).fingerprint());
    return strict && !findings.isEmpty() ? 1 : 0;
  }

  /** What is unwise about the certificates; nothing if one cannot be used, which was told then. */
  private Optional<List<String>> certificates(ServerTlsConfig tls) {
    List<String> findings = new ArrayList<>();
    try {
      ServerTls.check(tls);
      Instant now = Instant.now();
      ServerTls.ends(tls)
          .forEach(
              (file, end) -> {
                if (end.isBefore(now)) {
                  findings.add("openmmp.tls: the certificate " + file + " ended at " + end);
                } else if (end.isBefore(now.plus(SOON))) {
                  findings.add("openmmp.tls: the certificate " + file + " ends soon, at " + end);
                }
              });
      return Optional.of(findings);
    } catch (IOException unusable) {
      spec.commandLine().getErr().println("openmmp: openmmp.tls: " + unusable.getMessage());
      spec.commandLine().getErr().flush();
      return Optional.empty();
    }
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
