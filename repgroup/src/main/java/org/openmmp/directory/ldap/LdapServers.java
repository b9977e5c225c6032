package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Ticker;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.directory.ldap.LdapPool.Question;
import org.openmmp.guard.MinutePace;
import org.openmmp.text.SafeText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configured LDAP servers: which to ask, and what to do when one does not answer (rule B1.6).
 *
 * <p>What one name comes to is that name's (rule B1.13): whatever keeps a server from an answer,
 * the next one is asked. A server is set aside only if there is no connection to it (or one over
 * which nothing was ever heard), or if several names that were found before have no answer in a row
 * and its base object has none either. Then it is passed over while another is up, probed in the
 * background, and takes its place again once it answers, whether there are look-ups or not. When
 * all are down, each may be asked again after a pause, so that a storm of logins does not become a
 * storm of attempts.
 */
final class LdapServers implements AutoCloseable {
  /** How long a server rests after a failure before it is probed, nanoseconds. */
  static final long PROBE_PAUSE = TimeUnit.SECONDS.toNanos(5);

  /** How long all servers rest once all have failed, nanoseconds. */
  static final long ALL_DOWN_PAUSE = TimeUnit.SECONDS.toNanos(1);

  /** The least time between two checks of a server that answers some and not others. */
  static final long CHECK_PAUSE = TimeUnit.SECONDS.toNanos(1);

  private static final int MOST_KINDS = 1_000;
  private static final Logger LOG = LoggerFactory.getLogger(LdapServers.class);

  private final List<LdapServer> servers;
  private final String base;
  private final boolean balanced;
  private final int checkMillis;
  private final AtomicInteger turn = new AtomicInteger();
  private final Workers probes;
  private final DirectoryListener listener;
  private final Ticker ticker;

  /** Paces warnings: one line a minute for each server and kind of error. */
  private final MinutePace<String> refusals = new MinutePace<>(MOST_KINDS);

  private volatile String lastFailure = "";
  private volatile boolean closing;

  /** An answer, and whose it is. */
  record Answer<T>(LdapServer server, T value) {}

  /**
   * Whom a question is about.
   *
   * @param key different for different names
   * @param foundBefore which form of the name was found within the cache's memory, the first of
   *     them; -1: none
   */
  record Subject(String key, int foundBefore) {
    /** A name of which nothing is known. */
    static final Subject STRANGER = new Subject("", -1);

    /** Whether it was found within the cache's memory: only then its trouble is evidence. */
    boolean known() {
      return foundBefore >= 0;
    }
  }

  LdapServers(DirectoryConfig config, DirectoryListener listener, Ticker ticker) {
    SSLContext tls = LdapTls.context(config.connections().caFile());
    this.servers =
        config.servers().stream()
            .map(server -> new LdapServer(server, config, tls, ticker))
            .toList();
    this.base = config.users().baseDn().fixedEnd();
    this.balanced = config.connections().strategy() == DirectoryConfig.Strategy.BALANCED;
    this.checkMillis = (int) config.connections().searchTimeout().toMillis();
    this.probes = new Workers("ldap-probe", servers.size(), servers.size() * 2, ticker);
    this.listener = listener;
    this.ticker = ticker;
  }

  /**
   * Asks the servers one after the other until one answers.
   *
   * @throws LDAPException the last server's, if none did; one that says that the time was too short
   *     if any did not answer in time
   */
  <T> Answer<T> ask(Subject who, Question<LdapServer, T> call) throws LDAPException {
    probeThoseThatRested();
    @Nullable LDAPException last = null;
    boolean late = false;
    for (LdapServer server : inOrder()) {
      try {
        return answer(server, call);
      } catch (LDAPException e) {
        noteError(server, who, e);
        last = late && !isLate(e) ? last : e;
        late |= isLate(e);
      }
    }
    throw last != null
        ? last
        : new LDAPException(
            ResultCode.SERVER_DOWN, "every server failed a moment ago: " + lastFailure);
  }

  /** Asks the others likewise; empty if none of them answers. */
  <T> Optional<Answer<T>> askAnother(LdapServer than, Subject who, Question<LdapServer, T> call) {
    for (LdapServer server : inOrder()) {
      if (server == than) {
        continue;
      }
      try {
        return Optional.of(answer(server, call));
      } catch (LDAPException e) {
        noteError(server, who, e);
      }
    }
    return Optional.empty();
  }

