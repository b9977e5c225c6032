package org.openmmp.transport;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.ResolverConfig;
import org.openmmp.text.AddressLiteral;

/**
 * Finds the addresses of hosts without ever blocking an event loop: address literals, the
 * configuration's own table, the system's hosts file, then the system's name servers. Both files
 * are read again when they are needed, at most once a second.
 *
 * <p>A name server that does not answer is asked again, or the next one is, within a connect's
 * limit; addresses of one kind serve while those of the other are waited for.
 *
 * <p>Answers are kept within the configured bounds. While no name server answers, the last answer
 * serves on for the configured time, as RFC 8767 has it. May be used on any thread.
 */
public final class HostResolver implements AutoCloseable {
  private static final int MOST_NAMES = 10_000;
  private static final int QUERIES_IN_FLIGHT = 1_024;
  private static final int MOST_QUERIES_A_NAME = 8;
  private static final int MOST_TRIES = 3;

  /** Less than a third of a connect's limit, which the name is looked up within. */
  private static final Duration QUERY_LIMIT = Duration.ofMillis(500);

  private static final long LOOK_AGAIN_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Duration PATIENCE_WITH_STALE = Duration.ofMillis(400);

  private final Map<String, List<InetAddress>> table;
  private final SystemNames system;
  private final AtomicLong readNanos;
  private final DnsNameResolver dns;
  private final Cache<String, List<InetAddress>> lastAnswers;

  /** Uses the name servers that the system is configured with. */
  public HostResolver(Transports transports, ResolverConfig config) {
    this(transports, config, SystemNames.ofThisSystem());
  }

  private HostResolver(Transports transports, ResolverConfig config, SystemNames system) {
    this(transports, config, system, system);
  }

  HostResolver(
      Transports transports,
      ResolverConfig config,
      SystemNames system,
      DnsServerAddressStreamProvider servers) {
    this.system = system;
    this.readNanos = new AtomicLong(System.nanoTime());
    this.table = tableOf(config.hosts());
    DnsNameResolverBuilder builder =
        new DnsNameResolverBuilder(transports.loops().next())
            .datagramChannelType(transports.datagram())
            .socketChannelType(transports.connecting())
            .nameServerProvider(servers)
            // What the system's files say is read here.
            .hostsFileEntriesResolver((name, types) -> null)
            .completeOncePreferredResolved(true)
            .queryTimeoutMillis(QUERY_LIMIT.toMillis())
            .maxQueriesPerResolve(MOST_QUERIES_A_NAME)
            .consolidateCacheSize(QUERIES_IN_FLIGHT);
    this.dns = keep(builder, config).build();
    this.lastAnswers =
        Caffeine.newBuilder()
            .maximumSize(config.staleFor().isZero() ? 0 : MOST_NAMES)
            .expireAfterWrite(config.maxTtl().plus(config.staleFor()))
            .build();
  }

  /** The caches count in seconds; less than one is not kept at all. */
  private static DnsNameResolverBuilder keep(
      DnsNameResolverBuilder builder, ResolverConfig config) {
    return seconds(config.maxTtl()) == 0
        ? builder.resolveCache(NoopDnsCache.INSTANCE).cnameCache(NoopDnsCnameCache.INSTANCE)
        : builder
            .ttl(seconds(config.minTtl()), seconds(config.maxTtl()))
            .negativeTtl(seconds(config.negativeTtl()));
  }

  private static int seconds(Duration duration) {
    return Math.toIntExact(Math.min(duration.toSeconds(), Integer.MAX_VALUE));
  }

  private static Map<String, List<InetAddress>> tableOf(Map<String, List<String>> hosts) {
    Map<String, List<InetAddress>> table = new HashMap<>();
    hosts.forEach(
        (name, literals) ->
            table.put(name, literals.stream().map(HostResolver::requiredLiteral).toList()));
    return table;
  }

  private static InetAddress requiredLiteral(String literal) {
    InetAddress address = literal(literal);
    if (address == null) {
      throw new IllegalArgumentException("not an address: '" + literal + "'");
    }
    return address;
  }

