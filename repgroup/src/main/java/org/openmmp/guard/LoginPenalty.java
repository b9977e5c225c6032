package org.openmmp.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.KeyedHash.Pair;
import org.openmmp.guard.KeyedHash.UserKey;
import org.openmmp.wire.Network;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.Secret;

/**
 * Remembers wrong passwords by client network and says how long a login has to wait (rule B6.4).
 *
 * <p>Every distinct wrong password of a user raises its network's score by one; the same password
 * again does not, for a telephone that still has the old one is no attacker. The score falls
 * evenly, from its highest to nothing in one decay period. A rejection is answered after a delay
 * that doubles with the score. A login from a network with a score also waits a short while
 * <i>before</i> a store is asked, which a good user behind the same address hardly feels (R12); a
 * user who has logged in from there before is judged by its own wrong passwords alone, and the very
 * password that was accepted last does not wait at all.
 *
 * <p>Users and passwords are kept as keyed hashes, in tables of bounded size; of the accepted
 * password no more than 16 bits, too few to search it with.
 */
public final class LoginPenalty {
  /** Keeps a good user behind an attacked address under a second late (R12). */
  static final Duration LONGEST_BEFORE = Duration.ofMillis(500);

  private final List<Policy.Eviction<?, ?>> bounds = new ArrayList<>();
  private final ConcurrentMap<Network, WrongTries> networks;
  private final ConcurrentMap<Pair, WrongTries> wrong;
  private final ConcurrentMap<UserKey, Short> accepted;
  private final ConcurrentMap<Pair, Boolean> known;
  private volatile KeyedHash hash;
  private volatile Terms terms;
  private volatile Consumer<WrongPassword> others = any -> {};

  /**
   * Begins with nothing remembered.
   *
   * @param key at least 16 random octets, new for each process
   * @throws IllegalArgumentException if the key is short
   */
  public LoginPenalty(LimitsConfig limits, byte[] key) {
    terms = Terms.of(limits);
    hash = new KeyedHash(key);
    int size = limits.penalty().tableSize();
    networks = table(size);
    wrong = table(size);
    accepted = table(size);
    known = table(size);
  }

  /**
   * Tells others from now on of each wrong password that counts here, but of none heard.
   *
   * @param key which those that are told have too; what is remembered of users under another one is
   *     forgotten
   */
  public synchronized void share(byte[] key, Consumer<WrongPassword> told) {
    KeyedHash common = new KeyedHash(key);
    if (!common.user("").equals(hash.user(""))) {
      hash = common;
      wrong.clear();
      accepted.clear();
      known.clear();
    }
    others = told;
  }

  /** Tells nobody any more. */
  public void shareNothing() {
    others = any -> {};
  }

  /**
   * Another front end that has the same key met a wrong password: it counts as if it had come here,
   * once however many front ends it is tried at.
   */
  public void heard(WrongPassword told, long nowNanos) {
    UserKey user = new UserKey(told.userHigh(), told.userLow());
    raise(new Pair(user, told.network()), told.seen() ? told.print() : null, nowNanos);
  }

  /** Judges by other settings from now on; what is remembered stays, as far as it has room. */
  public void change(LimitsConfig limits) {
    terms = Terms.of(limits);
    bounds.forEach(each -> each.setMaximum(limits.penalty().tableSize()));
  }

  /** What the settings come to. */
  private record Terms(
      LimitsConfig.Penalty settings, NetworkSet exempt, int mostCounted, long forgottenAfterNanos) {
    static Terms of(LimitsConfig limits) {
      LimitsConfig.Penalty settings = limits.penalty();
      int mostCounted = failuresUntilLongest(settings);
      return new Terms(
          settings,
          limits.exemptNetworks(),
          mostCounted,
          Math.max(1, settings.decay().toNanos() / mostCounted));
    }

    /** {@code first}, doubled for each failure after the first, at most {@code max}. */
    Duration delayFor(int failures) {
      if (failures == 0) {
        return Duration.ZERO;
      }
      if (failures >= mostCounted) {
        return settings.max();
      }
      return settings.first().multipliedBy(1L << (failures - 1));
    }
  }

  /**
   * Begins the judgement of one login, before the directory or a store hears of it.
   *
   * @param user the login name as the client typed it, whether there is such a user or not
   * @param secret password or token; read now, not kept
   */
  public Judgement begin(InetAddress client, String user, Secret secret) {
    KeyedHash now = hash;
    Pair pair = new Pair(now.user(user), Network.ofClient(client));
    return new Judgement(pair, now.print(pair.user(), secret), exempts(client));
  }

  /**
   * Begins the judgement of a login whose secret only the client and the store see (SCRAM): a wrong
   * one cannot be told from another wrong one, so that each counts, and a right one is not
   * remembered.
   */
  public Judgement beginUnseen(InetAddress client, String user) {
    Pair pair = new Pair(hash.user(user), Network.ofClient(client));
    return new Judgement(pair, null, exempts(client));
  }

  private boolean accepts(UserKey user, long print) {
    Short last = accepted.get(user);
    return last != null && last == (short) print;
  }

