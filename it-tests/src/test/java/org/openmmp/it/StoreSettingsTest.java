package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.CurlClient;
import org.openmmp.it.fixture.Cyrus;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.Letter;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Ports;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.fixture.SaslExchange;

/** The settings in docs/operate/stores.md do in real stores what the page says. */
@Tag("real-servers")
final class StoreSettingsTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final MailUser CARLA = MailUser.of("carla");
  private static final MailUser MMP = MailUser.of("mmp");
  private static final String FRONT_ENDS = "192.0.2.10/32 192.0.2.11/32";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static MailSite site;
  private static String page;
  private static int clients;

  @BeforeAll
  static void start() throws IOException {
    site = new MailSite(StoreSettingsTest.class, List.of(ALICE, CARLA));
    page = Files.readString(Path.of("../docs/operate/stores.md"));
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  /** A block of the page. */
  private static String block(String name) {
    Matcher block = Pattern.compile("```" + name + "\n(.*?)```", Pattern.DOTALL).matcher(page);
    assertTrue(block.find(), name);
    return block.group(1);
  }

  /** What the page has for Dovecot, with this site's addresses and files in place of its own. */
  private static String forDovecot(String text, String trusted) {
    Path administrators = site.run().create("page").resolve("administrators");
    RunDirectory.write(administrators, MMP.name() + ":{PLAIN}" + MMP.password() + "\n");
    String own =
        text.replace(FRONT_ENDS, trusted)
            .replace("port = 24\n", "port = " + site.ports().of(MailPort.LMTP) + "\n")
            .replace(
                "/etc/dovecot/administrators", "username_format=%n " + administrators.toString());
    return own;
  }

  private static Dovecot dovecot(String name, String settings) {
    return site.startStore(
        name, site.addressFor(name), site.authority().issue(name), List.of(), settings);
  }

  // B3.12, B3.18, B5.1
  @Test
  void dovecotOfThePageBelievesTheFrontEndAndLetsItsAdministratorIn() {
    String name = "page.example.com";
    String settings = forDovecot(block("dovecot-2.3"), "127.0.0.0/8");
    try (Dovecot store = dovecot(name, settings)) {
      site.withProgram(
          "all",
          MailSite.hosts(name),
          program -> {
            for (MailProtocol protocol : MailProtocol.values()) {
              assertLogged(store, program, protocol, client());
            }
            assertOpens(program, ALICE, MMP);
            assertCapable(program, ALICE);
            Letter letter = Letter.about("delivered to the page's Dovecot");
            DeliveryConnection.deliver(program.lmtp(), ALICE.login(), List.of(letter));
            assertFinds(program, ALICE, "delivered to the page's Dovecot");
          });
    }
  }

  // B3.12
  @Test
  void dovecotThatTrustsSomebodyElseSeesTheFrontEndOnly() {
    String name = "other.example.com";
    try (Dovecot store = dovecot(name, forDovecot(block("dovecot-2.3"), FRONT_ENDS))) {
      site.withProxy(
          MailSite.hosts(name),
          program -> {
            String client = client();
            request(program, MailProtocol.IMAP, client);
            Await.until(
                store::log, LIMIT, () -> store.log().contains("Login: user=<alice>, method=PLAIN"));
            assertEquals(-1, store.log().indexOf("rip=" + client), store.log());
          });
    }
  }

  // B3.12
  @Test
  void dovecotOfThePageReadsThePageOfTheProxyProtocol() {
    String name = "announced.example.com";
    int port = Ports.freeOn(site.addressFor(name));
    String settings =
        forDovecot(block("dovecot-2.3") + block("dovecot-2.3-proxy"), "127.0.0.0/8")
            .replace("port = 10143", "port = " + port);
    try (Dovecot store = dovecot(name, settings)) {
      site.withProxy(
          MailSite.hosts(name)
              + "openmmp.proxy-defaults { client-id = proxy-v2, imapport = %d }\n".formatted(port),
          program -> assertLogged(store, program, MailProtocol.IMAP, client()));
    }
  }

  // B3.18, B5.1
  @Test
  void cyrusOfThePageLetsTheAdministratorInAndTakesMail() {
    String name = "cyrus.example.com";
    String address = site.addressFor(name);
    assertTrue(block("cyrus-services").startsWith("lmtp cmd=\"lmtpd -a\" listen="));
    site.slapd().set(CARLA, "mailHost", name);
    try (Cyrus store =
        new Cyrus(
            site.run(),
            new Cyrus.Settings(name, address, site.ports(), site.authority().issue(name)),
            List.of(CARLA),
            block("cyrus"))) {
      store.add(MMP);
      site.withProgram(
          "all",
          "openmmp.proxy.\"" + name + "\".lmtp.tls = off\n",
          program -> {
            program.assertServes(MailProtocol.IMAP, CARLA);
            program.assertServes(MailProtocol.POP3, CARLA);
            assertOpens(program, CARLA, MMP);
            assertCapable(program, CARLA);
            Letter letter = Letter.about("delivered to the page's Cyrus");
            DeliveryConnection.deliver(program.lmtp(), CARLA.login(), List.of(letter));
            assertFinds(program, CARLA, "delivered to the page's Cyrus");
          });
    }
  }

  /** Another client's address each time. */
  private static String client() {
    return "127.0.41." + ++clients;
  }

  private static void request(ProxyProcess program, MailProtocol protocol, String address) {
    new CurlClient(program.at(protocol, Security.STARTTLS), ALICE, site.run().create("curl"))
        .request("/", "--interface", address)
        .succeeded();
  }

  private static void assertLogged(
      Dovecot store, ProxyProcess program, MailProtocol protocol, String address) {
    request(program, protocol, address);
    Await.until(
        () -> address + " in\n" + store.log(),
        LIMIT,
        () -> store.log().contains("Login: user=<alice>, method=PLAIN, rip=" + address));
  }

  /** The administrator opens the user's mailbox by an authorization identity. */
  private static void assertOpens(ProxyProcess program, MailUser user, MailUser administrator) {
    try (ImapConnection connection = new ImapConnection(program.imap(Security.TLS))) {
      String plain = user.login() + "\0" + administrator.name() + "\0" + administrator.password();
      String answer = connection.answerTo(SaslExchange.of("PLAIN", true, plain));
      assertTrue(answer.startsWith(MailProtocol.IMAP.accepted()), answer);
      connection.openInbox();
    }
  }

  private static void assertCapable(ProxyProcess program, MailUser user) {
    try (ImapConnection connection = new ImapConnection(program.imap(Security.TLS))) {
      assertTrue(connection.login(user).isOk());
      String capabilities = String.join(" ", connection.command("CAPABILITY").untagged());
      for (String wanted : List.of("CONDSTORE", "QRESYNC", "ENABLE")) {
        assertTrue(capabilities.contains(wanted), capabilities);
      }
      assertTrue(connection.command("ENABLE QRESYNC").isOk());
    }
  }

  private static void assertFinds(ProxyProcess program, MailUser user, String subject) {
    try (ImapConnection connection = new ImapConnection(program.imap(Security.TLS))) {
      assertTrue(connection.login(user).isOk());
      connection.openInbox();
      Await.until(
          "mail: " + subject,
          LIMIT,
          () -> {
            connection.command("NOOP");
            List<String> found =
                connection.command("SEARCH SUBJECT \"" + subject + "\"").untagged();
            return found.stream().anyMatch(line -> line.matches("\\* SEARCH \\d+.*"));
          });
    }
  }
}
