package org.openmmp.directory;

import java.util.Optional;

/**
 * How to find the user whom a client's certificate stands for: by a field that is the login name,
 * or by a search. Exactly one of the two is there.
 *
 * @param issuer what the issuer must be: name parts as RFC 2253 orders them, {@code *} for any
 *     characters in a value, and alone as the first part for any parts; empty: any issuer
 * @param name the field that is the login name
 * @param search how to find the user's entry
 */
public record CertificateMapping(
    String issuer, Optional<CertificateField> name, Optional<Search> search) {
  /**
   * A search for the one entry that a certificate stands for.
   *
   * @param baseDn where to search, the whole subtree
   * @param filter template of an LDAP filter, with the placeholders of {@link CertificateField}
   * @param loginAttribute the attribute whose one value is the entry's login name
   */
  public record Search(String baseDn, String filter, String loginAttribute) {}

  /** A certificate of any issuer whose login name stands in that field. */
  public static CertificateMapping named(CertificateField field) {
    return new CertificateMapping("", Optional.of(field), Optional.empty());
  }
}
