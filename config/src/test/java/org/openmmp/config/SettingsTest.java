package org.openmmp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.directory.CertificateField;
import org.openmmp.directory.CertificateMapping;
import org.openmmp.directory.SearchTemplate;
import org.openmmp.directory.StoreNameTemplate;
import org.openmmp.directory.ldap.DirectoryConfig;
import org.openmmp.directory.ldap.HostedDomain;
import org.openmmp.repgroup.GrowingPause;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.routing.Recovery;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.Survival;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.text.HostPort;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.Secret;

/** What is written reaches the records. */
class SettingsTest {
  @TempDir Path directory;
  private ConfigText text;

  @BeforeEach
  void open() {
    text = new ConfigText(directory);
  }

  @Test
  void whatIsSharedIsFoundAndSealed() throws Exception { // B10.1
    text.file("redis.password", "its-word\n");
    SharedConfig shared =
        text.load(
                """
                openmmp.shared {
                  url = "rediss-sentinel://s1,[2001:db8::1]:26380/2#mail", user = mmp, password-file = redis.password
                  key = "0123456789abcdef", site = north, node = mmp1, limit = 20ms
                }
                """)
            .shared();
    assertEquals(
        List.of(new HostPort("s1", 26_379), new HostPort("2001:db8::1", 26_380)), shared.engines());
    assertEquals(SharedConfig.Kind.SENTINEL, shared.kind());
    assertEquals(
        "mail 2 mmp north mmp1",
        String.join(
            " ",
            shared.master(),
            "" + shared.database(),
            shared.user(),
            shared.site(),
            shared.node()));
    assertTrue(shared.on() && shared.tls());
    assertEquals(Secret.of("its-word"), shared.password());
    assertFalse(shared.toString().contains("0123456789abcdef"));
    SharedConfig cluster =
        text.load(
                "openmmp.shared { url = \"valkey-cluster://a:1,b:2\", key = \"0123456789abcdef\""
                    + " }\n")
            .shared();
    assertEquals(SharedConfig.Kind.CLUSTER, cluster.kind());
    assertEquals(2, cluster.engines().size());
  }

  @Test
  void whatIsSharedNeedsAKeyThatNobodyGuesses() throws Exception { // B10.1
    String url = "openmmp.shared.url = \"redis://localhost\"\n";
    assertTrue(text.problems(url).toString().contains("openmmp.shared.key-file: found nothing"));
    assertTrue(
        text.problems(url + "openmmp.shared.key = short\n")
            .toString()
            .contains("at least 16 octets"));
  }

  @Test
  void aGroupsOwnOptionsWinOverTheDefaultsOfAll() throws Exception { // B2.3
    OpenMmpConfig config =
        text.load(
            """
            openmmp.proxy-defaults { imapport = 2143, cool-down { first = 1s, max = 2s } }
            openmmp.proxy {
              a { storehostlist = [a1, "a2 a3"], imapport = 1143, cool-down.max = 3s }
              b { storehostlist = "b1\\tb2  b3" }
            }
            """);
    GroupConfig a = config.groups().get(0);
    GroupConfig b = config.groups().get(1);
    assertEquals(List.of("a1", "a2", "a3"), a.hosts());
    assertEquals(List.of("b1", "b2", "b3"), b.hosts());
    assertEquals(1143, a.imap().port());
    assertEquals(2143, b.imap().port());
    assertEquals(
        new GrowingPause(Duration.ofSeconds(1), Duration.ofSeconds(3)), a.selection().coolDown());
    assertEquals(
        new GrowingPause(Duration.ofSeconds(1), Duration.ofSeconds(2)), b.selection().coolDown());
  }

  // B2.28
  @Test
  void groupMayAdmitLoginsInItsOwnWay() throws Exception {
    OpenMmpConfig config =
        text.load(
            """
            openmmp.proxy-defaults.admission.slow-start = 20
            openmmp.proxy-defaults.max-attempts-per-store = 4
            openmmp.proxy.a { storehostlist = [a1, a2], admission { learn = off, logins-per-second = 30
              waiting = 500, patience = 5s, floor = 9 } }
            """);
    assertEquals(
        new SelectorSettings.AdmissionTerms(false, 4, 30, 20, 500, Duration.ofSeconds(5)),
        config.groups().get(0).selection().admission());
  }

