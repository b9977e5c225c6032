package org.openmmp.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.directory.DirectoryServerState.State;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.repgroup.GroupSnapshot.AffinitySnapshot;
import org.openmmp.repgroup.GroupSnapshot.HostSnapshot;
import org.openmmp.repgroup.GroupSnapshot.HostState;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.HostTraits;
import org.openmmp.routing.Recovery;
import org.openmmp.text.SafeText;

/**
 * The directory and the groups for people: a line for each directory server; for each group and
 * service a line that says who is master, since when and why, and below it a line for each host
 * (B8.3).
 */
final class GroupsTable {
  private static final int MAX_CHARS = 200;
  private static final String DELIVERY = "lmtp";
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final List<String> SERVER_HEADINGS =
      List.of("server", "state", "for", "tried again in", "last trouble");
  private static final List<String> HEADINGS =
      List.of("host", "state", "cool-down left", "attempts", "sessions", "last answer");

  private GroupsTable() {}

  static String text(
      String fingerprint,
      List<DirectoryServerState> directory,
      List<GroupSnapshot> groups,
      ToLongFunction<String> sessionsAt,
      UnaryOperator<String> fullnessOf,
      Recovery recovery,
      Map<String, Map<String, Integer>> movable,
      BiFunction<String, String, Map<HostTraits.Kind, String>> differences) {
    List<String> lines = new ArrayList<>();
    lines.add("group table " + fingerprint);
    if (!recovery.domains().isEmpty()) {
      lines.add(
          "IN RECOVERY: "
              + recovery.domains().stream()
                  .sorted()
                  .map(
                      each -> each.equals(Recovery.ALL) ? "all domains" : "domain " + visible(each))
                  .collect(Collectors.joining(", ")));
    }
    if (!directory.isEmpty()) {
      lines.add("");
      lines.add("directory: " + situation(directory));
      lines.addAll(TextTable.lines(SERVER_HEADINGS, directory.stream().map(GroupsTable::row)));
    }
    for (GroupSnapshot group : groups) {
      lines.add("");
      lines.add(
          name(group)
              + ": "
              + situation(group)
              + (recovery.has(group.group()) ? "; IN RECOVERY" : ""));
      Map<String, Integer> sessions = movable.get(group.group());
      if (sessions != null && group.service().name().equals(MoveMeters.SERVICE)) {
        lines.add("  sessions that outlive their store: " + MoveMeters.words(sessions));
      }
      differences
          .apply(group.group(), group.service().name())
          .forEach(
              (kind, text) ->
                  lines.add("  HOSTS DIFFER in " + Explanation.word(kind) + ": " + text));
      lines.addAll(
          TextTable.lines(
              HEADINGS,
              group.hosts().stream().map(host -> row(group, host, sessionsAt, fullnessOf))));
    }
    return String.join("\n", lines);
  }

  private static String situation(List<DirectoryServerState> directory) {
    long failing = directory.stream().filter(each -> each.state() == State.ASIDE).count();
    if (failing == directory.size()) {
      return "NO SERVER CAN BE USED";
    }
    if (failing > 0) {
      return failing + " of " + directory.size() + " servers cannot be used";
    }
    return directory.stream().allMatch(each -> each.state() == State.UNTRIED)
        ? "not asked yet"
        : "all servers can be used";
  }

  private static String name(GroupSnapshot group) {
    String kind = group.kind() == ClientKind.WRITER ? "" : ", " + Explanation.word(group.kind());
    String origin = group.implicit() ? ", not configured" : "";
    return visible(group.group()) + " " + group.service() + kind + origin;
  }

  private static String situation(GroupSnapshot group) {
    StringBuilder text = new StringBuilder(master(group));
    if (!group.hosts().isEmpty() && group.hosts().stream().allMatch(GroupsTable::fails)) {
      text.append("; NO HOST ANSWERS");
    } else if (group.noMaster()) {
      text.append("; NO HOST IS MASTER");
    }
    if (group.waiting() > 0) {
      text.append("; ").append(group.waiting()).append(" waiting");
    }
    StoreHost preferred = group.preferred();
    if (preferred != null) {
      text.append("; ").append(preferred).append(" preferred");
    }
    return text.append(group.standbySiteActive() ? "; standby site active" : "").toString();
  }

