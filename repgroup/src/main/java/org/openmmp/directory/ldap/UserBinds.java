package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Ticker;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.LookupRequest;
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

  /** The time limit of a bind that may not take as long as it likes. */
  private static final Duration QUICK = Duration.ofSeconds(2);

  /** More than any message of a bind. */
  private static final int LONGEST_MESSAGE = 64 * 1024;

  /** Octets of the name of one attribute in a search. */
  private static final int SHORTEST_PIECE = 3;

  private final LdapServers servers;
  private final Workers workers;
  private final Semaphore patients;
  private final Slowness slowness = new Slowness();
  private final Duration limit;
  private final Ticker ticker;
  private final ProvenPasswords proven;
  private final DirectoryListener listener;

  UserBinds(
      DirectoryConfig config, LdapServers servers, DirectoryListener listener, Ticker ticker) {
    this.servers = servers;
    this.listener = listener;
    this.ticker = ticker;
    this.limit = config.connections().searchTimeout();
    int connections = config.connections().poolSize();
    this.workers = new Workers("ldap-bind", connections, ticker);
    this.patients = new Semaphore(Math.max(1, connections / 2));
    this.proven = new ProvenPasswords(config.cache().size(), config.provenPasswordTtl(), ticker);
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
    long until = ticker.read() + LookupRequest.PATIENCE.toNanos();
    workers.execute(
        false,
        () -> until,
        () -> result.complete(bindNow(user, password, result::complete)),
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

  /**
   * Binds.
   *
   * @param told hears an answer as soon as there is one, before the connection is washed
   */
  private BindResult bindNow(LookupResult user, byte[] password, Consumer<BindResult> told) {
    // Servers may be slow about single users: these get no more than half of the connections for
    // longer than others need. A bind is not begun again: each counts as one try of the user's.
    boolean patient = patients.tryAcquire();
    boolean all = patient || slowness.general();
    byte[] sent = password.clone();
    overwriteNativeCopies();
    long begin = ticker.read();
    try {
      SimpleBindRequest request = new SimpleBindRequest(user.entryDn(), sent);
      request.setResponseTimeoutMillis(all ? limit.toMillis() : quick().toMillis());
      LdapServers.Answer<BindResult> answer =
          servers.ask(
              LdapServers.Subject.STRANGER,
              server ->
                  server
                      .binds()
                      .ask(
                          connection -> {
                            BindResult result = bind(connection, request);
                            if (ticker.read() - begin < quick().toNanos()) {
                              slowness.quick();
                            }
                            if (result == BindResult.ACCEPTED) {
                              proven.prove(user.login(), user.entryDn(), password);
                            }
                            int length = user.entryDn().length() * 4 + sent.length;
                            Arrays.fill(sent, (byte) 0);
                            told.accept(result);
                            wash(connection, length);
                            return result;
                          }));
      return answer.value();
    } catch (LDAPException e) {
      if (LdapServers.isLate(e)) {
        slowness.late();
      }
      LOG.debug("no server answered a bind: {}", LdapServers.describe(e));
      return BindResult.DIRECTORY_DOWN;
    } finally {
      Arrays.fill(sent, (byte) 0);
      overwriteNativeCopies();
      if (patient) {
        patients.release();
      }
    }
  }

  /**
   * The connection keeps what it sent last in its buffer, for as long as it is in the pool: so it
   * sends something that is longer than the password. What the server says to it means nothing. It
   * is made of many short pieces, because a buffer that has to grow is left behind as it is.
   */
  private void wash(LDAPConnection connection, int length) {
    try {
      String[] longer =
          Collections.nCopies(length / SHORTEST_PIECE + 1, "x").toArray(String[]::new);
      SearchRequest search =
          new SearchRequest(
              "", SearchScope.BASE, Filter.createPresenceFilter("objectClass"), longer);
      search.setResponseTimeoutMillis(quick().toMillis());
      connection.search(search);
    } catch (LDAPException e) {
      if (!LdapPool.isUsableAfter(e)) {
        connection.close();
      }
    }
  }

  /**
   * Overwrites what the JDK keeps of what this thread writes: it copies it into memory outside the
   * heap, which it keeps for the thread's next write, and gives back as it is when that needs more.
   * Before a secret is written that memory is made large enough for all messages, so that it is not
   * given back with the secret in it.
   */
  private static void overwriteNativeCopies() {
    try (FileChannel nowhere = FileChannel.open(Path.of("/dev/null"), StandardOpenOption.WRITE)) {
      nowhere.write(ByteBuffer.allocate(LONGEST_MESSAGE));
    } catch (IOException e) {
      LOG.debug("the copy of what was written stays in memory: {}", e.toString());
    }
  }

  private Duration quick() {
    return limit.compareTo(QUICK) < 0 ? limit : QUICK;
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
