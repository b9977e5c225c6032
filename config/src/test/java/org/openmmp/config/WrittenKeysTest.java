package org.openmmp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What another configuration changes, in words (rule B7.3). */
class WrittenKeysTest {
  private static final String SOUND =
      """
      openmmp.directory { urls = "ldap://127.0.0.1:1", base-dn = "dc=x", bind-dn = "cn=x" }
      openmmp.directory.bind-password-file = "secret"
      openmmp.proxy { a.storehostlist = "h1 h2", b.storehostlist = "h3" }
      openmmp.proxy-defaults { imapadmin = "root", imapadminpass-file = "secret" }
      openmmp.tls { certificate = "c.pem", key = "k.pem", client-ca-file = "c.pem" }
      openmmp.admin.token-file = "secret"
      """;

  /** Values of every kind; the first that is accepted and is another one counts. */
  private static final List<String> VALUES =
      List.of(
          "on",
          "off",
          "61s",
          "35m",
          "11m",
          "3s",
          "1s",
          "7",
          "150",
          "2000",
          "70000",
          "3000000",
          "implicit",
          "greeting",
          "proxy-v2",
          "balanced",
          "ignore",
          "pass",
          "json",
          "debug",
          "nio",
          "required",
          "\"192.0.2.9\"",
          "\"1.3\"",
          "cn",
          "\"other.pem\"",
          "\"other\"",
          "\".\"",
          "\"127.0.0.1:0\"",
          "[\"ldap://127.0.0.1:2\"]",
          "[\"192.0.2.0/24\"]",
          "[PLAIN]",
          "[X]",
          "[x]",
          "\"x\"",
          "\"*\"",
          "\"(uid={user})\"",
          "\"{user}\"",
          "\"dc=y\"",
          "\"x(?<host>.*)\"",
          "\"[25]\"",
          "[TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]",
          "[{name = cn}]",
          "[{names = [y], certificate = \"c.pem\", key = \"k.pem\"}]",
          "[{name = n, role = look, token = secretsecretsecretsecret}]",
          "{ x = \"192.0.2.1\" }",
          "{ session = warn }",
          "{ x { base-dn = \"dc=z\" } }",
          "{ c { storehostlist = \"h9\" } }",
          "\"import.txt\"",
          "[110]",
          "loopback");

  @TempDir private Path folder;

  private OpenMmpConfig read(String text) throws Exception {
    for (String pem : List.of("c.pem", "k.pem", "other.pem")) {
      Files.writeString(folder.resolve(pem), "-----BEGIN X-----\n");
    }
    for (String secret : List.of("secret", "other")) {
      Files.writeString(folder.resolve(secret), secret + "\n");
    }
    Files.writeString(folder.resolve("import.txt"), "msconfig set proxy:c.storehostlist \"h8\"\n");
    return ConfigReader.load(Files.writeString(folder.resolve("x.conf"), text));
  }