  @Test
  void portsFollowImplicitTlsUnlessTheyAreGiven() throws Exception {
    OpenMmpConfig config =
        text.load(
            """
            openmmp.proxy.a { storehostlist = "a b c", tls = implicit }
            openmmp.proxy.d { storehostlist = "d e f", tls = implicit, imapport = 143 }
            openmmp.proxy.g { storehostlist = "g h i", tls = off }
            """);
    assertEquals(List.of(993, 995, 24), ports(config.groups().get(0)));
    assertEquals(List.of(143, 995, 24), ports(config.groups().get(1)));
    assertEquals(List.of(143, 110, 24), ports(config.groups().get(2)));
    assertEquals(TlsPolicy.OFF, config.groups().get(2).imap().tls());
  }

  @Test
  void eachServiceMayHaveAProtectionOfItsOwn() throws Exception { // B2.3
    GroupConfig group =
        text.load(
                """
                openmmp.proxy-defaults.pop3.tls = implicit
                openmmp.proxy.a {
                  storehostlist = "a b c"
                  tls-trust.certificate-name = stores.example.com
                  lmtp { tls = off, port = 2400, tls-trust.certificate-name = lmtp.example.com }
                  lmtpport = 24
                }
                """)
            .groups()
            .get(0);
    assertEquals(List.of(143, 995, 2400), ports(group));
    assertEquals(
        List.of(
            "STARTTLS stores.example.com", "IMPLICIT stores.example.com", "OFF lmtp.example.com"),
        Stream.of(group.imap(), group.pop(), group.lmtp())
            .map(stores -> stores.tls() + " " + stores.trust().certificateName())
            .toList());
    assertEquals(group.lmtp(), group.stores(StoreService.LMTP));
    assertEquals(group.pop(), group.stores(StoreService.POP3));
  }

  static List<Integer> ports(GroupConfig group) {
    return Stream.of(StoreService.values()).map(service -> group.stores(service).port()).toList();
  }

  @Test
  void aGroupWithoutListIsTheHostOfItsName() throws Exception { // B2.3
    OpenMmpConfig config = text.load("openmmp.proxy.\"Store9.example.com\".imapport = 1143\n");
    assertEquals(List.of("store9.example.com"), config.groups().get(0).hosts());
  }

  @Test
  void nullTakesADefaultBack() throws Exception {
    OpenMmpConfig config =
        text.load(
            """
            openmmp.proxy-defaults { imapadmin = root, imapadminpass = hunter2 }
            openmmp.proxy.a { storehostlist = "a b c", imapadmin = null, imapadminpass = null }
            openmmp.admin.listen = null
            """);
    assertEquals("root", config.groupDefaults().imap().adminName());
    assertEquals("", config.groups().get(0).imap().adminName());
    assertTrue(config.groups().get(0).imap().adminPassword().isEmpty());
    assertEquals(Optional.empty(), config.admin().listen());
  }

  @Test
  void sessionsOfAGroupOutliveTheirStoreWhereItsOperatorSaysSo() throws Exception { // B9.3
    OpenMmpConfig config =
        text.load(
            """
            openmmp.proxy-defaults { imapadmin = root, imapadminpass = hunter2 }
            openmmp.proxy.a { storehostlist = "a b c", survive-failover = on
              survival { moves-per-second = 7, longest-wait = 9s, hidden-capabilities = [notify] } }
            openmmp.proxy.d { storehostlist = "d e f" }
            """);
    Survival on = config.groups().get(0).imap().survival();
    assertEquals(new Survival(true, 7, Duration.ofSeconds(9), List.of("NOTIFY")), on);
    assertTrue(on.hides("Notify"));
    assertFalse(on.hides("COMPRESS=DEFLATE"));
    assertEquals(Survival.OFF, config.groups().get(1).imap().survival());
    assertFalse(Survival.OFF.hides("NOTIFY"));
  }

