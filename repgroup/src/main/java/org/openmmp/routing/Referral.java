package org.openmmp.routing;

/**
 * A store's word "log in at that host instead", as it was parsed and before it is trusted.
 *
 * @param host host name or address literal without brackets; may be empty, which is no referral
 * @param port 1..65535, or 0 if the store named none
 * @param user the user it names, empty if none; ignored unless configured (rule B3.8)
 * @param loggedIn whether the login succeeded all the same (RFC 2221 section 4.1, the OK form)
 */
public record Referral(String host, int port, String user, boolean loggedIn) {}
