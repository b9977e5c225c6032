package org.openmmp.directory;

import java.util.Optional;
import java.util.stream.Stream;

/** A field of a client's certificate that may say who the client is. */
public enum CertificateField {
  /** The whole subject, as RFC 2253 writes it. */
  SUBJECT("subject"),

  /** The subject's most specific common name. */
  SUBJECT_CN("subject.cn"),

  /** The subject's most specific user id. */
  SUBJECT_UID("subject.uid"),

  /** The subject's most specific emailAddress (RFC 2985). */
  SUBJECT_EMAIL("subject.email"),

  /** The first rfc822Name of the alternative names (RFC 5280 section 4.2.1.6). */
  SAN_EMAIL("san.email"),

  /** The first user principal name, an otherName of the alternative names. */
  SAN_UPN("san.upn"),

  /** The first dNSName of the alternative names. */
  SAN_DNS("san.dns"),

  /** The whole issuer, as RFC 2253 writes it. */
  ISSUER("issuer"),

  /** The serial number, decimal. */
  SERIAL("serial"),

  /** SHA-256 of the whole certificate, 64 hexadecimal digits in lower case. */
  FINGERPRINT("fingerprint.sha256");

  private static final String PREFIX = "cert:";

  private final String key;

  CertificateField(String key) {
    this.key = key;
  }

  /** Its name between the braces of a template. */
  public String placeholder() {
    return PREFIX + key;
  }

  /** The field that a template calls so. */
  public static Optional<CertificateField> of(String placeholder) {
    return Stream.of(values()).filter(each -> each.placeholder().equals(placeholder)).findFirst();
  }
}
