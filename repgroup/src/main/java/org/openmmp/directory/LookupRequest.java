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
 * @param certificate whom the client's certificate stands for, if that is who logs in and the
 *     directory has to be searched for the login name; else nobody
 */
public record LookupRequest(
    Purpose purpose,
    String loginName,
    String defaultDomain,
    String service,
    boolean tls,
    String clientIp,
    String serverIp,
    CertificateIdentity certificate) {

  /** What a name is looked up for: each has a search filter and a store name of its own. */
  public enum Purpose {
    /** A login, which service access rules may refuse (rule B1.5). */
    LOGIN,
    /** A delivery, which they do not concern (rule B5.2). */
    DELIVERY
  }

  /** A request for a name that is known. */
  public LookupRequest(
      Purpose purpose,
      String loginName,
      String defaultDomain,
      String service,
      boolean tls,
      String clientIp,
      String serverIp) {
    this(
        purpose,
        loginName,
        defaultDomain,
        service,
        tls,
        clientIp,
        serverIp,
        CertificateIdentity.NOBODY);
  }

  /** The same request of a client whose certificate stands for that. */
  public LookupRequest by(CertificateIdentity identity) {
    return new LookupRequest(
        purpose, loginName, defaultDomain, service, tls, clientIp, serverIp, identity);
  }

  /** The same request once the login name is known. */
  public LookupRequest named(String found) {
    return new LookupRequest(purpose, found, defaultDomain, service, tls, clientIp, serverIp);
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
