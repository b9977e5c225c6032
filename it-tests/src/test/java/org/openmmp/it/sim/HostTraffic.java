package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openmmp.it.fixture.Await;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.StoreNode;

/**
 * What every simulated host got: attempts as the proxy counts, connections and logins as it does,
 * of all services together.
 */
final class HostTraffic {
  private static final Duration SETTLING = Duration.ofSeconds(10);

  private final StoreSelector selector;
  private final Map<StoreNode, Counts> marks = new HashMap<>();

  private record Counts(long attempts, int connections, int logins) {
    Counts since(Counts before) {
      return new Counts(
          attempts - before.attempts, connections - before.connections, logins - before.logins);
    }

    @Override
    public String toString() {
      return attempts + "/" + connections + "/" + logins;
    }
  }

  HostTraffic(StoreSelector selector) {
    this.selector = selector;
  }

  /** A group's counts begin anew from here. */
  void mark(StoreCluster cluster) {
    cluster.nodes().forEach(node -> marks.put(node, counts(cluster, node)));
  }

  /** Asserts the counts since the last mark, once what is on its way has arrived. */
  void assertSinceMark(StoreCluster cluster, String wanted, Supplier<String> log) {
    try {
      Await.until("", SETTLING, () -> sinceMark(cluster).equals(wanted));
    } catch (AssertionError unsettled) {
      assertEquals(wanted, sinceMark(cluster), log);
    }
  }

  /** What was attempted at each host since the last mark; probes are no attempts. */
  String attemptsSinceMark(StoreCluster cluster) {
    return cluster.nodes().stream()
        .map(node -> node.name() + " " + counts(cluster, node).since(markOf(node)).attempts())
        .collect(Collectors.joining(", "));
  }

  /** What the proxy knows of a group for a service; nothing before its first login. */
  Optional<GroupSnapshot> snapshot(String group, String service) {
    return snapshots(group).filter(each -> each.service().name().equals(service)).findFirst();
  }

  /** Waits until the group's last login no longer lets others dial its master without asking. */
  void awaitDoubt(String group, String service) {
    long window = SelectorSettings.defaults().confirmWindow().toNanos();
    Await.until(
        "nobody vouches for the master now",
        SETTLING,
        () ->
            snapshot(group, service)
                .map(GroupSnapshot::affinity)
                .filter(master -> master.sinceNanosAgo() > window)
                .isPresent());
  }

  private Stream<GroupSnapshot> snapshots(String group) {
    return selector.snapshot(System.nanoTime()).stream().filter(each -> each.group().equals(group));
  }

  private String sinceMark(StoreCluster cluster) {
    return cluster.nodes().stream()
        .map(node -> node.name() + " " + counts(cluster, node).since(markOf(node)))
        .collect(Collectors.joining(", "));
  }

  private Counts markOf(StoreNode node) {
    return marks.getOrDefault(node, new Counts(0, 0, 0));
  }

  private Counts counts(StoreCluster cluster, StoreNode node) {
    long attempts =
        snapshots(cluster.name())
            .flatMap(group -> group.hosts().stream())
            .filter(host -> host.host().name().equals(node.hostName()))
            .mapToLong(GroupSnapshot.HostSnapshot::attemptsStarted)
            .sum();
    return new Counts(attempts, node.counters().connections(), node.counters().logins());
  }
}
