package org.openmmp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that is no text, or is nested beyond reading, is refused with its line (rule B7.1). */
class SourceTextTest {
  private static final String SOUND =
      """
      openmmp {
        directory { urls = ["ldap://127.0.0.1:1"], base-dn = "dc=x" }
      """;

  @TempDir Path directory;

  private List<ConfigProblem> problems(String name, byte[] octets) throws IOException {
    Path file = Files.write(directory.resolve(name), octets);
    return assertThrows(BadConfigException.class, () -> ConfigReader.load(file)).problems();
  }

  // B7.1
  @Test
  void fileThatIsNotUtf8IsRefusedWithItsLine() throws IOException {
    List<ConfigProblem> problems =
        problems(
            "c.conf",
            (SOUND + "  directory.bind-password = \"geh\u00f6r\"\n}\n")
                .getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(1, problems.size(), problems::toString);
    assertEquals(3, problems.get(0).place().line());
    assertTrue(problems.get(0).found().contains("not UTF-8, 0xf6"), problems::toString);
  }

  // B7.1
  @ParameterizedTest
  @ValueSource(
      strings = {"include \"more.conf\"", "include \"more\"", "include required(\"more\")"})
  void includedFileIsCheckedToo(String include) throws IOException {
    Path more = directory.resolve("more.conf");
    Files.write(more, "# caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    List<ConfigProblem> problems =
        problems("c.conf", (include + "\n" + SOUND + "}\n").getBytes(StandardCharsets.UTF_8));
    assertEquals(
        List.of(new ConfigPlace(more.toString(), 1)),
        problems.stream().map(ConfigProblem::place).toList());
  }

  // B7.1
  @ParameterizedTest
  @ValueSource(strings = {"{", "[", "a{", "[["})
  void nestingOfThousandsIsAMessage(String open) throws IOException {
    List<ConfigProblem> problems =
        problems("c.conf", ("x = 1\ny = " + open.repeat(50_000)).getBytes(StandardCharsets.UTF_8));
    assertEquals(1, problems.size());
    assertEquals(2, problems.get(0).place().line());
    assertTrue(problems.get(0).found().contains("nesting"), problems::toString);
  }

  // B7.1
  @Test
  void keyOfThousandsOfPartsIsAMessage() throws IOException {
    List<ConfigProblem> problems =
        problems("c.conf", ("a" + ".a".repeat(50_000) + " = 1\n").getBytes(StandardCharsets.UTF_8));
    assertTrue(problems.get(0).found().contains("nesting"), problems::toString);
  }

  // B7.1
  @Test
  void bracesInStringsAndCommentsAreNoNesting() throws Exception {
    String many = "{[".repeat(200);
    Path file =
        Files.writeString(
            directory.resolve("c.conf"),
            "# "
                + many
                + "\n// "
                + many
                + "\nx = \""
                + many
                + "\"\ny = \"\"\""
                + many
                + "\n\"\"\"\n"
                + SOUND
                + "}\n");
    assertEquals("dc=x", ConfigReader.load(file).directory().users().baseDn().toString());
  }

  // B7.4
  @Tag("slow")
  @Test
  void eachOfThousandsOfBrokenGroupsIsTold() throws IOException {
    StringBuilder text = new StringBuilder(SOUND).append("proxy {\n");
    for (int i = 0; i < 5_000; i++) {
      text.append(
          "g%1$d { storehostlist = \"g%1$d a%1$d h%1$d:143\", imaport = 1 }\n".formatted(i));
    }
    byte[] octets = text.append("} }\n").toString().getBytes(StandardCharsets.UTF_8);
    List<ConfigProblem> problems = problems("c.conf", octets);
    assertEquals(10_000, problems.size());
  }
}
