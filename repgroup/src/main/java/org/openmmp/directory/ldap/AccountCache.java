package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult.Freshness;
import org.openmmp.directory.LookupResult.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accounts that were looked up, and the look-ups under way: one for each name (rule B1.7).
 *
 * <p>Names that were found and all others are kept apart, a quarter of the space for the others, so
 * that a million names tried by a stranger push no user out. A name with shorter forms is itself
 * kept as absent, and the form that has an entry is kept under its own name, whatever details
 * strangers make up. An outage is never kept, and an answer that is kept never waits for a look-up.
 */
final class AccountCache {
  /** An answer younger than this is not looked up again when somebody doubts it (B1.10). */
  static final Duration RECENT = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(AccountCache.class);

  private final ConcurrentMap<Key, Load> underWay = new ConcurrentHashMap<>();
  private volatile Cache<Key, Account> found;
  private volatile Cache<Key, Account> others;
  private final DirectoryConfig.Cache config;
  private final LookupLanes lanes;
  private final Rechecks rechecks;
  private final BooleanSupplier serversAreDown;
  private final DirectoryListener listener;
  private final Ticker ticker;

  /** Whether one name was ever asked for under several keys. */
  private volatile boolean keysVary;

  /**
   * What an account is kept under.
   *
   * @param login the whole name, folded
   * @param otherValues what else the search depends on; empty for most configurations
   */
  record Key(String login, String otherValues) {}

  /** Looks in the directory; it blocks. */
  interface Read {
    /**
     * Looks for these names.
     *
     * @param foundBefore which of them was found within the cache's memory; -1: none
     * @param fresh whether nothing may be remembered for more than a moment
     * @param limit what a search may take at each server
     */
    Account read(int foundBefore, boolean fresh, Duration limit);
  }

  /** A look-up under way, wanted until the last of those who wait for it has gone. */
  private static final class Load {
    private final CompletableFuture<Account> account = new CompletableFuture<>();
    private volatile long untilNanos;

    Load(long untilNanos) {
      this.untilNanos = untilNanos;
    }

    synchronized void alsoUntil(long other) {
      if (other - untilNanos > 0) {
        untilNanos = other;
      }
    }
  }

  AccountCache(
      DirectoryConfig config,
      LookupLanes lanes,
      BooleanSupplier serversAreDown,
      DirectoryListener listener,
      Ticker ticker) {
    this.config = config.cache();
    this.lanes = lanes;
    this.rechecks = new Rechecks(config.connections().poolSize(), ticker);
    this.serversAreDown = serversAreDown;
    this.listener = listener;
    this.ticker = ticker;
    this.found = cache(sizeOfFound(), memory(), ticker);
    this.others = cache(sizeOfOthers(), this.config.negativeTtl(), ticker);
  }

  private long sizeOfOthers() {
    return config.size() / 4;
  }

  private long sizeOfFound() {
    return config.size() - sizeOfOthers();
  }

  private Duration memory() {
    return config.positiveTtl().plus(config.staleFor());
  }

  /**
   * Remembers what another one does, from now on within its own bounds: the two are one memory.
   * What is remembered is no older by that, and no younger. Both have the same clock.
   */
  void remember(AccountCache before) {
    if (config.size() == 0) {
      return;
    }
    keysVary |= before.keysVary;
    found = bounded(before.found, sizeOfFound(), memory());
    others = bounded(before.others, sizeOfOthers(), config.negativeTtl());
  }

  private static Cache<Key, Account> bounded(Cache<Key, Account> cache, long size, Duration life) {
    cache.policy().eviction().ifPresent(eviction -> eviction.setMaximum(size));
    cache.policy().expireAfterWrite().ifPresent(expiry -> expiry.setExpiresAfter(life));
    return cache;
  }

