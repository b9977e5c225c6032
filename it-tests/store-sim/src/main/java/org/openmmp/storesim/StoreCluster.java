package org.openmmp.storesim;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.openmmp.storesim.mailbox.MailStore;

/**
 * A simulated replication group: nodes that share mailboxes, one of which is master.
 *
 * <p>Who belongs to it, who hears whom and who is master is a {@link VotingGroup}; here its hosts
 * do accordingly. When a master is lost, the others hold an {@link Election} after the configured
 * time. A node that comes back joins as replica. A master that hangs is lost to its group as one
 * that was killed. In a shared-disk group nothing is elected: an operator starts a standby, and it
 * serves. Mailboxes are on storage that every node reaches, wherever the network between the nodes
 * is cut.
 */
public final class StoreCluster implements AutoCloseable {
  private static final int EVENT_LOOPS = 2;

  private final ClusterSettings settings;
  private final GroupCommons commons;
  private final Map<String, StoreNode> nodes = new LinkedHashMap<>();
  private final Set<String> cutLogs = new HashSet<>();
  private final EventLoopGroup eventLoops =
      new MultiThreadIoEventLoopGroup(EVENT_LOOPS, NioIoHandler.newFactory());
  private final ElectionTimer elections;
  private Election.Decision decision = new Election.Decision(null, "the group was not started");

  private StoreCluster(
      ClusterSettings settings, Accounts accounts, List<? extends ProtocolEndpoint> endpoints) {
    this.settings = settings;
    this.commons = new GroupCommons(settings, accounts);
    this.elections =
        new ElectionTimer(eventLoops, settings.electionTime(), this::electWhereNobodyIs);
    List<String> addresses = settings.nodes().stream().map(ClusterSettings.Node::address).toList();
    Map<ProtocolEndpoint, Integer> ports = new LinkedHashMap<>();
    for (ProtocolEndpoint endpoint : endpoints) {
      ports.put(endpoint, LoopbackAddresses.freePort(addresses));
    }
    for (ClusterSettings.Node node : settings.nodes()) {
      nodes.put(node.name(), new StoreNode(commons, node, ports, eventLoops));
    }
  }

  /**
   * Starts a group: the first node as master, the others as replicas, or standing by in a
   * shared-disk group.
   */
  public static StoreCluster start(
      ClusterSettings settings, Accounts accounts, List<? extends ProtocolEndpoint> endpoints) {
    StoreCluster cluster = new StoreCluster(settings, accounts, endpoints);
    cluster.startAll();
    return cluster;
  }

  /** The group's name. */
  public String name() {
    return settings.name();
  }

  /** The group's settings. */
  public ClusterSettings settings() {
    return settings;
  }

  /** The nodes, preferred master first. */
  public List<StoreNode> nodes() {
    return List.copyOf(nodes.values());
  }

