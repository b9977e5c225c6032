package org.openmmp.directory.ldap;

import org.openmmp.directory.SearchTemplate;
import org.openmmp.directory.StoreNameTemplate;

/**
 * What holds for the users of one domain (rules B1.1 to B1.3, B1.8): {@code openmmp.domains}, and
 * where a domain says nothing, {@code openmmp.directory}.
 *
 * @param baseDn where its users' entries are searched
 * @param filter how they are searched
 * @param defaultMailHost for an entry without a mail host; empty: a temporary failure
 * @param storeName the name that is replayed to the store
 * @param preAuthenticated whether its users are checked by a bind before any store is contacted
 */
public record HostedDomain(
    SearchTemplate baseDn,
    SearchTemplate filter,
    String defaultMailHost,
    StoreNameTemplate storeName,
    boolean preAuthenticated) {

  /** The same for users who are checked by a bind. */
  public HostedDomain withPreAuthentication() {
    return new HostedDomain(baseDn, filter, defaultMailHost, storeName, true);
  }
}
