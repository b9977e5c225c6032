package org.openmmp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The documentation of the keys and the reader of the keys name the same ones (rule B7.1). */
class ReferenceTest {
  private static final Set<String> GROUPS_OWN = Set.of("storehostlist", "standby-site");

  @TempDir Path directory;

  @Test
  void everyDocumentedKeyIsReadAndEveryKeyReadIsDocumented() throws Exception {
    Path file = new ConfigText(directory).file("test.conf", ConfigText.LEAST);
    ConfigReader reader = new ConfigReader(file);
    reader.load();
    Set<String> read = new TreeSet<>();
    for (Section section : reader.reading().sections()) {
      section.known().forEach(key -> read.add(section.at(key)));
    }
    Set<String> documented = new TreeSet<>();
    collect("openmmp", openmmp(), documented, new ArrayList<>());
    assertEquals(documented, read);
  }

  @Test
  void aGroupReadsTheDocumentedKeysOfTheDefaultsAndItsOwn() throws Exception {
    Path file =
        new ConfigText(directory)
            .file(
                "test.conf",
                ConfigText.LEAST
                    + "openmmp.proxy.a { storehostlist = \"a b c\", confirm-window = 200ms }\n");
    ConfigReader reader = new ConfigReader(file);
    reader.load();
    Set<String> ofDefaults = new TreeSet<>();
    Set<String> ofGroup = new TreeSet<>();
    for (Section section : reader.reading().sections()) {
      collectBelow(section, "openmmp.proxy-defaults", ofDefaults);
      collectBelow(section, "openmmp.proxy.\"a\"", ofGroup);
    }
    ofDefaults.removeAll(GROUPS_OWN);
    ofDefaults.addAll(GROUPS_OWN);
    assertEquals(ofDefaults, ofGroup);
  }

  /** A key that only hosts or ways to them have leaves out what the group would read in vain. */
  @Test
  void aGroupThatSetsLittleReadsTheDefaultsOnce() throws Exception {
    List<String> settings =
        List.of(
            "",
            "affinity = off",
            "imapport = 1143",
            "popport = auto",
            "lmtpport = 2400",
            "imapadmin = boss, imapadminpass = secret",
            "tls = implicit",
            "tls-trust.certificate-name = mail.example.com",
            "imap { port = 2143, tls = off }",
            "pop3.tls = opportunistic",
            "lmtp.tls-trust.certificate-name = lmtp.example.com");
    StringBuilder text = new StringBuilder(ConfigText.LEAST);
    text.append(
        "openmmp.proxy-defaults { tls = starttls, wait-for-store = 7s, hedge.percent = 3 }\n");
    for (int i = 0; i < settings.size(); i++) {
      // The second reads every key, for it sets one of another kind to what it is anyway.
      String hosts = "storehostlist = \"a b c\", " + settings.get(i);
      text.append("openmmp.proxy.few").append(i).append(" { ").append(hosts).append(" }\n");
      text.append("openmmp.proxy.all").append(i).append(" { ").append(hosts);
      text.append(settings.get(i).isEmpty() ? "" : ", ").append("wait-for-store = 7s }\n");
    }
    ConfigReader reader =
        new ConfigReader(new ConfigText(directory).file("test.conf", text.toString()));
    List<GroupConfig> groups = reader.load().groups();
    assertEquals(2 * settings.size(), groups.size());
    for (GroupConfig few : groups) {
      if (few.name().startsWith("few")) {
        String twin = few.name().replace("few", "all");
        GroupConfig all =
            groups.stream().filter(each -> each.name().equals(twin)).findFirst().orElseThrow();
        assertEquals(all, few.named(twin, few.hosts(), few.standbySite()));
      }
    }
    Set<String> opened = new TreeSet<>();
    for (Section section : reader.reading().sections()) {
      collectBelow(section, "openmmp.proxy.\"few0\"", opened);
    }
    assertEquals(Set.of("standby-site", "storehostlist"), opened);
  }

  /** A check of names against names grows with the groups, and not with their square. */
  @Test
  void namesOfManyGroupsAreComparedOnceEach() throws Exception {
    StringBuilder text = new StringBuilder(ConfigText.LEAST);
    text.append("openmmp.proxy {\n");
    int groups = 10_000;
    for (int i = 0; i < groups; i++) {
      text.append("g%1$d { storehostlist = \"a%1$d b%1$d c%1$d\" }\n".formatted(i));
    }
    text.append("}\n");
    ConfigReader reader =
        new ConfigReader(new ConfigText(directory).file("test.conf", text.toString()));
    assertEquals(groups, reader.load().groups().size());
    long asked = reader.reading().sections().stream().mapToLong(each -> each.known().size()).sum();
    assertTrue(asked < 4L * groups, asked + " keys were asked for");
  }

  private static void collectBelow(Section section, String path, Set<String> keys) {
    if (section.path().equals(path) || section.path().startsWith(path + ".")) {
      section.known().forEach(key -> keys.add(section.at(key).substring(path.length() + 1)));
    }
  }

  @Test
  void everyKeyHasItsComment() {
    List<String> silent = new ArrayList<>();
    collect("openmmp", openmmp(), new TreeSet<>(), silent);
    assertEquals(List.of(), silent);
  }

  @Test
  void keysThatOnlyAGroupHasAreDocumented() throws IOException {
    String text = text();
    for (String key : GROUPS_OWN) {
      assertTrue(text.contains("# " + key + ": "), key);
    }
  }

  @Test
  void keysOfListElementsAreDocumented() throws IOException {
    String text = text();
    for (String key :
        List.of(
            "address =",
            "default-domain =",
            "proxy-protocol =",
            "names =",
            "key-password or key-password-file")) {
      assertTrue(text.contains(key), key);
    }
  }

  private static String text() throws IOException {
    try (InputStream stream = ReferenceTest.class.getResourceAsStream("/reference.conf")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static ConfigObject openmmp() {
    return (ConfigObject) ConfigReader.reference().getValue("openmmp");
  }

  /**
   * The names of all keys, those of objects included, and those single values without a comment.
   */
  private static void collect(
      String path, ConfigObject object, Set<String> keys, List<String> silent) {
    object.forEach(
        (key, value) -> {
          String at = path + "." + key;
          keys.add(at);
          if (value instanceof ConfigObject inner && !inner.isEmpty()) {
            collect(at, inner, keys, silent);
          } else if (isSilent(value)) {
            silent.add(at);
          }
        });
  }

  private static boolean isSilent(ConfigValue value) {
    return value.origin().comments().stream().allMatch(String::isBlank);
  }
}
