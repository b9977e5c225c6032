package org.openmmp.directory.ldap;

import com.unboundid.ldap.sdk.DereferencePolicy;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchScope;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.openmmp.directory.LoginName;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.SearchTemplate;
import org.openmmp.text.SafeText;

/** Finds trouble with the servers before the first user meets it (rule B1.11). */
final class DirectoryTrial {
  /** A name that nobody has. */
  private static final LoginName NOBODY =
      new LoginName("nobody", "nobody", "no-such-domain.invalid");

  private static final LookupRequest REQUEST =
      new LookupRequest("nobody", "", "imap", true, "192.0.2.1", "192.0.2.2");

  private final Set<SearchTemplate> bases = new LinkedHashSet<>();
  private final int limitMillis;

  DirectoryTrial(DirectoryConfig config) {
    bases.add(config.users().baseDn());
    config.hostedDomains().values().stream().map(HostedDomain::baseDn).forEach(bases::add);
    config.domains().ifPresent(domains -> bases.add(domains.baseDn()));
    limitMillis = (int) config.connections().searchTimeout().toMillis();
  }

  List<String> findings(List<LdapServer> servers) {
    List<String> findings = new ArrayList<>();
    servers.forEach(server -> findings.addAll(findings(server, true)));
    return findings;
  }

  /** Why none of them can be used, a sentence for each; empty if one can. */
  List<String> obstacles(List<LdapServer> servers) {
    List<String> obstacles = new ArrayList<>();
    for (LdapServer server : servers) {
      List<String> its = findings(server, false);
      if (its.isEmpty()) {
        return List.of();
      }
      obstacles.addAll(its);
    }
    return obstacles;
  }

  private List<String> findings(LdapServer server, boolean advice) {
    List<String> findings = new ArrayList<>();
    for (SearchTemplate base : bases) {
      try {
        String finding = server.searches().ask(connection -> finding(base, connection, advice));
        if (!finding.isEmpty()) {
          findings.add("directory server " + server.name() + " " + SafeText.of(finding));
        }
      } catch (LDAPException e) {
        findings.add(
            "directory server " + server.name() + " cannot be used: " + LdapServers.describe(e));
        break;
      }
    }
    return findings;
  }

  private String finding(SearchTemplate base, LDAPConnection connection, boolean advice)
      throws LDAPException {
    String tree = base.fixedEnd();
    if (tree.isEmpty()) {
      return "";
    }
    try {
      if (connection.search(search(tree)).getEntryCount() == 0) {
        return "shows nothing at " + tree + " to whom we bind as";
      }
    } catch (LDAPException e) {
      if (e.getResultCode().equals(ResultCode.NO_SUCH_OBJECT)) {
        return "has no " + tree + ", or hides it from whom we bind as";
      }
      throw e;
    }
    return advice && base.varies() && hidesMatchedDn(base.expand(NOBODY, REQUEST), connection)
        ? "does not say which part of a missing DN is there (matchedDN), so that a missing "
            + "domain is an outage; let whom we bind as disclose "
            + tree
        : "";
  }

  private boolean hidesMatchedDn(String missing, LDAPConnection connection) throws LDAPException {
    try {
      connection.search(search(missing));
      return false;
    } catch (LDAPException e) {
      if (!e.getResultCode().equals(ResultCode.NO_SUCH_OBJECT)) {
        throw e;
      }
      return e.getMatchedDN() == null || e.getMatchedDN().isEmpty();
    }
  }

  private SearchRequest search(String dn) {
    SearchRequest search =
        new SearchRequest(
            dn,
            SearchScope.BASE,
            DereferencePolicy.NEVER,
            0,
            0,
            true,
            Filter.createPresenceFilter("objectClass"),
            SearchRequest.NO_ATTRIBUTES);
    search.setResponseTimeoutMillis(limitMillis);
    search.setFollowReferrals(false);
    return search;
  }
}
