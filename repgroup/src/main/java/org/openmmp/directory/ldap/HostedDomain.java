package org.openmmp.directory.ldap;

/**
 * What holds for the users of one domain (rules B1.1 to B1.3, B1.8): {@code openmmp.domains}, and
 * where a domain says nothing, {@code openmmp.directory}.
 *
 * @param baseDn where its users' entries are searched; placeholders allowed
 * @param filter template of the search filter
 * @param defaultMailHost for an entry without a mail host; empty: a temporary failure
 * @param storeName template of the name replayed to the store
 * @param preAuthenticated whether its users are checked by a bind before any store is contacted
 */
public record HostedDomain(
    String baseDn,
    String filter,
    String defaultMailHost,
    String storeName,
    boolean preAuthenticated) {}
