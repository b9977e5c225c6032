package org.openmmp.directory.ldap;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.DereferencePolicy;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResult;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.LoginName;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.SearchTemplate;

/** One configured search: where, for what, and which attributes are wanted. It blocks. */
final class AccountSearch {
  private static final LoginName SAMPLE = new LoginName("u", "u", "d");
  private static final LookupRequest SAMPLE_REQUEST =
      new LookupRequest("u", "", "imap", false, "192.0.2.1", "192.0.2.2");

  private final Room room;
  private final SearchTemplate base;
  private final SearchTemplate filter;
  private final List<String> attributes;

  /** Where all searches of one directory are made. */
  record Room(LdapServers servers, EmptyAnswers doubts, DirectoryConfig.References references) {}

  /**
   * What a search found.
   *
   * @param form which of the names led to it, counted from 0
   */
  record Found(Count count, int form, Optional<SearchResultEntry> entry) {
    private static final Found NONE = new Found(Count.NONE, 0, Optional.empty());

    /** How many entries match. */
    enum Count {
      NONE,
      ONE,
      SEVERAL
    }

    private static Found of(int form, List<SearchResultEntry> entries) {
      return switch (entries.size()) {
        case 0 -> NONE;
        case 1 -> new Found(Count.ONE, form, Optional.of(entries.get(0)));
        default -> new Found(Count.SEVERAL, form, Optional.empty());
      };
    }

    boolean somebody() {
      return count != Count.NONE;
    }
  }

  /**
   * For whom it is.
   *
   * @param key different for different names
   * @param foundBefore which of the names was found within the cache's memory, the first of them;
   *     -1: none
   * @param limit what the search may take at each server
   */
  record Wanted(String key, int foundBefore, Duration limit) {
    LdapServers.Subject subject() {
      return new LdapServers.Subject(key, foundBefore >= 0);
    }
  }

  /** What one server is asked: all names at once, or one of them. */
  @SuppressWarnings("ArrayRecordComponent") // handed on to the library, never compared
  private record Question(String base, Filter filter, int most, String[] attributes) {}

  /**
   * Checks the templates.
   *
   * @throws IllegalArgumentException if base or filter cannot be one, whatever is filled in
   */
  AccountSearch(Room room, String base, String filter, List<String> attributes) {
    this.room = room;
    this.base = SearchTemplate.dn(base);
    this.filter = SearchTemplate.filter(filter);
    this.attributes = attributes;
    checkGrammar();
  }

  /** What the outcome depends on besides the whole name, as a part of a cache key. */
  String otherValues(LoginName name, LookupRequest request) {
    return base.otherValues(name, request) + filter.otherValues(name, request);
  }

  /** All that the outcome depends on. */
  String question(LoginName name, LookupRequest request) {
    return base.expand(name, request) + '\0' + filter.expand(name, request);
  }

  /**
   * Searches for the first of these names that there is, in one search if they share their base.
   *
   * @throws LDAPException if no server gave a whole answer that can be believed; a part of one is
   *     none
   */
  Found find(List<LoginName> names, LookupRequest request, Wanted wanted) throws LDAPException {
    List<Question> each = new ArrayList<>();
    for (LoginName name : names) {
      each.add(question(base.expand(name, request), Filter.create(filter.expand(name, request))));
    }
    LdapServers.Call<Found> call = server -> findFirst(server, each, wanted.limit());
    return believed(call, wanted);
  }

  /** Searches likewise, with base and filter that are filled in. */
  Found find(String expandedBase, String expandedFilter, Wanted wanted) throws LDAPException {
    Question question = question(expandedBase, Filter.create(expandedFilter));
    return believed(server -> entries(server, question, wanted.limit()).found(0), wanted);
  }

  private Found believed(LdapServers.Call<Found> call, Wanted wanted) throws LDAPException {
    LdapServers.Subject who = wanted.subject();
    return room.doubts().judge(room.servers().ask(who, call), who, wanted.foundBefore(), call);
  }

  private Question question(String expandedBase, Filter expanded) {
    String[] wanted =
        attributes.isEmpty()
            ? new String[] {SearchRequest.NO_ATTRIBUTES}
            : attributes.toArray(String[]::new);
    return new Question(expandedBase, expanded, 2, wanted);
  }

  private Found findFirst(LdapServer server, List<Question> each, Duration limit)
      throws LDAPException {
    Found found = each.size() > 1 ? findAtOnce(server, each, limit) : null;
    for (int i = 0; found == null && i < each.size(); i++) {
      Found one = entries(server, each.get(i), limit).found(i);
      found = one.somebody() || i == each.size() - 1 ? one : null;
    }
    return found == null ? Found.NONE : found;
  }

