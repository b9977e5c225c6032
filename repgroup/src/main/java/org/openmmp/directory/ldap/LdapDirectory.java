package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Ticker;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.openmmp.config.DirectoryConfig;
import org.openmmp.directory.Directory;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.LoginName;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Kind;
import org.openmmp.directory.Printable;
import org.openmmp.directory.UnusableValueException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory in LDAP servers (rule B1). */
public final class LdapDirectory implements Directory {
  private static final Logger LOG = LoggerFactory.getLogger(LdapDirectory.class);

  private final DirectoryConfig config;
  private final LdapServers servers;
  private final Workers workers;
  private final AccountReader reader;
  private final AccountCache cache;
  private final UserBinds binds;
  private final CertificateOwners owners;
  private final UnaryOperator<String> clientNames;
  private final DirectoryListener listener;
  private final Ticker ticker;

  /**
   * Checks the configuration; connects at the first look-up.
   *
   * @throws IllegalArgumentException if a template cannot be one, or the certificates cannot be
   *     read; the message says which and why
   */
  public LdapDirectory(DirectoryConfig config, DirectoryListener listener, Ticker ticker) {
    this(config, listener, ticker, new ClientNames(ticker));
  }

  LdapDirectory(
      DirectoryConfig config,
      DirectoryListener listener,
      Ticker ticker,
      UnaryOperator<String> clientNames) {
    this.config = config;
    this.listener = listener;
    this.ticker = ticker;
    this.clientNames = clientNames;
    this.servers = new LdapServers(config, listener, ticker);
    this.workers = Workers.of("ldap-lookup", config.connections(), ticker);
    this.reader = new AccountReader(config, servers, ticker);
    this.cache = new AccountCache(config.cache(), workers, servers::areDown, listener, ticker);
    this.owners =
        new CertificateOwners(servers, config.connections().searchTimeout(), workers, listener);
    this.binds = new UserBinds(config, servers, listener, ticker);
  }

  @Override
  public CompletionStage<LookupResult> lookUp(LookupRequest request) {
    return request.certificate().searched()
        ? owners.lookUp(request.certificate(), name -> lookUpName(request.named(name)))
        : lookUpName(request);
  }

  private CompletionStage<LookupResult> lookUpName(LookupRequest request) {
    long begin = ticker.read();
    LoginName name;
    try {
      name = parse(request.loginName(), request.defaultDomain());
    } catch (UnusableValueException e) {
      String typed = Printable.of(request.loginName());
      return CompletableFuture.completedStage(
          announced(LookupResult.failed(Kind.NO_SUCH_USER, typed, e.reason()), begin));
    }
    AccountCache.Key key = new AccountCache.Key(name.login(), reader.otherValues(name, request));
    return cache
        .get(key, () -> reader.read(name, request))
        .thenCompose(served -> forClient(served, request))
        .thenApply(result -> announced(result, begin));
  }

  @Override
  public CompletionStage<BindResult> bind(LookupResult user, byte[] password) {
    return binds.bind(user, password);
  }

  @Override
  public boolean preAuthenticates(String login) {
    int at = login.lastIndexOf('@');
    return config.hosted(at < 0 ? "" : login.substring(at + 1)).preAuthenticated();
  }

  @Override
  public String identityOf(String typed, String defaultDomain) {
    try {
      return parse(typed, defaultDomain).login();
    } catch (UnusableValueException nobodys) {
      return typed;
    }
  }

  @Override
  public void forget(String login) {
    forgetExactly(login);
    try {
      forgetExactly(parse(login, "").login());
    } catch (UnusableValueException e) {
      LOG.debug("nothing is cached of {}: {}", Printable.of(login), e.reason());
    }
  }

  @Override
  public void forgetAll() {
    cache.forgetAll();
    reader.forgetDomains();
    binds.forgetAll();
  }

  @Override
  public void close() {
    workers.close();
    binds.close();
    servers.close();
  }

  private void forgetExactly(String login) {
    cache.forgetLogin(login);
    binds.forget(login);
  }

  private LoginName parse(String typed, String listenersDomain) throws UnusableValueException {
    String domain = listenersDomain.isEmpty() ? config.defaultDomain() : listenersDomain;
    return LoginName.parse(typed, config.delimiters(), domain);
  }

  private CompletionStage<LookupResult> forClient(
      AccountCache.Served served, LookupRequest request) {
    Account account = served.account();
    if (request.purpose() == LookupRequest.Purpose.DELIVERY || !account.wantsClientName()) {
      return CompletableFuture.completedStage(
          account.forClient(request, "").as(served.freshness()));
    }
    CompletableFuture<LookupResult> named = new CompletableFuture<>();
    workers.execute(
        () -> {
          String clientName = clientNames.apply(request.clientIp());
          named.complete(account.forClient(request, clientName).as(served.freshness()));
        },
        () -> {
          listener.onTurnedAway();
          named.complete(
              LookupResult.failed(
                  Kind.DIRECTORY_DOWN,
                  account.answer().login(),
                  "too many look-ups wait for the client's host name"));
        });
    return named;
  }

  private LookupResult announced(LookupResult result, long begin) {
    listener.onLookup(result.kind(), result.freshness(), ticker.read() - begin);
    LOG.debug(
        "look-up of {}: {} {}, {}",
        Printable.of(result.login()),
        result.kind(),
        result.freshness(),
        result.reason());
    return result;
  }
}
