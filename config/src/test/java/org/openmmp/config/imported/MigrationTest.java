package org.openmmp.config.imported;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations of other products become one for this program, as the files beside them say. */
final class MigrationTest {
  private static final Path EXAMPLES = Path.of("src/test/resources/migrations");
  private static final Path PAGE = Path.of("../docs/operate/migrate.md");

  @ParameterizedTest
  @ValueSource(
      strings = {"mmp-unified", "mmp-files", "dovecot-2.3", "dovecot-2.4", "nginx", "perdition"})
  void exampleBecomesItsGoldenFile(String example) throws IOException {
    Path folder = EXAMPLES.resolve(example);
    Map<String, String> texts = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (!name.equals("golden.conf")) {
          names.add(name);
          texts.put(name, Files.readString(file));
        }
      }
    }
    Migration migration = Migration.of(example.replaceFirst("-.*", ""), texts);
    String made = migration.hocon(String.join(", ", names));
    Path golden = folder.resolve("golden.conf");
    if (Boolean.getBoolean("openmmp.golden.write")) {
      Files.writeString(golden, made);
    }
    assertEquals(Files.readString(golden), made);
    migration.leftOut().forEach(each -> assertTrue(made.contains(each), each));
  }

  @Test
  void passwordThatIsNotShownIsLeftOut() {
    Migration migration =
        Migration.of("mmp", Map.of("a", "role.base.ugldapbindcred = (suppressed)\n"));
    assertEquals(
        List.of("a:1: role.base.ugldapbindcred: its value is not shown"), migration.leftOut());
    assertTrue(migration.isEmpty());
  }

  @Test
  void secondValueOfAKeyIsToldAndTheFirstCounts() {
    Migration migration =
        Migration.of("nginx", Map.of("a", "mail { server_name a.test; server_name b.test; }"));
    assertEquals(
        List.of("a:1: server_name: contradicts a:1 server_name, which counts"),
        migration.leftOut());
  }

  static List<String> products() {
    return Migration.products();
  }

  /** The page has a line for each row of a table, and none besides. */
  @ParameterizedTest
  @MethodSource("products")
  void pageMapsOptionToOption(String product) throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf("\n## " + product + "\n");
    assertTrue(begin >= 0, product);
    int end = page.indexOf("\n## ", begin + 1);
    String section = page.substring(begin, end < 0 ? page.length() : end);
    TreeSet<String> told = new TreeSet<>();
    Pattern.compile("(?m)^\\| `.*$")
        .matcher(section)
        .results()
        .forEach(row -> told.add(row.group()));
    TreeSet<String> real = new TreeSet<>();
    Counterparts.of(product).rows().forEach(row -> real.add(line(row)));
    assertEquals(String.join("\n", real), String.join("\n", told));
  }

  private static String line(Counterparts.Row row) {
    String here = row.keys().get(0).isEmpty() ? "" : "`" + String.join("` `", row.keys()) + "`";
    String remark =
        row.conversion().get(0).equals("none") && !row.remark().isEmpty()
            ? "none: " + row.remark()
            : row.remark();
    return row.ofSettings()
        ? "| `%s` | %s | %s |".formatted(String.join("` `", row.names()), here, remark)
        : "| `(default)` | `%s = %s` | %s |"
            .formatted(row.keys().get(0), row.conversion().get(0), remark);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mmp", "dovecot", "nginx", "perdition"})
  void everyKeyOfItsTableIsOneOfOurs(String product) {
    Config ours = ConfigFactory.parseResources("reference.conf").getConfig("openmmp");
    for (Counterparts.Row row : Counterparts.of(product).rows()) {
      for (String service : List.of("imap", "pop3")) {
        for (String key : row.keysFor(service)) {
          String ofDefaults = key.replace("proxy.{group}.", "proxy-defaults.");
          boolean known = key.isEmpty() || key.endsWith(".storehostlist");
          assertTrue(known || ours.hasPathOrNull(ofDefaults), key);
        }
      }
    }
  }
}