  /** A node by its name; {@link IllegalArgumentException} if there is none. */
  public StoreNode node(String name) {
    StoreNode node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("no node " + name + " in " + settings.name());
    }
    return node;
  }

  /** The nodes' port for a service; {@link IllegalArgumentException} if there is none. */
  public int port(String service) {
    return nodes().get(0).port(service);
  }

  /** The host names in list order, separated by blanks: a {@code storehostlist}. */
  public String storeHostList() {
    return String.join(" ", nodes.values().stream().map(StoreNode::hostName).toList());
  }

  /** The mailboxes that all nodes share. */
  public MailStore mail() {
    return commons.mail();
  }

  /** Who may log in. */
  public Accounts accounts() {
    return commons.accounts();
  }

  /** Who belongs to the group, who hears whom and who is master, as it is now. */
  public VotingGroup replication() {
    return Objects.requireNonNull(commons.replication().get());
  }

  /** The master, or null while there is none; where a cut group has two, the first of the list. */
  public @Nullable StoreNode master() {
    List<String> masters = replication().masters();
    return masters.isEmpty() ? null : node(masters.get(0));
  }

  /** How the last election or appointment ended. */
  public synchronized Election.Decision decision() {
    return decision;
  }

  /** Ends a node as a crash does; of a node that does not run, nothing. */
  public synchronized void kill(String name) {
    end(name, VotingGroup.State.DOWN);
  }

  /**
   * Takes a node out of the group, as {@code stored -d} does: it ends, and neither elections nor
   * acknowledgements count it any more. It joins again when it is started.
   */
  public synchronized void remove(String name) {
    end(name, VotingGroup.State.REMOVED);
    follow(replication().withState(name, VotingGroup.State.REMOVED));
    electSoon();
  }

  /**
   * Starts a node, healthy, or heals one that runs: as replica, or as the one that serves in a
   * shared-disk group.
   */
  public synchronized void start(String name) {
    StoreNode node = node(name);
    behave(name, NodeBehaviour.healthy());
    if (!node.role().running()) {
      node.followLog();
      VotingGroup joined = replication().withState(name, VotingGroup.State.RUNS);
      if (settings.model() == ClusterSettings.Model.SHARED_DISK) {
        decision = new Election.Decision(name, "started by hand on the shared disk");
        follow(joined.installed(name));
      } else {
        follow(joined);
        electSoon();
      }
      node.open();
    }
  }

  /** Changes how a node behaves; connections that a fault left without an answer are closed. */
  public synchronized void behave(String name, NodeBehaviour behaviour) {
    StoreNode node = node(name);
    boolean runs = node.role().running();
    boolean wasLost = node.behaviour().fault().lostToGroup();
    boolean isLost = behaviour.fault().lostToGroup();
    if (isLost && !wasLost) {
      node.holdLog();
    }
    if (wasLost && !isLost) {
      node.followLog();
      if (runs) {
        follow(replication().withState(name, VotingGroup.State.RUNS));
      }
    }
    node.behave(behaviour);
    if (isLost && !wasLost && runs) {
      follow(replication().withState(name, VotingGroup.State.HANGS));
      electSoon();
    }
  }

  /** Freezes a node's log where it is: records written from now on do not reach it. */
  public synchronized void holdLog(String name) {
    node(name).holdLog();
  }

  /** Lets a held log catch up. */
  public synchronized void releaseLog(String name) {
    node(name).followLog();
  }

  /**
   * Cuts nodes off: they hear each other and nobody else of the group, while clients reach all.
   * Each part goes on by itself.
   */
  public synchronized void cutOff(String... names) {
    follow(replication().cutOff(new LinkedHashSet<>(List.of(names))));
    electSoon();
  }

  /** Mends the network between the nodes. Of two masters both step down, and one is elected. */
  public synchronized void heal() {
    follow(replication().healed());
    electSoon();
  }

  /** Changes a node's priority; the next election goes by it. */
  public synchronized void setPriority(String name, int priority) {
    follow(replication().withPriority(name, priority));
    electSoon();
  }

  /** Whether the survivor of a group of two may take over from now on. */
  public synchronized void setTwoSites(boolean allowed) {
    follow(replication().withTwoSites(allowed));
    electSoon();
  }

  /** Whose acknowledgements commits wait for from now on, and how long. */
  public synchronized void acknowledge(AckPolicy policy, Duration timeout) {
    follow(replication().acknowledged(policy, timeout));
  }

  /**
   * Holds an election now, by the rules, in each part of the group; how it ended where it found a
   * master, else how the last one ended.
   */
  public synchronized Election.Decision elect() {
    elections.stop();
    if (replication().parts().isEmpty()) {
      decision = new Election.Decision(null, "no node of the group is running");
    }
    return electIn(replication().parts());
  }

  /** Makes a running node master by an operator's word; the old one becomes replica. */
  public synchronized void makeMaster(String name) {
    elections.stop();
    decision = new Election.Decision(name, "made master by hand");
    follow(replication().installed(name));
  }

  /** Makes a running node take writes beside the master that the others name. */
  public synchronized void splitOff(String name) {
    follow(replication().splitOff(name));
  }

  /** Has something go wrong for one user, whichever node serves him. */
  public void trouble(String user, UserTrouble trouble) {
    commons.troubles().put(Accounts.fold(user), trouble);
  }

  /** Has every node refer one user elsewhere, as if the INBOX were there (rule B3.6). */
  public void referUser(String user, String words) {
    commons.usersElsewhere().put(Accounts.fold(user), words);
  }

  /**
   * Waits for a master that is not the given one.
   *
   * @param old a node's name, or empty for any master
   * @throws IllegalStateException after the limit
   */
  public StoreNode awaitMasterOtherThan(String old, Duration limit) throws InterruptedException {
    return await(name -> !name.equals(old), limit);
  }

  /**
   * Waits until a node is master.
   *
   * @throws IllegalStateException after the limit
   */
  public StoreNode awaitMaster(String name, Duration limit) throws InterruptedException {
    return await(name::equals, limit);
  }

  /** Stops every node; returns when all is closed. */
  @Override
  public void close() {
    synchronized (this) {
      elections.stop();
      nodes.values().forEach(node -> node.close(true));
    }
    eventLoops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private synchronized void startAll() {
    StoreNode first = node(settings.nodes().get(0).name());
    decision = new Election.Decision(first.name(), "started as master");
    follow(replication().withState(first.name(), VotingGroup.State.RUNS).installed(first.name()));
    first.open();
    if (settings.model() == ClusterSettings.Model.REPLICATED) {
      nodes.values().stream().filter(node -> node != first).forEach(node -> start(node.name()));
    }
  }

  private void end(String name, VotingGroup.State state) {
    StoreNode node = node(name);
    if (node.role().running()) {
      node.holdLog();
      follow(replication().withState(name, state));
      node.close(true);
      electSoon();
    }
  }

  private synchronized void electWhereNobodyIs() {
    elections.stop();
    electIn(replication().partsWithoutMaster());
  }

  private Election.Decision electIn(Set<Integer> parts) {
    Election.Decision found = null;
    for (int part : parts) {
      VotingGroup.Elected elected = replication().elect(part, commons::logRecordOf);
      decision = elected.decision();
      found = decision.master() == null ? found : decision;
      follow(elected.group());
    }
    decision = found == null ? decision : found;
    return decision;
  }

  private void electSoon() {
    if (settings.model() == ClusterSettings.Model.REPLICATED
        && !replication().partsWithoutMaster().isEmpty()) {
      elections.start();
    }
  }

  /** The nodes do as the group is now. */
  private void follow(VotingGroup next) {
    commons.replication().set(next);
    for (VotingGroup.Member member : next.members()) {
      StoreNode node = node(member.name());
      switch (member.state()) {
        case RUNS, HANGS -> node.become(member.master() ? NodeRole.MASTER : NodeRole.REPLICA);
        case REMOVED -> node.become(NodeRole.DOWN);
        case DOWN -> {
          if (node.role() != NodeRole.STANDBY) {
            node.become(NodeRole.DOWN);
          }
        }
      }
    }
    holdLogsWithoutMaster(next);
    notifyAll();
  }

  /** What a master writes in another part does not arrive where there is none. */
  private void holdLogsWithoutMaster(VotingGroup next) {
    Set<Integer> without = next.partsWithoutMaster();
    boolean written = !next.masters().isEmpty();
    for (VotingGroup.Member member : next.members()) {
      boolean cut = member.state() == VotingGroup.State.RUNS && without.contains(member.part());
      if (cut && written && !commons.heldLogs().containsKey(member.name())) {
        node(member.name()).holdLog();
        cutLogs.add(member.name());
      } else if (!cut
          && cutLogs.remove(member.name())
          && member.state() == VotingGroup.State.RUNS) {
        node(member.name()).followLog();
      }
    }
  }

  private synchronized StoreNode await(Predicate<String> wanted, Duration limit)
      throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    Optional<String> found = replication().masters().stream().filter(wanted).findFirst();
    while (found.isEmpty()) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        StoreNode current = master();
        throw new IllegalStateException(
            (current == null ? "nobody" : current.name())
                + " is master after "
                + limit.toSeconds()
                + " s; what happened last: "
                + decision.reason());
      }
      wait(millis);
      found = replication().masters().stream().filter(wanted).findFirst();
    }
    return node(found.get());
  }
}
