package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.unboundid.ldap.sdk.LDAPException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.LoginName;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupRequest.Purpose;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Freshness;
import org.openmmp.directory.LookupResult.Kind;
import org.openmmp.directory.SearchTemplate;
import org.openmmp.directory.ServiceAccess;
import org.openmmp.directory.StoreNameTemplate;
import org.openmmp.directory.UnusableValueException;
import org.openmmp.text.SafeText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the entries of a user and of the user's domain and makes an account of them. It blocks. */
final class AccountReader {
  private static final Logger LOG = LoggerFactory.getLogger(AccountReader.class);

  private final DirectoryConfig config;
  private final Duration recent;
  private final Ticker ticker;
  private final Map<Purpose, AccountSearch> users;
  private final Map<String, Map<Purpose, AccountSearch>> usersOfDomains = new HashMap<>();
  private final Optional<AccountSearch> domains;
  private final Cache<String, Domain> knownDomains;

  /**
   * What a domain's entry says of all its users; a domain without an entry says nothing (B1.4).
   *
   * @param problem {@link Kind#FOUND} if there is none; then the reason is empty
   * @param atNanos when it was looked up
   */
  private record Domain(
      Kind problem, String reason, EntryValues.Status status, ServiceAccess access, long atNanos) {
    static Domain silent(long atNanos) {
      return unusable(Kind.FOUND, "", atNanos);
    }

    static Domain unusable(Kind problem, String reason, long atNanos) {
      return new Domain(problem, reason, EntryValues.Status.ACTIVE, ServiceAccess.OPEN, atNanos);
    }

    boolean isSilent() {
      return equals(silent(atNanos));
    }
  }

