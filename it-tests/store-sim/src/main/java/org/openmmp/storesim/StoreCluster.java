package org.openmmp.storesim;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openmmp.storesim.mailbox.MailStore;

/**
 * A simulated replication group: nodes that share mailboxes, one of which is master.
 *
 * <p>When the master is lost, the others hold an {@link Election} after the configured time. A node
 * that comes back joins as replica. A master that hangs is lost to its group as one that was
 * killed. In a shared-disk group nothing is elected: an operator starts a standby, and it serves.
 */
public final class StoreCluster implements AutoCloseable {
  private static final int EVENT_LOOPS = 2;

  private final ClusterSettings settings;
  private final GroupCommons commons;
  private final MasterSeat seat;
  private final Map<String, StoreNode> nodes = new LinkedHashMap<>();
  private final EventLoopGroup eventLoops =
      new MultiThreadIoEventLoopGroup(EVENT_LOOPS, NioIoHandler.newFactory());
  private final ElectionTimer elections;

  private StoreCluster(
      ClusterSettings settings, Accounts accounts, List<? extends ProtocolEndpoint> endpoints) {
    this.settings = settings;
    this.commons = new GroupCommons(accounts);
    this.seat = commons.seat();
    this.elections = new ElectionTimer(eventLoops, settings.electionTime(), this::elect);
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

  /** The master, or null while there is none. */
  public @Nullable StoreNode master() {
    return seat.master();
  }

  /** How the last election ended. */
  public Election.Decision decision() {
    return seat.decision();
  }

  /** Ends a node as a crash does; of a node that does not run, nothing. */
  public synchronized void kill(String name) {
    StoreNode node = node(name);
    if (node.role().running()) {
      node.holdLog();
      node.become(NodeRole.DOWN);
      node.close(true);
      lost(node);
    }
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
      node.become(NodeRole.REPLICA);
      if (settings.model() == ClusterSettings.Model.SHARED_DISK) {
        seat.take(node, "started by hand on the shared disk");
      } else if (seat.master() == null) {
        elections.start();
      }
      node.open();
    }
  }

  /** Changes how a node behaves; connections that a fault left without an answer are closed. */
  public synchronized void behave(String name, NodeBehaviour behaviour) {
    StoreNode node = node(name);
    boolean wasLost = node.behaviour().fault().lostToGroup();
    boolean isLost = behaviour.fault().lostToGroup();
    if (isLost && !wasLost) {
      node.holdLog();
    }
    if (wasLost && !isLost) {
      node.followLog();
      if (node != seat.master() && node.role() == NodeRole.MASTER) {
        node.become(NodeRole.REPLICA);
      }
    }
    node.behave(behaviour);
    if (isLost && !wasLost) {
      lost(node);
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

  /** Holds an election now, by the rules. */
  public synchronized Election.Decision elect() {
    elections.stop();
    Election.Decision next =
        Election.decide(
            nodes.values().stream().map(StoreNode::candidate).toList(), settings.twoSites());
    if (next.master() == null) {
      seat.stayEmpty(next);
    } else {
      seat.take(node(next.master()), next.reason());
    }
    return next;
  }

  /** Makes a running node master by an operator's word; the old one becomes replica. */
  public synchronized void makeMaster(String name) {
    elections.stop();
    seat.take(node(name), "made master by hand");
  }

  /** Makes a running node take writes beside the master, as after a split of the network. */
  public synchronized void splitOff(String name) {
    node(name).become(NodeRole.MASTER);
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
    return seat.await(node -> !node.name().equals(old), limit);
  }

  /**
   * Waits until a node is master.
   *
   * @throws IllegalStateException after the limit
   */
  public StoreNode awaitMaster(String name, Duration limit) throws InterruptedException {
    return seat.await(node -> node.name().equals(name), limit);
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
    seat.take(first, "started as master");
    first.open();
    if (settings.model() == ClusterSettings.Model.REPLICATED) {
      nodes.values().stream().filter(node -> node != first).forEach(node -> start(node.name()));
    }
  }

  private synchronized void lost(StoreNode node) {
    if (node == seat.master()) {
      seat.vacate();
      if (settings.model() == ClusterSettings.Model.REPLICATED) {
        elections.start();
      }
    }
  }
}