  @Test
  void hostedDomainsDifferInWhatTheySay() throws Exception { // B1.1 to B1.3, B1.8
    OpenMmpConfig config =
        text.load(
            """
            openmmp.directory {
              base-dn = "dc=example,dc=com", default-mail-host = main
              pre-authentication.domains = example.net
            }
            openmmp.domains {
              "Example.org" { base-dn = "o=org", store-name = "{user}", pre-authentication = on }
              "example.net" { filter = "(uid={user})", default-mail-host = "" }
            }
            """);
    DirectoryConfig directory = config.directory();
    String filter = directory.users().filter().toString();
    assertEquals(hosted("o=org", filter, "main", "{user}", true), directory.hosted("example.org"));
    assertEquals(
        hosted("dc=example,dc=com", "(uid={user})", "", "{login}", true),
        directory.hosted("example.net"));
    assertEquals(
        hosted("dc=example,dc=com", filter, "main", "{login}", false),
        directory.hosted("example.com"));
    assertEquals(directory.hosted("example.com"), directory.hosted(""));
  }

  private static HostedDomain hosted(
      String baseDn, String filter, String mailHost, String storeName, boolean preAuthenticated) {
    return new HostedDomain(
        SearchTemplate.dn(baseDn),
        SearchTemplate.filter(filter),
        mailHost,
        StoreNameTemplate.parse(storeName),
        preAuthenticated);
  }

  @Test
  void certificatesAreMappedInOrder() throws Exception { // B3.1, T11
    OpenMmpConfig config =
        text.load(
            """
            openmmp.directory.base-dn = "dc=example,dc=com"
            openmmp.tls.certificate-map = [
              { issuer = "CN=Staff CA, O=Example", name = upn }
              { filter = "(serialNumber={cert:serial})", login-attribute = uid, base-dn = "o=x" }
              { issuer = "*, O=Example", filter = "(&(cn={cert:subject.cn})(mail={cert:san.email}))" }
            ]
            """);
    assertEquals(
        List.of(
            CertificateMapping.named("CN=Staff CA, O=Example", CertificateField.SAN_UPN),
            CertificateMapping.searched("", "o=x", "(serialNumber={cert:serial})", "uid"),
            CertificateMapping.searched(
                "*, O=Example",
                "dc=example,dc=com",
                "(&(cn={cert:subject.cn})(mail={cert:san.email}))",
                "mail")),
        config.tls().certificateMap());
    assertEquals(
        List.of(CertificateMapping.named("", CertificateField.SUBJECT_UID)),
        text.load("openmmp.tls.certificate-name = uid\n").tls().certificateMap());
  }

  @Test
  void plainListenersHaveTheirOwnWordOnPasswords() throws Exception { // B3.2
    OpenMmpConfig config =
        text.load(
            """
            openmmp.imap {
              clear-text-passwords = loopback
              listen = ["*:143", { address = "192.0.2.1:143", clear-text-passwords = always }]
            }
            """);
    assertEquals(
        List.of(ClearTextPasswords.LOOPBACK, ClearTextPasswords.ALWAYS),
        config.imap().listen().plain().stream().map(ListenAddress::clearTextPasswords).toList());
  }

  @Test
  void listenersHaveTheirOwnDomains() throws Exception { // B1.1
    OpenMmpConfig config =
        text.load(
            """
            openmmp.imap {
              clear-text-passwords = loopback
              default-domain = example.com
              listen = ["*:143", { address = "[::1]:0", default-domain = Example.ORG }, "[::]:1143"]
            }
            """);
    assertEquals(
        List.of(
            new ListenAddress("0.0.0.0", 143, "example.com", false, ClearTextPasswords.LOOPBACK),
            new ListenAddress("::1", 0, "example.org", false, ClearTextPasswords.LOOPBACK),
            new ListenAddress("::", 1143, "example.com", false, ClearTextPasswords.LOOPBACK)),
        config.imap().listen().plain());
    assertEquals("[::1]:0", config.imap().listen().plain().get(1).toString());
  }

