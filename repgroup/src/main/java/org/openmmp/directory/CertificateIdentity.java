package org.openmmp.directory;

/**
 * The user that a client's verified certificate stands for: a login name, or the one entry that a
 * filter matches, or nobody.
 *
 * @param loginName the login name; empty if it is to be searched for, or there is none
 * @param filter an LDAP filter (RFC 4515), filled in and escaped; empty if there is nothing to
 *     search for
 * @param baseDn where to search; empty without a filter
 * @param loginAttribute the attribute whose one value is the entry's login name; empty without a
 *     filter
 */
public record CertificateIdentity(
    String loginName, String filter, String baseDn, String loginAttribute) {
  /** No certificate, or one that stands for nobody. */
  public static final CertificateIdentity NOBODY = new CertificateIdentity("", "", "", "");

  /** Somebody of that login name; nobody if it is empty. */
  public static CertificateIdentity named(String loginName) {
    return loginName.isEmpty() ? NOBODY : new CertificateIdentity(loginName, "", "", "");
  }

  /** Whether it stands for anybody. */
  public boolean somebody() {
    return !loginName.isEmpty() || searched();
  }

  /** Whether its login name is to be searched for. */
  public boolean searched() {
    return !filter.isEmpty();
  }
}
