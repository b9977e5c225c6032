package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.config.ServerTlsConfig.ClientAuth;

/** What a client hears whose certificate is refused, by the numbers of RFC 8446, section 6. */
class TlsAlertTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String PAST = " -startdate 20200101000000Z -enddate 20200201000000Z";
  private static final String TO_COME = " -startdate 20480101000000Z -enddate 20490101000000Z";
  private static final Pattern ALERT = Pattern.compile("SSL alert number ([0-9]+)");

  @TempDir Path folder;
  private OpenSsl own;

  @BeforeEach
  void issue() throws IOException {
    Files.writeString(folder.resolve("server.ext"), "extendedKeyUsage = serverAuth\n");
    own =
        new OpenSsl(folder)
            .authority("CA")
            .issue("good")
            .issue("revoked")
            .issue("expired", PAST)
            .issue("early", TO_COME)
            .issue("purpose", " -extfile server.ext")
            .run("ca -config ca.cnf -revoke revoked.pem")
            .run("ca -config ca.cnf -gencrl -out crl.pem")
            .run(
                "ca -config ca.cnf -gencrl -crl_lastupdate 20200101000000Z"
                    + " -crl_nextupdate 20200102000000Z -out old.pem");
  }

  private ServerTlsConfig asking(String list) throws Exception {
    Path server = Files.createDirectory(folder.resolve("server"));
    ServerTlsConfig plain =
        TestCertificates.settings(TestCertificates.in(server).server("mail.example.com"));
    return new ServerTlsConfig(
        plain.certificate(),
        plain.sni(),
        ClientAuth.REQUIRED,
        Optional.of(own.file("ca.pem")),
        Optional.of(list).filter(name -> !name.isEmpty()).map(own::file),
        plain.certificateMap(),
        plain.toClients().minVersion());
  }

  /** Shows a certificate, whichever authorities are asked for. */
  private String alert(String shown, String version, int port) throws IOException {
    OpenSsl owner = own;
    if (shown.equals("stranger") || shown.equals("namesake")) {
      owner =
          new OpenSsl(Files.createDirectory(folder.resolve(shown)))
              .authority(shown.equals("stranger") ? "Other" : "CA")
              .issue(shown);
    }
    String said =
        owner.output(
            "s_client -quiet -connect 127.0.0.1:%1$d -%2$s -cert %3$s.pem -key %3$s.key"
                .formatted(port, version, shown));
    Matcher alert = ALERT.matcher(said);
    return alert.find() ? alert.group(1) : said;
  }

  @ParameterizedTest // B3.21
  @CsvSource({
    "OPENSSL, tls1_3, stranger, '',      48, UNKNOWN_ISSUER", // unknown_ca
    "OPENSSL, tls1_2, stranger, '',      48, UNKNOWN_ISSUER",
    "OPENSSL, tls1_3, stranger, crl.pem, 48, UNKNOWN_ISSUER",
    "OPENSSL, tls1_3, namesake, '',      42, BAD_SIGNATURE", // bad_certificate
    "OPENSSL, tls1_3, expired,  '',      45, EXPIRED", // certificate_expired
    "OPENSSL, tls1_2, expired,  '',      45, EXPIRED",
    "OPENSSL, tls1_3, expired,  crl.pem, 45, EXPIRED",
    "OPENSSL, tls1_3, early,    '',      45, EXPIRED", // or not currently valid
    "OPENSSL, tls1_3, revoked,  crl.pem, 44, REVOKED", // certificate_revoked
    "OPENSSL, tls1_2, revoked,  crl.pem, 44, REVOKED",
    "OPENSSL, tls1_3, good,     old.pem, 46, REVOCATION_UNKNOWN", // certificate_unknown
    "JDK,     tls1_3, stranger, '',      46, UNKNOWN_ISSUER",
    "OPENSSL, tls1_3, purpose,  '',      43, WRONG_PURPOSE", // unsupported_certificate
    "JDK,     tls1_3, revoked,  crl.pem, 46, REVOKED",
    "JDK,     tls1_3, good,     old.pem, 46, REVOCATION_UNKNOWN",
  })
  void alertSaysWhyACertificateIsRefused(
      SslProvider provider, String version, String shown, String list, String alert, String told)
      throws Exception {
    try (TlsRig rig = new TlsRig(ServerTls.of(asking(list), "imap", provider), LIMIT)) {
      assertEquals(alert, alert(shown, version, rig.port()));
      assertEquals(told, rig.awaitHandshake());
    }
  }
}
