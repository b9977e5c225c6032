package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.SimulatedCertificate;

/** Clients that show a certificate instead of a password: the administrator logs them in. */
final class CertificateSessionTest {
  private static final String ADMIN_PASSWORD = "Secret_of_root_7Qx";
  private static final SimulatedCertificate ALICE = SimulatedCertificate.forHosts(List.of("alice"));

  @TempDir Path files;
  private String shown = "";

  @BeforeEach
  void showAlice() {
    Path authority = ALICE.writeCertificate(files.resolve("alice.pem"));
    shown =
        "tls { client-auth = optional, certificate-name = dns, client-ca-file = \"%s\" }"
            .formatted(authority);
  }

  @ParameterizedTest
  @EnumSource
  void administratorLogsTheOwnerOfACertificateIn(MailProtocol spoken) throws IOException { // B3.13
    try (SimSite site =
        SitePlan.replicated()
            .readBy(spoken)
            .withClientTls()
            .with(shown)
            .with("proxy-defaults { imapadmin = root, imapadminpass = " + ADMIN_PASSWORD + " }")
            .start()) {
      site.administrator("root", ADMIN_PASSWORD);
      MailUser alice = site.user("alice");
      site.user("root");
      receive(site, alice);
      assertEquals(List.of("accepted", "one message"), session(site, spoken));
      site.assertTraffic("huey 1/1/1, dewey 0/0/0, louie 0/0/0");
    }
  }

  @ParameterizedTest
  @EnumSource
  void administratorWhomTheStoreRefusesIsTheOperatorsTrouble(MailProtocol spoken)
      throws IOException { // B3.10, B3.13
    try (SimSite site =
        SitePlan.replicated()
            .readBy(spoken)
            .withClientTls()
            .with(shown)
            .with("limits.exempt-networks = []")
            .with("proxy-defaults { imapadmin = root, imapadminpass = " + ADMIN_PASSWORD + " }")
            .start()) {
      site.expectingInLog("ERROR .*administrator-refused");
      site.administrator("root", "Secret_that_was_changed_8Rz");
      MailUser alice = site.user("alice");
      site.user("root");
      receive(site, alice);
      String unavailable = spoken == MailProtocol.IMAP ? "a NO [UNAVAILABLE]" : "-ERR [SYS/TEMP]";
      for (int i = 0; i < 4; i++) {
        List<String> answers = session(site, spoken);
        assertTrue(answers.get(0).startsWith(unavailable), answers::toString);
      }
      List<String> told =
          site.log().lines().filter(line -> line.contains("administrator-refused")).toList();
      for (String host : List.of("huey", "dewey", "louie")) {
        long times = told.stream().filter(line -> line.contains(hostKey(site, host))).count();
        assertTrue(times <= 1, told::toString);
      }
      assertTrue(
          told.get(0).startsWith("ERROR ")
              && told.get(0).contains("service=" + spoken.service())
              && told.get(0).contains("group=cluster1 " + hostKey(site, "huey"))
              && told.get(0).contains("imapadmin"),
          told::toString);
      assertTrue(!site.log().contains("result=bad-credentials"), site::log);
      site.administrator("root", ADMIN_PASSWORD);
      assertEquals(List.of("accepted", "one message"), session(site, spoken));
    }
  }

  private static String hostKey(SimSite site, String node) {
    return "host=" + site.cluster().node(node).hostName() + " ";
  }

  @ParameterizedTest
  @EnumSource
  void certificateIsNoUseWithoutAnAdministrator(MailProtocol spoken) throws IOException { // B3.13
    try (SimSite site = SitePlan.replicated().readBy(spoken).withClientTls().with(shown).start()) {
      receive(site, site.user("alice"));
      List<String> answers = session(site, spoken);
      assertEquals(1, answers.size(), answers::toString);
      assertTrue(answers.get(0).startsWith(spoken == MailProtocol.IMAP ? "a NO " : "-ERR "));
    }
  }

  /** Logs in with the certificate alone, and looks at the INBOX if that is accepted. */
  private static List<String> session(SimSite site, MailProtocol spoken) throws IOException {
    Endpoint endpoint = site.clients().endpoint(spoken, Endpoint.Security.TLS);
    boolean imap = spoken == MailProtocol.IMAP;
    try (SSLSocket socket =
            (SSLSocket)
                ALICE
                    .clientContext(endpoint.authority())
                    .getSocketFactory()
                    .createSocket(endpoint.host(), endpoint.port());
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      lines.readLine();
      send(socket, imap ? "a AUTHENTICATE EXTERNAL =" : "AUTH EXTERNAL =");
      String answer = lines.readLine();
      if (!answer.startsWith(imap ? "a OK" : "+OK")) {
        return List.of(imap && answer.startsWith("*") ? lines.readLine() : answer);
      }
      send(socket, imap ? "b STATUS INBOX (MESSAGES)" : "STAT");
      String inbox = lines.readLine();
      boolean one = inbox.endsWith("(MESSAGES 1)") || inbox.startsWith("+OK 1 ");
      return List.of("accepted", one ? "one message" : inbox);
    }
  }

  private static void send(SSLSocket socket, String line) throws IOException {
    socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static void receive(SimSite site, MailUser user) {
    site.cluster()
        .mail()
        .of(user.login())
        .inbox()
        .append(
            List.of(),
            OffsetDateTime.now(ZoneOffset.UTC),
            "Subject: x\r\n\r\nx\r\n".getBytes(StandardCharsets.US_ASCII));
  }
}