  private static String master(GroupSnapshot group) {
    AffinitySnapshot affinity = group.affinity();
    if (affinity != null) {
      boolean failsNow =
          group.hosts().stream()
              .anyMatch(each -> each.host().equals(affinity.host()) && fails(each));
      return (failsNow ? "last master " : "master ")
          + affinity.host()
          + " for "
          + TextTable.inWords(affinity.sinceNanosAgo())
          + ", "
          + visible(affinity.why().text());
    }
    if (group.kind() == ClientKind.SINGLE) {
      return "no failover, only the mail host is asked";
    }
    boolean used = group.hosts().stream().anyMatch(each -> each.attemptsStarted() > 0);
    return used ? "no master known" : "not used yet";
  }

  private static boolean fails(HostSnapshot host) {
    return host.state() == HostState.COOLING || host.state() == HostState.HALF_OPEN;
  }

  private static List<String> row(DirectoryServerState server) {
    return List.of(
        visible(server.server()),
        Explanation.word(server.state()),
        server.state() == State.UNTRIED
            ? "-"
            : TextTable.inWords(server.forMillis() * NANOS_PER_MILLI),
        server.restMillis() == 0 ? "-" : TextTable.inWords(server.restMillis() * NANOS_PER_MILLI),
        server.why().isEmpty() ? "-" : visible(server.why()));
  }

  /** How a store is full for deliveries, or for logins, in words; empty if it is not. */
  static String fullness(GroupSnapshot group, HostSnapshot host, UnaryOperator<String> fullnessOf) {
    return group.service().name().equals(DELIVERY)
        ? fullnessOf.apply(host.host().name())
        : admission(host);
  }

  /** What is given to a host of a crowd (rule B2.28); empty if nobody waits and no rate holds. */
  private static String admission(HostSnapshot host) {
    if (host.waiting() == 0 && host.mostPerSecond() == 0) {
      return "";
    }
    return "given "
        + host.attemptsUnderWay()
        + " of "
        + host.mostUnderWay()
        + " logins at once"
        + (host.mostPerSecond() == 0 ? "" : ", " + host.mostPerSecond() + " a second at most")
        + ", "
        + host.waiting()
        + " waiting";
  }

  private static List<String> row(
      GroupSnapshot group,
      HostSnapshot host,
      ToLongFunction<String> sessionsAt,
      UnaryOperator<String> fullnessOf) {
    String full = fullness(group, host, fullnessOf);
    return List.of(
        host.host().name(),
        Explanation.word(host.state())
            + (host.standbySite() ? ", standby site" : "")
            + use(host)
            + (full.isEmpty() ? "" : ", " + full),
        host.coolDownLeftNanos() == 0 ? "-" : TextTable.inWords(host.coolDownLeftNanos()),
        Long.toString(host.attemptsStarted()),
        Long.toString(sessionsAt.applyAsLong(host.host().name())),
        lastAnswer(host));
  }

  private static String use(HostSnapshot host) {
    return switch (host.use()) {
      case IN_USE -> "";
      case TO_BE_DRAINED -> ", drained; nobody was let in elsewhere yet";
      case DRAINED -> ", drained";
      case DRAINED_AND_NEEDED -> ", drained BUT STILL USED: no other host takes over";
      case RETIRED -> ", retired";
    };
  }

  private static String lastAnswer(HostSnapshot host) {
    @Nullable AttemptOutcome outcome = host.lastOutcome();
    if (outcome == null) {
      return "-";
    }
    String reason = host.lastReason().isEmpty() ? "" : ": " + visible(host.lastReason());
    String failures = host.failures() > 1 ? " (" + host.failures() + " failures in a row)" : "";
    return Explanation.word(outcome) + reason + failures;
  }

  private static String visible(String text) {
    return SafeText.of(text, MAX_CHARS);
  }
}
