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

  private final EmptyAnswers servers;
  private final DirectoryConfig.References references;
  private final SearchTemplate base;
  private final SearchTemplate filter;
  private final String[] attributes;

  /**
   * What a search found.
   *
   * @param form which of the names led to it, counted from 0
   * @param entries that have the name
   * @param more whether there are more than were asked for
   */
  record Found(int form, List<SearchResultEntry> entries, boolean more) {
    private static final Found NOBODY = new Found(0, List.of(), false);

    boolean somebody() {
      return more || !entries.isEmpty();
    }

    /** Whether more than one entry has the name. */
    boolean several() {
      return more || entries.size() > 1;
    }

    /** The one entry that has the name. */
    EntryValues only() {
      return new EntryValues(entries.get(0));
    }

    private Found byForm(int number) {
      return new Found(number, entries, more);
    }
  }

  /**
   * Checks the templates.
   *
   * @throws IllegalArgumentException if base or filter cannot be one, whatever is filled in
   */
  AccountSearch(
      EmptyAnswers servers,
      DirectoryConfig.References references,
      SearchTemplate base,
      SearchTemplate filter,
      List<String> attributes) {
    this.servers = servers;
    this.references = references;
    this.base = base;
    this.filter = filter;
    this.attributes =
        attributes.isEmpty()
            ? new String[] {SearchRequest.NO_ATTRIBUTES}
            : attributes.toArray(String[]::new);
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
   * @param limit what the search may take at each server
   * @throws LDAPException if no server gave a whole answer that can be believed; a part of one is
   *     none
   */
  Found find(List<LoginName> names, LookupRequest request, LdapServers.Subject who, Duration limit)
      throws LDAPException {
    List<SearchRequest> each = new ArrayList<>();
    for (LoginName name : names) {
      Filter expanded = Filter.create(filter.expand(name, request));
      each.add(question(base.expand(name, request), expanded, 2, attributes, limit));
    }
    return servers.ask(who, server -> findFirst(server, each, limit));
  }

  /** Searches likewise, with base and filter that are filled in. */
  Found find(String expandedBase, String expandedFilter, LdapServers.Subject who, Duration limit)
      throws LDAPException {
    SearchRequest question =
        question(expandedBase, Filter.create(expandedFilter), 2, attributes, limit);
    return servers.ask(who, server -> ask(server, question));
  }

  private static SearchRequest question(
      String base, Filter filter, int most, String[] attributes, Duration limit) {
    SearchRequest search =
        new SearchRequest(
            base,
            SearchScope.SUB,
            DereferencePolicy.NEVER,
            most,
            (int) Math.max(1, limit.toSeconds()),
            false,
            filter,
            attributes);
    search.setResponseTimeoutMillis(limit.toMillis());
    search.setFollowReferrals(false);
    return search;
  }

  private Found findFirst(LdapServer server, List<SearchRequest> each, Duration limit)
      throws LDAPException {
    Found found = each.size() > 1 ? findAtOnce(server, each, limit) : null;
    for (int i = 0; found == null && i < each.size(); i++) {
      Found one = ask(server, each.get(i)).byForm(i);
      found = one.somebody() ? one : null;
    }
    return found == null ? Found.NOBODY : found;
  }

  /** All names in one search; null if that does not tell which of them an entry has. */
  private @Nullable Found findAtOnce(LdapServer server, List<SearchRequest> each, Duration limit)
      throws LDAPException {
    String first = each.get(0).getBaseDN();
    if (each.stream().anyMatch(one -> !one.getBaseDN().equals(first))) {
      return null;
    }
    List<Filter> filters = each.stream().map(SearchRequest::getFilter).toList();
    Set<String> all = new TreeSet<>(List.of(attributes));
    filters.forEach(one -> addAttributes(one, all));
    Found answer =
        ask(
            server,
            question(
                first,
                Filter.createORFilter(filters),
                2 * each.size(),
                all.toArray(String[]::new),
                limit));
    if (answer.more()) {
      return null;
    }
    List<SearchResultEntry> rest = new ArrayList<>(answer.entries());
    Found found = Found.NOBODY;
    for (int i = 0; i < filters.size(); i++) {
      List<SearchResultEntry> matching = matching(filters.get(i), answer.entries());
      rest.removeAll(matching);
      if (!found.somebody() && !matching.isEmpty()) {
        found = new Found(i, matching, false);
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

  private Found ask(LdapServer server, SearchRequest question) throws LDAPException {
    return server
        .searches()
        .ask(connection -> ask(server.name(), connection, question.duplicate()));
  }

  private Found ask(String server, LDAPConnection connection, SearchRequest search)
      throws LDAPException {
    try {
      SearchResult result = connection.search(search);
      if (result.getEntryCount() == 0
          && result.getReferenceCount() > 0
          && references == DirectoryConfig.References.OUTAGE) {
        throw new ExplainedException(
            ResultCode.REFERRAL, server + " only refers to other servers, which are not asked");
      }
      return new Found(0, result.getSearchEntries(), false);
    } catch (LDAPSearchException e) {
      if (e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED)) {
        return new Found(0, e.getSearchEntries(), true);
      }
      if (e.getResultCode().equals(ResultCode.NO_SUCH_OBJECT)) {
        if (base.varies() && showsTree(e.getMatchedDN())) {
          return Found.NOBODY;
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
