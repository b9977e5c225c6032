package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Ticker;
import com.unboundid.ldap.sdk.BindRequest;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPConnectionPool;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.PostConnectProcessor;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import com.unboundid.ldap.sdk.SingleServerSet;
import com.unboundid.ldap.sdk.StartTLSPostConnectProcessor;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.directory.DirectoryServerState.State;
import org.openmmp.text.AddressLiteral;

/**
 * One LDAP server: its pooled connections, for searches and, apart from them, for binds, and what
 * is known of it. Its methods block but for those about its state.
 */
final class LdapServer implements AutoCloseable {
  /** So many different names, and it may be the server (rules B1.11, B1.13). */
  static final int SEVERAL = 3;

  /** Results that no server sends: the library says so of the connection. */
  private static final Set<ResultCode> SAID_HERE =
      Set.of(
          ResultCode.SERVER_DOWN,
          ResultCode.LOCAL_ERROR,
          ResultCode.ENCODING_ERROR,
          ResultCode.DECODING_ERROR,
          ResultCode.TIMEOUT,
          ResultCode.NO_MEMORY,
          ResultCode.CONNECT_ERROR);

  private final String host;
  private final String name;
  private final String bindDn;
  private final LDAPConnectionPool searches;
  private final LDAPConnectionPool binds;
  private final Ticker ticker;
  private final Set<String> failing = new LinkedHashSet<>();
  private final Map<String, LdapServers.Call<Boolean>> missing = new LinkedHashMap<>();
  private boolean tried;
  private boolean up = true;
  private boolean probing;
  private long failedAt;
  private long checkedAt;
  private boolean checked;
  private boolean baseSeen;
  private boolean heard;
  private boolean foundSomebody;
  private boolean behind;
  private String why = "";
  private State told = State.UNTRIED;
  private long toldSince;

  /** What is asked of a server over one connection. */
  interface Question<T> {
    T ask(LDAPConnection connection) throws LDAPException;
  }

  private interface Connect {
    LDAPConnection open() throws LDAPException;
  }

  /** Opens no connection yet. */
  LdapServer(DirectoryConfig.Server server, DirectoryConfig config, SSLContext tls, Ticker ticker) {
    this.ticker = ticker;
    host = server.host();
    name = AddressLiteral.withPort(host, server.port());
    bindDn = config.bindDn();
    DirectoryConfig.Connections connections = config.connections();
    SocketFactory sockets =
        new BoundedSockets(
            server.ldaps() ? tls.getSocketFactory() : SocketFactory.getDefault(),
            (int) connections.connectTimeout().toMillis());
    SingleServerSet address =
        new SingleServerSet(server.host(), server.port(), sockets, options(connections));
    boolean startTls = connections.startTls() && !server.ldaps();
    PostConnectProcessor upgrade = startTls ? new StartTLSPostConnectProcessor(tls) : null;
    BindRequest login =
        bindDn.isEmpty()
            ? null
            : new SimpleBindRequest(bindDn, new BindPassword(config::currentBindPassword));
    searches = pool(address, login, upgrade, connections);
    binds = pool(address, null, upgrade, connections);
  }

  /** Its {@code host:port}. */
  String name() {
    return name;
  }

  /** Asks on a connection that is bound as configured. */
  <T> T search(Question<T> question) throws LDAPException {
    return ask(searches, question);
  }

  /** Asks on a connection that is used for binds only. */
  <T> T bind(Question<T> question) throws LDAPException {
    return ask(binds, question);
  }

  /** Asks on a connection that is made for it, and bound as configured. */
  <T> T askAnew(Question<T> question) throws LDAPException {
    LDAPConnection own = connect(searches::getConnection);
    LDAPConnection fresh = connect(() -> searches.replaceDefunctConnection(own));
    return askOnce(searches, fresh, question);
  }

  /** Whether it answered when it was last asked, or was not asked yet. */
  synchronized boolean isUp() {
    return up;
  }

  /** The place among the servers that are asked: the lower, the sooner. */
  synchronized int rank() {
    return up ? behind ? 1 : 0 : 2;
  }

