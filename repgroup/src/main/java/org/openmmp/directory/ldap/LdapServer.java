package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Ticker;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.directory.DirectoryServerState.State;
import org.openmmp.directory.ldap.LdapPool.Question;
import org.openmmp.text.AddressLiteral;

/** One LDAP server: its connections, and its state, whose methods never block. */
final class LdapServer implements AutoCloseable {
  /** So many different names, and it may be the server (rules B1.11, B1.13). */
  static final int SEVERAL = 3;

  private final String name;
  private final LdapPool searches;
  private final LdapPool binds;
  private final Ticker ticker;
  private final Set<String> failing = new LinkedHashSet<>();
  private final Map<String, Question<LdapServer, Boolean>> missing = new LinkedHashMap<>();
  private boolean tried;
  private boolean up = true;
  private boolean probing;
  private boolean watched;
  private long failedAt;
  private long checkedAt;
  private boolean checked;
  private boolean baseSeen;
  private boolean heard;
  private boolean foundSomebody;
  private boolean behind;
  private String why = "";
  private State told = State.UNTRIED;
  private long toldSince;

  /** Opens no connection yet. */
  LdapServer(DirectoryConfig.Server server, DirectoryConfig config, SSLContext tls, Ticker ticker) {
    this.ticker = ticker;
    name = AddressLiteral.withPort(server.host(), server.port());
    searches = new LdapPool(server, config, config.bindDn(), tls, this::mayBeAnother);
    binds = new LdapPool(server, config, "", tls, this::mayBeAnother);
  }

  /** Its {@code host:port}. */
  String name() {
    return name;
  }

  /** The connections to search over, bound as configured. */
  LdapPool searches() {
    return searches;
  }

  /** The connections for binds of users, which nothing else is asked over. */
  LdapPool binds() {
    return binds;
  }

  /** Whether it answered when it was last asked, or was not asked yet. */
  synchronized boolean isUp() {
    return up;
  }

  /** The place among the servers that are asked: the lower, the sooner. */
  synchronized int rank() {
    return up ? behind ? 1 : 0 : 2;
  }

  /** Whether it is up, or its last failure is at least that long ago. */
  synchronized boolean mayBeAsked(long nowNanos, long pauseNanos) {
    return up || nowNanos - failedAt >= pauseNanos;
  }

  /**
   * Claims the one probe of a server that is down, or behind the others, and has rested; {@link
   * #probed} ends it.
   */
  synchronized boolean beginProbe(long nowNanos, long pauseNanos) {
    boolean rested =
        up
            ? behind && (!checked || nowNanos - checkedAt >= pauseNanos)
            : mayBeAsked(nowNanos, pauseNanos);
    if (probing || !rested) {
      return false;
    }
    probing = true;
    checked = true;
    checkedAt = nowNanos;
    return true;
  }

  /** Claims the one check of a server that is in doubt, unless there was one a moment ago. */
  synchronized boolean beginCheck(long nowNanos, long pauseNanos) {
    if (probing || !up || (checked && nowNanos - checkedAt < pauseNanos)) {
      return false;
    }
    probing = true;
    checked = true;
    checkedAt = nowNanos;
    return true;
  }

  /** The probe or check is over, whatever came of it. */
  synchronized void probed() {
    probing = false;
  }

  /** Claims its one watch; {@link #stillWatched} ends it. */
  synchronized boolean beginWatch() {
    boolean begun = !watched;
    watched = true;
    return begun;
  }

  /** Whether the watch has something to wait for: it ends once the server has its place again. */
  synchronized boolean stillWatched() {
    watched = !up || behind;
    return watched;
  }

  /** It answers; true if it was down before, or not tried. */
  synchronized boolean answered() {
    boolean change = !up || !tried;
    if (!up) {
      foundSomebody = false;
      probing = false;
      why = "";
    }
    tried = true;
    up = true;
    noteState();
    return change;
  }

  /** It does not answer; true if it was up before. */
  boolean failed(long nowNanos, String reason) {
    boolean change = noteFailure(nowNanos, reason);
    searches.shrink();
    binds.shrink();
    return change;
  }

  private synchronized boolean noteFailure(long nowNanos, String reason) {
    boolean change = up;
    tried = true;
    up = false;
    probing = false;
    why = reason;
    failedAt = nowNanos;
    failing.clear();
    noteState();
    return change;
  }

  /** It has an answer, of whatever kind, for somebody. */
  synchronized void served() {
    heard = true;
    failing.clear();
  }

  /** It has none for that name, which was found before; whether it has none for several now. */
  synchronized boolean failedName(String unanswered, String reason) {
    why = reason;
    if (failing.size() < SEVERAL) {
      failing.add(unanswered);
    }
    return failing.size() >= SEVERAL;
  }

  /** Whether it has had no answer for several names in a row. */
  synchronized boolean failsSeveral() {
    return failing.size() >= SEVERAL;
  }

  /** Whether it has ever shown the object that searches begin at, or shows it now. */
  synchronized boolean baseSeen(boolean now) {
    boolean before = baseSeen;
    baseSeen |= now;
    return before || now;
  }

  /** It answered, though it did not serve. */
  synchronized void said() {
    heard = true;
  }

  /** Whether it has ever answered anything. */
  synchronized boolean wasHeard() {
    return heard;
  }

  /** Whether it found somebody since it was connected to. */
  synchronized boolean foundSomebody() {
    return foundSomebody;
  }

  /** It found that name, or anybody at all. */
  synchronized boolean found(String present) {
    foundSomebody = true;
    return missing.remove(present) != null && missing.isEmpty() && leaveBehind();
  }

  /** That name is gone, as others say too; whether it takes its place again. */
  synchronized boolean rightlyMissed(String gone) {
    return missing.remove(gone) != null && missing.isEmpty() && leaveBehind();
  }

  private boolean leaveBehind() {
    boolean change = behind;
    behind = false;
    noteState();
    return change;
  }

  /** The names that it misses, and how to ask for them. */
  synchronized Map<String, Question<LdapServer, Boolean>> missing() {
    return Map.copyOf(missing);
  }

  /**
   * It does not find a name that was found before; true if it falls behind by that.
   *
   * @param again asks whether a server finds it
   */
  synchronized boolean missed(String absent, Question<LdapServer, Boolean> again) {
    if (missing.size() < SEVERAL) {
      missing.put(absent, again);
    }
    boolean change = !behind && missing.size() >= SEVERAL;
    behind |= change;
    if (change) {
      why = "it does not find names that were found before";
      noteState();
    }
    return change;
  }

  /** Its state, for operators. */
  synchronized DirectoryServerState state(long nowNanos, long pauseNanos) {
    long since = told == State.UNTRIED ? nowNanos : toldSince;
    long rest = up ? 0 : pauseNanos - (nowNanos - failedAt);
    return new DirectoryServerState(name, told, millis(nowNanos - since), millis(rest), why);
  }

  private void noteState() {
    State now = !up ? State.ASIDE : behind ? State.BEHIND : State.UP;
    if (told != now) {
      told = now;
      toldSince = ticker.read();
    }
  }

  private static long millis(long nanos) {
    return Math.max(0, TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  @Override
  public void close() {
    searches.close();
    binds.close();
  }

  /** A new connection may lead to a server that is empty, though the old one was not. */
  private synchronized void mayBeAnother() {
    foundSomebody = false;
  }
}
