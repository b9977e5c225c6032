package org.openmmp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.directory.CertificateField;
import org.openmmp.directory.CertificateMapping;
import org.openmmp.directory.SearchTemplate;
import org.openmmp.directory.StoreNameTemplate;
import org.openmmp.directory.ldap.DirectoryConfig;
import org.openmmp.directory.ldap.HostedDomain;
import org.openmmp.guard.LimitsConfig;
import org.openmmp.repgroup.GrowingPause;
import org.openmmp.repgroup.ReferralTrust;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.routing.HostTraits;
import org.openmmp.routing.Recovery;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.Survival;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.Secret;

/** Every default is asserted, so that a changed one is a red test. */
class DefaultsTest {
  @TempDir Path directory;

  @Test
  void everyDefaultIsTheDocumentedOne() throws Exception {
    OpenMmpConfig config = new ConfigText(directory).load("");
    assertFalse(config.hostname().isEmpty());
    assertEquals(directoryDefaults(), config.directory());
    assertEquals(groupDefaults(), config.groupDefaults());
    assertEquals(List.of(), config.groups());
    assertEquals( // B2.6, B3.8
        new LoginConfig(seconds(30), 4_000, "", new ReferralTrust(List.of(), Set.of(), 3), false),
        config.login());
    assertEquals(imapDefaults(), config.imap());
    assertEquals(pop3Defaults(), config.pop3());
    assertEquals(lmtpDefaults(), config.lmtp());
    assertEquals(
        new ServerTlsConfig(
            Optional.empty(),
            List.of(),
            ServerTlsConfig.ClientAuth.NONE,
            Optional.empty(),
            Optional.empty(),
            List.of(CertificateMapping.named("", CertificateField.SAN_EMAIL)),
            ServerTlsConfig.MinVersion.TLS_1_2),
        config.tls());
    assertEquals(
        new LimitsConfig(
            20_000,
            200,
            100,
            20,
            NetworkSet.NONE,
            new LimitsConfig.Penalty(seconds(1), seconds(15), Duration.ofMinutes(10), 100_000)),
        config.limits());
    assertEquals(
        new ProxyProtocolConfig(NetworkSet.NONE, seconds(3)), config.proxyProtocol()); // B6.5
    assertEquals(
        new ResolverConfig(
            Map.of(), seconds(1), Duration.ofMinutes(5), seconds(2), Duration.ofDays(1)),
        config.resolver());
    assertEquals(
        new TransportConfig(
            TransportConfig.Kind.AUTO,
            0,
            4_096,
            false,
            false,
            Duration.ofMinutes(8),
            Duration.ofMinutes(2)),
        config.transport());
    assertEquals(List.of(), config.sources()); // B7.15
    assertEquals(
        new AdminConfig(
            Optional.of(new ListenAddress("127.0.0.1", 9_080, "")),
            Optional.of(AdminConfig.USUAL_SOCKET),
            Secret.none(),
            List.of(),
            List.of(),
            200),
        config.admin());
    assertEquals(
        new LogConfig(LogConfig.Format.KEY_VALUE, "", Map.of(), NetworkSet.NONE), config.log());
    assertEquals(Recovery.NONE, config.recovery());
    assertEquals(Optional.of(Path.of("/var/lib/openmmp/state")), config.stateFile());
    assertEquals(
        new DrainConfig(seconds(30), seconds(5), seconds(20), Duration.ZERO), config.drain());
    assertEquals(
        new SharedConfig(
            List.of(),
            SharedConfig.Kind.SINGLE,
            false,
            Optional.empty(),
            "",
            0,
            "",
            Secret.none(),
            Secret.none(),
            "openmmp:",
            "site",
            config.hostname(),
            Secret.none(),
            Duration.ofMillis(50)),
        config.shared());
    assertEquals(List.of(), config.notices());
  }

  private static DirectoryConfig directoryDefaults() {
    return new DirectoryConfig(
        List.of(new DirectoryConfig.Server("127.0.0.1", 389, false)),
        "",
        Secret.none(),
        Optional.empty(),
        new HostedDomain(
            SearchTemplate.dn("dc=example,dc=com"),
            SearchTemplate.filter("(|(uid={login})(mail={login}))"),
            "",
            StoreNameTemplate.parse("{login}"),
            false),
        "",
        "@", // B1.1
        List.of("mailHost"), // B1.2
        List.of(),
        new DirectoryConfig.Connections(
            DirectoryConfig.Strategy.FAILOVER,
            false,
            Optional.empty(),
            seconds(2),
            seconds(5),
            8,
            Duration.ofMinutes(1),
            8 * 1024 * 1024, // B1.13
            DirectoryConfig.References.OUTAGE), // B1.11
        new DirectoryConfig.Status(
            List.of("inetDomainStatus", "mailDomainStatus"), // B1.4
            List.of("inetUserStatus", "mailUserStatus"),
            List.of("mailDomainAllowedServiceAccess"),
            List.of("mailAllowedServiceAccess")),
        Optional.empty(),
        new DirectoryConfig.Cache(
            100_000,
            Duration.ofMinutes(1), // B1.14
            seconds(30),
            seconds(10),
            Duration.ofHours(12)),
        Duration.ofMinutes(5),
        Map.of(),
        new DirectoryConfig.Recipients( // B5.2
            SearchTemplate.filter(
                "(|(mail={login})(mailAlternateAddress={login})(mailEquivalentAddress={login}))"),
            Optional.empty()));
  }