  /** Whether it is up, or its last failure is at least so long ago. */
  synchronized boolean mayBeAsked(long nowNanos, long pauseNanos) {
    return up || nowNanos - failedAt >= pauseNanos;
  }

  /**
   * Claims the one probe of a server that is down, or behind the others, and has rested; {@link
   * #probed} ends it.
   */
  synchronized boolean beginProbe(long nowNanos, long pauseNanos) {
    boolean rested =
        up
            ? behind && (!checked || nowNanos - checkedAt >= pauseNanos)
            : mayBeAsked(nowNanos, pauseNanos);
    if (probing || !rested) {
      return false;
    }
    probing = true;
    checked = true;
    checkedAt = nowNanos;
    return true;
  }

  /** Claims the one check of a server that is in doubt, unless there was one a moment ago. */
  synchronized boolean beginCheck(long nowNanos, long pauseNanos) {
    if (probing || !up || (checked && nowNanos - checkedAt < pauseNanos)) {
      return false;
    }
    probing = true;
    checked = true;
    checkedAt = nowNanos;
    return true;
  }

  /** The probe or check is over, whatever came of it. */
  synchronized void probed() {
    probing = false;
  }

  /** It answers; true if it was down before, or not tried. */
  synchronized boolean answered() {
    boolean change = !up || !tried;
    if (!up) {
      foundSomebody = false;
      probing = false;
      why = "";
    }
    tried = true;
    up = true;
    noteState();
    return change;
  }

  /** It does not answer; true if it was up before. */
  boolean failed(long nowNanos, String reason) {
    boolean change = noteFailure(nowNanos, reason);
    searches.shrinkPool(0);
    binds.shrinkPool(0);
    return change;
  }

  private synchronized boolean noteFailure(long nowNanos, String reason) {
    boolean change = up;
    tried = true;
    up = false;
    probing = false;
    why = reason;
    failedAt = nowNanos;
    failing.clear();
    noteState();
    return change;
  }

  /** It has an answer, of whatever kind, for somebody. */
  synchronized void served() {
    heard = true;
    failing.clear();
  }

  /** It has none for that name, which was found before; whether it has none for several now. */
  synchronized boolean failedName(String unanswered, String reason) {
    why = reason;
    if (failing.size() < SEVERAL) {
      failing.add(unanswered);
    }
    return failing.size() >= SEVERAL;
  }

  /** Whether it has had no answer for several names in a row. */
  synchronized boolean failsSeveral() {
    return failing.size() >= SEVERAL;
  }

  /** Whether it has ever shown the object that searches begin at, or shows it now. */
  synchronized boolean baseSeen(boolean now) {
    boolean before = baseSeen;
    baseSeen |= now;
    return before || now;
  }

  /** It answered, though it did not serve. */
  synchronized void said() {
    heard = true;
  }

  /** Whether it has ever answered anything. */
  synchronized boolean wasHeard() {
    return heard;
  }

  /** Whether it found somebody since it was connected to. */
  synchronized boolean foundSomebody() {
    return foundSomebody;
  }

  /** It found that name, or anybody at all. */
  synchronized boolean found(String present) {
    foundSomebody = true;
    return missing.remove(present) != null && missing.isEmpty() && leaveBehind();
  }

  /** That name is gone, as others say too; whether it takes its place again. */
  synchronized boolean rightlyMissed(String gone) {
    return missing.remove(gone) != null && missing.isEmpty() && leaveBehind();
  }

  private boolean leaveBehind() {
    boolean change = behind;
    behind = false;
    noteState();
    return change;
  }

  /** The names that it misses, and how to ask for them. */
  synchronized Map<String, LdapServers.Call<Boolean>> missing() {
    return Map.copyOf(missing);
  }

  /**
   * It does not find a name that was found before; true if it falls behind by that.
   *
   * @param again asks whether a server finds it
   */
  synchronized boolean missed(String absent, LdapServers.Call<Boolean> again) {
    if (missing.size() < SEVERAL) {
      missing.put(absent, again);
    }
    boolean change = !behind && missing.size() >= SEVERAL;
    behind |= change;
    if (change) {
      why = "it does not find names that were found before";
      noteState();
    }
    return change;
  }

