package org.openmmp.directory.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Freshness;
import org.openmmp.directory.LookupResult.Kind;

final class LdapLookupTest {
  @TempDir private static Path directory;
  private LdapServerFixture server;

  @BeforeEach
  void startServer() throws Exception {
    server = LdapServerFixture.start();
    server.user("alice", "mailHost: cluster1", "cn: Alice");
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  @Test
  void userIsFoundWithAllThatALoginNeeds() throws Exception {
    try (Client client = client()) {
      assertEquals(
          new LookupResult(
              Kind.FOUND,
              "alice@example.com",
              "cluster1",
              "alice@example.com",
              "uid=alice," + LdapServerFixture.BASE,
              Map.of("cn", "Alice"),
              Freshness.LOOKED_UP,
              "the entry's mail host"),
          client.lookUp("alice"));
    }
  }

  /** A stack trace costs more than the rest of a look-up. */
  @Test
  void nameThatIsAskedForTheFirstTimeMakesNoException() throws Exception {
    int names = 20;
    for (int i = 0; i < names; i++) {
      server.user("cold" + i, "mailHost: cluster1");
    }
    List<String> made = new ArrayList<>();
    try (Client client = client();
        Recording recording = new Recording()) {
      client.lookUp("alice");
      client.recipient("alice@example.com");
      recording.enable("jdk.JavaExceptionThrow").withStackTrace();
      recording.start();
      for (int i = 0; i < names; i++) {
        assertEquals(Freshness.LOOKED_UP, client.lookUp("cold" + i).freshness());
        assertEquals(
            Freshness.LOOKED_UP, client.recipient("cold" + i + "@example.com").freshness());
        assertEquals(Kind.NO_SUCH_USER, client.lookUp("nobody" + i).kind());
      }
      assertThrows(ArithmeticException.class, () -> Math.addExact(Integer.MAX_VALUE, names));
      recording.stop();
      Path file = directory.resolve("exceptions.jfr");
      recording.dump(file);
      for (RecordedEvent each : RecordingFile.readAllEvents(file)) {
        String name = each.getClass("thrownClass").getName();
        boolean ours = String.valueOf(each.getStackTrace()).contains("org.openmmp.directory.");
        if (ours && !name.endsWith("Error")) { // the virtual machine makes some for itself
          made.add(name);
        }
      }
    }
    assertEquals(List.of(ArithmeticException.class.getName()), made, "but the one made here");
  }

  // R9, P10: one identity, whatever the spelling
  @ParameterizedTest
  @ValueSource(strings = {"alice", "ALICE", "Alice@Example.COM", "alice@example.com."})
  void everySpellingIsOneIdentity(String typed) throws Exception {
    try (Client client = client()) {
      client.lookUp("alice");
      LookupResult result = client.lookUp(typed);
      assertEquals("alice@example.com", result.login());
      assertEquals("alice@example.com", result.storeName());
      assertEquals(Freshness.CACHED, result.freshness());
    }
  }

  // P3, R10
  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "a*",
        "a)(mail=*",
        "*)(|(uid=*",
        "\\2a",
        "alice\\",
        "alice%evil",
        "evil!alice",
        "#alice",
        "alice,dc=example",
        "%s%n${jndi:x}",
        "bob",
      })
  void strangersNameMatchesNobody(String typed) throws Exception {
    try (Client client = client()) {
      assertEquals(Kind.NO_SUCH_USER, client.lookUp(typed).kind());
      assertEquals(1, server.searches().size());
    }
  }

  // P2, P9
  @ParameterizedTest
  @ValueSource(strings = {"", "@example.com", "alice@", "al\0ice", "al\r\nice", "al\ud800ice"})
  void nameThatCannotBeOneIsNoSuchUserWithoutASearch(String typed) throws Exception {
    try (Client client = client()) {
      assertEquals(Kind.NO_SUCH_USER, client.lookUp(typed).kind());
      assertEquals(List.of(), server.searches());
    }
  }

  // P10
  @Test
  void backslashInANameIsItself() throws Exception {
    server.entry("uid=ab", "uid: a\\b", "mail: a\\b@example.com", "mailHost: cluster1");
    try (Client client = new Client(settings().storeName("{user}"))) {
      assertEquals("a\\b", client.lookUp("a\\b").storeName());
    }
  }

  // B1.2
  @ParameterizedTest
  @CsvSource({
    "'mailHost: h1', h1",
    "'mailHost:: SDEuRXhhbXBsZS5DT00g', h1.example.com",
    "'mailStore: h2', h2",
    "'cn: x', fallback",
  })
  void firstMailHostAttributePresentWins(String attribute, String host) throws Exception {
    server.user("bob", attribute, "sn: h3");
    try (Client client = new Client(settings().mailHost("fallback", "mailHost", "mailStore"))) {
      assertEquals(host, client.lookUp("bob").mailHost());
    }
  }

  // B1.2, R8
  @Test
  void missingMailHostIsNamed() throws Exception {
    server.user("bob", "cn: Bob");
    try (Client client = new Client(settings().mailHost("", "mailHost", "mailStore"))) {
      LookupResult result = client.lookUp("bob");
      assertEquals(Kind.NO_MAIL_HOST, result.kind());
      assertEquals("the entry has no mailHost, no mailStore", result.reason());
    }
  }

  // B1.3, B1.9, R8: a value is never guessed and never carries a command
  @ParameterizedTest
  @CsvSource({
    "'mailHost: h1', 'mailHost: h2'",
    "'mailHost: h1 h2', 'cn: x'",
    "'mailHost: imap://h1/', 'cn: x'",
    "'mailHost:: aDENCmEgTE9HT1VU', 'cn: x'",
    "'mailHost: h1', 'sn:: YQ0KYiBMT0dPVVQ='",
    "'mailHost: h1', 'cn: x'",
  })
  void entryThatCannotBeUsedIsABadEntry(String one, String other) throws Exception {
    server.user("bob", one, other);
    try (Client client = new Client(settings().storeName("{attr:sn}"))) {
      assertEquals(Kind.BAD_ENTRY, client.lookUp("bob").kind());
    }
  }

  // B1.3: the order of values means nothing, so the one in the entry's name is taken
  @Test
  void distinguishedValueIsTheOneForTheStore() throws Exception {
    server.entry("uid=bob", "uid: b2", "uid: bob", "mail: b2@example.com", "mailHost: h1");
    try (Client client = new Client(settings().storeName("{attr:uid}"))) {
      assertEquals("bob", client.lookUp("b2").storeName());
    }
  }

  // B1.9, R8
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 20})
  void severalEntriesAreNeverAGuess(int entries) throws Exception {
    for (int i = 0; i < entries; i++) {
      server.entry("cn=bob" + i, "mail: bob@example.com", "mailHost: h" + i);
    }
    try (Client client = client()) {
      LookupResult result = client.lookUp("bob");
      assertEquals(Kind.AMBIGUOUS, result.kind());
      assertEquals("", result.mailHost());
    }
  }

  // B1.4
  @ParameterizedTest
  @CsvSource({
    "active,   active,    active,   active,   FOUND,    ''",
    "'',       '',        '',       '',       FOUND,    ''",
    "active,   active,    active,   overquota, FOUND,   ''",
    "active,   active,    inactive, active,   INACTIVE, inetUserStatus is inactive",
    "active,   active,    active,   hold,     INACTIVE, mailUserStatus is hold",
    "active,   active,    deleted,  inactive, DELETED, inetUserStatus is deleted",
    "inactive, active,    active,   active,   INACTIVE, inetDomainStatus is inactive",
    "active,   disabled,  active,   active,   DISABLED, mailDomainStatus is disabled",
    "defer,    active,    active,   removed,  DELETED, mailUserStatus is removed",
    "active,   strange,   active,   active,   INACTIVE, mailDomainStatus is inactive",
    "disabled, disabled,  disabled, disabled, DISABLED, inetDomainStatus is disabled",
  })
  void strictestStatusOfDomainAndUserWins(
      String inetDomain,
      String mailDomain,
      String inetUser,
      String mailUser,
      Kind kind,
      String reason)
      throws Exception {
    server.entry(
        "o=example.com",
        lines("o: example.com", "inetDomainStatus", inetDomain, "mailDomainStatus", mailDomain));
    server.user(
        "bob", lines("mailHost: h1", "inetUserStatus", inetUser, "mailUserStatus", mailUser));
    try (Client client = new Client(settings().domains(LdapServerFixture.BASE, "(o={domain})"))) {
      LookupResult result = client.lookUp("bob");
      assertEquals(kind, result.kind());
      if (kind != Kind.FOUND) {
        assertEquals(reason, result.reason());
      }
    }
  }

  // B1.4, B1.7: sprayed names never ask for a domain, and its entry is asked for once
  @Test
  void domainIsLookedUpOnceAndOnlyForEntriesThatExist() throws Exception {
    server.user("bob", "mailHost: h1");
    server.entry("o=example.com", "o: example.com", "inetDomainStatus: active");
    try (Client client = new Client(settings().domains(LdapServerFixture.BASE, "(o={domain})"))) {
      client.lookUp("nobody");
      assertEquals(1, server.searches().size());
      client.lookUp("alice");
      client.lookUp("bob");
      assertEquals(4, server.searches().size());
      assertEquals(1, server.searches().stream().filter("(o=example.com)"::equals).count());
    }
  }

  // B1.5
  @ParameterizedTest
  @CsvSource({
    "'+imap:192.0.2.0/24',   '',              imap, 192.0.2.7,   FOUND",
    "'+imap:192.0.2.0/24',   '',              imap, 203.0.113.7, NOT_ALLOWED",
    "'+imap:ALL',            '',              pop3, 192.0.2.7,   NOT_ALLOWED",
    "'+imap:ALL',            '-imap:ALL',     imap, 192.0.2.7,   NOT_ALLOWED",
    "'',                     '+imap:ALL',     imap, 192.0.2.7,   FOUND",
    "'-imap:.example.net',   '',              imap, 192.0.2.7,   NOT_ALLOWED",
    "'-imap:.example.net',   '',              imap, 192.0.2.8,   FOUND",
    "'+imap:nonsense/9',     '',              imap, 192.0.2.7,   BAD_ENTRY",
    "'',                     'nonsense',      imap, 192.0.2.7,   BAD_ENTRY",
  })
  void serviceAccessOfUserAndDomainIsHonoured(
      String user, String domain, String service, String address, Kind kind) throws Exception {
    server.entry(
        "o=example.com", lines("o: example.com", "mailDomainAllowedServiceAccess", domain));
    server.user("bob", lines("mailHost: h1", "mailAllowedServiceAccess", user));
    Settings settings = settings().domains(LdapServerFixture.BASE, "(o={domain})");
    Map<String, String> names = Map.of("192.0.2.7", "pc.example.net");
    try (Client client = new Client(settings, ip -> names.getOrDefault(ip, ""))) {
      assertEquals(kind, client.lookUp("bob", service, address).kind());
      assertEquals(kind, client.lookUp("bob", service, address).kind());
    }
  }

  // B1.1
  @Test
  void baseIsATemplateAndAMissingOneIsNoSuchUser() throws Exception {
    server.entry("o=example.org", "o: example.org");
    server.entry("uid=carol,o=example.org", "uid: carol", "mailHost: h1");
    Settings settings =
        settings().base("o={domain}," + LdapServerFixture.BASE).filter("(uid={user})");
    try (Client client = new Client(settings)) {
      assertEquals("h1", client.lookUp("carol@example.org").mailHost());
      assertEquals(Kind.NO_SUCH_USER, client.lookUp("carol@example.net").kind());
    }
  }

  // R8: a base that is not there is a broken directory, not an unknown user
  @Test
  void missingFixedBaseIsATemporaryFailure() throws Exception {
    try (Client client = new Client(settings().base("o=lost," + LdapServerFixture.BASE))) {
      LookupResult result = client.lookUp("alice");
      assertEquals(Kind.DIRECTORY_DOWN, result.kind());
      assertEquals(
          "the base DN o=lost,dc=example,dc=com does not exist on localhost:" + server.port(),
          result.reason());
    }
  }

  // B1.1, B1.7
  @Test
  void filterMayUseAddressesAndTheNameAsTyped() throws Exception {
    server.user("bob", "mailHost: h1", "ip: 192.0.2.7");
    Settings settings = settings().filter("(&(uid={user})(ip={clientIp})(!(cn={original})))");
    try (Client client = new Client(settings)) {
      assertEquals(Kind.FOUND, client.lookUp("Bob", "imap", "192.0.2.7").kind());
      assertEquals(Kind.NO_SUCH_USER, client.lookUp("Bob", "imap", "192.0.2.8").kind());
      assertEquals("(&(uid=bob)(ip=192.0.2.7)(!(cn=Bob)))", server.searches().get(0));
    }
  }

  // B1.1
  @Test
  void listenersDefaultDomainGoesBeforeTheDirectorys() throws Exception {
    server.entry("cn=dave", "mail: dave@example.org", "mailHost: h1");
    LookupRequest request = new LookupRequest("dave", "Example.ORG", "imap", false, "", "");
    try (Client client = client()) {
      assertEquals(
          "dave@example.org", client.directory.lookUp(request).toCompletableFuture().get().login());
    }
  }

  @Test
  void badTemplateIsRefusedAtConstruction() {
    for (Settings bad :
        List.of(
            settings().filter("(uid={nobody})"),
            settings().filter("(uid={user})(x"),
            settings().filter("(uid={user}))("),
            settings().filter("(&(uid={user})=)"),
            settings().base("nonsense"),
            settings().storeName(""),
            settings().domains("o", "(o={domain})"))) {
      assertThrows(IllegalArgumentException.class, () -> new Client(bad).close());
    }
  }

  private static String[] lines(String first, String... namesAndValues) {
    List<String> lines = new ArrayList<>(List.of(first));
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (!namesAndValues[i + 1].isEmpty()) {
        lines.add(namesAndValues[i] + ": " + namesAndValues[i + 1]);
      }
    }
    return lines.toArray(String[]::new);
  }

  private Settings settings() {
    return Settings.of(server.address());
  }

  private Client client() {
    return new Client(settings());
  }

  // B5.2: a recipient has a search of its own, and service rules are about logins
  @Test
  void recipientIsFoundByItsOwnFilterWhateverServicesItsUserMayUse() throws Exception {
    server.user("carol", "mailHost: h1", "mailAllowedServiceAccess: +imap:ALL");
    try (Client client = new Client(settings())) {
      LookupResult found = client.recipient("carol@example.com");
      assertEquals(Kind.FOUND, found.kind());
      assertEquals("h1", found.mailHost());
      assertEquals("", found.storeName());
      assertEquals(Kind.NO_SUCH_USER, client.recipient("carol-by-uid").kind());
      assertEquals(Kind.NOT_ALLOWED, client.lookUp("carol", "lmtp", "192.0.2.7").kind());
    }
  }

  // B5.2: the two are never taken for one another in the cache
  @Test
  void recipientTemplateNamesTheAddressThatIsSentOn() throws Exception {
    try (Client client = new Client(settings().recipientsSentOnAs("{user}@store.{domain}"))) {
      assertEquals("alice@example.com", client.lookUp("alice@example.com").storeName());
      LookupResult recipient = client.recipient("alice@example.com");
      assertEquals("alice@store.example.com", recipient.storeName());
      assertEquals("alice@example.com", client.lookUp("alice@example.com").storeName());
      assertEquals(Freshness.CACHED, client.recipient("alice@example.com").freshness());
    }
  }
}