  private <T> Answer<T> answer(LdapServer server, Question<LdapServer, T> call)
      throws LDAPException {
    T value = safely(server, call);
    noteAnswer(server);
    server.served();
    return new Answer<>(server, value);
  }

  /** An exception of any kind in one server's path is that server's trouble (rule B1.12). */
  private static <T> T safely(LdapServer server, Question<LdapServer, T> call)
      throws LDAPException {
    try {
      return call.ask(server);
    } catch (RuntimeException | Error e) {
      LOG.error("asking the directory server {} failed by a mistake", server.name(), e);
      throw new LDAPException(ResultCode.LOCAL_ERROR, "a mistake in the program", e);
    }
  }

  /** Whether no server is up. */
  boolean areDown() {
    return servers.stream().noneMatch(LdapServer::isUp);
  }

  /** The state of each. */
  List<DirectoryServerState> states() {
    long now = ticker.read();
    long pause = areDown() ? ALL_DOWN_PAUSE : PROBE_PAUSE;
    return servers.stream().map(server -> server.state(now, pause)).toList();
  }

  /** Has every server that was not tried yet tried in the background. */
  void tryAll() {
    for (LdapServer server : servers) {
      if (server.beginCheck(ticker.read(), 0)) {
        probes.execute(() -> check(server), server::probed);
      }
    }
  }

  /** All of them, in the configured order. */
  List<LdapServer> all() {
    return servers;
  }

  /** That server finds that name, or anybody. */
  void noteFound(LdapServer server, String name) {
    tellPlace(server, server.found(name));
  }

  /** That server does not find that name, and it is known to be gone. */
  void noteGone(LdapServer server, String name) {
    tellPlace(server, server.rightlyMissed(name));
  }

  /** That server does not find that name, which was found before. */
  void noteMissing(LdapServer server, String name, Question<LdapServer, Boolean> again) {
    if (server.missed(name, again)) {
      LOG.error(
          "directory server {} does not find several names that were found before, as if it were"
              + " being loaded; it is asked after the others until it finds them",
          server.name());
      listener.onServerBehind(server.name(), true);
      watch(server);
    }
  }

  private void tellPlace(LdapServer server, boolean again) {
    if (again) {
      LOG.info("directory server {} finds again whom it did not find", server.name());
      listener.onServerBehind(server.name(), false);
    }
  }

  @Override
  public void close() {
    beginClosing();
    probes.close();
    servers.forEach(LdapServer::close);
  }

  /**
   * Those that are up, in order or in turn, those last that miss names; then those that have rested
   * after a failure.
   */
  private List<LdapServer> inOrder() {
    long now = ticker.read();
    List<LdapServer> order = new ArrayList<>(servers);
    if (balanced) {
      Collections.rotate(order, -Math.floorMod(turn.getAndIncrement(), servers.size()));
    }
    order.removeIf(server -> !server.mayBeAsked(now, ALL_DOWN_PAUSE));
    order.sort(Comparator.comparing(LdapServer::rank));
    return order;
  }

  private void probeThoseThatRested() {
    if (areDown()) {
      return;
    }
    for (LdapServer server : servers) {
      probe(server);
    }
  }

  /** Unless it has not rested yet, or is being probed. */
  private void probe(LdapServer server) {
    if (server.beginProbe(ticker.read(), PROBE_PAUSE)) {
      probes.execute(
          () -> {
            if (server.isUp()) {
              seekMissing(server);
            } else {
              check(server);
            }
          },
          server::probed);
    }
  }

  /** Probes a server that is down, or behind, until it is not: no look-up may come that would. */
  private void watch(LdapServer server) {
    if (server.beginWatch()) {
      lookLater(server);
    }
  }

  private void lookLater(LdapServer server) {
    CompletableFuture.delayedExecutor(PROBE_PAUSE, TimeUnit.NANOSECONDS)
        .execute(
            () -> {
              if (!closing && server.stillWatched()) {
                probe(server);
                lookLater(server);
              }
            });
  }