  @Test
  void oneKeyMovesEveryListenerWithoutAnAddressOfItsOwn() throws Exception { // B7.5
    OpenMmpConfig config =
        text.load(
            """
            openmmp {
              listen-address = ["192.0.2.10", "2001:db8::10", "192.0.2.10"]
              imap {
                clear-text-passwords = always
                listen = ["*:143", { address = "*:1143", default-domain = example.org }, "0.0.0.0:2143", "192.0.2.1:143"]
              }
              pop3 { clear-text-passwords = always, listen = "[::]:110" }
              lmtp.listen = "*:24"
              admin.listen = "*:9080"
            }
            """);
    assertEquals(
        "[192.0.2.10:143, [2001:db8::10]:143, 192.0.2.10:1143, [2001:db8::10]:1143, 0.0.0.0:2143,"
            + " 192.0.2.1:143]",
        config.imap().listen().plain().toString());
    assertEquals(
        List.of("", "", "example.org", "example.org", "", ""),
        config.imap().listen().plain().stream().map(ListenAddress::defaultDomain).toList());
    assertEquals("[[::]:110]", config.pop3().listen().plain().toString());
    assertEquals("[192.0.2.10:24, [2001:db8::10]:24]", config.lmtp().listen().toString());
    assertEquals("Optional[0.0.0.0:9080]", config.admin().listen().toString());
  }

  @Test
  void connectionsToStoresComeFromTheseAddresses() throws Exception { // B7.15
    assertEquals(
        List.of(InetAddress.getByName("192.0.2.10"), InetAddress.getByName("2001:db8::10")),
        text.load("openmmp.source-address = [\"192.0.2.10\", \"2001:db8::10\", \"192.0.2.10\"]")
            .sources());
  }

  @Test
  void listenersExpectProxyHeadersWhereTheyAreToldTo() throws Exception { // B6.5
    OpenMmpConfig config =
        text.load(
            """
            openmmp.imap {
              clear-text-passwords = always
              listen = [
                "*:143"
                { address = "*:1143", proxy-protocol = required }
                { address = "*:2143", proxy-protocol = none }
              ]
            }
            openmmp.proxy-protocol { networks = ["192.0.2.0/24", "2001:db8::1"], timeout = 1s }
            """);
    assertEquals(
        List.of(
            new ListenAddress("0.0.0.0", 143, "", false, ClearTextPasswords.ALWAYS),
            new ListenAddress("0.0.0.0", 1143, "", true, ClearTextPasswords.ALWAYS),
            new ListenAddress("0.0.0.0", 2143, "", false, ClearTextPasswords.ALWAYS)),
        config.imap().listen().plain());
    assertEquals(
        new ProxyProtocolConfig(
            NetworkSet.parse(List.of("192.0.2.0/24", "2001:db8::1/128")), Duration.ofSeconds(1)),
        config.proxyProtocol());
  }

  @Test
  void popClientsHaveListenersOfTheirOwn() throws Exception { // B4.1
    text.file("x.pem", "-----BEGIN CERTIFICATE-----\n");
    OpenMmpConfig config =
        text.load(
            """
            openmmp.tls { certificate = x.pem, key = x.pem }
            openmmp.pop3 {
              listen = ["*:110"], listen-tls = ["*:995"], default-domain = example.com
              capabilities = [TOP, "EXPIRE 30"], mechanisms = [plain], trusted-proxies = ["10.0.0.0/8"]
            }
            """);
    assertTrue(config.imap().listen().isEmpty());
    ListenConfig listen = config.pop3().listen();
    assertEquals(List.of(new ListenAddress("0.0.0.0", 110, "example.com")), listen.plain());
    assertEquals(List.of(new ListenAddress("0.0.0.0", 995, "example.com")), listen.tls());
    assertTrue(listen.startTls());
    PreAuthConfig preAuth = config.pop3().preAuth();
    assertEquals(List.of("TOP", "EXPIRE 30"), preAuth.capabilities());
    assertEquals(List.of(Mechanism.PLAIN), preAuth.mechanisms());
    assertEquals(NetworkSet.parse(List.of("10.0.0.0/8")), preAuth.trustedProxies());
  }

  @Test
  void directoryServersKeepTheirOrderAndPorts() throws Exception { // B1.6
    OpenMmpConfig config =
        text.load(
            "openmmp.directory { urls = [\"ldaps://Ldap1\", \"ldap://[::1]:1389/\"], domain.base-dn"
                + " = \"o={domain}\" }\n");
    assertEquals(
        List.of(
            new DirectoryConfig.Server("ldap1", 636, true),
            new DirectoryConfig.Server("::1", 1389, false)),
        config.directory().servers());
    assertEquals("o={domain}", config.directory().domains().orElseThrow().baseDn().toString());
  }

