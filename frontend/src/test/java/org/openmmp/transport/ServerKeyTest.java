package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.config.ServerTlsConfig.Certificate;
import org.openmmp.wire.Secret;

/** Which keys serve, in which forms, and why others do not. */
class ServerKeyTest {
  @TempDir Path folder;
  private OpenSsl openSsl;

  @BeforeEach
  void open() {
    openSsl = new OpenSsl(folder);
  }

  private ServerKey read(String password) throws IOException {
    return ServerKey.read(
        new Certificate(openSsl.file("c.pem"), openSsl.file("k.pem"), Secret.of(password)));
  }

  private void certificate(String key) {
    openSsl.run("req -x509 -key " + key + " -out c.pem -days 9 -subj /CN=x");
  }

  // B3.20
  @ParameterizedTest
  @CsvSource({
    "genrsa -traditional -out k.pem 2048, RSA",
    "genrsa -out k.pem 2048, RSA",
    "ecparam -name prime256v1 -genkey -out k.pem, EC",
    "ecparam -name secp384r1 -genkey -noout -out k.pem, EC",
    "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out k.pem, EC",
  })
  void keyIsReadInTheFormsThatCertificateClientsWrite(String generate, String kind)
      throws IOException {
    openSsl.run(generate);
    certificate("k.pem");
    assertEquals(kind, read("").key().getAlgorithm());
  }

  // B3.20
  @ParameterizedTest
  @CsvSource({"-v2 aes-256-cbc", "-v2 aes-128-cbc -v2prf hmacWithSHA256", "-v1 PBE-SHA1-3DES"})
  void encryptedKeyIsReadWithItsPassword(String form) throws IOException {
    openSsl.run("genrsa -out plain.pem 2048");
    certificate("plain.pem");
    openSsl.run("pkcs8 -topk8 -in plain.pem -out k.pem -passout pass:hunter2 " + form);
    assertEquals("RSA", read("hunter2").key().getAlgorithm());
    assertTold("the key-password is not that of the key", "other");
    assertTold("is encrypted, and there is no key-password", "");
  }

  // B3.20
  @Test
  void keyThatIsEncryptedInTheOldFormIsRefusedWithTheWayOut() {
    openSsl.run("genrsa -out plain.pem 2048");
    certificate("plain.pem");
    openSsl.run("rsa -in plain.pem -traditional -aes256 -passout pass:hunter2 -out k.pem");
    assertTold("openssl pkcs8 -topk8", "hunter2");
  }

  // B3.20
  @ParameterizedTest
  @CsvSource({"genpkey -algorithm ED25519 -out k.pem", "genpkey -algorithm ED448 -out k.pem"})
  void keyOfAKindThatMailClientsDoNotKnowIsRefusedWithTheReason(String generate) {
    openSsl.run(generate);
    certificate("k.pem");
    assertTold("RSA and EC keys can be used", "");
  }

  // B3.20
  @ParameterizedTest
  @CsvSource({
    "genrsa -traditional -out k.pem 2048, does not belong",
    "genrsa -out k.pem 2048, does not belong",
    "ecparam -name prime256v1 -genkey -noout -out k.pem, and its certificate is for RSA",
    "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k.pem, does not belong",
    "req -x509 -newkey rsa:2048 -nodes -keyout other.pem -out k.pem -subj /CN=y, has no private key",
  })
  void keyOfAnotherCertificateIsRefused(String generate, String told) {
    openSsl.run("genrsa -out own.pem 2048");
    certificate("own.pem");
    openSsl.run(generate);
    assertTold(told, "");
  }

  private void assertTold(String told, String password) {
    IOException refused = assertThrows(IOException.class, () -> read(password));
    assertTrue(String.valueOf(refused.getMessage()).contains(told), refused.getMessage());
  }
}
