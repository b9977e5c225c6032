package org.openmmp.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.pkitesting.CertificateBuilder;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.openmmp.directory.CertificateField;

/** What is read of clients' certificates (T11). */
final class CertificateFieldsTest {
  private static final String UPN_OID = "1.3.6.1.4.1.311.20.2.3";

  private static CertificateBuilder builder(String subject) {
    return new CertificateBuilder().ecp256().subject(subject).setIsCertificateAuthority(true);
  }

  private static Map<CertificateField, String> read(CertificateBuilder builder) throws Exception {
    return CertificateFields.of(builder.buildSelfSigned().getCertificate());
  }

  /** A DER element. */
  private static byte[] der(int tag, byte[]... contents) {
    ByteArrayOutputStream inside = new ByteArrayOutputStream();
    Arrays.stream(contents).forEach(inside::writeBytes);
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(tag);
    if (inside.size() > 127) {
      whole.write(0x82);
      whole.write(inside.size() >> 8);
    }
    whole.write(inside.size());
    whole.writeBytes(inside.toByteArray());
    return whole.toByteArray();
  }

  private static byte[] upn(int depth, String name) {
    byte[] text = der(0x0c, name.getBytes(UTF_8));
    for (int i = 0; i < depth; i++) {
      text = der(0xa0, text);
    }
    return der(0x30, HexFormat.of().parseHex("060a2b060104018237140203"), text);
  }

  @Test
  void fieldsOfTheSubjectAreTheMostSpecific() throws Exception {
    Map<CertificateField, String> fields =
        read(builder("CN=Alice\\, A.,UID=alice,OU=People,CN=Other,O=Example"));
    assertEquals("Alice, A.", fields.get(CertificateField.SUBJECT_CN));
    assertEquals("alice", fields.get(CertificateField.SUBJECT_UID));
    assertEquals(
        "CN=Alice\\, A.,UID=alice,OU=People,CN=Other,O=Example",
        fields.get(CertificateField.SUBJECT));
    assertEquals(fields.get(CertificateField.SUBJECT), fields.get(CertificateField.ISSUER));
    assertNull(fields.get(CertificateField.SUBJECT_EMAIL));
    assertNull(fields.get(CertificateField.SAN_EMAIL));
  }

  @Test
  void firstAlternativeNameOfEachKindCounts() throws Exception {
    Map<CertificateField, String> fields =
        read(
            builder("CN=a")
                .addSanDnsName("laptop.example.com")
                .addSanRfc822Name("alice@example.com")
                .addSanRfc822Name("other@example.com")
                .addSanOtherName("1.2.3.4", der(0x0c, "no".getBytes(UTF_8)))
                .addSanOtherName(UPN_OID, der(0x0c, "älice@corp".getBytes(UTF_8))));
    assertEquals("alice@example.com", fields.get(CertificateField.SAN_EMAIL));
    assertEquals("laptop.example.com", fields.get(CertificateField.SAN_DNS));
    assertEquals("älice@corp", fields.get(CertificateField.SAN_UPN));
  }

  @Test
  void serialAndFingerprintAreThoseThatToolsShow() throws Exception {
    X509Certificate certificate = builder("CN=a").buildSelfSigned().getCertificate();
    Map<CertificateField, String> fields = CertificateFields.of(certificate);
    assertEquals(certificate.getSerialNumber().toString(), fields.get(CertificateField.SERIAL));
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
    assertEquals(HexFormat.of().formatHex(hash), fields.get(CertificateField.FINGERPRINT));
  }

  @Test
  void principalNameIsReadUnderEveryTagThatJavaGives() {
    assertEquals("alice@corp", CertificateFields.principalName(upn(1, "alice@corp")));
    assertEquals("alice@corp", CertificateFields.principalName(upn(2, "alice@corp")));
    assertEquals("a".repeat(300), CertificateFields.principalName(upn(1, "a".repeat(300))));
    assertEquals("alice@corp", CertificateFields.principalName(der(0xa0, upn(1, "alice@corp"))));
  }

  @Test
  void brokenPrincipalNameIsNone() {
    byte[] good = upn(1, "alice@corp");
    for (int cut = 0; cut < good.length; cut++) {
      assertNull(CertificateFields.principalName(Arrays.copyOf(good, cut)));
    }
    assertNull(
        CertificateFields.principalName(der(0x30, der(0x06, new byte[] {1, 2, 3}), der(0xa0))));
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] soup = good.clone();
      soup[random.nextInt(soup.length)] = (byte) random.nextInt();
      soup[random.nextInt(soup.length)] = (byte) random.nextInt();
      CertificateFields.principalName(soup);
    }
  }
}