  private static GroupConfig groupDefaults() {
    return new GroupConfig(
        "",
        List.of(),
        List.of(),
        true,
        stores(143),
        stores(110),
        stores(24),
        new SelectorSettings(
            new GrowingPause(seconds(5), seconds(60)), // B2.8
            64, // B2.10
            Duration.ofMillis(100),
            seconds(1),
            seconds(8), // connect, greeting and a second
            new GrowingPause(Duration.ofMillis(500), seconds(4)),
            seconds(5), // B2.9
            SelectorSettings.AdmissionTerms.DEFAULT, // B2.28
            new SelectorSettings.ReadOnlyFallback(true, seconds(10), seconds(5)), // B2.11
            new SelectorSettings.Patience( // B2.31, B2.33
                2, Duration.ofMillis(50), true, Duration.ofMillis(1_500), seconds(1))),
        new GroupProbe(
            GroupProbe.Kind.OFF,
            seconds(60),
            "",
            Secret.none(),
            Set.of(HostTraits.Kind.values()))); // B2.38, B2.39
  }

  @Test
  void libraryHasTheSameTimesAndTellsStoresNothingOfTheClient() {
    StoreAccess library = StoreAccess.at(143, TlsPolicy.STARTTLS);
    StoreAccess server = stores(143);
    assertEquals(
        List.of(server.connectTimeout(), server.greetingTimeout(), server.answerTimeout()),
        List.of(library.connectTimeout(), library.greetingTimeout(), library.answerTimeout()));
    assertEquals(StoreAccess.ClientId.NONE, library.clientId());
  }

  private static StoreAccess stores(int port) {
    return new StoreAccess(
        port,
        TlsPolicy.STARTTLS, // B2.3
        StoreAccess.Trust.SYSTEM,
        seconds(2),
        seconds(5),
        seconds(20), // B2.6
        "",
        Secret.none(),
        StoreAccess.ClientId.ID,
        Survival.OFF); // B9.3
  }

  private static ImapConfig imapDefaults() {
    return new ImapConfig(
        listenDefaults(Duration.ofMinutes(30)), // B3.14
        preAuthDefaults(),
        "Your mailbox cannot be reached at the moment. Your password is not the problem; please"
            + " try again later.",
        16_384);
  }

  private static Pop3Config pop3Defaults() {
    return new Pop3Config(listenDefaults(Duration.ofMinutes(10)), preAuthDefaults()); // RFC 1939
  }

  private static ListenConfig listenDefaults(Duration idle) {
    return new ListenConfig(
        List.of(),
        List.of(),
        false,
        ClearTextPasswords.NEVER, // B3.2
        seconds(60),
        idle);
  }

  private static PreAuthConfig preAuthDefaults() {
    return new PreAuthConfig(
        List.of(
            Mechanism.PLAIN,
            Mechanism.LOGIN,
            Mechanism.OAUTHBEARER,
            Mechanism.XOAUTH2,
            Mechanism.EXTERNAL),
        List.of(),
        NetworkSet.NONE,
        16_384, // B6.1
        65_536,
        3,
        5);
  }

  private static LmtpConfig lmtpDefaults() {
    return new LmtpConfig(
        List.of(),
        new LmtpConfig.Clients(
            NetworkSet.parse(List.of("127.0.0.0/8", "::1/128")), NetworkSet.NONE, false), // B5.1
        false, // B5.5
        "+",
        false, // B5.1
        "",
        LmtpConfig.BareNewlines.REFUSE, // B5.8
        new LmtpConfig.Bounds(1_000, 4_096, 10, 10),
        new LmtpConfig.Spool(262_144, Optional.empty(), 104_857_600), // B5.9
        new LmtpConfig.Pool(seconds(30), 100, 8, seconds(5)), // B5.10, B5.18
        new LmtpConfig.Timeouts(
            Duration.ofMinutes(5),
            Duration.ofMinutes(3),
            seconds(30),
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(9))); // B5.15
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }
}
