package org.openmmp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong is told with file, line, key, what was found and what is accepted (rule B7.1). */
class ProblemsTest {
  private static final String A = "openmmp.proxy.a";

  @TempDir Path directory;
  private ConfigText text;

  @BeforeEach
  void open() {
    text = new ConfigText(directory);
  }

  /** The key; the value that is found; a part of what is accepted. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "openmmp.recovery.groups | [none] | groups of openmmp.proxy",
        "openmmp.recovery.domains | ['a b'] | a domain",
        "openmmp.login.deadline | 999ms | a duration with its unit, such as 25s, from 1s to 5m",
        "openmmp.login.deadline | 6m | from 1s to 5m",
        "openmmp.login.deadline | 25000 | a duration with its unit",
        "openmmp.login.deadline | -1s | a duration",
        "openmmp.login.deadline | soon | a duration",
        "openmmp.login.master-user-separator | ab | one character that no login name has in it",
        "openmmp.login.master-user-separator | '.' | one character",
        "openmmp.login.max-password | 63 | 64 to 65536",
        "openmmp.login.deadline | 99999999999999999999d | a duration",
        "openmmp.login.referral.max-hops | 11 | a whole number from 0 to 10",
        "openmmp.login.referral.max-hops | -1 | a whole number from 0 to 10",
        "openmmp.login.referral.max-hops | 2.5 | a whole number from 0 to 10",
        "openmmp.login.referral.use-user | maybe | on or off",
        "openmmp.login.referral.follow-ports | [0] | a port from 1 to 65535",
        "openmmp.login.referral.follow-ports | [65536] | a port from 1 to 65535",
        "openmmp.login.referral.trusted | ['a b'] | a host name in which *",
        "openmmp.proxy-defaults.imapport | 0 | a port from 1 to 65535, or auto",
        "openmmp.proxy-defaults.imapport | 65536 | a port from 1 to 65535, or auto",
        "openmmp.proxy-defaults.popport | pop3 | a port from 1 to 65535, or auto",
        "openmmp.proxy-defaults.tls | maybe | one of off, opportunistic, starttls, implicit",
        "openmmp.proxy-defaults.imapadmin | '' | a name, not empty",
        "openmmp.proxy-defaults.client-id | proxy | one of none, id, proxy-v2",
        "openmmp.proxy-defaults.login-answer-timeout | 9s | from 10s to 5m",
        "openmmp.proxy-defaults.connect-timeout | 61s | from 10ms to 1m",
        "openmmp.proxy-defaults.max-attempts-per-store | 0 | from 1 to 100000",
        "openmmp.proxy-defaults.admission.learn | maybe | on or off",
        "openmmp.proxy-defaults.admission.floor | 0 | from 1 to 100000",
        "openmmp.proxy-defaults.admission.logins-per-second | -1 | from 0 to 100000",
        "openmmp.proxy-defaults.admission.slow-start | 100001 | from 0 to 100000",
        "openmmp.proxy-defaults.admission.waiting | 0 | from 1 to 1000000",
        "openmmp.proxy-defaults.admission.patience | 500ms | 1s to 5m",
        "openmmp.proxy-defaults.survival.moves-per-second | 0 | from 1 to 100000",
        "openmmp.proxy-defaults.survival.longest-wait | 11m | from 1s to 10m",
        "openmmp.proxy-defaults.survival.hidden-capabilities | [a b] | names of capabilities",
        "openmmp.proxy-defaults.tls-trust.ca-file | no.pem | a readable PEM file",
        "openmmp.proxy-defaults.cool-down | 5s | an object",
        "openmmp.directory.urls | ['http://x'] | ldap://host[:port] or ldaps://host[:port]",
        "openmmp.directory.urls | ['ldap://x:0'] | ldap://host[:port] or ldaps://host[:port]",
        "openmmp.directory.urls | ['ldap://x/dc=y'] | ldap://host[:port] or ldaps://host[:port]",
        "openmmp.directory.urls | ['ldap://'] | ldap://host[:port] or ldaps://host[:port]",
        "openmmp.directory.base-dn | example.com | a DN",
        "openmmp.directory.base-dn | 'dc={dn}' | {login}, {user}",
        "openmmp.directory.filter | 'uid={user}' | an LDAP filter in parentheses",
        "openmmp.directory.filter | '(uid={user}))' | an LDAP filter in parentheses",
        "openmmp.directory.filter | '(uid={user})(a=b)' | an LDAP filter in parentheses",
        "openmmp.directory.filter | '(uid={name})' | placeholders are {login}",
        "openmmp.directory.filter | '(uid={user)' | placeholders are {login}",
        "openmmp.directory.store-name | '' | a text, not empty",
        "openmmp.directory.store-name | '{attr:}' | {attr:NAME}",
        "openmmp.directory.store-name | '{clientIp}' | {attr:NAME}",
        "openmmp.directory.store-name | '{original}' | {user}, {domain}, {attr:NAME}",
        "openmmp.directory.delimiters | '' | one to eight characters",
        "openmmp.directory.delimiters | x | one to eight characters",
        "openmmp.directory.mail-host-attributes | ['mail host'] | attribute names",
        "openmmp.directory.strategy | random | one of failover, balanced",
        "openmmp.directory.pool-size | 0 | from 1 to 1000",
        "openmmp.directory.cache.refresh-ahead | 11m | less than positive-ttl, which is 1m",
        "openmmp.listen-address | '192.0.2.1:143' | a host name or an address without a port",
        "openmmp.source-address | ['0.0.0.0'] | an IPv4 or IPv6 address of this machine",
        "openmmp.source-address | [mmp.example.com] | an IPv4 or IPv6 address of this machine",
        "openmmp.lmtp.listen | ['24'] | host:port",
        "openmmp.lmtp.client-networks | ['all'] | a network such as 192.0.2.0/24",
        "openmmp.lmtp.trusted-clients | ['mx1'] | a network such as 192.0.2.0/24",
        "openmmp.lmtp.starttls | perhaps | on or off",
        "openmmp.lmtp.recipient-filter | 'mail={login}' | an LDAP filter in parentheses",
        "openmmp.lmtp.recipient-template | '{mail}' | {attr:NAME}",
        "openmmp.lmtp.recipient-delimiters | '@' | up to eight characters",
        "openmmp.lmtp.dsn | [DSN] | on or off",
        "openmmp.lmtp.referral-pattern | 'go to (.*)' | a regular expression with a group (?<host>",
        "openmmp.lmtp.referral-pattern | '(?<host>' | a regular expression with a group (?<host>",
        "openmmp.lmtp.bare-newlines | fix | one of refuse, pass",
        "openmmp.lmtp.max-recipients | 99 | from 100 to 100000",
        "openmmp.lmtp.max-line | 512 | from 1024 to 1048576",
        "openmmp.lmtp.bad-commands | 0 | from 1 to 1000",
        "openmmp.lmtp.spool.memory | -1 | from 0 to 16777216",
        "openmmp.lmtp.spool.directory | no-such | a directory that can be written to",
        "openmmp.lmtp.spool.max-message | 1000 | from 65536 to 2147483647",
        "openmmp.lmtp.pool.idle | 2h | from 0 to 1h",
        "openmmp.lmtp.pool.max-transactions | 0 | from 1 to 1000000",
        "openmmp.lmtp.pool.per-host | 0 | from 1 to 10000",
        "openmmp.lmtp.pool.wait | 2m | from 0 to 1m",
        "openmmp.lmtp.timeouts.command | 0 | from 1s to 1h",
        "openmmp.lmtp.timeouts.body | 2h | from 1s to 1h",
        "openmmp.lmtp.timeouts.search | 6m | from 1s to 5m",
        "openmmp.lmtp.timeouts.stall | 0 | from 1s to 1h",
        "openmmp.lmtp.timeouts.final-replies | 2h | from 1s to 1h",
        "openmmp.imap.listen | ['143'] | host:port",
        "openmmp.imap.listen | ['*:65536'] | host:port",
        "openmmp.imap.listen | ['::1:143'] | host:port",
        "openmmp.imap.clear-text-passwords | yes | one of never, loopback, always",
        "openmmp.imap.mechanisms | [CRAM-MD5] | some of PLAIN, LOGIN, OAUTHBEARER, XOAUTH2",
        "openmmp.imap.mechanisms | [SCRAM-SHA-256-PLUS] | EXTERNAL, SCRAM-SHA-1, SCRAM-SHA-256",
        "openmmp.imap.capabilities | ['A B'] | learn, or a list of capabilities",
        "openmmp.imap.idle-timeout | 29m | from 30m to 7d",
        "openmmp.imap.trusted-proxies | ['10.0.0.0/33'] | a network",
        "openmmp.imap.trusted-proxies | [webmail] | a network",
        "openmmp.imap.max-line | 511 | from 512 to 1048576",
        "openmmp.imap.max-literal | 63 | from 64 to 1048576",
        "openmmp.pop3.listen | ['110'] | host:port",
        "openmmp.pop3.stls | maybe | on or off",
        "openmmp.pop3.clear-text-passwords | yes | one of never, loopback, always",
        "openmmp.pop3.mechanisms | [APOP] | some of PLAIN, LOGIN, OAUTHBEARER, XOAUTH2",
        "openmmp.pop3.capabilities | ['.'] | learn, or a list of capabilities",
        "openmmp.pop3.capabilities | ['A  B'] | learn, or a list of capabilities",
        "openmmp.pop3.idle-timeout | 9m | from 10m to 7d",
        "openmmp.pop3.trusted-proxies | [webmail] | a network",
        "openmmp.pop3.max-line | 511 | from 512 to 1048576",
        "openmmp.pop3.max-pipelined | 511 | from 512 to 16777216",
        "openmmp.pop3.bad-commands | 0 | from 1 to 1000",
        "openmmp.pop3.failed-logins | 0 | from 1 to 1000",
        "openmmp.tls.client-ca-file | no.pem | a readable PEM file",
        "openmmp.tls.min-version | 1.1 | 1.2 or 1.3",
        "openmmp.tls.client-auth | sure | one of none, optional, required",
        "openmmp.tls.certificate-name | dn | one of email, upn, dns, cn, uid, subject-email",
        "openmmp.limits.max-connections | 0 | from 1 to 1000000",
        "openmmp.limits.penalty.max | 500ms | not less than first, which is 1s",
        "openmmp.limits.exempt-networks | ['2001:db8::/129'] | a network",
        "openmmp.proxy-protocol.networks | [balancer] | a network",
        "openmmp.proxy-protocol.timeout | 2m | from 10ms to 1m",
        "openmmp.resolver.hosts | { huey = louie } | an IPv4 or IPv6 address",
        "openmmp.resolver.hosts | { huey = [] } | an IPv4 or IPv6 address",
        "openmmp.transport.native | kqueue | one of auto, epoll, io-uring, nio",
        "openmmp.proxy-defaults.probe.kind | often | one of off, greeting, login",
        "openmmp.proxy-defaults.probe.interval | 100ms | 1s",
        "openmmp.proxy-defaults.probe.compare | [weather] | of greeting, capabilities",
        "openmmp.transport.backlog | 0 | from 1 to 65535",
        "openmmp.transport.client-vanished | 5s | 10s",
        "openmmp.transport.store-vanished | 2d | 10s",
        "openmmp.admin.listen | 9080 | host:port",
        "openmmp.log.format | xml | one of key-value, json",
        "openmmp.drain.limit | 2d | from 0 to 1d",
        "openmmp.shared.url | 'http://redis' | redis://host[:port][/database]",
        "openmmp.shared.url | 'redis://user:word@redis' | without a user or password",
        "openmmp.shared.url | 'redis-sentinel://a,b' | redis-sentinel://host[:port],…#master",
        "openmmp.shared.url | 'redis-cluster://a,b/3' | redis-cluster://host[:port],…",
        "openmmp.shared.url | 'redis://a,b' | redis://host[:port][/database]",
        "openmmp.shared.ca-file | no.pem | a readable PEM file",
        "openmmp.shared.prefix | 'a b' | 1 to 64 letters",
        "openmmp.shared.site | 'a/b' | 1 to 64 letters",
        "openmmp.shared.node | 'a b' | 1 to 64 letters",
        "openmmp.shared.limit | 2s | from 5ms to 1s",
        "openmmp.drain.after-loss | 2m | from 0 to 1m",
        "openmmp.drain.lead | 2d | from 0 to 1d",
        "openmmp.drain.spread | 2d | from 0 to 1d",
        "openmmp.hostname | 'a b' | a host name",
        "openmmp.import | [no.rcp] | a readable recipe or file of commands",
      })
  void aBadValueIsRefused(String key, String value, String accepted) throws IOException {
    String line = key + " = " + value.replace('\'', '"') + "\n";
    List<String> problems = text.problems(line.replace("= \n", "= \"\"\n"));
    assertEquals(1, problems.size(), problems::toString);
    assertTrue(problems.get(0).startsWith("test.conf:2: " + key), problems::toString);
    assertTrue(problems.get(0).contains(accepted), problems::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "openmmp.imapp.listen = ['*:143'] | openmmp.imapp | openmmp.imap",
        "openmmp.imap.listen_tls = [] | openmmp.imap.listen_tls | openmmp.imap.listen-tls",
        "openmmp.proxy.a.storehostlst = x | openmmp.proxy.\"a\".storehostlst"
            + " | openmmp.proxy.\"a\".storehostlist",
        "openmmp.proxy.a.imap-port = 143 | openmmp.proxy.\"a\".imap-port"
            + " | openmmp.proxy.\"a\".imapport",
        "openmmp.proxy-defaults.cool-down.frist = 5s | openmmp.proxy-defaults.cool-down.frist"
            + " | openmmp.proxy-defaults.cool-down.first",
        "openmmp.max-connections = 5 | openmmp.max-connections | openmmp.limits.max-connections",
        "openmmp.tls.sni = [{ name = x, certificate = p.pem, key = p.pem, names = x }]"
            + " | openmmp.tls.sni[0].name | openmmp.tls.sni[0].names",
        "openmmp.imap.listen = [{ adress = '*:143', address = '*:143' }]"
            + " | openmmp.imap.listen[0].adress | openmmp.imap.listen[0].address",
      })
  void anUnknownKeyIsRefusedWithTheNearestKnownOne(String line, String key, String nearest)
      throws IOException {
    text.file("p.pem", "-----BEGIN X-----\n");
    String written = line.replace('\'', '"') + "\nopenmmp.imap.clear-text-passwords = always\n";
    assertEquals(
        List.of(
            "test.conf:2: "
                + key
                + ": found an unknown key; accepted: a known key; the nearest is "
                + nearest),
        text.problems(written));
  }

  @Test
  void keyOfAnEarlierReleaseIsANoticeAndEndsNoStart() throws Exception {
    OpenMmpConfig config =
        text.load("openmmp.lmtp.extensions = [8BITMIME]\nopenmmp.lmtp.listen = []\n");
    assertEquals(1, config.notices().size(), () -> config.notices().toString());
    assertTrue(
        config.notices().get(0).text().startsWith("openmmp.lmtp.extensions has no effect any more"),
        () -> config.notices().toString());
  }

  @Test
  void allMistakesAreToldAtOnceInTheOrderOfTheirLines() throws IOException {
    List<String> problems =
        text.problems(
            """
            openmmp.proxy.a { storehostlist = "huey dewey:143 louie", imapport = 0 }
            openmmp.log.format = xml
            include required("more.conf")
            """,
            "openmmp.drain.limit = never\nopenmmp.drian = 1s\n");
    assertEquals(5, problems.size(), problems::toString);
    assertTrue(problems.get(0).startsWith("more.conf:1: openmmp.drain.limit: found \"never\""));
    assertTrue(problems.get(1).startsWith("more.conf:2: openmmp.drian: found an unknown key"));
    assertTrue(problems.get(2).startsWith("test.conf:2: openmmp.proxy.\"a\".storehostlist: found"));
    assertTrue(problems.get(3).startsWith("test.conf:2: openmmp.proxy.\"a\".imapport: found 0"));
    assertTrue(problems.get(4).startsWith("test.conf:3: openmmp.log.format: found \"xml\""));
  }

  @Test
  void aHostWithAPortIsRefusedAndTheReasonGiven() throws IOException { // B2.2
    for (String host : List.of("huey.example.com:1143", "192.0.2.1:143", "[2001:db8::1]:143")) {
      assertEquals(
          List.of(
              "test.conf:2: openmmp.proxy.\"a\".storehostlist: found \""
                  + host
                  + "\"; accepted: a bare host name or address without a port: a port belongs to"
                  + " the group, not to one host, so that any host can take over; write it as"
                  + " imapport, popport or lmtpport of the group"),
          text.problems(A + ".storehostlist = \"dewey " + host + "\"\n"));
    }
  }

  @Test
  void twoGroupsOfOneNameAreRefusedWithBothPlaces() throws IOException { // B2.1
    assertEquals(
        List.of(
            "test.conf:3: openmmp.proxy.\"store1.example.com.\": found a second group of the name"
                + " store1.example.com; accepted: one group of each name; the other stands at"
                + " test.conf:2"),
        text.problems(
            """
            openmmp.proxy."Store1.example.com" { storehostlist = "a b c" }
            openmmp.proxy."store1.example.com." { storehostlist = "d e f" }
            """));
  }

  @Test
  void aGroupNamedLikeAHostOfAnotherIsRefusedWithBothPlaces() throws IOException { // B2.1
    assertEquals(
        List.of(
            "test.conf:3: openmmp.proxy.\"B.\": found a group that is named like a host of the"
                + " group a; accepted: a group name that no other group lists as a host, as"
                + " openmmp.proxy.\"a\".storehostlist does at test.conf:2"),
        text.problems(
            """
            openmmp.proxy.a.storehostlist = "a b c"
            openmmp.proxy."B." { storehostlist = "d e f" }
            """));
  }

  @Test
  void aGroupNameWithDotsWantsQuotes() throws IOException {
    List<String> problems =
        text.problems("openmmp.proxy.store1.example.com.storehostlist = \"a b c\"\n");
    assertEquals(1, problems.size(), problems::toString);
    assertTrue(
        problems.get(0).contains("found a group within a group; accepted: a group name with dots"));
  }

  @Test
  void aBadDefaultIsToldOnceThoughEveryGroupHasIt() throws IOException {
    assertEquals(
        1,
        text.problems(
                """
                openmmp.proxy-defaults.connect-timeout = never
                openmmp.proxy { a.storehostlist = "a b c", d.storehostlist = "d e f" }
                """)
            .size());
  }

  @Test
  void whatBelongsTogetherIsAskedForTogether() throws IOException {
    text.file("p.pem", "-----BEGIN X-----\n");
    assertEquals(
        List.of(
            "test.conf: openmmp.directory.bind-dn: found none, though there is a bind-password;"
                + " accepted: a DN"),
        withoutLines(text.problems("openmmp.directory.bind-password = hunter2\n")));
    assertMissing("openmmp.tls.key", "openmmp.tls.certificate = p.pem\n");
    assertMissing("openmmp.tls.certificate", "openmmp.tls.key = p.pem\n");
    assertMissing("openmmp.tls.client-ca-file", "openmmp.tls.client-auth = required\n");
    assertMissing(
        "openmmp.tls.sni[0].names", "openmmp.tls.sni = [{certificate=p.pem,key=p.pem}]\n");
    assertMissing("openmmp.tls.sni[0].certificate", "openmmp.tls.sni = [{names = x}]\n");
    assertMissing(A + "x.imapadminpass", "openmmp.proxy.ax.imapadmin = admin\n");
    assertMissing(A + "x.imapadmin", "openmmp.proxy.ax.imapadminpass = hunter2\n");
    assertMissing(A + "x.storehostlist", "openmmp.proxy.ax.storehostlist = \" \"\n");
    assertMissing("openmmp.directory.urls", "openmmp.directory.urls = []\n");
    assertMissing("openmmp.directory.base-dn", "openmmp.directory.base-dn = null\n");
    assertMissing("openmmp.log.format", "openmmp.log.format = null\n");
  }

  private void assertMissing(String key, String added) throws IOException {
    List<String> problems = text.problems(added);
    assertEquals(1, problems.size(), problems::toString);
    assertTrue(
        problems.get(0).replace("\"", "").contains(": " + key + ": found nothing; accepted: "),
        problems::toString);
  }

  private static List<String> withoutLines(List<String> problems) {
    return problems.stream().map(problem -> problem.replaceFirst("\\.conf:\\d+", ".conf")).toList();
  }

  @Test
  void listenersThatNobodyCanUseAreRefused() throws IOException { // B3.2
    assertTrue(
        text.problems("openmmp.imap.listen = [\"*:143\"]\n")
            .get(0)
            .contains("found plain listeners at which nobody can log in"));
    assertTrue(
        text.problems("openmmp.imap.listen-tls = [\"*:993\"]\n")
            .get(0)
            .contains("found TLS listeners without a certificate"));
    String clear = "clear-text-passwords = always";
    assertTrue(
        text.problems(
                "openmmp.imap { "
                    + clear
                    + ", listen = [{ address = \"*:143\", clear-text-passwords = never }] }\n")
            .get(0)
            .contains("found plain listeners at which nobody can log in"));
    assertEquals(
        List.of(),
        text.problems("openmmp.imap.listen = [{ address = \"*:143\", " + clear + " }]\n"));
    assertTrue(
        text
            .problems("openmmp.imap.listen-tls = [{ address = \"*:993\", " + clear + " }]\n")
            .stream()
            .anyMatch(problem -> problem.contains("listen-tls[0].clear-text-passwords")));
    assertEquals(
        List.of(),
        text.problems(
            """
            openmmp.imap.listen = [{ address = "*:143", proxy-protocol = required }]
            openmmp.proxy-protocol.networks = ["192.0.2.1"]
            """),
        "clients may be under TLS at the balancer");
    assertEquals(
        2,
        text.problems("openmmp.imap { listen = [\"*:143\"], listen-tls = [\"*:993\"] }\n").size());
  }

  @ParameterizedTest // B3.1
  @CsvSource(
      delimiter = '|',
      value = {
        "{ } | [0].name: found neither a name nor a filter",
        "{ name = cn, filter = '(cn={cert:subject.cn})' } | [0].name: found a name and a filter",
        "{ name = surname } | [0].name: found \"surname\"; accepted: one of email, upn",
        "{ filter = '(cn={cert:nick})' } | [0].filter: found",
        "{ filter = '(cn={user})' } | {cert:fingerprint.sha256}",
        "{ filter = '(cn=x)' } | an LDAP filter in parentheses",
        "{ issuer = Example, name = cn } | [0].issuer: found \"Example\"; accepted: parts of a DN",
        "{ name = cn, fliter = x } | [0].fliter",
        "{ filter = '(cn={cert:serial})', base-dn = 'dc={domain}' } | [0].base-dn: found",
        "{ filter = '(cn={cert:serial})', login-attribute = [a, b] } | found 2 attributes",
      })
  void entryOfTheCertificateMapIsChecked(String entry, String problem) throws IOException {
    List<String> problems =
        text.problems("openmmp.tls.certificate-map = [" + entry.replace('\'', '"') + "]");
    assertTrue(problems.get(0).contains(problem), problems.toString());
  }

  @ParameterizedTest // B7.1
  @CsvSource(
      delimiter = '|',
      value = {
        "'x y' { } | openmmp.domains.'x y': found",
        "'a.org' { }, 'A.org.' { } | the domain a.org again",
        "'a.org' { filtre = '(a=b)' } | openmmp.domains.'a.org'.filtre",
        "'a.org' { filter = 'a=b' } | openmmp.domains.'a.org'.filter: found",
        "'a.org' { pre-authentication = maybe } | 'a.org'.pre-authentication: found",
        "a.org { base-dn = 'o=a' } | openmmp.domains.'a'.org: found an unknown key",
      })
  void hostedDomainIsChecked(String domains, String problem) throws IOException {
    List<String> problems = text.problems("openmmp.domains { " + domains.replace('\'', '"') + " }");
    assertTrue(
        problems.stream().anyMatch(told -> told.contains(problem.replace('\'', '"'))),
        problems.toString());
  }

  @Test
  void searchByCertificateNeedsAPlaceToSearch() throws IOException {
    List<String> problems =
        text.problems(
            "openmmp.directory.base-dn = \"ou={domain},dc=x\"\n"
                + "openmmp.tls.certificate-map = [{ filter = \"(cn={cert:serial})\" }]");
    assertTrue(problems.get(0).contains("[0].base-dn: found nothing"), problems.toString());
  }

  @Test
  void anExchangeNeedsCapabilitiesThatAreLearnt() throws IOException { // B3.3
    String scram = "openmmp.imap.mechanisms = [plain, scram-sha-256]";
    assertEquals(List.of(), text.problems(scram));
    String problem = text.problems(scram + "\nopenmmp.imap.capabilities = [IMAP4rev1]").get(0);
    assertTrue(problem.contains("openmmp.imap.mechanisms: found a SCRAM mechanism"), problem);
    assertTrue(problem.contains("capabilities = learn"), problem);
  }

  @Test
  void listenersThatExpectProxyHeadersOfNobodyAreRefused() throws IOException { // B6.5
    String listener = "openmmp.imap.listen = [{ address = \"*:143\", proxy-protocol = %s }]\n";
    String always = "openmmp.imap.clear-text-passwords = always\n";
    assertEquals(
        List.of(
            "test.conf: openmmp.proxy-protocol.networks: found no network, so nobody can connect"
                + " to a listener that expects PROXY headers; accepted: the networks of the load"
                + " balancers, as needed for openmmp.imap.listen[0].proxy-protocol"),
        text.problems(listener.formatted("required") + always));
    assertEquals(
        List.of(
            "test.conf:2: openmmp.imap.listen[0].proxy-protocol: found true; accepted: one of none,"
                + " required"),
        text.problems(listener.formatted("true") + always));
  }

  @Test
  void aStandbySiteIsMadeOfTheGroupsHosts() throws IOException { // B2.15
    assertTrue(
        text.problems("openmmp.proxy.x { storehostlist = \"a b c\", standby-site = [d] }\n")
            .get(0)
            .endsWith("found d; accepted: hosts of storehostlist, which is a b c"));
  }

  @Test
  void textThatIsNoHoconIsToldWithItsLine() throws IOException {
    List<String> problems = text.problems("openmmp {\n  log { format = ] }\n}\n");
    assertEquals(1, problems.size());
    assertTrue(problems.get(0).startsWith("test.conf:3: found "), problems::toString);
    assertStarts("test.conf:2: found Could not", "openmmp.hostname = ${nowhere}\n");
    assertStarts("no.conf: found no such file", "include required(\"no.conf\")\n");
    assertStarts("test.conf:2: openmmp: found 5; accepted: an object", "openmmp = 5\n");
    assertStarts("test.conf:2: openmmp.log: found [];", "openmmp.log = []\n");
    assertStarts(
        "test.conf:2: openmmp.proxy.\"a\": found 5; accepted: a gr", "openmmp.proxy.a = 5");
  }

  private void assertStarts(String start, String added) throws IOException {
    List<String> problems = text.problems(added);
    assertEquals(1, problems.size(), problems::toString);
    assertTrue(problems.get(0).startsWith(start), problems::toString);
  }

  @Test
  void aFileThatIsNotThereIsAProblemToo() {
    BadConfigException e =
        assertThrows(
            BadConfigException.class, () -> ConfigReader.load(directory.resolve("no.conf")));
    assertEquals(1, e.problems().size());
    assertTrue(e.problems().get(0).place().file().endsWith("no.conf"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "openmmp.proxy.a.imapadminpass = [hunter2]",
        "openmmp.proxy.a.imapadminpass = { x = hunter2 }",
        "openmmp.proxy.a.imapadminpas = hunter2",
        "openmmp.directory.bind-password = hunter2 ] hunter2",
        "openmmp.directory.bind-password = hunter2${nowhere}",
        "openmmp.directory.bind-password = hunter2 + ` & hunter2",
        "openmmp.admin.token = \"hunter2",
        "openmmp.admin { token = hunter2, token-file = x }",
      })
  void noMessageShowsAPassword(String line) throws IOException { // B6.6
    List<String> problems = text.problems(line + "\n");
    assertFalse(problems.isEmpty());
    assertFalse(problems.toString().contains("hunter2"), problems::toString);
  }
}