  @Test
  void certificatesAreTheFilesBesideTheConfiguration() throws Exception {
    Path pem = text.file("x.pem", "-----BEGIN CERTIFICATE-----\n");
    Path password = text.file("key.password", "hunter2\nmore\n");
    OpenMmpConfig config =
        text.load(
            """
            openmmp.imap.listen = ["*:143"]
            openmmp.tls {
              certificate = x.pem, key = x.pem, key-password-file = key.password
              sni = [{ names = [Mail.example.org, "*.example.org"], certificate = x.pem, key = x.pem }]
              client-auth = optional, client-ca-file = x.pem, client-crl-file = x.pem
              min-version = 1.3
            }
            """);
    assertTrue(password.isAbsolute());
    assertEquals(
        new ServerTlsConfig(
            Optional.of(new ServerTlsConfig.Certificate(pem, pem, Secret.of("hunter2"))),
            List.of(
                new ServerTlsConfig.SniCertificate(
                    List.of("mail.example.org", "*.example.org"),
                    new ServerTlsConfig.Certificate(pem, pem, Secret.none()))),
            ServerTlsConfig.ClientAuth.OPTIONAL,
            Optional.of(pem),
            Optional.of(pem),
            List.of(CertificateMapping.named("", CertificateField.SAN_EMAIL)),
            ServerTlsConfig.MinVersion.TLS_1_3),
        config.tls());
    assertTrue(config.imap().listen().startTls());
  }

  @Test
  void hostsOfTheResolverNeedNoQuotes() throws Exception {
    OpenMmpConfig config =
        text.load(
            """
            openmmp.resolver.hosts {
              "Huey.example.com" = "127.0.0.2"
              dewey.example.com = ["127.0.0.3", "::1"]
            }
            """);
    assertEquals(
        Map.of(
            "huey.example.com", List.of("127.0.0.2"),
            "dewey.example.com", List.of("127.0.0.3", "::1")),
        config.resolver().hosts());
  }

  @Test
  void choicesAreReadInAnyCaseAndWithEitherDash() throws Exception {
    OpenMmpConfig config =
        text.load(
            """
            openmmp.transport.native = io_uring
            openmmp.transport.client-vanished = 20m
            openmmp.transport.store-vanished = 1m
            openmmp.proxy-defaults.client-id = Proxy-V2
            openmmp.imap.mechanisms = [plain]
            openmmp.imap.capabilities = [IMAP4rev1, IDLE]
            """);
    assertEquals(TransportConfig.Kind.IO_URING, config.transport().nativeTransport());
    assertEquals(Duration.ofMinutes(20), config.transport().clientVanished());
    assertEquals(Duration.ofMinutes(1), config.transport().storeVanished());
    assertEquals(StoreAccess.ClientId.PROXY_V2, config.groupDefaults().imap().clientId());
    assertEquals(List.of(Mechanism.PLAIN), config.imap().preAuth().mechanisms());
    assertEquals(List.of("IMAP4rev1", "IDLE"), config.imap().preAuth().capabilities());
  }

  @Test
  void aPasswordPrintsAsStars() throws Exception { // B6.6
    OpenMmpConfig config =
        text.load(
            """
            openmmp.directory { bind-dn = "cn=x", bind-password = hunter2 }
            openmmp.admin.token = hunter3
            """);
    assertEquals(Secret.of("hunter2"), config.directory().bindPassword());
    assertFalse(config.toString().contains("hunter"));
    assertTrue(config.toString().contains("***"));
    assertNotEquals(Secret.of("a"), Secret.of("b"));
    assertEquals(Secret.of("a").hashCode(), Secret.of("b").hashCode());
  }

  @Test
  void whatIsBeingRestoredIsReadWithoutCase() throws Exception { // B2.27
    OpenMmpConfig config =
        text.load(
            """
            openmmp.proxy.a.storehostlist = "a1 a2"
            openmmp.recovery { groups = [A.], domains = [Example.COM, "*"] }
            """);
    assertEquals(new Recovery(Set.of("a"), Set.of("example.com", "*")), config.recovery());
  }
}
