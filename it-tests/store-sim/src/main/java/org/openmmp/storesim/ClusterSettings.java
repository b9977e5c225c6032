package org.openmmp.storesim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a simulated group.
 *
 * @param name the group's name, what users have as {@code mailHost}
 * @param model how the group fails over
 * @param nodes preferred master first; at least one
 * @param electionTime from the loss of a master to the election; null: elections only by hand
 * @param twoSites whether the survivor of a group of two may take over
 * @param ackPolicy whose acknowledgements a commit waits for
 * @param ackTimeout how long it waits for them, not negative
 */
public record ClusterSettings(
    String name,
    Model model,
    List<Node> nodes,
    @Nullable Duration electionTime,
    boolean twoSites,
    AckPolicy ackPolicy,
    Duration ackTimeout) {
  /** {@code store.dbreplicate.acktimeout} where it is not set. */
  public static final Duration USUAL_ACK_TIMEOUT = Duration.ofSeconds(1);

  /** The same with commits that wait for nobody. */
  public ClusterSettings(
      String name,
      Model model,
      List<Node> nodes,
      @Nullable Duration electionTime,
      boolean twoSites) {
    this(name, model, nodes, electionTime, twoSites, AckPolicy.NONE, USUAL_ACK_TIMEOUT);
  }

  /** Copies the nodes. */
  public ClusterSettings {
    nodes = List.copyOf(nodes);
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException("a group has a node");
    }
  }

  /** The two failover models. */
  public enum Model {
    /** Every node runs; one is master, the others are replicas and refer to it. */
    REPLICATED,
    /** One node runs on the shared disk; the others stand by until an operator starts one. */
    SHARED_DISK
  }

  /**
   * The settings of a node.
   *
   * @param address the loopback address it listens on, its own
   * @param hostName what front ends and referrals call it
   * @param priority its priority in elections, 0: never master
   */
  public record Node(String name, String address, String hostName, int priority) {
    /** The priority of a node that has no other. */
    public static final int DEFAULT_PRIORITY = 100;

    /** A node of the default priority, called by its address. */
    public Node(String name, String address) {
      this(name, address, address, DEFAULT_PRIORITY);
    }

    /** The same, called by another name. */
    public Node called(String other) {
      return new Node(name, address, other, priority);
    }

    /** The same with another priority. */
    public Node withPriority(int other) {
      return new Node(name, address, hostName, other);
    }
  }

  /** A replicated group on unused loopback addresses, without automatic elections. */
  public static ClusterSettings replicated(String name, String... nodeNames) {
    return new ClusterSettings(name, Model.REPLICATED, onLoopback(nodeNames), null, false);
  }

  /** A shared-disk group on unused loopback addresses; the first node runs. */
  public static ClusterSettings sharedDisk(String name, String... nodeNames) {
    return new ClusterSettings(name, Model.SHARED_DISK, onLoopback(nodeNames), null, false);
  }

  /** The same, electing by itself so long after the loss of a master. */
  public ClusterSettings electingAfter(Duration time) {
    return new ClusterSettings(name, model, nodes, time, twoSites, ackPolicy, ackTimeout);
  }

  /** The same, the survivor of two may take over. */
  public ClusterSettings withTwoSites() {
    return new ClusterSettings(name, model, nodes, electionTime, true, ackPolicy, ackTimeout);
  }

  /** The same with one node's priority changed. */
  public ClusterSettings withPriority(String node, int priority) {
    List<Node> changed = new ArrayList<>();
    for (Node each : nodes) {
      changed.add(each.name().equals(node) ? each.withPriority(priority) : each);
    }
    return new ClusterSettings(name, model, changed, electionTime, twoSites, ackPolicy, ackTimeout);
  }

  /** The same with commits that wait for those acknowledgements, or so long. */
  public ClusterSettings acknowledging(AckPolicy policy, Duration timeout) {
    return new ClusterSettings(name, model, nodes, electionTime, twoSites, policy, timeout);
  }

  private static List<Node> onLoopback(String... names) {
    List<String> addresses = LoopbackAddresses.next(names.length);
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      nodes.add(new Node(names[i], addresses.get(i)));
    }
    return nodes;
  }
}
