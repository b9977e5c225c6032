package org.openmmp.admin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.repgroup.GroupSnapshot.AffinitySnapshot;
import org.openmmp.repgroup.GroupSnapshot.HostSnapshot;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Recovery;

/**
 * Tells who is master of each group for each service, since when, why; every host; and how the
 * directory's servers are (rule B8.3).
 */
final class GroupsPage {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MILLIS_PER_SECOND = 1e3;

  private GroupsPage() {}

  static CompletionStage<AdminPage.Answer> answer(AdminSources sources) {
    return sources.movable().thenApply(movable -> answer(sources, movable));
  }

  private static AdminPage.Answer answer(
      AdminSources sources, Map<String, Map<String, Integer>> movable) {
    String fingerprint = sources.fingerprint();
    List<GroupSnapshot> groups = sources.groups(System.nanoTime());
    List<DirectoryServerState> directory = sources.directory();
    Recovery recovery = sources.recovery();
    Map<String, @Nullable Object> tree =
        tree(fingerprint, directory, groups, sources, recovery, movable);
    return AdminPage.Answer.done(
        GroupsTable.text(
            fingerprint,
            directory,
            groups,
            sources::sessionsAt,
            sources::fullnessOf,
            recovery,
            movable,
            sources::differences),
        tree);
  }

  private static Map<String, @Nullable Object> tree(
      String fingerprint,
      List<DirectoryServerState> directory,
      List<GroupSnapshot> groups,
      AdminSources sources,
      Recovery recovery,
      Map<String, Map<String, Integer>> movable) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("fingerprint", fingerprint);
    tree.put("domainsInRecovery", recovery.domains().stream().sorted().toList());
    tree.put("directory", directory.stream().map(GroupsPage::server).toList());
    tree.put("groups", groups.stream().map(each -> group(each, sources, recovery)).toList());
    tree.put("movable", MoveMeters.tree(movable));
    tree.put("moves", sources.counts().getOrDefault("moves", Map.of()));
    return tree;
  }

  private static Map<String, Object> server(DirectoryServerState server) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("server", server.server());
    tree.put("state", Explanation.word(server.state()));
    tree.put("forSeconds", server.forMillis() / MILLIS_PER_SECOND);
    tree.put("restSeconds", server.restMillis() / MILLIS_PER_SECOND);
    tree.put("lastTrouble", server.why());
    return tree;
  }

  private static Map<String, @Nullable Object> group(
      GroupSnapshot group, AdminSources sources, Recovery recovery) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("group", group.group());
    tree.put("service", group.service().name());
    tree.put("kind", Explanation.word(group.kind()));
    tree.put("implicit", group.implicit());
    tree.put("master", master(group.affinity()));
    tree.put("noMaster", group.noMaster());
    tree.put("standbySiteActive", group.standbySiteActive());
    StoreHost preferred = group.preferred();
    tree.put("preferred", preferred == null ? null : preferred.name());
    tree.put("recovery", recovery.has(group.group()));
    tree.put("waiting", group.waiting());
    tree.put(
        "differences",
        Explanation.byWord(sources.differences(group.group(), group.service().name())));
    List<Object> hosts = new ArrayList<>();
    for (HostSnapshot host : group.hosts()) {
      Map<String, @Nullable Object> tells = host(host, sources.sessionsAt(host.host().name()));
      tells.put("full", GroupsTable.fullness(group, host, sources::fullnessOf));
      hosts.add(tells);
    }
    tree.put("hosts", hosts);
    return tree;
  }

  private static @Nullable Map<String, Object> master(@Nullable AffinitySnapshot affinity) {
    if (affinity == null) {
      return null;
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("host", affinity.host().name());
    tree.put("forSeconds", seconds(affinity.sinceNanosAgo()));
    tree.put("rule", Explanation.word(affinity.why().kind()));
    tree.put("why", affinity.why().text());
    return tree;
  }

  private static Map<String, @Nullable Object> host(HostSnapshot host, long sessions) {
    AttemptOutcome last = host.lastOutcome();
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("host", host.host().name());
    tree.put("state", Explanation.word(host.state()));
    tree.put("coolDownLeftSeconds", seconds(host.coolDownLeftNanos()));
    tree.put("failuresInARow", host.failures());
    tree.put("lastOutcome", last == null ? null : Explanation.word(last));
    tree.put("lastReason", host.lastReason());
    tree.put("attempts", host.attemptsStarted());
    tree.put("attemptsUnderWay", host.attemptsUnderWay());
    tree.put(
        "usualGreetingMillis",
        host.usualGreetingNanos() == 0
            ? null
            : TimeUnit.NANOSECONDS.toMillis(host.usualGreetingNanos()));
    tree.put("mostUnderWay", host.mostUnderWay());
    tree.put("mostPerSecond", host.mostPerSecond());
    tree.put("waiting", host.waiting());
    tree.put("standbySite", host.standbySite());
    tree.put("sessions", sessions);
    tree.put("use", Explanation.word(host.use()));
    return tree;
  }

  private static double seconds(long nanos) {
    return nanos / NANOS_PER_SECOND;
  }
}
