package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.openmmp.directory.Directory;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.directory.LoginName;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Kind;
import org.openmmp.directory.UnusableValueException;
import org.openmmp.text.SafeText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory in LDAP servers (rule B1). */
public final class LdapDirectory implements Directory {
  private static final Logger LOG = LoggerFactory.getLogger(LdapDirectory.class);

  private final DirectoryConfig config;
  private final LdapServers servers;
  private final LookupLanes lanes;
  private final Workers clientNameWorkers;
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
    EmptyAnswers believed = new EmptyAnswers(config, servers, ticker);
    this.lanes = new LookupLanes(config.connections(), ticker);
    // A client chooses who answers for its name, and how slowly.
    this.clientNameWorkers = new Workers("client-name", config.connections().poolSize(), ticker);
    this.reader = new AccountReader(config, believed, AccountCache.RECENT, ticker);
    this.cache = new AccountCache(config, lanes, servers::areDown, listener, ticker);
    this.owners =
        new CertificateOwners(believed, config.connections().references(), lanes, listener, ticker);
    this.binds = new UserBinds(config, servers, listener, ticker);
  }

  /**
   * Remembers the users that another one does: call it where the configuration of that one would
   * have found the same ({@link DirectoryConfig#findsAs}), before the first look-up.
   */
  public void rememberAs(LdapDirectory before) {
    cache.remember(before.cache);
  }

  @Override
  public CompletionStage<LookupResult> lookUp(LookupRequest request) {
    return request.certificate().searched()
        ? owners.lookUp(
            request.certificate(), request.patience(), name -> lookUpName(request.named(name)))
        : lookUpName(request);
  }

  private CompletionStage<LookupResult> lookUpName(LookupRequest request) {
    long begin = ticker.read();
    List<String> all = forms(request);
    List<String> typed = new ArrayList<>(all.size());
    List<LoginName> forms = new ArrayList<>(all.size());
    String unusable = "";
    for (String each : all) {
      try {
        forms.add(parse(each, request.defaultDomain()));
        typed.add(each);
      } catch (UnusableValueException e) {
        unusable = unusable.isEmpty() ? e.reason() : unusable;
      }
    }
    if (forms.isEmpty()) {
      String name = SafeText.of(request.loginName());
      return CompletableFuture.completedStage(
          announced(LookupResult.failed(Kind.NO_SUCH_USER, name, unusable), begin));
    }
    List<AccountCache.Key> keys = new ArrayList<>(forms.size());
    for (LoginName name : forms) {
      keys.add(new AccountCache.Key(name.login(), reader.otherValues(name, request)));
    }
    CompletableFuture<Account> found =
        cache.get(
            keys,
            request,
            (foundBefore, fresh, limit) ->
                reader.read(request, forms, subject(keys.get(0), foundBefore), fresh, limit));
    if (found.isDone() && !found.isCompletedExceptionally()) { // most are known
      Account known = found.join();
      if (isFor(known, request)) {
        return CompletableFuture.completedStage(
            announced(asAsked(known.forClient(request, ""), known, request, typed), begin));
      }
    }
    return found
        .thenCompose(
            account ->
                forClient(account, request)
                    .thenApply(result -> asAsked(result, account, request, typed)))
        .thenApply(result -> announced(result, begin));
  }

  private static LdapServers.Subject subject(AccountCache.Key key, int foundBefore) {
    return new LdapServers.Subject(key.login() + '\0' + key.otherValues(), foundBefore);
  }

  /** The answer, by which of the names that were asked for it is. */
  private static LookupResult asAsked(
      LookupResult result, Account account, LookupRequest request, List<String> typed) {
    return request.shorter().isEmpty() ? result : result.askedAs(typed.get(account.form()));
  }

  /** Whether nothing more of the client is to be looked up. */
  private static boolean isFor(Account account, LookupRequest request) {
    return request.purpose() == LookupRequest.Purpose.DELIVERY || !account.wantsClientName();
  }

  private static List<String> forms(LookupRequest request) {
    return request.shorter().isEmpty()
        ? List.of(request.loginName())
        : Stream.concat(Stream.of(request.loginName()), request.shorter().stream()).toList();
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
  public List<DirectoryServerState> servers() {
    return servers.states();
  }

  /**
   * Has every server tried in the background, so that what is wrong is in the log before the first
   * user meets it.
   */
  public void tryServers() {
    servers.tryAll();
  }

  /**
   * Asks every server what a look-up would need: a connection, our bind, the base. It blocks, for
   * some seconds at the most for each server that does not answer.
   *
   * @return a sentence for each thing that is wrong
   */
  public List<String> findings() {
    return new DirectoryTrial(config).findings(servers.all());
  }

  /**
   * Asks the servers what a look-up would need until one can be used; blocks likewise.
   *
   * @return why none can, a sentence for each thing; empty if one can
   */
  public List<String> obstacles() {
    return new DirectoryTrial(config).obstacles(servers.all());
  }

  @Override
  public void forget(String login) {
    forgetExactly(login);
    try {
      forgetExactly(parse(login, "").login());
    } catch (UnusableValueException e) {
      LOG.debug("nothing is cached of {}: {}", SafeText.of(login), e.reason());
    }
  }

  @Override
  public void forgetEntry(String entry) {
    cache.namesOf(entry).forEach(this::forgetExactly);
  }

  @Override
  public void forgetDomain(String domain) {
    cache.forgetEndingWith("@" + domain.toLowerCase(Locale.ROOT));
    reader.forgetDomains();
    binds.forgetAll();
  }

  @Override
  public void forgetAll() {
    cache.forgetAll();
    reader.forgetDomains();
    binds.forgetAll();
  }

  @Override
  public void close() {
    servers.beginClosing();
    lanes.close();
    clientNameWorkers.close();
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

  private CompletionStage<LookupResult> forClient(Account account, LookupRequest request) {
    if (isFor(account, request)) {
      return CompletableFuture.completedStage(account.forClient(request, ""));
    }
    CompletableFuture<LookupResult> named = new CompletableFuture<>();
    long until = ticker.read() + request.patience().toNanos();
    clientNameWorkers.execute(
        false,
        () -> until,
        () -> {
          String clientName = clientNames.apply(request.clientIp());
          named.complete(account.forClient(request, clientName));
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
    if (LOG.isDebugEnabled()) {
      LOG.debug(
          "look-up of {}: {} {}, {}",
          SafeText.of(result.login()),
          result.kind(),
          result.freshness(),
          result.reason());
    }
    return result;
  }
}
