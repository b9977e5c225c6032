package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Ticker;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.openmmp.config.DirectoryConfig;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configured LDAP servers: which to ask, and what to do when one does not answer (rule B1.6).
 *
 * <p>A server that failed is passed over while another is up. It is probed in the background, not
 * by a login, and takes its place again once it answers. When all are down, each may be asked again
 * after a pause, so that a storm of logins does not become a storm of attempts.
 */
final class LdapServers implements AutoCloseable {
  /** How long a server rests after a failure before it is probed, nanoseconds. */
  static final long PROBE_PAUSE = TimeUnit.SECONDS.toNanos(5);

  /** How long all servers rest once all have failed, nanoseconds. */
  static final long ALL_DOWN_PAUSE = TimeUnit.SECONDS.toNanos(1);

  private static final Logger LOG = LoggerFactory.getLogger(LdapServers.class);

  /** Results that say that this server cannot serve for now, beside those without an answer. */
  private static final Set<ResultCode> OUT_OF_SERVICE =
      Set.of(ResultCode.BUSY, ResultCode.UNAVAILABLE, ResultCode.TIMEOUT);

  private final List<LdapServer> servers;
  private final boolean balanced;
  private final AtomicInteger turn = new AtomicInteger();
  private final Workers probes;
  private final DirectoryListener listener;
  private final Ticker ticker;
  private final RefusalLog refusals;
  private volatile String lastFailure = "";

  /** Asks one server, by its search or its bind connections. */
  interface Call<T> {
    T ask(LdapServer server) throws LDAPException;
  }

  LdapServers(DirectoryConfig config, DirectoryListener listener, Ticker ticker) {
    SSLContext tls = LdapTls.context(config.connections().caFile());
    this.servers =
        config.servers().stream().map(server -> new LdapServer(server, config, tls)).toList();
    this.balanced = config.connections().strategy() == DirectoryConfig.Strategy.BALANCED;
    this.probes = new Workers("ldap-probe", 1, servers.size(), Long.MAX_VALUE, ticker);
    this.listener = listener;
    this.ticker = ticker;
    this.refusals = new RefusalLog(ticker);
  }

  /**
   * Asks the servers one after the other until one answers.
   *
   * @throws LDAPException the last server's, if none did
   */
  <T> T ask(Call<T> call) throws LDAPException {
    probeThoseThatAreDown();
    LDAPException last =
        new LDAPException(
            ResultCode.SERVER_DOWN, "every server failed a moment ago: " + lastFailure);
    for (LdapServer server : inOrder()) {
      try {
        T answer = call.ask(server);
        noteAnswer(server);
        return answer;
      } catch (LDAPException e) {
        last = e;
        noteError(server, e);
      }
    }
    throw last;
  }

  /** Whether no server is up. */
  boolean areDown() {
    return servers.stream().noneMatch(LdapServer::isUp);
  }

  @Override
  public void close() {
    probes.close();
    servers.forEach(LdapServer::close);
  }

  /** Those that are up, in order or in turn; then those that have rested after a failure. */
  private List<LdapServer> inOrder() {
    long now = ticker.read();
    List<LdapServer> order = new ArrayList<>(servers);
    if (balanced) {
      Collections.rotate(order, -Math.floorMod(turn.getAndIncrement(), servers.size()));
    }
    order.removeIf(server -> !server.mayBeAsked(now, ALL_DOWN_PAUSE));
    order.sort(Comparator.comparing(server -> !server.isUp()));
    return order;
  }

  private void probeThoseThatAreDown() {
    if (areDown()) {
      return;
    }
    for (LdapServer server : servers) {
      if (server.beginProbe(ticker.read(), PROBE_PAUSE)) {
        probes.execute(() -> probe(server), () -> server.failed(ticker.read()));
      }
    }
  }

  private void probe(LdapServer server) {
    try {
      server.search(connection -> connection.getEntry("", "1.1"));
      noteAnswer(server);
    } catch (LDAPException e) {
      noteError(server, e);
    }
  }

  private void noteAnswer(LdapServer server) {
    if (server.answered()) {
      LOG.info("directory server {} answers again", server.name());
      listener.onServerState(server.name(), true);
    }
  }

  /** A server that answers with an error is alive, if the error is not that it cannot serve. */
  private void noteError(LdapServer server, LDAPException error) {
    ResultCode code = error.getResultCode();
    if (code.isConnectionUsable() && !OUT_OF_SERVICE.contains(code)) {
      refusals.tell(server.name(), code, describe(error));
      noteAnswer(server);
      return;
    }
    lastFailure = words(error);
    if (server.failed(ticker.read())) {
      LOG.warn("directory server {} cannot be used: {}", server.name(), describe(error));
      listener.onServerState(server.name(), false);
    }
  }

  /** An error in words that are safe to print. */
  static String describe(LDAPException error) {
    return Printable.of(words(error));
  }

  private static String words(LDAPException error) {
    String name = error.getResultCode().getName();
    String message = error.getMessage();
    if (message == null || message.equalsIgnoreCase(name)) {
      return name;
    }
    return error instanceof ExplainedException ? message : name + ": " + message;
  }
}
