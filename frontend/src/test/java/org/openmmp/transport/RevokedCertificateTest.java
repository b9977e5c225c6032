package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client's certificate that was revoked is taken no more. */
class RevokedCertificateTest {
  @TempDir Path folder;
  private OpenSsl openSsl;

  @BeforeEach
  void issue() throws IOException {
    openSsl =
        new OpenSsl(folder)
            .authority("CA")
            .issue("alice")
            .issue("bob")
            .run("ca -config ca.cnf -revoke alice.pem")
            .run("ca -config ca.cnf -gencrl -out crl.pem");
    Files.writeString(
        openSsl.file("both.pem"),
        Files.readString(openSsl.file("ca.pem")) + Files.readString(openSsl.file("crl.pem")));
  }

  private void present(String name, String authorities, Optional<String> lists) throws Exception {
    X509TrustManager manager =
        (X509TrustManager)
            ClientTrust.read(openSsl.file(authorities), lists.map(openSsl::file))
                .factory()
                .getTrustManagers()[0];
    X509Certificate shown = PemFile.read(openSsl.file(name + ".pem")).certificates().get(0);
    manager.checkClientTrusted(new X509Certificate[] {shown}, "EC");
  }

  // B3.21
  @Test
  void revokedCertificateIsRefusedAndAnotherTaken() throws Exception {
    present("alice", "ca.pem", Optional.empty());
    for (String authorities : new String[] {"ca.pem", "both.pem"}) {
      Optional<String> lists =
          authorities.equals("ca.pem") ? Optional.of("crl.pem") : Optional.empty();
      present("bob", authorities, lists);
      assertThrows(CertificateException.class, () -> present("alice", authorities, lists));
    }
  }

  // B3.21
  @Test
  void listThatIsOutOfDateVouchesForNobody() throws Exception {
    openSsl.run(
        "ca -config ca.cnf -gencrl -crl_lastupdate 20200101000000Z -crl_nextupdate 20200102000000Z -out crl.pem");
    assertThrows(
        CertificateException.class, () -> present("bob", "ca.pem", Optional.of("crl.pem")));
  }

  // B3.21
  @Test
  void listOfAnotherAuthorityIsRefusedBeforeAnythingStarts() throws Exception {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    for (String name : new String[] {"CA", "Other"}) {
      new OpenSsl(elsewhere).authority(name).run("ca -config ca.cnf -gencrl -out crl.pem");
      IOException refused =
          assertThrows(
              IOException.class,
              () ->
                  ClientTrust.read(
                      openSsl.file("ca.pem"), Optional.of(elsewhere.resolve("crl.pem"))));
      assertTrue(String.valueOf(refused.getMessage()).contains("no authority of client-ca-file"));
    }
  }

  // B3.21
  @Test
  void fileWithoutAListIsRefused() {
    assertThrows(
        IOException.class,
        () -> ClientTrust.read(openSsl.file("ca.pem"), Optional.of(openSsl.file("ca.pem"))));
  }
}
