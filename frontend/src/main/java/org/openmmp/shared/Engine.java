package org.openmmp.shared;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.StaticCredentialsProvider;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.BaseRedisAsyncCommands;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.SharedConfig;
import org.openmmp.text.HostPort;
import org.openmmp.wire.Secret;

/**
 * The Valkey or Redis server, over Lettuce: one connection, given up at the first failure and made
 * anew, so that sentinels and clusters are asked again who takes writes. On one thread at a time.
 */
final class Engine implements AutoCloseable {
  /** More than that within a second is no answer of ours, and the connection ends. */
  private static final long MOST_OCTETS_IN_A_SECOND = 32L * 1024 * 1024;

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(1);
  private static final int MOST_WAITING = 1_000;

  /** Lettuce's least. */
  private static final int THREADS = 2;

  /** One command with its key, which may be empty: then it has none. */
  @SuppressWarnings("ArrayRecordComponent") // made and written in one place
  record Ask(CommandType command, byte[] key, List<byte[]> words) {
    static Ask of(CommandType command, String key, Object... words) {
      List<byte[]> all = new ArrayList<>();
      for (Object word : words) {
        all.add(
            word instanceof byte[] octets
                ? octets
                : word.toString().getBytes(StandardCharsets.UTF_8));
      }
      return new Ask(command, key.getBytes(StandardCharsets.UTF_8), all);
    }
  }

  private final SharedConfig config;
  private final ClientResources resources;
  private final RedisClient client;

  /** Knows who of a cluster serves the site's slot; null: there is no cluster. */
  private final @Nullable RedisClusterClient cluster;

  private final int slot;
  private @Nullable StatefulRedisConnection<byte[], byte[]> connection;

  /**
   * Not connected yet.
   *
   * @param keys what all keys begin with; they are in one slot of a cluster
   */
  Engine(SharedConfig config, String keys) {
    this.config = config;
    slot = SlotHash.getSlot(keys);
    resources =
        DefaultClientResources.builder()
            .ioThreadPoolSize(THREADS)
            .computationThreadPoolSize(THREADS)
            .commandLatencyRecorder(CommandLatencyRecorder.disabled())
            .nettyCustomizer(new Inbound())
            .build();
    client = RedisClient.create(resources);
    client.setOptions(options(ClientOptions.builder()).build());
    if (config.kind() == SharedConfig.Kind.CLUSTER) {
      cluster =
          RedisClusterClient.create(
              resources, config.engines().stream().map(this::serverAt).toList());
      ClusterClientOptions.Builder options = ClusterClientOptions.builder();
      options(options);
      cluster.setOptions(options.build());
    } else {
      cluster = null;
    }
  }

  private ClientOptions.Builder options(ClientOptions.Builder builder) {
    SslOptions.Builder ssl = SslOptions.builder().jdkSslProvider();
    config.caFile().ifPresent(file -> ssl.trustManager(file.toFile()));
    return builder
        .autoReconnect(false)
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .requestQueueSize(MOST_WAITING)
        // What Lettuce reads by itself of the third version makes room for as much as is announced.
        .protocolVersion(ProtocolVersion.RESP2)
        .socketOptions(SocketOptions.builder().connectTimeout(CONNECT_LIMIT).build())
        .timeoutOptions(TimeoutOptions.enabled(CONNECT_LIMIT))
        .sslOptions(ssl.build());
  }

  private RedisURI uri() {
    if (config.kind() == SharedConfig.Kind.SINGLE) {
      return serverAt(config.engines().get(0));
    }
    RedisURI.Builder sentinels = RedisURI.builder();
    for (HostPort each : config.engines()) {
      RedisURI sentinel =
          secured(RedisURI.builder().withHost(each.host()).withPort(each.port())).build();
      authenticate(sentinel, "", config.sentinelPassword());
      sentinels.withSentinel(sentinel);
    }
    RedisURI uri =
        secured(
                sentinels
                    .withSentinelMasterId(config.master())
                    .withDatabase(config.database())
                    .withTimeout(CONNECT_LIMIT))
            .build();
    authenticate(uri, config.user(), config.password());
    return uri;
  }

  private RedisURI serverAt(HostPort at) {
    RedisURI uri =
        secured(
                RedisURI.builder()
                    .withHost(at.host())
                    .withPort(at.port())
                    .withDatabase(config.database())
                    .withTimeout(CONNECT_LIMIT))
            .build();
    authenticate(uri, config.user(), config.password());
    return uri;
  }

  private RedisURI.Builder secured(RedisURI.Builder builder) {
    return config.tls() ? builder.withSsl(true).withVerifyPeer(SslVerifyMode.FULL) : builder;
  }

