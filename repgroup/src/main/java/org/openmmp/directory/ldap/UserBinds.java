package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Ticker;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.openmmp.config.DirectoryConfig;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.LookupResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks passwords by binding as the user (rule B1.8). */
final class UserBinds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UserBinds.class);

  /** Results that say that this user may not bind with this password. */
  private static final Set<ResultCode> REFUSALS =
      Set.of(
          ResultCode.INVALID_CREDENTIALS,
          ResultCode.NO_SUCH_OBJECT,
          ResultCode.INVALID_DN_SYNTAX,
          ResultCode.INAPPROPRIATE_AUTHENTICATION,
          ResultCode.INSUFFICIENT_ACCESS_RIGHTS,
          ResultCode.CONSTRAINT_VIOLATION,
          ResultCode.UNWILLING_TO_PERFORM);

  private final LdapServers servers;
  private final Workers workers;
  private final ProvenPasswords proven;
  private final DirectoryListener listener;

  UserBinds(
      DirectoryConfig config, LdapServers servers, DirectoryListener listener, Ticker ticker) {
    this.servers = servers;
    this.listener = listener;
    this.workers = Workers.of("ldap-bind", config.connections(), ticker);
    this.proven =
        new ProvenPasswords(config.cache().size(), config.preAuthentication().successTtl(), ticker);
  }

  /** See {@link org.openmmp.directory.Directory#bind}. */
  CompletionStage<BindResult> bind(LookupResult user, byte[] password) {
    // RFC 4513 section 5.1.2: a bind with a name and no password is unauthenticated, and succeeds.
    if (password.length == 0 || user.entryDn().isEmpty()) {
      return CompletableFuture.completedStage(BindResult.REJECTED);
    }
    if (proven.isProven(user.login(), user.entryDn(), password)) {
      return CompletableFuture.completedStage(BindResult.ACCEPTED);
    }
    CompletableFuture<BindResult> result = new CompletableFuture<>();
    workers.execute(
        () -> result.complete(bindNow(user, password)),
        () -> {
          listener.onTurnedAway();
          result.complete(BindResult.DIRECTORY_DOWN);
        });
    return result;
  }

  void forget(String login) {
    proven.forget(login);
  }

  void forgetAll() {
    proven.forgetAll();
  }

  @Override
  public void close() {
    workers.close();
  }

  private BindResult bindNow(LookupResult user, byte[] password) {
    try {
      SimpleBindRequest request = new SimpleBindRequest(user.entryDn(), password);
      BindResult result =
          servers.ask(server -> server.bind(connection -> bind(connection, request)));
      if (result == BindResult.ACCEPTED) {
        proven.prove(user.login(), user.entryDn(), password);
      }
      return result;
    } catch (LDAPException e) {
      LOG.debug("no server answered a bind: {}", LdapServers.describe(e));
      return BindResult.DIRECTORY_DOWN;
    } catch (RuntimeException e) {
      LOG.error("a bind failed by a mistake in the program", e);
      return BindResult.DIRECTORY_DOWN;
    }
  }

  private static BindResult bind(LDAPConnection connection, SimpleBindRequest request)
      throws LDAPException {
    try {
      connection.bind(request);
      return BindResult.ACCEPTED;
    } catch (LDAPException e) {
      if (REFUSALS.contains(e.getResultCode())) {
        return BindResult.REJECTED;
      }
      throw e;
    }
  }
}
