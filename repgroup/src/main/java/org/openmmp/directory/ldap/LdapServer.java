package org.openmmp.directory.ldap;

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
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.DirectoryConfig;

/**
 * One LDAP server: its pooled connections, for searches and, apart from them, for binds, and
 * whether it answers. Its methods block but for those about its state.
 */
final class LdapServer implements AutoCloseable {
  private static final int MAX_MESSAGE_OCTETS = 1 << 20;

  private final String host;
  private final String name;
  private final String bindDn;
  private final LDAPConnectionPool searches;
  private final LDAPConnectionPool binds;
  private boolean up = true;
  private boolean probing;
  private long failedAt;

  /** What is asked of a server over one connection. */
  interface Question<T> {
    T ask(LDAPConnection connection) throws LDAPException;
  }

  private interface Connect {
    LDAPConnection open() throws LDAPException;
  }

  /** Opens no connection yet. */
  LdapServer(DirectoryConfig.Server server, DirectoryConfig config, SSLContext tls) {
    host = server.host();
    name = host + ":" + server.port();
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
        bindDn.isEmpty() ? null : new SimpleBindRequest(bindDn, config.bindPassword().reveal());
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

  /** Whether it answered when it was last asked, or was not asked yet. */
  synchronized boolean isUp() {
    return up;
  }

  /** Whether it is up, or its last failure is at least so long ago. */
  synchronized boolean mayBeAsked(long nowNanos, long pauseNanos) {
    return up || nowNanos - failedAt >= pauseNanos;
  }

  /**
   * Claims the one probe of a server that is down and has rested; {@link #answered} or {@link
   * #failed} ends it.
   */
  synchronized boolean beginProbe(long nowNanos, long pauseNanos) {
    if (probing || up || !mayBeAsked(nowNanos, pauseNanos)) {
      return false;
    }
    probing = true;
    return true;
  }

  /** It answers; true if it was down before. */
  synchronized boolean answered() {
    boolean change = !up;
    up = true;
    probing = false;
    return change;
  }

  /** It does not answer; true if it was up before. */
  synchronized boolean failed(long nowNanos) {
    boolean change = up;
    up = false;
    probing = false;
    failedAt = nowNanos;
    return change;
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
      if (e.getResultCode().isConnectionUsable()) {
        pool.releaseConnection(pooled);
        throw e;
      }
    } catch (RuntimeException e) {
      pool.discardConnection(pooled);
      throw e;
    }
    return askOnce(pool, connect(() -> pool.replaceDefunctConnection(pooled)), question);
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
      usable =
          e.getResultCode().isConnectionUsable() && !e.getResultCode().equals(ResultCode.TIMEOUT);
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
    options.setMaxMessageSize(MAX_MESSAGE_OCTETS);
    options.setUseTCPNoDelay(true);
    return options;
  }
}
