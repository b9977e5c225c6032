package org.openmmp.program;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options that say which sessions are meant: those of whom all are true. */
final class SessionSelectors {
  private final Map<String, String> given = new LinkedHashMap<>();

  /** A copy of those that were given, by the names of the page's parameters. */
  Map<String, String> parameters() {
    return new LinkedHashMap<>(given);
  }

  @Option(names = "--user", paramLabel = "NAME", description = "of that login name")
  void user(String name) {
    given.put("user", name);
  }

  @Option(names = "--group", paramLabel = "GROUP", description = "at that group")
  void group(String name) {
    given.put("group", name);
  }

  @Option(names = "--host", paramLabel = "HOST", description = "at that host")
  void host(String name) {
    given.put("host", name);
  }

  @Option(
      names = "--network",
      paramLabel = "NETWORK",
      description = "of clients in that network, such as 192.0.2.0/24")
  void network(String network) {
    given.put("network", network);
  }

  @Option(names = "--service", paramLabel = "SERVICE", description = "imap, pop3 or lmtp")
  void service(String name) {
    given.put("service", name);
  }

  @Option(
      names = "--older",
      paramLabel = "TIME",
      description = "that began longer ago, such as 30s or 2h")
  void older(String time) {
    given.put("older", time);
  }

  @Option(names = "--session", paramLabel = "ID", description = "of that name in the log")
  void session(String id) {
    given.put("session", id);
  }
}