  /**
   * Serves the answer that is kept, or looks it up.
   *
   * @param keys of the name and its shorter forms
   */
  CompletableFuture<Account> get(List<Key> keys, LookupRequest request, Read read) {
    if (!keys.get(0).otherValues().isEmpty()) {
      keysVary = true;
    }
    Account known = known(keys);
    if (request.memory() != LookupRequest.Memory.SERVES) {
      return getAgain(keys, known, request, read);
    }
    boolean stale = known != null && known.answer().freshness() == Freshness.STALE;
    if (known == null || (stale && !serversAreDown.getAsBoolean())) {
      return load(keys, request, false, read).thenApply(account -> orStale(account, keys));
    }
    if (known.kind() == Kind.FOUND
        && leftNanos(known, ticker.read()) <= config.refreshAhead().toNanos()) {
      load(keys, request, false, read);
    }
    return CompletableFuture.completedFuture(known);
  }

  /** Somebody would be refused by the answer that is kept (rule B1.10). */
  private CompletableFuture<Account> getAgain(
      List<Key> keys, @Nullable Account known, LookupRequest request, Read read) {
    Account serving =
        known != null && known.answer().freshness() == Freshness.CACHED ? known : null;
    if (serving != null && serving.answer().age().compareTo(RECENT) < 0) {
      return CompletableFuture.completedFuture(serving);
    }
    Load running = underWay.get(keys.get(0));
    if (running == null) {
      switch (rechecks.enter(request)) {
        case TURNED_AWAY -> {
          listener.onTurnedAway();
          String reason = "too many look-ups of recipients whom a store refuses";
          return CompletableFuture.completedFuture(
              Account.failed(Kind.DIRECTORY_DOWN, keys.get(0).login(), reason));
        }
        case STANDS -> {
          if (serving != null) {
            return CompletableFuture.completedFuture(serving);
          }
        }
        case ASK -> {}
      }
    }
    CompletableFuture<Account> asked = load(keys, request, true, read);
    return running == null ? asked.whenComplete((account, none) -> rechecks.left(request)) : asked;
  }

  /** Drops one key; a look-up under way still answers those who wait, and is not kept. */
  void forget(Key key) {
    underWay.compute(
        key,
        (same, running) -> {
          found.invalidate(same);
          others.invalidate(same);
          return null;
        });
  }

  /** Drops all keys of a name. */
  void forgetLogin(String login) {
    forget(new Key(login, ""));
    if (keysVary) {
      forgetWhere(known -> known.equals(login));
    }
  }

  /** The names under which that entry is kept. */
  List<String> namesOf(String entry) {
    return found.asMap().entrySet().stream()
        .filter(kept -> kept.getValue().answer().entryDn().equalsIgnoreCase(entry))
        .map(kept -> kept.getKey().login())
        .distinct()
        .toList();
  }

  /** Drops all keys of the names that end so. */
  void forgetEndingWith(String end) {
    forgetWhere(login -> login.endsWith(end));
  }

  private void forgetWhere(Predicate<String> login) {
    for (ConcurrentMap<Key, ?> keys : List.of(underWay, found.asMap(), others.asMap())) {
      keys.keySet().stream().filter(key -> login.test(key.login())).forEach(this::forget);
    }
  }

  /** Drops everything. */
  void forgetAll() {
    underWay.clear();
    found.invalidateAll();
    others.invalidateAll();
  }

  /**
   * What is kept: of the first form that is not known to be absent, or of the name itself if all
   * are; null if a form before it has to be asked for.
   */
  private @Nullable Account known(List<Key> keys) {
    long now = ticker.read();
    long oldest = 0;
    Account absent = null;
    for (int i = 0; i < keys.size(); i++) {
      Account kept = kept(keys.get(i));
      if (kept == null) {
        return null;
      }
      oldest = Math.max(oldest, now - kept.atNanos());
      Duration age = Duration.ofNanos(oldest);
      Freshness freshness = leftNanos(kept, now) > 0 ? Freshness.CACHED : Freshness.STALE;
      if (kept.kind() != Kind.NO_SUCH_USER) {
        return kept.byForm(i).as(freshness, age);
      }
      if (freshness == Freshness.STALE) {
        return keys.size() == 1 ? kept.as(freshness, age) : null;
      }
      absent = kept.byForm(0).as(freshness, age);
    }
    return absent;
  }

