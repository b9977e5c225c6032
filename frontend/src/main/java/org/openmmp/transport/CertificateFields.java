package org.openmmp.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
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

  /** 1.3.6.1.4.1.311.20.2.3 in DER. */
  private static final byte[] PRINCIPAL_NAME = {
    0x2b, 0x06, 0x01, 0x04, 0x01, (byte) 0x82, 0x37, 0x14, 0x02, 0x03
  };

  private static final int OID = 0x06;
  private static final int UTF8_STRING = 0x0c;
  private static final int SEQUENCE = 0x30;
  private static final int EXPLICIT = 0xa0;

  /** A length over 127 octets is in so many octets, which are enough for any name. */
  private static final int MOST_LENGTH_OCTETS = 2;

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
                put(fields, CertificateField.SAN_UPN, principalName(der));
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

  /**
   * A user principal name as an otherName of a certificate holds it, in DER: its object identifier,
   * and a UTF8String under an explicit tag; null if it is another kind of name, or none that can be
   * read.
   */
  static @Nullable String principalName(byte[] der) {
    ByteBuffer name = unwrapped(ByteBuffer.wrap(der));
    ByteBuffer oid = contents(name, OID);
    if (oid == null || !oid.equals(ByteBuffer.wrap(PRINCIPAL_NAME))) {
      return null;
    }
    ByteBuffer text = contents(unwrapped(name), UTF8_STRING);
    if (text == null) {
      return null;
    }
    byte[] octets = new byte[text.remaining()];
    text.get(octets);
    String read = new String(octets, UTF_8);
    return Arrays.equals(read.getBytes(UTF_8), octets) ? read : null;
  }

  /** What the outer tags stand around: Java versions differ in how many of them they give. */
  private static ByteBuffer unwrapped(ByteBuffer element) {
    ByteBuffer inside = element;
    for (ByteBuffer next = inside; next != null; next = inner(inside)) {
      inside = next;
    }
    return inside;
  }

  private static @Nullable ByteBuffer inner(ByteBuffer element) {
    ByteBuffer sequence = contents(element, SEQUENCE);
    return sequence == null ? contents(element, EXPLICIT) : sequence;
  }

  /** The contents of the next element if it has that tag, which is taken; else null. */
  private static @Nullable ByteBuffer contents(ByteBuffer from, int tag) {
    ByteBuffer at = from.slice();
    if (at.remaining() < 2 || (at.get() & 0xff) != tag) {
      return null;
    }
    int length = at.get() & 0xff;
    int lengthOctets = length - 0x80;
    if (lengthOctets >= 0) {
      if (lengthOctets > MOST_LENGTH_OCTETS || lengthOctets > at.remaining()) {
        return null;
      }
      length = 0;
      for (int i = 0; i < lengthOctets; i++) {
        length = length << 8 | (at.get() & 0xff);
      }
    }
    if (length > at.remaining()) {
      return null;
    }
    from.position(from.position() + at.position() + length);
    return at.slice(at.position(), length);
  }
}