  /**
   * Checks all templates.
   *
   * @throws IllegalArgumentException naming the template that cannot be one
   */
  AccountReader(DirectoryConfig config, EmptyAnswers servers, Duration recent, Ticker ticker) {
    this.config = config;
    this.recent = recent;
    this.ticker = ticker;
    this.users = searches(servers, config.users());
    config
        .hostedDomains()
        .forEach((name, hosted) -> usersOfDomains.put(name, searches(servers, hosted)));
    this.domains =
        config
            .domains()
            .map(
                search ->
                    new AccountSearch(
                        servers,
                        config.connections().references(),
                        search.baseDn(),
                        search.filter(),
                        Stream.of(
                                config.status().domainAttributes(),
                                config.status().domainServiceAttributes())
                            .flatMap(List::stream)
                            .distinct()
                            .toList()));
    this.knownDomains =
        Caffeine.newBuilder()
            .maximumSize(config.cache().size())
            .expireAfterWrite(config.cache().positiveTtl().plus(config.cache().staleFor()))
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  private Map<Purpose, AccountSearch> searches(EmptyAnswers servers, HostedDomain hosted) {
    return Map.of(
        Purpose.LOGIN,
        userSearch(servers, hosted, hosted.filter(), Optional.of(hosted.storeName())),
        Purpose.DELIVERY,
        userSearch(servers, hosted, config.recipients().filter(), config.recipients().sentOnAs()));
  }

  private AccountSearch userSearch(
      EmptyAnswers servers,
      HostedDomain hosted,
      SearchTemplate filter,
      Optional<StoreNameTemplate> storeName) {
    List<String> attributes =
        Stream.of(
                config.mailHostAttributes(),
                config.status().userAttributes(),
                config.status().userServiceAttributes(),
                config.extraAttributes(),
                storeName.map(StoreNameTemplate::attributes).orElse(List.of()))
            .flatMap(Collection::stream)
            .distinct()
            .toList();
    return new AccountSearch(
        servers, config.connections().references(), hosted.baseDn(), filter, attributes);
  }

  private AccountSearch users(LoginName name, LookupRequest request) {
    Map<Purpose, AccountSearch> ofDomain = usersOfDomains.getOrDefault(name.domain(), users);
    return Objects.requireNonNull(ofDomain.get(request.purpose()), "every purpose has a search");
  }

  /** What an account depends on besides the whole name, as a part of a cache key. */
  String otherValues(LoginName name, LookupRequest request) {
    return (request.purpose() == Purpose.DELIVERY ? "delivery\0" : "")
        + users(name, request).otherValues(name, request)
        + domains.map(search -> search.otherValues(name, request)).orElse("");
  }

  /** Drops what is known of domains. */
  void forgetDomains() {
    knownDomains.invalidateAll();
  }

  /**
   * Looks in the directory, in {@link Kind#DIRECTORY_DOWN} the reason is the last error.
   *
   * @param names the name and its shorter forms
   * @param fresh whether nothing may be remembered for more than a moment
   * @param limit what a search may take at each server
   */
  Account read(
      LookupRequest request,
      List<LoginName> names,
      LdapServers.Subject who,
      boolean fresh,
      Duration limit) {
    String login = names.get(0).login();
    try {
      // All forms of a name have its domain.
      AccountSearch.Found found = users(names.get(0), request).find(names, request, who, limit);
      LoginName name = names.get(found.form());
      Account account;
      if (!found.somebody()) {
        account = Account.failed(Kind.NO_SUCH_USER, name.login(), "no entry has this name");
      } else if (found.several()) {
        account = Account.failed(Kind.AMBIGUOUS, name.login(), "more than one entry has this name");
      } else {
        Domain domain = domainOf(name, request, fresh, limit);
        account = judge(name, found.only(), storeName(name, request), domain);
      }
      if (account.kind() == Kind.AMBIGUOUS) {
        LOG.error("{}: {}", SafeText.of(login), account.answer().reason()); // B1.9
      }
      return account.byForm(found.form());
    } catch (EmptyAnswers.DoubtedException e) {
      return Account.lacking(Account.Lack.DOUBT, login, LdapServers.describe(e));
    } catch (LDAPException e) {
      Account.Lack lack = LdapServers.isLate(e) ? Account.Lack.TIME : Account.Lack.OUTAGE;
      return Account.lacking(lack, login, LdapServers.describe(e));
    }
  }

  /** The name to replay, or the recipient to send on; empty: a recipient is sent on as it came. */
  private Optional<StoreNameTemplate> storeName(LoginName name, LookupRequest request) {
    return request.purpose() == Purpose.DELIVERY
        ? config.recipients().sentOnAs()
        : Optional.of(config.hosted(name.domain()).storeName());
  }

  private Account judge(
      LoginName name, EntryValues user, Optional<StoreNameTemplate> storeName, Domain domain) {
    String login = name.login();
    if (domain.problem() != Kind.FOUND) {
      return Account.failed(domain.problem(), login, domain.reason());
    }
    EntryValues.Status status = domain.status().or(user.status(config.status().userAttributes()));
    if (status.kind() != Kind.FOUND) {
      return Account.failed(status.kind(), login, status.reason());
    }
    try {
      ServiceAccess access = user.access(config.status().userServiceAttributes());
      return new Account(answer(name, user, storeName), domain.access(), access, 0);
    } catch (UnusableValueException e) {
      return Account.failed(Kind.BAD_ENTRY, login, e.reason());
    }
  }

  private LookupResult answer(
      LoginName name, EntryValues user, Optional<StoreNameTemplate> storeName)
      throws UnusableValueException {
    String found = user.mailHost(config.mailHostAttributes());
    String mailHost = found.isEmpty() ? config.hosted(name.domain()).defaultMailHost() : found;
    if (mailHost.isEmpty()) {
      return new LookupResult(
          Kind.NO_MAIL_HOST,
          name.login(),
          "",
          "",
          user.entry().getDN(),
          Map.of(),
          Freshness.LOOKED_UP,
          "the entry has no " + String.join(", no ", config.mailHostAttributes()));
    }
    return new LookupResult(
        Kind.FOUND,
        name.login(),
        mailHost,
        storeName.isPresent() ? storeName.get().expand(name, user::distinguished) : "",
        user.entry().getDN(),
        user.firstOf(config.extraAttributes()),
        Freshness.LOOKED_UP,
        found.isEmpty() ? "the default mail host" : "the entry's mail host");
  }

  private Domain domainOf(LoginName name, LookupRequest request, boolean fresh, Duration limit)
      throws LDAPException {
    if (domains.isEmpty() || name.domain().isEmpty()) {
      return Domain.silent(0);
    }
    AccountSearch search = domains.get();
    String question = search.question(name, request);
    @Nullable Domain known = knownDomains.getIfPresent(question);
    Duration life = fresh ? recent : config.cache().positiveTtl();
    if (known != null && ticker.read() - known.atNanos() < life.toNanos()) {
      return known;
    }
    boolean foundBefore = known != null && !known.isSilent();
    LdapServers.Subject who = new LdapServers.Subject(question, foundBefore ? 0 : -1);
    Domain domain = domain(search.find(List.of(name), request, who, limit));
    knownDomains.put(question, domain);
    return domain;
  }

  private Domain domain(AccountSearch.Found found) {
    long now = ticker.read();
    if (!found.somebody()) {
      return Domain.silent(now);
    }
    if (found.several()) {
      return Domain.unusable(Kind.AMBIGUOUS, "more than one entry is that of the domain", now);
    }
    EntryValues values = found.only();
    try {
      return new Domain(
          Kind.FOUND,
          "",
          values.status(config.status().domainAttributes()),
          values.access(config.status().domainServiceAttributes()),
          now);
    } catch (UnusableValueException e) {
      return Domain.unusable(Kind.BAD_ENTRY, "the domain's entry: " + e.reason(), now);
    }
  }
}
