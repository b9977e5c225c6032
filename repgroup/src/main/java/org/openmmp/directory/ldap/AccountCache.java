package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.DirectoryConfig;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.LookupResult.Freshness;
import org.openmmp.directory.LookupResult.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accounts that were looked up, and the look-ups under way: one for each name (rule B1.7).
 *
 * <p>Names that were found and all others are kept apart, a quarter of the space for the others, so
 * that a million names tried by a stranger push nobody out who has an entry. An outage is never
 * kept. What is kept never waits for a look-up.
 */
final class AccountCache {
  private static final Logger LOG = LoggerFactory.getLogger(AccountCache.class);

  private final ConcurrentMap<Key, CompletableFuture<Account>> underWay = new ConcurrentHashMap<>();
  private final Cache<Key, Held> found;
  private final Cache<Key, Held> others;
  private final DirectoryConfig.Cache config;
  private final Workers workers;
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

  /** An account and when it was looked up. */
  private record Held(Account account, long atNanos) {}

  /** An account and where it came from. */
  record Served(Account account, Freshness freshness) {}

  AccountCache(
      DirectoryConfig.Cache config,
      Workers workers,
      BooleanSupplier serversAreDown,
      DirectoryListener listener,
      Ticker ticker) {
    this.config = config;
    this.workers = workers;
    this.serversAreDown = serversAreDown;
    this.listener = listener;
    this.ticker = ticker;
    long forOthers = config.size() / 4;
    this.found =
        cache(config.size() - forOthers, config.positiveTtl().plus(config.staleFor()), ticker);
    this.others = cache(forOthers, config.negativeTtl(), ticker);
  }

  /**
   * Serves what is kept, or looks it up.
   *
   * @param read looks in the directory; it blocks and is called on one of the workers
   */
  CompletionStage<Served> get(Key key, Supplier<Account> read) {
    if (!key.otherValues().isEmpty()) {
      keysVary = true;
    }
    Held held = held(key);
    if (held == null) {
      return load(key, read).thenApply(account -> new Served(account, Freshness.LOOKED_UP));
    }
    long left = timeToLive(held.account()).toNanos() - (ticker.read() - held.atNanos());
    boolean stale = left <= 0;
    if (stale && !serversAreDown.getAsBoolean()) {
      return load(key, read).thenApply(account -> orStale(account, held));
    }
    if (left <= config.refreshAhead().toNanos() && held.account().kind() == Kind.FOUND) {
      load(key, read);
    }
    return CompletableFuture.completedStage(
        new Served(held.account(), stale ? Freshness.STALE : Freshness.CACHED));
  }

  /** Drops one key; what is under way for it is told to those who wait, and not kept. */
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
    if (!keysVary) {
      return;
    }
    for (ConcurrentMap<Key, ?> keys : List.of(underWay, found.asMap(), others.asMap())) {
      keys.keySet().stream().filter(key -> key.login().equals(login)).forEach(this::forget);
    }
  }

  /** Drops everything. */
  void forgetAll() {
    underWay.clear();
    found.invalidateAll();
    others.invalidateAll();
  }

  private @Nullable Held held(Key key) {
    Held held = found.getIfPresent(key);
    return held == null ? others.getIfPresent(key) : held;
  }

  private CompletionStage<Account> load(Key key, Supplier<Account> read) {
    CompletableFuture<Account> mine = new CompletableFuture<>();
    CompletableFuture<Account> running = underWay.putIfAbsent(key, mine);
    if (running != null) {
      return running;
    }
    workers.execute(
        () -> finish(key, mine, readSafely(key, read)),
        () -> {
          listener.onTurnedAway();
          String reason = "too many look-ups wait for the directory";
          finish(key, mine, Account.failed(Kind.DIRECTORY_DOWN, key.login(), reason));
        });
    return mine;
  }

  private void finish(Key key, CompletableFuture<Account> mine, Account account) {
    underWay.computeIfPresent(
        key,
        (same, running) -> {
          if (running != mine) {
            return running;
          }
          keep(same, account);
          return null;
        });
    mine.complete(account);
  }

  private void keep(Key key, Account account) {
    if (account.kind() == Kind.DIRECTORY_DOWN || config.size() == 0) {
      return;
    }
    boolean isFound = account.kind() == Kind.FOUND;
    (isFound ? found : others).put(key, new Held(account, ticker.read()));
    (isFound ? others : found).invalidate(key);
  }

  private Duration timeToLive(Account account) {
    return account.kind() == Kind.FOUND ? config.positiveTtl() : config.negativeTtl();
  }

  /** A mistake of ours must not leave those waiting who asked. */
  private static Account readSafely(Key key, Supplier<Account> read) {
    try {
      return read.get();
    } catch (RuntimeException e) {
      LOG.error("a look-up failed by a mistake in the program", e);
      return Account.failed(Kind.DIRECTORY_DOWN, key.login(), "a mistake in the program");
    }
  }

  private static Served orStale(Account account, Held held) {
    return account.kind() == Kind.DIRECTORY_DOWN
        ? new Served(held.account(), Freshness.STALE)
        : new Served(account, Freshness.LOOKED_UP);
  }

  private static Cache<Key, Held> cache(long size, Duration life, Ticker ticker) {
    return Caffeine.newBuilder()
        .maximumSize(size)
        .expireAfterWrite(life)
        .ticker(ticker)
        .executor(Runnable::run)
        .build();
  }
}
