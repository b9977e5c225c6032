package org.openmmp.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whom certificates stand for (rule B3.1, T11). */
final class CertificateMappingTest {
  private static final Map<CertificateField, String> ALICE =
      Map.of(
          CertificateField.SUBJECT, "CN=Alice,O=Example",
          CertificateField.SUBJECT_CN, "Alice",
          CertificateField.SAN_EMAIL, "alice@example.com",
          CertificateField.SERIAL, "4711",
          CertificateField.ISSUER, "CN=User CA 2,OU=Trust\\, and more,O=Example,C=DE");

  private static CertificateMapping search(String issuer, String filter) {
    return CertificateMapping.searched(issuer, "dc=example,dc=com", filter, "uid");
  }

  private static CertificateIdentity identify(CertificateMapping... map) {
    return CertificateMapping.identify(List.of(map), ALICE);
  }

  @Test
  void fieldIsTheLoginName() {
    assertEquals(
        CertificateIdentity.named("alice@example.com"),
        identify(CertificateMapping.named("", CertificateField.SAN_EMAIL)));
  }

  @Test
  void certificateWithoutTheFieldIsNobodys() { // T11
    assertEquals(
        CertificateIdentity.NOBODY,
        identify(CertificateMapping.named("", CertificateField.SAN_UPN)));
    assertEquals(CertificateIdentity.NOBODY, identify());
    assertEquals(
        CertificateIdentity.NOBODY,
        CertificateMapping.identify(List.of(search("", "(uid={cert:subject.uid})")), Map.of()));
  }

  @Test
  void firstEntryWithAllItsFieldsCounts() {
    assertEquals(
        new CertificateIdentity("", "(&(serialNumber=4711)(cn=Alice))", "dc=example,dc=com", "uid"),
        identify(
            search("CN=Other CA", "(cn={cert:subject.cn})"),
            search("", "(&(uid={cert:subject.uid})(cn={cert:subject.cn}))"),
            search("*, O=Example, C=DE", "(&(serialNumber={cert:serial})(cn={cert:subject.cn}))"),
            CertificateMapping.named("", CertificateField.SAN_EMAIL)));
  }

  @Test
  void whatStandsInACertificateIsNoFilter() { // P3
    Map<CertificateField, String> hostile =
        Map.of(CertificateField.SUBJECT_CN, "*)(uid=\\2a\0", CertificateField.ISSUER, "CN=x");
    assertEquals(
        "(cn=\\2a\\29\\28uid=\\5c2a\\00)",
        CertificateMapping.identify(List.of(search("", "(cn={cert:subject.cn})")), hostile)
            .filter());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | true",
        "CN=User CA 2,OU=Trust\\, and more,O=Example,C=DE | true",
        "cn = user ca 2, ou=trust\\, and MORE, o=Example, c=de | true",
        "CN=User CA *, OU=*, O=Example, C=DE | true",
        "*, O=Example, C=DE | true",
        "*, C=DE | true",
        "*, CN=User CA 2, OU=*, O=Example, C=DE | true",
        "CN=User CA 2 | false",
        "CN=User CA *, O=Example, C=DE | false",
        "CN=*, C=DE | false",
        "*, O=Example | false",
        "*, and more, O=Example, C=DE | false",
        "*, =Example, C=DE | false",
        "CN=User.CA 2, OU=*, O=Example, C=DE | false",
      })
  void issuerIsComparedPartByPart(String issuer, boolean matches) {
    assertEquals(
        matches,
        identify(CertificateMapping.named(issuer, CertificateField.SUBJECT_CN)).somebody(),
        issuer);
  }
}