  private static Map<String, String> changes(OpenMmpConfig from, OpenMmpConfig to) {
    return to.written().changesSince(from.written());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          proxy.a.storehostlist = "h1 h2 h4"     | group a: h4 added
          proxy.a.storehostlist = [h2]           | group a: h1 removed
          proxy.a.storehostlist = "h2 h1"        | group a: the order is h2 h1
          proxy.a.storehostlist = "h1 h5"        | group a: h5 added, h2 removed
          proxy.a.imapport = 1143                | group a imapport: 1143, was not set
          proxy.a.tls-trust.certificate-name = x | group a tls-trust.certificate-name: x, was not set
          proxy.c.storehostlist = "h7 h8"        | group c added: h7 h8
          proxy.c {}                             | group c added
          limits.max-connections = 5             | openmmp.limits.max-connections: 5, was 20000
          limits.exempt-networks = [192.0.2.1]   | openmmp.limits.exempt-networks: [192.0.2.1], was []
          hostname = mx.example.com              | openmmp.hostname: mx.example.com, was not set
          proxy-defaults.imapadmin = x           | openmmp.proxy-defaults.imapadmin: x, was root
          log.levels { session = warn }          | openmmp.log.levels.session: warn, was not set
          """)
  void changeIsToldInTheOperatorsWords(String line, String told) throws Exception {
    OpenMmpConfig before = read(SOUND);
    assertEquals(
        List.of(told), List.copyOf(changes(before, read(SOUND + "openmmp." + line)).values()));
  }

  @Test
  void groupThatLeavesIsTold() throws Exception {
    OpenMmpConfig before = read(SOUND + "openmmp.proxy.c {}");
    assertEquals("group c removed", changes(before, read(SOUND)).get("openmmp.proxy.c"));
  }

  @Test
  void secretsAreComparedAndNeverShown() throws Exception {
    String plain =
        SOUND.replace("-file = \"secret\"", " = \"Very7Secret\"")
            + "openmmp.admin.tokens = [{ name = n, role = act, token = \"Very7SecretToo\" }]\n"
            + "openmmp.shared { url = \"redis://localhost\", node = n, key = \"Very7SecretToThem\""
            + " }\n";
    OpenMmpConfig before = read(plain);
    String told = changes(before, read(plain.replace("Very7", "Other8"))).values().toString();
    assertFalse(told.contains("7") || told.contains("8"), told);
    for (String key :
        List.of(
            "openmmp.directory.bind-password changed",
            "openmmp.proxy-defaults.imapadminpass changed",
            "openmmp.admin.token changed",
            "openmmp.admin.tokens changed",
            "openmmp.shared.key changed")) {
      assertTrue(told.contains(key), told);
    }
    assertEquals(Map.of(), changes(before, read(plain)));
  }

  @Test
  void fileThatHoldsSomethingElseIsToldByItsKey() throws Exception {
    OpenMmpConfig before = read(SOUND);
    OpenMmpConfig same = read(SOUND);
    assertEquals(Map.of(), changes(before, same));
    assertFalse(same.written().fileChanged("openmmp.", before.written()));
    Path file = Files.writeString(folder.resolve("x.conf"), SOUND);
    Files.writeString(folder.resolve("c.pem"), "-----BEGIN Y-----\n");
    OpenMmpConfig other = ConfigReader.load(file);
    assertEquals(
        "openmmp.tls.certificate: the file has changed",
        changes(before, other).get("openmmp.tls.certificate"));
    assertTrue(other.written().fileChanged("openmmp.tls.", before.written()));
    assertFalse(other.written().fileChanged("openmmp.directory.", before.written()));
  }

  @Test
  void fileThatWasReadAgainIsToldOnceMoreOnlyWhenItChangesOnceMore() throws Exception { // B7.7
    OpenMmpConfig before = read(SOUND);
    Path file = Files.writeString(folder.resolve("x.conf"), SOUND);
    Path certificate = Files.writeString(folder.resolve("c.pem"), "-----BEGIN Y-----\n");
    OpenMmpConfig other = ConfigReader.load(file);
    OpenMmpConfig again =
        before.readAgain(List.of(other.tls().certificate().orElseThrow().chain()));
    assertEquals(Map.of(), changes(again, other));
    assertFalse(other.written().fileChanged("openmmp.", again.written()));
    assertFalse(changes(before.readAgain(List.of()), other).isEmpty());
    Files.writeString(certificate, "-----BEGIN Z-----\n");
    assertTrue(
        changes(again, ConfigReader.load(file)).containsKey("openmmp.tls.certificate"),
        "it has changed once more");
  }

  /** No key is passed over in silence: each is told by its own name. */
  @Test
  void everyKeyIsTold() throws Exception {
    OpenMmpConfig before = read(SOUND);
    Map<String, ConfigValue> keys = new TreeMap<>();
    collect(List.of(), (ConfigObject) ConfigReader.reference().getValue("openmmp"), keys);
    assertTrue(keys.size() > 150, keys::toString);
    List<String> untold = new ArrayList<>();
    for (String key : keys.keySet()) {
      if (!toldSomehow(before, key)) {
        untold.add(key);
      }
    }
    assertEquals(List.of(), untold);
  }

  private boolean toldSomehow(OpenMmpConfig before, String key) throws IOException {
    for (String value : VALUES) {
      try {
        Map<String, String> told = changes(before, read(SOUND + withCompany(key, value)));
        if (told.keySet().stream().anyMatch(each -> each.startsWith("openmmp." + key))
            || (key.equals("import") && told.containsKey("openmmp.proxy.c"))) {
          return true;
        }
      } catch (BadConfigException refused) {
        // The next one may fit.
      } catch (Exception e) {
        throw new IOException(key + " = " + value, e);
      }
    }
    return false;
  }

  /** A password in a text stands in for the one in a file. */
  private static String withCompany(String key, String value) {
    String line = "openmmp." + key + " = " + value + "\n";
    if (key.equals("shared.url")) {
      return "openmmp.shared.url = \"redis://localhost\"\nopenmmp.shared.key = 0123456789abcdef\n";
    }
    return List.of("directory.bind-password", "proxy-defaults.imapadminpass", "admin.token")
            .contains(key)
        ? line + "openmmp." + key + "-file = null\n"
        : line;
  }

  private static void collect(
      List<String> path, ConfigObject object, Map<String, ConfigValue> keys) {
    object.forEach(
        (name, value) -> {
          List<String> deeper = new ArrayList<>(path);
          deeper.add(name);
          if (value instanceof ConfigObject inner && !inner.isEmpty()) {
            collect(deeper, inner, keys);
          } else {
            keys.put(ConfigUtil.joinPath(deeper), value);
          }
        });
  }
}