  private static void authenticate(RedisURI uri, String user, Secret password) {
    if (password.isEmpty()) {
      return;
    }
    byte[] octets = password.copy();
    char[] chars = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(octets)).array();
    uri.setCredentialsProvider(
        new StaticCredentialsProvider(user.isEmpty() ? null : user, chars.clone()));
    Arrays.fill(octets, (byte) 0);
    Arrays.fill(chars, '\0');
  }

  /** Whether there is a connection. */
  boolean connected() {
    StatefulRedisConnection<byte[], byte[]> now = connection;
    return now != null && now.isOpen();
  }

  /**
   * Connects; waits for it.
   *
   * @throws IOException if it cannot; the message says why
   */
  void connect() throws IOException, InterruptedException {
    disconnect();
    CompletableFuture<StatefulRedisConnection<byte[], byte[]>> connecting =
        where()
            .thenCompose(server -> client.connectAsync(ByteArrayCodec.INSTANCE, server))
            .toCompletableFuture();
    try {
      connection = await(connecting, CONNECT_LIMIT.multipliedBy(2).toNanos());
    } catch (IOException failed) {
      connecting.thenAccept(StatefulConnection::closeAsync);
      throw new IOException(withoutPasswords(String.valueOf(failed.getMessage())), failed);
    }
  }

  /** What does not know a command repeats it, also the one that has the password. */
  private String withoutPasswords(String told) {
    String text = told;
    for (Secret each : List.of(config.password(), config.sentinelPassword())) {
      if (!each.isEmpty()) {
        byte[] octets = each.copy();
        text = text.replace(new String(octets, StandardCharsets.UTF_8), "***");
        Arrays.fill(octets, (byte) 0);
      }
    }
    return text;
  }

  /** Of a cluster the node that serves the keys now: a replica may have taken over. */
  private CompletionStage<RedisURI> where() {
    RedisClusterClient nodes = cluster;
    return nodes == null
        ? CompletableFuture.completedStage(uri())
        : nodes
            .refreshPartitionsAsync()
            .thenApply(known -> Objects.requireNonNull(server(nodes), "no node has the keys"));
  }

  private @Nullable RedisURI server(RedisClusterClient nodes) {
    RedisClusterNode node = nodes.getPartitions().getPartitionBySlot(slot);
    return node == null ? null : node.getUri();
  }

  /**
   * Asks; waits for all answers, as long as the configuration allows.
   *
   * @return a row for each
   * @throws IOException if one does not come or is an error; the message says why
   */
  List<List<byte[]>> ask(List<Ask> asks) throws IOException, InterruptedException {
    BaseRedisAsyncCommands<byte[], byte[]> commands = commands();
    List<CompletableFuture<List<byte[]>>> answers = new ArrayList<>();
    List<BoundedReply> replies = new ArrayList<>();
    for (Ask each : asks) {
      CommandArgs<byte[], byte[]> words = new CommandArgs<>(ByteArrayCodec.INSTANCE);
      if (each.key().length > 0) {
        words.addKey(each.key());
      }
      each.words().forEach(words::add);
      BoundedReply reply = new BoundedReply();
      replies.add(reply);
      answers.add(commands.dispatch(each.command(), reply, words).toCompletableFuture());
    }
    long until = System.nanoTime() + config.limit().toNanos();
    List<List<byte[]>> rows = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      rows.add(await(answers.get(i), until - System.nanoTime()));
      if (replies.get(i).tooLarge()) {
        throw new IOException("it answers more than any front end wrote");
      }
    }
    return rows;
  }

  private BaseRedisAsyncCommands<byte[], byte[]> commands() throws IOException {
    StatefulRedisConnection<byte[], byte[]> now = connection;
    if (now == null) {
      throw new IOException("there is no connection");
    }
    return now.async();
  }

  private static <T> T await(CompletableFuture<? extends T> answer, long nanos)
      throws IOException, InterruptedException {
    try {
      return answer.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new IOException("no answer in time", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw new IOException(String.valueOf(cause.getMessage()), e);
    }
  }

  /** Gives the connection up; the next one is made anew. */
  void disconnect() {
    StatefulRedisConnection<byte[], byte[]> before = connection;
    connection = null;
    if (before != null) {
      before.closeAsync();
    }
  }

  @Override
  public void close() {
    disconnect();
    CompletableFuture<Void> ended = client.shutdownAsync(0, 0, TimeUnit.SECONDS);
    if (cluster != null) {
      ended = CompletableFuture.allOf(ended, cluster.shutdownAsync(0, 0, TimeUnit.SECONDS));
    }
    // Its threads last: a connection that is ending has work for them.
    ended.whenComplete((done, failed) -> resources.shutdown(0, 0, TimeUnit.SECONDS));
  }

  /** Ends connections to an engine that sends without end. */
  private static final class Inbound implements NettyCustomizer {
    @Override
    public void afterChannelInitialized(Channel channel) {
      channel
          .pipeline()
          .addFirst(
              new ChannelInboundHandlerAdapter() {
                private long sinceNanos = System.nanoTime();
                private long octets;

                @Override
                public void channelRead(ChannelHandlerContext context, Object read) {
                  long now = System.nanoTime();
                  if (now - sinceNanos > TimeUnit.SECONDS.toNanos(1)) {
                    sinceNanos = now;
                    octets = 0;
                  }
                  octets += read instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
                  context.fireChannelRead(read);
                  if (octets > MOST_OCTETS_IN_A_SECOND) {
                    context.close();
                  }
                }
              });
    }
  }
}
