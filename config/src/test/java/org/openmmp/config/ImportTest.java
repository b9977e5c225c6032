package org.openmmp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.wire.Secret;

/** Settings written for another product are taken over, and nothing else of it (rule B7.2). */
class ImportTest {
  private static final String NEXT_TO_IT = "openmmp.import = [x.rcp]\n";

  @TempDir Path directory;
  private ConfigText text;

  @BeforeEach
  void open() {
    text = new ConfigText(directory);
  }

  private OpenMmpConfig golden(String... names) throws Exception {
    for (String name : names) {
      try (InputStream stream = ImportTest.class.getResourceAsStream("/imports/" + name)) {
        text.file(name, new String(stream.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return text.load("openmmp.import = [\"" + String.join("\", \"", names) + "\"]\n");
  }

  private static List<String> groups(OpenMmpConfig config) {
    return config.groups().stream().map(group -> group.name() + "=" + group.hosts()).toList();
  }

  private List<String> notices(OpenMmpConfig config) {
    return config.notices().stream().map(text::withoutPath).toList();
  }

  @Test
  void theRecipeForAutomaticFailoverLoadsAsItStands() throws Exception {
    OpenMmpConfig config = golden("automatic-failover.rcp");
    assertEquals(
        List.of(
            "store1.example.com=[store1a.example.com, store1b.example.com, store1c.example.com]",
            "store2.example.com=[store2a.example.com, store2b.example.com, store2c.example.com]"),
        groups(config));
    assertEquals(List.of(), notices(config));
  }

  @Test
  void theCommandsOfTheThreeNodeClusterLoadAsTheyStand() throws Exception {
    OpenMmpConfig config = golden("three-node-cluster.txt");
    assertEquals(
        List.of("cluster1=[huey.example.com, dewey.example.com, louie.example.com]"),
        groups(config));
    List<String> ofOneNode =
        List.of(
            ": \"On\" is not a setting; skipped",
            ": the option store.dbreplicate.enable is not known to this program; skipped",
            ": the option partition:primary.path is not known to this program; skipped",
            ": the option task:snapshot.enable is not known to this program; skipped",
            ": the option task:snapshotverify.enable is not known to this program; skipped",
            ": \"start-msg\" is not a setting; skipped");
    List<Integer> lines = List.of(1, 3, 5, 6, 7, 8);
    List<String> expected = new ArrayList<>();
    for (int node = 0; node < 3; node++) {
      for (int i = 0; i < lines.size(); i++) {
        expected.add("three-node-cluster.txt:" + (9 * node + lines.get(i)) + ofOneNode.get(i));
      }
    }
    assertEquals(expected, notices(config));
  }

  @Test
  void theCommandsForTheLmtpClientLoadAsTheyStand() throws Exception {
    OpenMmpConfig config = golden("automatic-failover.rcp", "lmtp-client.txt");
    assertTrue(config.lmtp().affinityList());
    assertEquals(2, config.groups().size());
    assertTrue(
        notices(config)
            .containsAll(
                List.of(
                    "lmtp-client.txt:3: \"msconfig run\" is not a setting; skipped",
                    "lmtp-client.txt:8: \"imsimta\" is not a setting; skipped")));
  }

  @Test
  void allOptionsOfAGroupAndTheirDefaultsAreTakenOver() throws Exception {
    text.file(
        "x.rcp",
        """
        set_option("proxy:a.storehostlist", "b c d");
        set_option("proxy:a.imapport", "1143");
        set_option("proxy:a.popport", "1110");
        set_option("proxy:a.lmtpport", "1024");
        set_option("instance.proxy:a.imapadmin", "root");
        set_option("proxy:a.imapadminpass", "hunter2");
        set_option("base.proxyimapport", "2143");
        set_option("base.proxyadmin", "admin");
        set_option("base.proxyadminpass", "hunter3");
        """);
    OpenMmpConfig config = text.load(NEXT_TO_IT);
    GroupConfig group = config.groups().get(0);
    assertEquals(List.of("b", "c", "d"), group.hosts());
    assertEquals(List.of(1143, 1110, 1024), SettingsTest.ports(group));
    assertEquals("root", group.imap().adminName());
    assertEquals(Secret.of("hunter2"), group.imap().adminPassword());
    assertEquals(2143, config.groupDefaults().imap().port());
    assertEquals("admin", config.groupDefaults().imap().adminName());
    assertEquals(Secret.of("hunter3"), config.groupDefaults().imap().adminPassword());
    assertFalse(config.toString().contains("hunter"));
  }

  @Test
  void importedOptionsFoldIntoTheGroupThatIsWritten() throws Exception {
    text.file(
        "x.rcp", "set_option(\"proxy:STORE1\\\\.example\\\\.com.storehostlist\", \"a b c\");");
    OpenMmpConfig config =
        text.load(NEXT_TO_IT + "openmmp.proxy.\"Store1.example.com.\".imapport = 1143\n");
    assertEquals(List.of("store1.example.com=[a, b, c]"), groups(config));
    assertEquals(1143, config.groups().get(0).imap().port());
  }

  @Test
  void aContradictionIsRefusedWithBothPlaces() throws IOException {
    text.file("x.rcp", "\nset_option(\"proxy:g.storehostlist\", \"a b c\");");
    assertEquals(
        List.of(
            "x.rcp:2: openmmp.proxy.g.storehostlist: found \"a b c\"; accepted: what is set at"
                + " test.conf:3: [\"a\",\"b\"]"),
        text.problems(NEXT_TO_IT + "openmmp.proxy.g.storehostlist = [a, b]\n"));
    assertEquals(
        List.of(), text.problems(NEXT_TO_IT + "openmmp.proxy.g.storehostlist = [a, b, c]\n"));
  }

  @Test
  void twoImportsThatContradictEachOtherAreRefusedAndShowNoPassword() throws IOException {
    text.file("a.txt", "msconfig set proxy:g.imapadminpass hunter2\n");
    text.file("b.txt", "msconfig set proxy:g.imapadminpass hunter3\n");
    assertEquals(
        List.of(
            "b.txt:1: openmmp.proxy.g.imapadminpass: found another password; accepted: what is set"
                + " at a.txt:1"),
        text.problems("openmmp { import = [a.txt, b.txt], proxy.g.imapadmin = root }\n"));
  }

  @Test
  void aBadImportedValueIsToldWithItsOwnPlace() throws IOException {
    text.file("x.rcp", "# hosts\nset_option(\"proxy:g.storehostlist\", \"a:143 b\");");
    List<String> problems = text.problems(NEXT_TO_IT);
    assertEquals(1, problems.size());
    assertTrue(problems.get(0).startsWith("x.rcp:2: openmmp.proxy.\"g\".storehostlist: found"));
  }

  @Test
  void anOptionThatIsNearlyOneOfOursIsRefusedAndAnythingElseSkipped() throws IOException {
    text.file("x.rcp", "set_option(\"proxy:g.storehostlst\", \"a b c\");");
    assertEquals(
        List.of(
            "x.rcp:1: found the option proxy:g.storehostlst; accepted: a known option; the nearest"
                + " is storehostlist"),
        text.problems(NEXT_TO_IT));
    text.file(
        "x.rcp",
        "set_option(\"proxy:g.hosttimeout\", \"5\"); set_option(\"x\", \"y\");"
            + " set_option(\"proxy:g.imapport\", \"143\");");
    assertEquals(List.of(), text.problems(NEXT_TO_IT));
  }

  /** A file; its text, with a bar for each line's end; a part of what is told. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '^',
      value = {
        "x.rcp ~ set_option(\u201cproxy:g.storehostlist\u201d, \u201ca b\u201d); ~ typographic quotes",
        "x.txt ~ msconfig set proxy:g.storehostlist\u00a0\"a b\" ~ no-break space",
        "x.txt ~ run msconfig set proxy:g.storehostlist \"a b\" ~ in a form that is not read",
        "x.rcp ~ if (1) {| set_option(\"proxy:g.storehostlist\", \"a b\");|} ~ of its own",
        "x.txt ~ SET_OPTION(\"proxy:g.storehostlist\", \"a b\"); ~ in a form that is not read",
        "x.txt ~ msconfig unset proxy:g.storehostlist ~ in a form that is not read",
        "x.txt ~ msconfig set base.storehostlist \"a b\" ~ such an option of proxy:<group>",
        "x.txt ~ # only a comment ~ a file out of which nothing is taken",
        "x.txt ~ msconfig show proxy:g.storehostlist ~ a file out of which nothing is taken",
        "x.txt ~ proxy:g.imapadminpass = (suppressed) ~ a value that is not plain text",
        "x.cfg ~ default:LdapUrl \"ldap://x/o=y\" ~ openmmp.directory.urls",
        "x.cfg ~ default:StoreAdmin admin ~ openmmp.proxy-defaults.imapadmin",
      })
  void whatIsNotTakenAndSeemsMeantIsRefused(String file, String lines, String told)
      throws IOException {
    text.file(file, lines.replace('|', '\n') + "\n");
    List<String> problems = text.problems("openmmp.import = [" + file + "]\n");
    assertTrue(problems.stream().anyMatch(each -> each.contains(told)), problems::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '^',
      value = {
        "x.rcp ~ msconfig set proxy:g.storehostlist \"a b\"",
        "x.txt ~ sudo msconfig set proxy:g.storehostlist \"a b\"",
        "x.txt ~ sudo -u mailsrv msconfig set proxy:g.storehostlist \"a b\"",
        "x.txt ~ sudo -n -u mailsrv /opt/bin/msconfig set proxy:g.storehostlist \"a b\"",
        "x.txt ~ role.proxy:g.storehostlist = a b",
        "x.txt ~ proxy:g.storehostlist = \"a b\"",
        "x.txt ~ msconfig show proxy:g.storehostlist|role.proxy:g.storehostlist = a b",
      })
  void settingIsTakenOutOfEachFormThatIsKnown(String file, String lines) throws Exception {
    text.file(file, lines.replace('|', '\n') + "\n");
    assertEquals(List.of("g=[a, b]"), groups(text.load("openmmp.import = [" + file + "]\n")));
  }

  @Test
  void aComputedValueOfOursIsRefused() throws IOException {
    text.file("x.rcp", "set_option(\"proxy:g.storehostlist\", hosts);");
    text.file("y.txt", "msconfig set proxy:g.storehostlist \"$HOSTS\"\n");
    for (String name : List.of("x.rcp", "y.txt")) {
      assertEquals(
          List.of(
              name
                  + ":1: openmmp.proxy.g.storehostlist: found a value that is not plain text;"
                  + " accepted: the value written out in quotes; nothing is executed or expanded"),
          text.problems("openmmp.import = " + name + "\n"));
    }
  }

  @Test
  void aFileIsSoughtBesideTheFileThatNamesIt() throws Exception { // B7.5
    Path deeper = Files.createDirectories(directory.resolve("groups"));
    Files.writeString(deeper.resolve("x.rcp"), "set_option(\"proxy:g.storehostlist\", \"a b c\");");
    Files.writeString(deeper.resolve("stores.pem"), "-----BEGIN CERTIFICATE-----\n");
    Files.writeString(
        deeper.resolve("groups.conf"),
        NEXT_TO_IT + "openmmp.proxy-defaults.tls-trust.ca-file = stores.pem\n");
    OpenMmpConfig config = text.load("include required(\"groups/groups.conf\")\n");
    assertEquals(List.of("g=[a, b, c]"), groups(config));
    assertEquals(
        List.of(deeper.resolve("stores.pem")),
        config.groups().get(0).imap().trust().caFile().stream().toList());
  }

  @Test
  void anIncludeIsSoughtBesideAFileThatIsNamedWithoutAPath() throws Exception { // B7.5
    Path here = Path.of("").toAbsolutePath();
    Path included = Files.createTempFile(here, "included", ".conf");
    Path bare = Files.createTempFile(here, "bare", ".conf");
    try {
      Files.writeString(included, ConfigText.LEAST + "openmmp.hostname = from.the.included\n");
      Files.writeString(bare, "include required(\"" + included.getFileName() + "\")\n");
      assertEquals("from.the.included", ConfigReader.load(bare.getFileName()).hostname());
    } finally {
      Files.delete(included);
      Files.delete(bare);
    }
  }
}