  private @Nullable Account kept(Key key) {
    Account account = found.getIfPresent(key);
    return account == null ? others.getIfPresent(key) : account;
  }

  private CompletableFuture<Account> load(
      List<Key> keys, LookupRequest request, boolean fresh, Read read) {
    long until = ticker.read() + request.patience().toNanos();
    Load mine = new Load(until);
    Load running = underWay.putIfAbsent(keys.get(0), mine);
    if (running != null) {
      running.alsoUntil(until);
      return running.account;
    }
    int foundBefore = firstFoundBefore(keys);
    lanes.execute(
        foundBefore >= 0,
        () -> mine.untilNanos,
        (limit, last) -> {
          Account account = readSafely(keys, () -> read.read(foundBefore, fresh, limit));
          if (account.lack() == Account.Lack.TIME && !last) {
            return false;
          }
          finish(keys, mine, account);
          return true;
        },
        () -> {
          listener.onTurnedAway();
          String reason = "no turn at the directory within the time of those who wait";
          finish(keys, mine, Account.failed(Kind.DIRECTORY_DOWN, keys.get(0).login(), reason));
        });
    return mine.account;
  }

  private int firstFoundBefore(List<Key> keys) {
    for (int i = 0; i < keys.size(); i++) {
      if (found.getIfPresent(keys.get(i)) != null) {
        return i;
      }
    }
    return -1;
  }

  private void finish(List<Key> keys, Load mine, Account account) {
    underWay.computeIfPresent(
        keys.get(0),
        (same, running) -> {
          if (running != mine) {
            return running;
          }
          keep(keys, account);
          return null;
        });
    mine.account.complete(account);
  }

  private void keep(List<Key> keys, Account account) {
    if (account.kind() == Kind.DIRECTORY_DOWN || config.size() == 0) {
      return;
    }
    boolean nobody = account.kind() == Kind.NO_SUCH_USER;
    int absent = nobody ? keys.size() : account.form();
    for (Key key : keys.subList(0, absent)) {
      String reason = nobody ? account.answer().reason() : "no entry has this name";
      keep(key, Account.failed(Kind.NO_SUCH_USER, key.login(), reason));
    }
    if (!nobody) {
      keep(keys.get(absent), account.byForm(0));
    }
  }

  private void keep(Key key, Account account) {
    boolean isFound = account.kind() == Kind.FOUND;
    (isFound ? found : others).put(key, account.knownSince(ticker.read()));
    (isFound ? others : found).invalidate(key);
  }

  /** How long it still serves. */
  private long leftNanos(Account account, long nowNanos) {
    Duration life = account.kind() == Kind.FOUND ? config.positiveTtl() : config.negativeTtl();
    return life.toNanos() - (nowNanos - account.atNanos());
  }

  /** A bug of ours must not leave callers waiting. */
  private static Account readSafely(List<Key> keys, Supplier<Account> read) {
    try {
      return read.get();
    } catch (RuntimeException | Error e) {
      LOG.error("a look-up failed by a mistake in the program", e);
      return Account.failed(Kind.DIRECTORY_DOWN, keys.get(0).login(), "a mistake in the program");
    }
  }

  /** In an outage an old answer serves; a doubt about this very name is no outage. */
  private Account orStale(Account account, List<Key> keys) {
    boolean outage = account.lack() == Account.Lack.OUTAGE || account.lack() == Account.Lack.TIME;
    Account known = outage ? known(keys) : null;
    return known == null ? account : known.as(Freshness.STALE, known.answer().age());
  }

  private static Cache<Key, Account> cache(long size, Duration life, Ticker ticker) {
    return Caffeine.newBuilder()
        .maximumSize(size)
        .expireAfterWrite(life)
        .ticker(ticker)
        .executor(Runnable::run)
        .build();
  }
}
