package org.openmmp.directory;

/**
 * What is known before the directory is asked: of a client that wants to log in, or of a message's
 * recipient.
 *
 * @param purpose what the name is looked up for
 * @param loginName as the client typed it; a recipient's address without its detail
 * @param defaultDomain the listener's default domain for a name without one; empty: the directory's
 * @param service the service's name in lower case, such as {@code imap}, for service access rules
 * @param tls whether the client's connection is under TLS (service access rules tell {@code imaps}
 *     from {@code imap})
 * @param clientIp the client's address in text form, without zone and brackets
 * @param serverIp the address that the client connected to, likewise
 */
public record LookupRequest(
    Purpose purpose,
    String loginName,
    String defaultDomain,
    String service,
    boolean tls,
    String clientIp,
    String serverIp) {

  /** What a name is looked up for: each has a search filter and a store name of its own. */
  public enum Purpose {
    /** A login, which service access rules may refuse (rule B1.5). */
    LOGIN,
    /** A delivery, which they do not concern (rule B5.2). */
    DELIVERY
  }

  /** A request for a login. */
  public LookupRequest(
      String loginName,
      String defaultDomain,
      String service,
      boolean tls,
      String clientIp,
      String serverIp) {
    this(Purpose.LOGIN, loginName, defaultDomain, service, tls, clientIp, serverIp);
  }
}