  /** All names in one search; null if that does not tell which of them an entry has. */
  private @Nullable Found findAtOnce(LdapServer server, List<Question> each, Duration limit)
      throws LDAPException {
    Question first = each.get(0);
    if (each.stream().anyMatch(one -> !one.base().equals(first.base()))) {
      return null;
    }
    List<Filter> filters = each.stream().map(Question::filter).toList();
    Set<String> all = new TreeSet<>(attributes);
    filters.forEach(one -> addAttributes(one, all));
    Entries answer =
        entries(
            server,
            new Question(
                first.base(),
                Filter.createORFilter(filters),
                2 * each.size(),
                all.toArray(String[]::new)),
            limit);
    if (answer.more()) {
      return null;
    }
    List<SearchResultEntry> rest = new ArrayList<>(answer.entries());
    Found found = Found.NONE;
    for (int i = 0; i < filters.size(); i++) {
      List<SearchResultEntry> matching = matching(filters.get(i), answer.entries());
      rest.removeAll(matching);
      if (!found.somebody()) {
        found = Found.of(i, matching);
      }
    }
    // The server may know better than we do why an entry matches.
    return rest.isEmpty() ? found : null;
  }

  private static List<SearchResultEntry> matching(Filter filter, List<SearchResultEntry> entries) {
    List<SearchResultEntry> matching = new ArrayList<>();
    for (SearchResultEntry entry : entries) {
      try {
        if (filter.matchesEntry(entry)) {
          matching.add(entry);
        }
      } catch (LDAPException onlyServersCan) {
        return List.of();
      }
    }
    return matching;
  }

  private static void addAttributes(Filter filter, Set<String> all) {
    if (filter.getAttributeName() != null) {
      all.add(filter.getAttributeName());
    }
    for (Filter part : filter.getComponents()) {
      addAttributes(part, all);
    }
    if (filter.getNOTComponent() != null) {
      addAttributes(filter.getNOTComponent(), all);
    }
  }

  /**
   * The entries that a server sent.
   *
   * @param more whether there are more than were asked for
   */
  private record Entries(List<SearchResultEntry> entries, boolean more) {
    /** What was found for one name. */
    Found found(int form) {
      return more
          ? new Found(Found.Count.SEVERAL, form, Optional.empty())
          : Found.of(form, entries);
    }
  }

  private Entries entries(LdapServer server, Question question, Duration limit)
      throws LDAPException {
    SearchRequest search =
        new SearchRequest(
            question.base(),
            SearchScope.SUB,
            DereferencePolicy.NEVER,
            question.most(),
            (int) Math.max(1, limit.toSeconds()),
            false,
            question.filter(),
            question.attributes());
    search.setResponseTimeoutMillis(limit.toMillis());
    search.setFollowReferrals(false);
    return server.search(connection -> entries(server.name(), connection, search));
  }

  private Entries entries(String server, LDAPConnection connection, SearchRequest search)
      throws LDAPException {
    try {
      SearchResult result = connection.search(search);
      if (result.getEntryCount() == 0
          && result.getReferenceCount() > 0
          && room.references() == DirectoryConfig.References.OUTAGE) {
        throw new ExplainedException(
            ResultCode.REFERRAL, server + " only refers to other servers, which are not asked");
      }
      return new Entries(result.getSearchEntries(), false);
    } catch (LDAPSearchException e) {
      if (e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED)) {
        return new Entries(e.getSearchEntries(), true);
      }
      if (e.getResultCode().equals(ResultCode.NO_SUCH_OBJECT)) {
        if (base.varies() && showsTree(e.getMatchedDN())) {
          return new Entries(List.of(), false);
        }
        throw new ExplainedException(ResultCode.NO_SUCH_OBJECT, missing(server, search), e);
      }
      throw e;
    }
  }

  /** A base made from the name may be missing if the tree that it belongs into is there. */
  private boolean showsTree(@Nullable String matchedDn) {
    String tree = base.fixedEnd();
    try {
      return tree.isEmpty()
          || (matchedDn != null
              && !matchedDn.isEmpty()
              && DN.isDescendantOf(matchedDn, tree, true));
    } catch (LDAPException notADn) {
      return false;
    }
  }

  private String missing(String server, SearchRequest search) {
    String missing = "the base DN " + search.getBaseDN() + " does not exist on " + server;
    return base.varies()
        ? missing + ", which does not say that " + base.fixedEnd() + " does"
        : missing;
  }

  private void checkGrammar() {
    String sampleBase = base.expand(SAMPLE, SAMPLE_REQUEST);
    if (!DN.isValidDN(sampleBase)) {
      throw new IllegalArgumentException("no distinguished name: " + sampleBase);
    }
    String sampleFilter = filter.expand(SAMPLE, SAMPLE_REQUEST);
    try {
      Filter.create(sampleFilter);
    } catch (LDAPException e) {
      throw new IllegalArgumentException("no search filter: " + sampleFilter, e);
    }
  }
}
