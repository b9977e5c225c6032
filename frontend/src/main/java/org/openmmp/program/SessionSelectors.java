package org.openmmp.program;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options that say which sessions are meant: those of whom all are true. They are fields, for
 * those are listed as they stand here; methods come in whatever order the Java machine likes, and
 * with it the completion script that is packaged.
 */
final class SessionSelectors {
  @Option(names = "--user", paramLabel = "NAME", description = "of that login name")
  private @Nullable String user;

  @Option(names = "--group", paramLabel = "GROUP", description = "at that group")
  private @Nullable String group;

  @Option(names = "--host", paramLabel = "HOST", description = "at that host")
  private @Nullable String host;

  @Option(
      names = "--network",
      paramLabel = "NETWORK",
      description = "of clients in that network, such as 192.0.2.0/24")
  private @Nullable String network;

  @Option(names = "--service", paramLabel = "SERVICE", description = "imap, pop3 or lmtp")
  private @Nullable String service;

  @Option(
      names = "--older",
      paramLabel = "TIME",
      description = "that began longer ago, such as 30s or 2h")
  private @Nullable String older;

  @Option(names = "--session", paramLabel = "ID", description = "of that name in the log")
  private @Nullable String session;

  /** A copy of those that were given, by the names of the page's parameters. */
  Map<String, String> parameters() {
    Map<String, String> given = new LinkedHashMap<>();
    put(given, "user", user);
    put(given, "group", group);
    put(given, "host", host);
    put(given, "network", network);
    put(given, "service", service);
    put(given, "older", older);
    put(given, "session", session);
    return given;
  }

  private static void put(Map<String, String> given, String name, @Nullable String value) {
    if (value != null) {
      given.put(name, value);
    }
  }
}
