package org.openmmp.directory;

/**
 * What is known of a client that wants to log in, before the directory is asked.
 *
 * @param loginName as the client typed it
 * @param defaultDomain the listener's default domain for a name without one; empty: the directory's
 * @param service the service's name in lower case, such as {@code imap}, for service access rules
 * @param tls whether the client's connection is under TLS (service access rules tell {@code imaps}
 *     from {@code imap})
 * @param clientIp the client's address in text form, without zone and brackets
 * @param serverIp the address that the client connected to, likewise
 */
public record LookupRequest(
    String loginName,
    String defaultDomain,
    String service,
    boolean tls,
    String clientIp,
    String serverIp) {}
