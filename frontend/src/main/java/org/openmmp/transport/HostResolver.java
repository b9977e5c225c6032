package org.openmmp.transport;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.ResolverConfig;

/**
 * Finds the addresses of hosts without ever blocking an event loop: address literals, the
 * configuration's own table, the system's hosts file, then the system's name servers.
 *
 * <p>Answers are kept within the configured bounds. While no name server answers, the last answer
 * serves on for the configured time, as RFC 8767 has it. May be used on any thread.
 */
public final class HostResolver implements AutoCloseable {
  private static final int MOST_NAMES = 10_000;
  private static final int QUERIES_IN_FLIGHT = 1_024;
  private static final int MOST_QUERIES_A_NAME = 8;
  private static final Duration QUERY_LIMIT = Duration.ofSeconds(2);
  private static final Duration PATIENCE_WITH_STALE = Duration.ofMillis(400);

  private final Map<String, List<InetAddress>> table;
  private final DnsNameResolver dns;
  private final Cache<String, List<InetAddress>> lastAnswers;

  /** Uses the name servers that the system is configured with. */
  public HostResolver(Transports transports, ResolverConfig config) {
    this(transports, config, DnsServerAddressStreamProviders.platformDefault());
  }

  HostResolver(
      Transports transports, ResolverConfig config, DnsServerAddressStreamProvider servers) {
    this.table = tableOf(config.hosts());
    DnsNameResolverBuilder builder =
        new DnsNameResolverBuilder(transports.loops().next())
            .datagramChannelType(transports.datagram())
            .socketChannelType(transports.connecting())
            .nameServerProvider(servers)
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
    byte[] octets = NetUtil.createByteArrayFromIpAddressString(text);
    try {
      return octets == null ? null : InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
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
    return ask(name, loop);
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
    asked.addListener(
        done -> {
          if (asked.isSuccess()) {
            lastAnswers.put(name, asked.getNow());
            answer.trySuccess(asked.getNow());
          } else {
            answerWithout(name, asked.cause(), answer);
          }
        });
    if (!asked.isDone()) {
      serveStaleSoon(name, loop, answer);
    }
    return answer;
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
