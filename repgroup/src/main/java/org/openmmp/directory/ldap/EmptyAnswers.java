package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.unboundid.ldap.sdk.DereferencePolicy;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchScope;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;
import org.openmmp.directory.ldap.AccountSearch.Found;
import org.openmmp.directory.ldap.LdapPool.Question;
import org.openmmp.directory.ldap.LdapServers.Answer;
import org.openmmp.directory.ldap.LdapServers.Subject;

/**
 * Asks for entries, and believes not every server that says that there is none (rule B1.11). A
 * replica that is being loaded says so of everybody: what it says of a name that was found before,
 * or without having found anybody since it was connected to, counts only if another server agrees,
 * or a second look-up a minute later.
 */
final class EmptyAnswers {
  /** How long after the first a second look-up is believed, nanoseconds. */
  static final long PAUSE = Duration.ofSeconds(60).toNanos();

  private static final Duration MEMORY = Duration.ofHours(1);
  private static final int MOST_NAMES = 100_000;
  private static final long ANYBODY_PAUSE = Duration.ofSeconds(5).toNanos();
  private static final int ANYBODY_MILLIS = 1_000;

  private final LdapServers servers;
  private final Ticker ticker;
  private final Cache<String, Long> firstMissed;
  private final ConcurrentMap<LdapServer, Long> askedForAnybody = new ConcurrentHashMap<>();
  private final SearchRequest anybody;

  /** A server says that there is nobody, and cannot be believed yet. */
  static final class DoubtedException extends LDAPException {
    private static final long serialVersionUID = 1;

    DoubtedException(String words) {
      super(ResultCode.OTHER, words);
    }
  }

  EmptyAnswers(DirectoryConfig config, LdapServers servers, Ticker ticker) {
    this.servers = servers;
    this.ticker = ticker;
    firstMissed =
        Caffeine.newBuilder()
            .maximumSize(MOST_NAMES)
            .expireAfterWrite(MEMORY)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
    List<Filter> marks =
        Stream.concat(config.mailHostAttributes().stream(), Stream.of("uid", "mail"))
            .distinct()
            .map(Filter::createPresenceFilter)
            .toList();
    anybody =
        new SearchRequest(
            config.users().baseDn().fixedEnd(),
            SearchScope.SUB,
            DereferencePolicy.NEVER,
            1,
            1,
            true,
            Filter.createORFilter(marks),
            SearchRequest.NO_ATTRIBUTES);
    anybody.setResponseTimeoutMillis(ANYBODY_MILLIS);
    anybody.setFollowReferrals(false);
  }

  /**
   * Asks the servers until one answers that can be believed.
   *
   * @throws DoubtedException if the answer cannot be believed yet
   * @throws LDAPException if no server gave a whole answer
   */
  Found ask(Subject who, Question<LdapServer, Found> question) throws LDAPException {
    Answer<Found> first = servers.ask(who, question);
    Found said = first.value();
    LdapServer server = first.server();
    boolean lost = loses(said, who);
    if (said.somebody()) {
      servers.noteFound(server, who.key());
    }
    if (!lost && (said.somebody() || knowsPeople(server))) {
      return said;
    }
    Optional<Answer<Found>> second = servers.askAnother(server, who, question);
    if (second.isPresent()) {
      Found other = second.get().value();
      if (other.somebody()) {
        servers.noteFound(second.get().server(), who.key());
      }
      if (other.somebody() && !loses(other, who)) {
        if (lost) {
          servers.noteMissing(server, who.key(), stillThere(question, who));
        }
        return other;
      }
      if (knowsPeople(second.get().server())) {
        return believed(server, who, other);
      }
    }
    return afterAWhile(server, who, said, lost, stillThere(question, who));
  }

  private Found afterAWhile(
      LdapServer server, Subject who, Found said, boolean lost, Question<LdapServer, Boolean> again)
      throws DoubtedException {
    long now = ticker.read();
    Long since = firstMissed.asMap().putIfAbsent(who.key(), now);
    if (since != null && now - since >= PAUSE) {
      return believed(server, who, said);
    }
    if (lost) {
      servers.noteMissing(server, who.key(), again);
      throw new DoubtedException(
          server.name() + " does not find a name that was found before; nobody else says so yet");
    }
    throw new DoubtedException(
        server.name() + " has found nobody since it was connected to, as if it were empty");
  }

  private Found believed(LdapServer server, Subject who, Found said) {
    servers.noteGone(server, who.key());
    return said;
  }

  private static Question<LdapServer, Boolean> stillThere(
      Question<LdapServer, Found> question, Subject who) {
    return server -> {
      Found found = question.ask(server);
      return found.somebody() && !loses(found, who);
    };
  }

  private static boolean loses(Found said, Subject who) {
    return who.known() && (!said.somebody() || said.form() > who.foundBefore());
  }

  /** Whether it found somebody since it was connected to; if not, whether it finds anybody now. */
  private boolean knowsPeople(LdapServer server) {
    if (server.foundSomebody()) {
      return true;
    }
    long now = ticker.read();
    Long before = askedForAnybody.get(server);
    if (before != null && now - before < ANYBODY_PAUSE) {
      return false;
    }
    askedForAnybody.put(server, now);
    try {
      if (server.searches().ask(this::findsAnybody)) {
        servers.noteFound(server, "");
        return true;
      }
    } catch (LDAPException | RuntimeException none) {
      return false;
    }
    return false;
  }

  private boolean findsAnybody(LDAPConnection connection) throws LDAPException {
    try {
      return connection.search(anybody.duplicate()).getEntryCount() > 0;
    } catch (LDAPSearchException e) {
      if (e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED) || e.getEntryCount() > 0) {
        return true;
      }
      throw e;
    }
  }
}
