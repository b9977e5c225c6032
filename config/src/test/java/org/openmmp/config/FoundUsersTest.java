package org.openmmp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.directory.ldap.DirectoryConfig;

/** Which changes leave what was found in the directory true (rules B1.7, B7.3), key by key. */
final class FoundUsersTest {
  private static final String DIRECTORY = "openmmp.directory.";

  private static final String BASE =
      """
      openmmp.directory {
        urls = ["ldap://a.example.com", "ldap://b.example.com"]
        base-dn = "dc=example,dc=com", bind-dn = "cn=x", bind-password = first
        domain.base-dn = "ou=domains"
      }
      """;

  /** What is found may be another thing: each key with another value. */
  private static final Map<String, String> FORGETS =
      Map.ofEntries(
          Map.entry("urls", "[\"ldap://c.example.com\"]"),
          Map.entry("bind-dn", "\"cn=y\""),
          Map.entry("base-dn", "\"dc=example,dc=org\""),
          Map.entry("filter", "\"(uid={login})\""),
          Map.entry("default-domain", "example.org"),
          Map.entry("delimiters", "\"@+\""),
          Map.entry("mail-host-attributes", "[host]"),
          Map.entry("default-mail-host", "huey.example.com"),
          Map.entry("store-name", "\"{login}.x\""),
          Map.entry("extra-attributes", "[cn]"),
          Map.entry("continuation-references", "ignore"),
          Map.entry("status.domain-attributes", "[a]"),
          Map.entry("status.user-attributes", "[a]"),
          Map.entry("status.domain-service-attributes", "[a]"),
          Map.entry("status.user-service-attributes", "[a]"),
          Map.entry("domain.base-dn", "\"ou=others\""),
          Map.entry("domain.filter", "\"(dc={domain})\""),
          Map.entry("pre-authentication.domains", "[\"*\"]"));

  /** What is found is the same, however the servers are reached and for how long it serves. */
  private final Map<String, String> remembers = new TreeMap<>();

  @TempDir private Path folder;

  @BeforeEach
  void nameFiles() throws Exception {
    Path password = Files.writeString(folder.resolve("p"), "second\n");
    password.toFile().setReadable(false, false);
    password.toFile().setReadable(true, true);
    Path authority = Files.writeString(folder.resolve("ca.pem"), "-----BEGIN CERTIFICATE-----\n");
    remembers.putAll(
        Map.ofEntries(
            Map.entry("bind-password", "second"),
            Map.entry("bind-password-file", "\"" + password + "\""),
            Map.entry("strategy", "balanced"),
            Map.entry("start-tls", "on"),
            Map.entry("ca-file", "\"" + authority + "\""),
            Map.entry("connect-timeout", "3s"),
            Map.entry("search-timeout", "6s"),
            Map.entry("pool-size", "9"),
            Map.entry("reopen-interval", "2m"),
            Map.entry("max-entry", "4194304"),
            Map.entry("cache.size", "2000"),
            Map.entry("cache.positive-ttl", "2m"),
            Map.entry("cache.negative-ttl", "1m"),
            Map.entry("cache.refresh-ahead", "5s"),
            Map.entry("cache.stale-for", "1h"),
            Map.entry("pre-authentication.success-cache-ttl", "1m")));
  }

  private DirectoryConfig read(String more) throws Exception {
    return ConfigReader.load(Files.writeString(folder.resolve("x.conf"), BASE + more)).directory();
  }

  private DirectoryConfig with(String key, String value) throws Exception {
    String instead = key.equals("bind-password-file") ? DIRECTORY + "bind-password = null\n" : "";
    return read(instead + DIRECTORY + key + " = " + value + "\n");
  }

  /** A key that is new fails here until somebody has said which it is. */
  @Test
  void everyKeyIsOfOneKindOrTheOther() {
    Set<String> known = new TreeSet<>(FORGETS.keySet());
    known.addAll(remembers.keySet());
    assertEquals(FORGETS.size() + remembers.size(), known.size());
    Set<String> all = new TreeSet<>();
    // Keys that are null by default are in the object and not among the entries.
    ConfigReader.reference()
        .getConfig("openmmp.directory")
        .root()
        .forEach(
            (key, value) -> {
              if (value instanceof com.typesafe.config.ConfigObject inner) {
                inner.keySet().forEach(each -> all.add(key + "." + each));
              } else {
                all.add(key);
              }
            });
    assertEquals(all, known);
  }

  @Test
  void whatMayBeFoundOtherwiseIsForgotten() throws Exception {
    DirectoryConfig before = read("");
    for (Map.Entry<String, String> each : FORGETS.entrySet()) {
      DirectoryConfig after = with(each.getKey(), each.getValue());
      assertNotEquals(before, after, each.getKey());
      assertEquals(false, after.findsAs(before), each.getKey());
    }
    for (String other :
        List.of(
            "openmmp.domains.\"example.net\".default-mail-host = huey.example.com",
            "openmmp.lmtp.recipient-filter = \"(mail={login})\"",
            DIRECTORY + "urls = [\"ldap://a.example.com\", \"ldap://new.example.com\"]",
            DIRECTORY + "urls = [\"ldap://a.example.com:1389\"]")) {
      DirectoryConfig after = read(other + "\n");
      assertNotEquals(before, after, other);
      assertEquals(false, after.findsAs(before), other);
    }
  }

  @Test
  void whatIsFoundAllTheSameIsRemembered() throws Exception {
    DirectoryConfig before = read("");
    assertEquals(true, before.findsAs(before));
    for (Map.Entry<String, String> each : remembers.entrySet()) {
      DirectoryConfig after = with(each.getKey(), each.getValue());
      assertNotEquals(before, after, each.getKey());
      assertEquals(true, after.findsAs(before), each.getKey());
    }
    for (String urls :
        List.of(
            "[\"ldap://b.example.com\", \"ldap://a.example.com\"]", "[\"ldap://b.example.com\"]")) {
      assertEquals(true, with("urls", urls).findsAs(before), urls);
    }
  }
}