  private static @Nullable InetAddress literal(String text) {
    return AddressLiteral.parse(text);
  }

  /**
   * Finds a host's addresses, in the order in which they are to be tried.
   *
   * @param host a name, with or without a trailing dot, or an address literal without brackets
   * @param loop where the future tells its listeners
   * @return at least one address; fails if the host has none, or nobody answers
   */
  public Future<List<InetAddress>> resolve(String host, EventLoop loop) {
    InetAddress literal = literal(host);
    if (literal != null) {
      return loop.newSucceededFuture(List.of(literal));
    }
    String name = fold(host);
    List<InetAddress> configured = table.get(name);
    if (configured != null) {
      return loop.newSucceededFuture(configured);
    }
    long read = readNanos.get();
    long now = System.nanoTime();
    if (now - read < LOOK_AGAIN_NANOS || !readNanos.compareAndSet(read, now)) {
      return byTheSystem(name, loop);
    }
    Promise<List<InetAddress>> answer = loop.newPromise();
    CompletableFuture.runAsync(system::read)
        .whenComplete((done, failure) -> loop.execute(() -> pass(byTheSystem(name, loop), answer)));
    return answer;
  }

  private Future<List<InetAddress>> byTheSystem(String name, EventLoop loop) {
    List<InetAddress> local = system.inHostsFile(name);
    return local.isEmpty() ? ask(name, loop) : loop.newSucceededFuture(local);
  }

  private static void pass(Future<List<InetAddress>> found, Promise<List<InetAddress>> answer) {
    found.addListener(
        done -> {
          if (found.isSuccess()) {
            answer.trySuccess(found.getNow());
          } else {
            answer.tryFailure(found.cause());
          }
        });
  }

  private static String fold(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  private Future<List<InetAddress>> ask(String name, EventLoop loop) {
    Future<List<InetAddress>> asked = dns.resolveAll(name);
    if (asked.isSuccess()) {
      lastAnswers.put(name, asked.getNow());
      return loop.newSucceededFuture(asked.getNow());
    }
    Promise<List<InetAddress>> answer = loop.newPromise();
    hear(name, asked, MOST_TRIES - 1, answer);
    if (!asked.isDone()) {
      serveStaleSoon(name, loop, answer);
    }
    return answer;
  }

  private void hear(
      String name,
      Future<List<InetAddress>> asked,
      int triesLeft,
      Promise<List<InetAddress>> answer) {
    asked.addListener(
        done -> {
          if (asked.isSuccess()) {
            lastAnswers.put(name, asked.getNow());
            answer.trySuccess(asked.getNow());
          } else if (triesLeft > 0 && nobodyAnswered(asked.cause()) && !answer.isDone()) {
            hear(name, dns.resolveAll(name), triesLeft - 1, answer);
          } else {
            answerWithout(name, asked.cause(), answer);
          }
        });
  }

  private static boolean nobodyAnswered(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof DnsNameResolverTimeoutException) {
        return true;
      }
    }
    return false;
  }

  private void serveStaleSoon(String name, EventLoop loop, Promise<List<InetAddress>> answer) {
    List<InetAddress> stale = lastAnswers.getIfPresent(name);
    if (stale != null) {
      Future<?> soon =
          loop.schedule(
              () -> answer.trySuccess(stale),
              PATIENCE_WITH_STALE.toMillis(),
              TimeUnit.MILLISECONDS);
      answer.addListener(done -> soon.cancel(false));
    }
  }

  private void answerWithout(String name, Throwable cause, Promise<List<InetAddress>> answer) {
    if (saysNoSuchName(cause)) {
      lastAnswers.invalidate(name);
    }
    List<InetAddress> stale = lastAnswers.getIfPresent(name);
    if (stale == null) {
      answer.tryFailure(cause);
    } else {
      answer.trySuccess(stale);
    }
  }

  private static boolean saysNoSuchName(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof DnsErrorCauseException told
          && DnsResponseCode.NXDOMAIN.equals(told.getCode())) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    dns.close();
  }
}
