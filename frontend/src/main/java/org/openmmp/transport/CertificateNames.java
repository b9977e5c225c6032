package org.openmmp.transport;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.openmmp.config.ServerTlsConfig.CertificateName;

/** Reads a name out of a client's certificate. Safe for any thread. */
public final class CertificateNames {
  /** Type of an rfc822Name among the alternative names (RFC 5280 section 4.2.1.6). */
  private static final Integer RFC822_NAME = 1;

  private CertificateNames() {}

  /**
   * The name in that field; empty if the certificate has none, or one that cannot be read (T11).
   */
  public static String of(X509Certificate certificate, CertificateName field) {
    return switch (field) {
      case EMAIL -> email(certificate);
      case CN -> subject(certificate, "CN");
      case UID -> subject(certificate, "UID");
    };
  }

  private static String email(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names != null) {
        for (List<?> name : names) {
          if (RFC822_NAME.equals(name.get(0)) && name.get(1) instanceof String address) {
            return address;
          }
        }
      }
      return "";
    } catch (CertificateParsingException unreadable) {
      return "";
    }
  }

  private static String subject(X509Certificate certificate, String type) {
    try {
      LdapName name = new LdapName(certificate.getSubjectX500Principal().getName());
      // The most specific name stands last in the list that LdapName gives.
      for (int i = name.size() - 1; i >= 0; i--) {
        Rdn part = name.getRdn(i);
        if (part.getType().equalsIgnoreCase(type) && part.getValue() instanceof String value) {
          return value;
        }
      }
      return "";
    } catch (InvalidNameException unreadable) {
      return "";
    }
  }
}