  /** What operators are told. */
  synchronized DirectoryServerState state(long nowNanos, long pauseNanos) {
    long since = told == State.UNTRIED ? nowNanos : toldSince;
    long rest = up ? 0 : pauseNanos - (nowNanos - failedAt);
    return new DirectoryServerState(name, told, millis(nowNanos - since), millis(rest), why);
  }

  private void noteState() {
    State now = !up ? State.ASIDE : behind ? State.BEHIND : State.UP;
    if (told != now) {
      told = now;
      toldSince = ticker.read();
    }
  }

  private static long millis(long nanos) {
    return Math.max(0, TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  @Override
  public void close() {
    searches.close();
    binds.close();
  }

  /**
   * A connection from the pool may have been closed by the server meanwhile: that shows in the
   * first answer and is worth one new connection, unlike a time limit that has passed.
   */
  private <T> T ask(LDAPConnectionPool pool, Question<T> question) throws LDAPException {
    LDAPConnection pooled = connect(pool::getConnection);
    try {
      T answer = question.ask(pooled);
      pool.releaseConnection(pooled);
      return answer;
    } catch (LDAPException e) {
      if (e.getResultCode().equals(ResultCode.TIMEOUT)) {
        pool.discardConnection(pooled);
        throw e;
      }
      if (isUsableAfter(e)) {
        pool.releaseConnection(pooled);
        throw e;
      }
    } catch (RuntimeException | Error e) {
      pool.discardConnection(pooled);
      throw e;
    }
    LDAPConnection fresh = connect(() -> pool.replaceDefunctConnection(pooled));
    synchronized (this) {
      foundSomebody = false;
    }
    return askOnce(pool, fresh, question);
  }

  /** Whether it was the server that said so: then the connection is as good as before. */
  static boolean isUsableAfter(LDAPException e) {
    return !SAID_HERE.contains(e.getResultCode());
  }

  private LDAPConnection connect(Connect connect) throws LDAPException {
    try {
      return connect.open();
    } catch (LDAPException e) {
      throw ConnectTrouble.explain(host, bindDn, e);
    }
  }

  private static <T> T askOnce(
      LDAPConnectionPool pool, LDAPConnection connection, Question<T> question)
      throws LDAPException {
    boolean usable = false;
    try {
      T answer = question.ask(connection);
      usable = true;
      return answer;
    } catch (LDAPException e) {
      usable = isUsableAfter(e);
      throw e;
    } finally {
      if (usable) {
        pool.releaseConnection(connection);
      } else {
        pool.discardConnection(connection);
      }
    }
  }

  private static LDAPConnectionPool pool(
      SingleServerSet address,
      @Nullable BindRequest login,
      @Nullable PostConnectProcessor upgrade,
      DirectoryConfig.Connections connections) {
    try {
      LDAPConnectionPool pool =
          new LDAPConnectionPool(address, login, 0, connections.poolSize(), upgrade, false);
      pool.setCreateIfNecessary(true);
      pool.setMaxWaitTimeMillis(0);
      pool.setMaxConnectionAgeMillis(connections.reopenInterval().toMillis());
      pool.setTrySynchronousReadDuringHealthCheck(true);
      return pool;
    } catch (LDAPException e) {
      throw new IllegalStateException("a pool without connections cannot fail", e);
    }
  }

  private static LDAPConnectionOptions options(DirectoryConfig.Connections connections) {
    LDAPConnectionOptions options = new LDAPConnectionOptions();
    options.setConnectTimeoutMillis((int) connections.connectTimeout().toMillis());
    options.setResponseTimeoutMillis(connections.searchTimeout().toMillis());
    options.setSSLSocketVerifier(new PeerVerifier());
    options.setUseSynchronousMode(true);
    options.setFollowReferrals(false);
    options.setMaxMessageSize(connections.maxEntryOctets());
    // A dead peer acknowledges nothing: who closes would wait for it.
    options.setUseLinger(false, 0);
    options.setUseTCPNoDelay(true);
    return options;
  }
}
