package org.openmmp.storesim;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.storesim.mailbox.MailStore;

/**
 * One host of a simulated group: its address, its ports, its connections and how it behaves. Roles
 * and behaviour are set through its {@link StoreCluster}; endpoints ask it what to answer.
 */
public final class StoreNode {
  private final GroupCommons group;
  private final ClusterSettings.Node settings;
  private final Map<ProtocolEndpoint, Integer> ports;
  private final EventLoopGroup eventLoops;
  private final NodeCounters counters = new NodeCounters();
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final List<Channel> listeners = new ArrayList<>();
  private final List<BlackHole> blackHoles = new ArrayList<>();
  private volatile NodeRole role = NodeRole.STANDBY;
  private volatile NodeBehaviour behaviour = NodeBehaviour.healthy();

  StoreNode(
      GroupCommons group,
      ClusterSettings.Node settings,
      Map<ProtocolEndpoint, Integer> ports,
      EventLoopGroup eventLoops) {
    this.group = group;
    this.settings = settings;
    this.ports = ports;
    this.eventLoops = eventLoops;
  }

  /** Its name in its group. */
  public String name() {
    return settings.name();
  }

  /** Its loopback address. */
  public String address() {
    return settings.address();
  }

  /** What front ends and referrals call it: its address, unless it was given a name. */
  public String hostName() {
    return settings.hostName();
  }

  /** Its priority in elections, as it is now. */
  public int priority() {
    return replication().member(name()).priority();
  }

  /**
   * How long a change waits here for its replicas: the acknowledgement timeout where too few of
   * them have it (store.dbreplicate.ackpolicy), else not at all. It is done all the same.
   */
  public Duration commitWait() {
    return writable()
        ? replication().commitWait(name(), Set.copyOf(group.heldLogs().keySet()))
        : Duration.ZERO;
  }

  private VotingGroup replication() {
    return Objects.requireNonNull(group.replication().get());
  }

  /**
   * Its port for a service, the same on every node of its group.
   *
   * @throws IllegalArgumentException if it has no such service
   */
  public int port(String service) {
    return ports.entrySet().stream()
        .filter(port -> port.getKey().service().equals(service))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no service " + service));
  }

  /** Address and port for a service. */
  public InetSocketAddress socket(String service) {
    return new InetSocketAddress(address(), port(service));
  }

  /** What it is now. */
  public NodeRole role() {
    return role;
  }

  /** How it behaves now. */
  public NodeBehaviour behaviour() {
    return behaviour;
  }

  /** What it has seen. */
  public NodeCounters counters() {
    return counters;
  }

  /** Whether it takes writes. */
  public boolean writable() {
    return role == NodeRole.MASTER;
  }

  /** The group's mail. */
  public MailStore mail() {
    return group.mail();
  }

  /** Who may log in. */
  public Accounts accounts() {
    return group.accounts();
  }

  /**
   * Where this node would have a user go: a host, or words to say verbatim.
   *
   * @param user empty if nobody has given a name yet
   * @return null if the user is served here, or if this replica knows of no master
   */
  public @Nullable Target referralFor(String user, String service) {
    if (!behaviour.verbatimReferral().isEmpty()) {
      return new Target("", 0, behaviour.verbatimReferral());
    }
    String elsewhere = group.usersElsewhere().get(Accounts.fold(user));
    if (elsewhere != null) {
      return new Target("", 0, elsewhere);
    }
    String master = role == NodeRole.REPLICA ? replication().member(name()).names() : "";
    if (master.isEmpty() || master.equals(name())) {
      return null;
    }
    return new Target(group.hostNameOf(master), behaviour.portInReferral() ? port(service) : 0, "");
  }

  /**
   * Where a referral points to.
   *
   * @param host host to name; empty if there are words to say instead
   * @param port not used if 0
   * @param verbatim what to say instead, in the words of the protocol; empty if there is a host
   */
  public record Target(String host, int port, String verbatim) {
    /** Nowhere: there is no referral. */
    public static final Target NOWHERE = new Target("", 0, "");
  }

  /** What goes wrong for a user. */
  public UserTrouble troubleOf(String user) {
    return group.troubles().getOrDefault(Accounts.fold(user), UserTrouble.NONE);
  }

  /** Closes every connection, as a crash does, and goes on accepting. */
  public void dropConnections() {
    connections.close().awaitUninterruptibly();
  }

  /** Lets its log follow the group's. */
  void followLog() {
    group.heldLogs().remove(name());
  }

  /** Freezes its log at the record that is the newest now. */
  void holdLog() {
    group.heldLogs().putIfAbsent(name(), group.mail().records());
  }

  void become(NodeRole next) {
    role = next;
  }

  void behave(NodeBehaviour next) {
    Fault before = behaviour.fault();
    behaviour = next;
    if (next.fault() != before) {
      if (role.running()) {
        close(false);
        open();
      }
      connections
          .close(channel -> channel.hasAttr(FaultGateHandler.SWALLOWED))
          .awaitUninterruptibly();
    }
  }

  /** Opens the ports as the fault allows. */
  void open() {
    for (Map.Entry<ProtocolEndpoint, Integer> port : ports.entrySet()) {
      InetSocketAddress address = new InetSocketAddress(address(), port.getValue());
      if (behaviour.fault() == Fault.BLACK_HOLE) {
        blackHoles.add(new BlackHole(address));
      } else if (behaviour.fault() != Fault.REFUSE) {
        listeners.add(listen(port.getKey(), address));
      }
    }
  }

  /** Closes the ports, and the connections too if it is the node's end. */
  void close(boolean connectionsToo) {
    for (Channel listener : listeners) {
      InetSocketAddress address = (InetSocketAddress) listener.localAddress();
      listener.close().syncUninterruptibly();
      LoopbackAddresses.awaitFree(address);
    }
    listeners.clear();
    blackHoles.forEach(BlackHole::close);
    blackHoles.clear();
    if (connectionsToo) {
      dropConnections();
    }
  }

  private Channel listen(ProtocolEndpoint endpoint, InetSocketAddress address) {
    return new ServerBootstrap()
        .group(eventLoops)
        .channel(NioServerSocketChannel.class)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel connection) {
                connections.add(connection);
                counters.connectionAccepted();
                connection.pipeline().addLast(new FaultGateHandler(StoreNode.this));
                endpoint.serve(connection, StoreNode.this);
              }
            })
        .bind(address)
        .syncUninterruptibly()
        .channel();
  }
}