  /** Whether the names that a server missed are there by now, or are gone everywhere. */
  private void seekMissing(LdapServer server) {
    try {
      for (Map.Entry<String, Question<LdapServer, Boolean>> missed : server.missing().entrySet()) {
        if (safely(server, missed.getValue())) {
          noteFound(server, missed.getKey());
        } else if (!askAnother(server, Subject.STRANGER, missed.getValue())
            .map(Answer::value)
            .orElse(true)) {
          noteGone(server, missed.getKey());
        }
      }
    } catch (LDAPException e) {
      noteError(server, Subject.STRANGER, e);
    } finally {
      server.probed();
    }
  }

  /**
   * Whether there is a connection to be had, and whether it shows the base object. A server that
   * takes a connection and has never said a word is as good as none.
   */
  private void check(LdapServer server) {
    try {
      boolean there = safely(server, each -> each.searches().askAnew(this::showsBase));
      server.baseSeen(there);
      if (there) {
        server.served();
      }
      judgeChecked(server, there, "it does not show its base " + base);
    } catch (LDAPException e) {
      boolean silent = !LdapPool.isUsableAfter(e) && !server.wasHeard();
      if (concernsConnection(e) || silent) {
        setAside(server, e);
      } else {
        judgeChecked(server, false, words(e));
      }
    } finally {
      server.probed();
    }
  }

  private void judgeChecked(LdapServer server, boolean good, String why) {
    boolean failed = !good && server.baseSeen(false);
    if (failed && (server.failsSeveral() || !server.isUp())) {
      setAside(server, new ExplainedException(ResultCode.UNAVAILABLE, why));
    } else {
      noteAnswer(server);
    }
  }

  private boolean showsBase(LDAPConnection connection) throws LDAPException {
    SearchRequest search =
        new SearchRequest(base, SearchScope.BASE, "(objectClass=*)", SearchRequest.NO_ATTRIBUTES);
    search.setResponseTimeoutMillis(checkMillis);
    search.setFollowReferrals(false);
    try {
      return connection.search(search).getEntryCount() > 0;
    } catch (LDAPException e) {
      if (e.getResultCode().equals(ResultCode.NO_SUCH_OBJECT)) {
        return false;
      }
      throw e;
    }
  }

  private void noteAnswer(LdapServer server) {
    boolean wasUp = server.isUp();
    if (server.answered()) {
      if (!wasUp) {
        LOG.info("directory server {} answers again", server.name());
      }
      listener.onServerState(server.name(), true);
    }
  }

  private void noteError(LdapServer server, Subject who, LDAPException error) {
    if (concernsConnection(error)) {
      setAside(server, error);
      return;
    }
    if (LdapPool.isUsableAfter(error)) {
      server.said();
    }
    ResultCode code = error.getResultCode();
    lastFailure = words(error);
    if (refusals.timesToTell(server.name() + " " + code.intValue(), ticker.read()) > 0) {
      LOG.warn("directory server {} refuses: {}", server.name(), describe(error));
    }
    boolean several = who.known() && server.failedName(who.key(), describe(error));
    boolean silent = isLate(error) || !LdapPool.isUsableAfter(error);
    if ((several || silent) && server.beginCheck(ticker.read(), CHECK_PAUSE)) {
      probes.execute(() -> check(server), server::probed);
    }
  }

  private void setAside(LdapServer server, LDAPException error) {
    if (closing) {
      return; // it was interrupted, and is not to blame
    }
    lastFailure = words(error);
    if (server.failed(ticker.read(), describe(error))) {
      LOG.warn("directory server {} cannot be used: {}", server.name(), describe(error));
      listener.onServerState(server.name(), false);
      watch(server);
    }
  }

  /** From now on questions are interrupted, and no server is to blame for that. */
  void beginClosing() {
    closing = true;
  }

  /** Whether there was no connection to ask over, or it could not be bound. */
  private static boolean concernsConnection(LDAPException error) {
    return error instanceof ExplainedException
        && error.getResultCode().equals(ResultCode.CONNECT_ERROR);
  }

  /** Whether more time might have brought an answer. */
  static boolean isLate(LDAPException error) {
    ResultCode code = error.getResultCode();
    return code.equals(ResultCode.TIMEOUT) || code.equals(ResultCode.TIME_LIMIT_EXCEEDED);
  }

  /** An error in words that are safe to print. */
  static String describe(LDAPException error) {
    return SafeText.of(words(error));
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
