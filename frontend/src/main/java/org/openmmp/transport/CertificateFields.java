package org.openmmp.transport;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.CertificateField;

/**
 * Reads the fields of a client's certificate that may say who the client is. Safe for any thread.
 */
public final class CertificateFields {
  private static final Map<String, String> OID_NAMES =
      Map.of("1.2.840.113549.1.9.1", "emailAddress", "0.9.2342.19200300.100.1.1", "UID");

  /** Kinds of alternative names (RFC 5280 section 4.2.1.6). */
  private static final Integer OTHER_NAME = 0;

  private static final Integer RFC822_NAME = 1;
  private static final Integer DNS_NAME = 2;

  private CertificateFields() {}

  /** The fields that a certificate has; one that cannot be read is not there (T11). */
  public static Map<CertificateField, String> of(X509Certificate certificate) {
    Map<CertificateField, String> fields = new EnumMap<>(CertificateField.class);
    String subject = text(certificate.getSubjectX500Principal());
    put(fields, CertificateField.SUBJECT, subject);
    put(fields, CertificateField.SUBJECT_CN, part(subject, "CN"));
    put(fields, CertificateField.SUBJECT_UID, part(subject, "UID"));
    put(fields, CertificateField.SUBJECT_EMAIL, part(subject, "emailAddress"));
    put(fields, CertificateField.ISSUER, text(certificate.getIssuerX500Principal()));
    put(fields, CertificateField.SERIAL, certificate.getSerialNumber().toString());
    put(fields, CertificateField.FINGERPRINT, fingerprint(certificate));
    alternativeNames(certificate)
        .forEach(
            name -> {
              if (name.get(1) instanceof String text) {
                put(
                    fields,
                    CertificateField.SAN_EMAIL,
                    RFC822_NAME.equals(name.get(0)) ? text : "");
                put(fields, CertificateField.SAN_DNS, DNS_NAME.equals(name.get(0)) ? text : "");
              } else if (OTHER_NAME.equals(name.get(0)) && name.get(1) instanceof byte[] der) {
                put(fields, CertificateField.SAN_UPN, PrincipalName.of(der));
              }
            });
    return fields;
  }

  /** The first value counts. */
  private static void put(
      Map<CertificateField, String> fields, CertificateField field, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      fields.putIfAbsent(field, value);
    }
  }

  private static String text(X500Principal name) {
    return name.getName(X500Principal.RFC2253, OID_NAMES);
  }

  private static @Nullable String part(String subject, String type) {
    try {
      LdapName name = new LdapName(subject);
      // The most specific name stands last in the list that LdapName gives.
      for (int i = name.size() - 1; i >= 0; i--) {
        Rdn part = name.getRdn(i);
        if (part.getType().equalsIgnoreCase(type) && part.getValue() instanceof String value) {
          return value;
        }
      }
      return null;
    } catch (InvalidNameException unreadable) {
      return null;
    }
  }

  private static @Nullable String fingerprint(X509Certificate certificate) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return HexFormat.of().formatHex(hash);
    } catch (GeneralSecurityException unreadable) {
      return null;
    }
  }

  private static Collection<List<?>> alternativeNames(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null ? List.of() : names;
    } catch (CertificateParsingException unreadable) {
      return List.of();
    }
  }
}
