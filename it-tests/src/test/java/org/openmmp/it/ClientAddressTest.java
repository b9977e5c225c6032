package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.CurlClient;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.HaProxy;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;

/** A real store learns who the client is: what it logs is the client's address. */
@Tag("real-servers")
final class ClientAddressTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final String BALANCED =
      """
      openmmp {
        proxy-protocol.networks = ["127.0.0.1"]
        proxy-defaults.client-id = id
        imap {
          listen = [{ address = "127.0.0.1:0", proxy-protocol = required }]
          clear-text-passwords = never
        }
        pop3 {
          listen = [{ address = "127.0.0.1:0", proxy-protocol = required }]
          clear-text-passwords = never
        }
      }
      """;

  private static MailSite site;
  private static int clients;

  @BeforeAll
  static void start() {
    site = new MailSite(ClientAddressTest.class, List.of(ALICE));
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  // B3.12: ID of IMAP, XCLIENT of POP3
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void storeThatTrustsUsIsToldInItsProtocol(MailProtocol protocol) {
    site.withProxy(
        "openmmp.proxy-defaults.client-id = id\n",
        proxy -> assertStoreLogs(proxy.at(protocol, Security.PLAIN)));
  }

  // B3.12
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void storeBehindAProxyHeaderIsToldByIt(MailProtocol protocol) {
    site.withProxy(
        "openmmp.proxy-defaults { client-id = proxy-v2, imapport = %d, popport = %d }\n"
            .formatted(
                site.ports().of(MailPort.BALANCED_IMAP), site.ports().of(MailPort.BALANCED_POP3)),
        proxy -> assertStoreLogs(proxy.at(protocol, Security.PLAIN)));
  }

  // B6.5, B3.2: TLS at a trusted balancer is TLS
  @ParameterizedTest
  @CsvSource({"IMAP, send-proxy-v2-ssl", "POP3, send-proxy-v2-ssl-cn"})
  void balancerThatEndsTlsSaysWhoTheClientIs(MailProtocol protocol, String header) {
    String bind = "ssl crt " + site.authority().issue("localhost").bundle();
    site.withProxy(
        BALANCED,
        proxy -> {
          int target = proxy.at(protocol, Security.PLAIN).port();
          try (HaProxy balancer =
              new HaProxy(site.run(), "haproxy-" + protocol + header, bind, target, header)) {
            assertStoreLogs(
                new Endpoint(
                    protocol,
                    "localhost",
                    balancer.port(),
                    Security.TLS,
                    site.authority().certificate()));
          }
        });
  }

  // B6.5
  @ParameterizedTest
  @CsvSource({"IMAP, send-proxy", "POP3, send-proxy-v2"})
  void balancerThatPassesBytesSaysWhoTheClientIs(MailProtocol protocol, String header) {
    site.withProxy(
        BALANCED,
        proxy -> {
          int target = proxy.at(protocol, Security.PLAIN).port();
          try (HaProxy balancer =
              new HaProxy(site.run(), "haproxy-" + protocol + header, "", target, header)) {
            Endpoint endpoint =
                new Endpoint(
                    protocol,
                    "localhost",
                    balancer.port(),
                    Security.PLAIN,
                    site.authority().certificate());
            try (MailConnection inTheClear = protocol.connect(endpoint)) {
              String refused = inTheClear.answerToLogin(ALICE);
              assertTrue(!refused.startsWith(protocol.accepted()), refused);
            }
            assertStoreLogs(
                new Endpoint(
                    protocol,
                    "localhost",
                    balancer.port(),
                    Security.STARTTLS,
                    site.authority().certificate()));
          }
        });
  }

  private static void assertStoreLogs(Endpoint endpoint) {
    String address = "127.0.40." + ++clients;
    new CurlClient(endpoint, ALICE, site.run().create("curl"))
        .request("/", "--interface", address)
        .succeeded();
    Await.until(
        () -> address + " in\n" + site.huey().log(),
        Duration.ofSeconds(5),
        () -> site.huey().log().contains("Login: user=<alice>, method=PLAIN, rip=" + address));
  }
}
