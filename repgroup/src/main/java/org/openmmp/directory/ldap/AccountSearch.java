package org.openmmp.directory.ldap;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.DereferencePolicy;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.openmmp.directory.LoginName;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.SearchTemplate;

/** One configured search: where, for what, and which attributes are wanted. It blocks. */
final class AccountSearch {
  private static final LoginName SAMPLE = new LoginName("u", "u", "d");
  private static final LookupRequest SAMPLE_REQUEST =
      new LookupRequest("u", "", "imap", false, "192.0.2.1", "192.0.2.2");

  private final LdapServers servers;
  private final SearchTemplate base;
  private final SearchTemplate filter;
  private final List<String> attributes;
  private final Duration timeLimit;

  /** What a search found. */
  record Found(Count count, Optional<SearchResultEntry> entry) {
    private static final Found NONE = new Found(Count.NONE, Optional.empty());
    private static final Found SEVERAL = new Found(Count.SEVERAL, Optional.empty());

    /** How many entries match. */
    enum Count {
      NONE,
      ONE,
      SEVERAL
    }
  }

  /**
   * Checks the templates.
   *
   * @throws IllegalArgumentException if base or filter cannot be one, whatever is filled in
   */
  AccountSearch(
      LdapServers servers,
      String base,
      String filter,
      List<String> attributes,
      Duration timeLimit) {
    this.servers = servers;
    this.base = SearchTemplate.dn(base);
    this.filter = SearchTemplate.filter(filter);
    this.attributes = attributes;
    this.timeLimit = timeLimit;
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
   * Searches.
   *
   * @throws LDAPException if no server gave a whole answer; a part of one is none
   */
  Found find(LoginName name, LookupRequest request) throws LDAPException {
    return find(base.expand(name, request), filter.expand(name, request));
  }

  /** Searches likewise, with base and filter that are filled in. */
  Found find(String expandedBase, String expandedFilter) throws LDAPException {
    SearchRequest search =
        new SearchRequest(
            expandedBase,
            SearchScope.SUB,
            DereferencePolicy.NEVER,
            2,
            (int) Math.max(1, timeLimit.toSeconds()),
            false,
            Filter.create(expandedFilter),
            attributes.isEmpty()
                ? new String[] {SearchRequest.NO_ATTRIBUTES}
                : attributes.toArray(String[]::new));
    search.setResponseTimeoutMillis(timeLimit.toMillis());
    search.setFollowReferrals(false);
    return servers.ask(
        server -> server.search(connection -> search(server.name(), connection, search)));
  }

  private Found search(String server, LDAPConnection connection, SearchRequest search)
      throws LDAPException {
    try {
      List<SearchResultEntry> entries = connection.search(search).getSearchEntries();
      return switch (entries.size()) {
        case 0 -> Found.NONE;
        case 1 -> new Found(Found.Count.ONE, Optional.of(entries.get(0)));
        default -> Found.SEVERAL;
      };
    } catch (LDAPSearchException e) {
      if (e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED)) {
        return Found.SEVERAL;
      }
      // A base made from the name may well be missing; a fixed one is there or something is broken.
      if (e.getResultCode().equals(ResultCode.NO_SUCH_OBJECT)) {
        if (base.varies()) {
          return Found.NONE;
        }
        String missing = "the base DN " + search.getBaseDN() + " does not exist on " + server;
        throw new ExplainedException(ResultCode.NO_SUCH_OBJECT, missing, e);
      }
      throw e;
    }
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
