package org.openmmp.directory.ldap;

import com.unboundid.ldap.sdk.BindRequest;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPConnectionPool;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.PasswordProvider;
import com.unboundid.ldap.sdk.PostConnectProcessor;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import com.unboundid.ldap.sdk.SingleServerSet;
import com.unboundid.ldap.sdk.StartTLSPostConnectProcessor;
import java.util.Set;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import org.openmmp.wire.Secret;

/** Connections to one LDAP server, all bound alike, to ask over. Its methods block. */
final class LdapPool implements AutoCloseable {
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
  private final String bindDn;
  private final LDAPConnectionPool connections;
  private final Runnable renewed;

  /**
   * A question to the directory.
   *
   * @param <S> whom it is put to: a connection, or a server
   */
  interface Question<S, T> {
    T ask(S of) throws LDAPException;
  }

  /**
   * Opens no connection yet.
   *
   * @param bindDn whom the connections are bound as, with the configured password; empty: nobody
   * @param renewed told when the server had closed a connection, so that it may be another one now
   */
  LdapPool(
      DirectoryConfig.Server server,
      DirectoryConfig config,
      String bindDn,
      SSLContext tls,
      Runnable renewed) {
    this.host = server.host();
    this.bindDn = bindDn;
    this.renewed = renewed;
    DirectoryConfig.Connections settings = config.connections();
    SocketFactory sockets =
        new BoundedSockets(
            server.ldaps() ? tls.getSocketFactory() : SocketFactory.getDefault(),
            (int) settings.connectTimeout().toMillis());
    SingleServerSet address =
        new SingleServerSet(server.host(), server.port(), sockets, options(settings));
    boolean startTls = settings.startTls() && !server.ldaps();
    PostConnectProcessor upgrade = startTls ? new StartTLSPostConnectProcessor(tls) : null;
    BindRequest login =
        bindDn.isEmpty() ? null : new SimpleBindRequest(bindDn, bindPassword(config));
    try {
      connections = new LDAPConnectionPool(address, login, 0, settings.poolSize(), upgrade, false);
    } catch (LDAPException e) {
      throw new IllegalStateException("a pool without connections cannot fail", e);
    }
    connections.setCreateIfNecessary(true);
    connections.setMaxWaitTimeMillis(0);
    connections.setMaxConnectionAgeMillis(settings.reopenInterval().toMillis());
    connections.setTrySynchronousReadDuringHealthCheck(true);
  }

  /**
   * The password that our own connections are bound with, as it stands in its file when a
   * connection is made: one that was changed there is good for the next bind.
   */
  private static PasswordProvider bindPassword(DirectoryConfig config) {
    return new PasswordProvider() {
      /** The library overwrites it once it is sent. */
      @Override
      public byte[] getPasswordBytes() throws LDAPException {
        Secret password = config.currentBindPassword();
        if (password.isEmpty()) {
          // RFC 4513 section 5.1.2: that would be taken for an anonymous bind.
          throw new LDAPException(ResultCode.PARAM_ERROR, "there is no bind password");
        }
        return password.copy();
      }
    };
  }

  private static LDAPConnectionOptions options(DirectoryConfig.Connections settings) {
    LDAPConnectionOptions options = new LDAPConnectionOptions();
    options.setConnectTimeoutMillis((int) settings.connectTimeout().toMillis());
    options.setResponseTimeoutMillis(settings.searchTimeout().toMillis());
    options.setSSLSocketVerifier(LdapTls.peerVerifier());
    options.setUseSynchronousMode(true);
    options.setFollowReferrals(false);
    options.setMaxMessageSize(settings.maxEntryOctets());
    // A dead peer acknowledges nothing: who closes would wait for it.
    options.setUseLinger(false, 0);
    options.setUseTCPNoDelay(true);
    return options;
  }

  /**
   * Asks over a pooled connection. The server may have closed it meanwhile: that shows in the first
   * answer and is worth one new connection, unlike a time limit that has passed.
   */
  <T> T ask(Question<LDAPConnection, T> question) throws LDAPException {
    LDAPConnection pooled = connect();
    try {
      T answer = question.ask(pooled);
      connections.releaseConnection(pooled);
      return answer;
    } catch (LDAPException e) {
      if (e.getResultCode().equals(ResultCode.TIMEOUT)) {
        connections.discardConnection(pooled);
        throw e;
      }
      if (isUsableAfter(e)) {
        connections.releaseConnection(pooled);
        throw e;
      }
    } catch (RuntimeException | Error e) {
      connections.discardConnection(pooled);
      throw e;
    }
    LDAPConnection fresh = reconnect(pooled);
    renewed.run();
    return askOnce(fresh, question);
  }

  /** Asks over a connection that is made for it. */
  <T> T askAnew(Question<LDAPConnection, T> question) throws LDAPException {
    return askOnce(reconnect(connect()), question);
  }

  /** Closes what nobody uses at present. */
  void shrink() {
    connections.shrinkPool(0);
  }

  /** Whether it was the server that said so: then the connection is as good as before. */
  static boolean isUsableAfter(LDAPException e) {
    return !SAID_HERE.contains(e.getResultCode());
  }

  @Override
  public void close() {
    connections.close();
  }

  private LDAPConnection connect() throws LDAPException {
    try {
      return connections.getConnection();
    } catch (LDAPException e) {
      throw ExplainedException.ofConnect(host, bindDn, e);
    }
  }

  private LDAPConnection reconnect(LDAPConnection defunct) throws LDAPException {
    try {
      return connections.replaceDefunctConnection(defunct);
    } catch (LDAPException e) {
      throw ExplainedException.ofConnect(host, bindDn, e);
    }
  }

  private <T> T askOnce(LDAPConnection connection, Question<LDAPConnection, T> question)
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
        connections.releaseConnection(connection);
      } else {
        connections.discardConnection(connection);
      }
    }
  }
}
