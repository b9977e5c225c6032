package org.openmmp.lmtp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.program.Main;

/** What lint says of DSN, by asking stores (rule B5.1). */
class DsnFindingsTest {
  private static final String FINDING = "finding: openmmp.lmtp.dsn is on, and ";

  @TempDir private Path folder;
  private HandStore huey;
  private HandStore dewey;

  @BeforeEach
  void start() throws IOException {
    huey = new HandStore("127.0.0.2", 0);
    dewey = new HandStore("127.0.0.3", huey.port());
  }

  @AfterEach
  void stop() throws IOException {
    huey.close();
    dewey.close();
  }

  private List<String> lint(String... settings) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("openmmp.conf"),
            """
            openmmp.directory { urls = "ldap://127.0.0.1:1", base-dn = "dc=example,dc=com" }
            openmmp.resolver.hosts { huey = 127.0.0.2, dewey = 127.0.0.3 }
            openmmp.proxy-defaults { tls = off, connect-timeout = 500ms, greeting-timeout = 20s }
            openmmp.proxy.ducks { storehostlist = "huey dewey", lmtpport = %d }
            openmmp.lmtp.listen = "127.0.0.1:0"
            %s
            """
                .formatted(huey.port(), String.join("\n", settings)));
    StringWriter out = new StringWriter();
    Main.run(
        new PrintWriter(out, true),
        new PrintWriter(out, true),
        "lint",
        "--config",
        file.toString());
    return out.toString().lines().filter(line -> line.contains("dsn")).toList();
  }

  // B5.1
  @Test
  void storesThatHaveDsnAreNoFindingAndHearNoName() throws IOException {
    assertEquals(List.of(), lint("openmmp.lmtp.dsn = on"));
    assertEquals(1, dewey.connections.get());
    assertEquals(List.of("LHLO"), wordsBeforeQuit(huey));
  }

  // B5.1
  @Test
  void storeWithoutDsnIsToldByItsGroup() throws IOException {
    dewey.extensions = List.of("PIPELINING", "X-DSN", "8BITMIME");
    assertEquals(
        List.of(
            FINDING
                + "dewey of the group ducks has no DSN: whoever asks for a report about a"
                + " recipient there gets none"),
        lint("openmmp.lmtp.dsn = on"));
  }

  // B5.1
  @Test
  void storeThatCannotBeAskedIsToldWithTheReason() throws IOException {
    huey.behaviour = (store, client) -> client.say("421 too many here");
    dewey.close();
    assertEquals(
        List.of(
            FINDING
                + "huey of the group ducks could not be asked whether it has DSN: huey greeted"
                + " with 421 too many here",
            FINDING + "dewey of the group ducks could not be asked whether it has DSN: "),
        lint("openmmp.lmtp.dsn = on").stream()
            .map(line -> line.replaceAll("(dewey.*DSN: ).*[Rr]efused.*", "$1"))
            .toList());
  }

  // B5.1
  @Test
  void offerThatIsOffAsksNobody() throws IOException {
    assertEquals(List.of(), lint());
    assertEquals(0, huey.connections.get());
  }

  private static List<String> wordsBeforeQuit(HandStore store) {
    return store.commands.stream()
        .map(line -> line.split(" ", -1)[0])
        .filter(word -> !word.equals("QUIT"))
        .toList();
  }
}