  /** The rest of the score that this login is judged by before a store is asked. */
  private int scoreBefore(Pair pair, long nowNanos) {
    WrongTries tries =
        known.get(pair) != null
            ? wrong.getOrDefault(pair, WrongTries.NOTHING)
            : networks.getOrDefault(pair.network(), WrongTries.NOTHING);
    return tries.left(nowNanos, terms.forgottenAfterNanos());
  }

  /**
   * Counts the wrong password, unless it is known as wrong; returns the network's score.
   *
   * @param print null if the password was not seen
   */
  private int count(Pair pair, @Nullable Long print, long nowNanos) {
    if (raise(pair, print, nowNanos)) {
      long value = print == null ? 0 : print;
      UserKey user = pair.user();
      others.accept(
          new WrongPassword(user.first(), user.second(), pair.network(), value, print != null));
    }
    return networks
        .getOrDefault(pair.network(), WrongTries.NOTHING)
        .left(nowNanos, terms.forgottenAfterNanos());
  }

  /** Whether it was not known as wrong. */
  private boolean raise(Pair pair, @Nullable Long print, long nowNanos) {
    boolean[] fresh = new boolean[1];
    wrong.compute(
        pair,
        (key, before) -> {
          WrongTries tries = before == null ? WrongTries.NOTHING : before;
          fresh[0] = print == null || !tries.knows(print);
          if (!fresh[0]) {
            return tries;
          }
          WrongTries raised = oneMore(tries, nowNanos);
          return print == null ? raised : raised.knowing(print);
        });
    if (fresh[0]) {
      networks.compute(
          pair.network(),
          (key, before) -> oneMore(before == null ? WrongTries.NOTHING : before, nowNanos));
    }
    return fresh[0];
  }

  /** The password that was the last to be accepted is wrong now; says whether it was that. */
  private boolean ends(UserKey user, long print) {
    return accepted.remove(user, (short) print);
  }

  private void remember(Pair pair, @Nullable Long print) {
    if (print != null) {
      accepted.put(pair.user(), print.shortValue());
    }
    known.put(pair, true);
    wrong.computeIfPresent(pair, (key, tries) -> tries.forgiven());
  }

  /** Entries of all tables; what is remembered is bounded (R13). */
  long tableEntries() {
    return (long) networks.size() + wrong.size() + accepted.size() + known.size();
  }

  private boolean exempts(InetAddress client) {
    Terms now = terms;
    return now.settings().first().isZero() || now.exempt().contains(client);
  }

  private WrongTries oneMore(WrongTries tries, long nowNanos) {
    Terms now = terms;
    return tries.oneMore(nowNanos, now.forgottenAfterNanos(), now.mostCounted());
  }

  private static int failuresUntilLongest(LimitsConfig.Penalty settings) {
    int failures = 1;
    Duration delay = settings.first();
    while (!delay.isZero() && delay.compareTo(settings.max()) < 0) {
      delay = delay.multipliedBy(2);
      failures++;
    }
    return failures;
  }

  private <K, V> ConcurrentMap<K, V> table(int size) {
    Cache<K, V> table =
        Caffeine.newBuilder().maximumSize(size).executor(Runnable::run).<K, V>build();
    bounds.add(table.policy().eviction().orElseThrow());
    return table.asMap();
  }

  /**
   * One login in the eyes of the penalty; used by one thread at a time.
   *
   * <p>Ask {@link #delayBefore} once, then tell the end by {@link #accepted} or {@link #rejected};
   * a login that came to neither (no store, no directory) is told nothing.
   */
  public final class Judgement {
    private final Pair pair;
    private final @Nullable Long print;
    private final boolean exempt;
    private Duration waited = Duration.ZERO;

    private Judgement(Pair pair, @Nullable Long print, boolean exempt) {
      this.pair = pair;
      this.print = print;
      this.exempt = exempt;
    }

    /**
     * Whether this very secret was the last to be accepted for this name, from any network; never
     * so for one that was not seen.
     */
    public boolean proven() {
      return print != null && accepts(pair.user(), print);
    }

    /** How long to wait before anybody is asked about this login: at most half a second. */
    public Duration delayBefore(long nowNanos) {
      if (exempt || proven()) {
        return Duration.ZERO;
      }
      Duration whole = terms.delayFor(scoreBefore(pair, nowNanos));
      waited = whole.compareTo(LONGEST_BEFORE) < 0 ? whole : LONGEST_BEFORE;
      return waited;
    }

    /**
     * Counts a rejection, for whatever reason: wrong password, unknown or disabled user (R11). That
     * of a secret that was proven is not counted, and ends the proof: a password was changed, or a
     * store errs (rule B3.10).
     *
     * @return how long the answer has to wait now
     */
    public Duration rejected(long nowNanos) {
      boolean wasRight = print != null && ends(pair.user(), print);
      if (exempt || wasRight) {
        return Duration.ZERO;
      }
      Terms now = terms;
      Duration first = now.settings().first();
      Duration delay = now.delayFor(count(pair, print, nowNanos));
      Duration whole = delay.compareTo(first) < 0 ? first : delay;
      // What was waited before is part of it: known and unknown users end up alike.
      Duration rest = whole.minus(waited);
      return rest.isNegative() ? Duration.ZERO : rest;
    }

    /**
     * Remembers the secret, if it was seen, as the right one, and the user as known at this
     * network.
     */
    public void accepted() {
      if (!exempt) {
        remember(pair, print);
      }
    }
  }
}
