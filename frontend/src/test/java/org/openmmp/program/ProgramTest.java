package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.Service;

class ProgramTest {
  private final List<String> events = new ArrayList<>();

  @TempDir private Path directory;

  @Test
  void serversShareTheirRoomsAndTellTheirAddressesInOrder() throws Exception {
    RecordedServer proxy = new RecordedServer(events, "imap", 143);
    RecordedServer relay = new RecordedServer(events, "lmtp", 24);
    try (Program program = Program.startAll(config(""), List.of(proxy, relay))) {
      assertSame(proxy.rooms().selector(), relay.rooms().selector());
      assertSame(proxy.rooms().directory(), relay.rooms().directory());
      assertTrue(
          program.addresses().startsWith("imap=127.0.0.1:143 lmtp=127.0.0.1:24 admin=127.0.0.1:"),
          program.addresses());
      assertEquals(24, program.addresses("lmtp").get(0).getPort());
      assertEquals(List.of(), program.addresses("pop3"));
    }
  }

  @Test // B8.1
  void drainStopsEveryServerBeforeSessionsOfAnyAreEnded() throws Exception {
    RecordedServer proxy = new RecordedServer(events, "imap", 143);
    RecordedServer relay = new RecordedServer(events, "lmtp", 24);
    Program program = Program.startAll(config("openmmp.drain.limit = 0s"), List.of(proxy, relay));
    proxy.letIn("imap session");
    relay.letIn("lmtp session");
    program.drain();
    assertEquals(List.of("imap stops", "lmtp stops"), events.subList(0, 2));
    assertEquals(
        Set.of("imap session ends", "lmtp session ends"), Set.copyOf(events.subList(2, 4)));
    assertEquals(List.of("imap closes", "lmtp closes"), events.subList(4, events.size()));
  }

  @Test // B8.2
  void readinessEndsBeforeTheFirstListenerCloses() throws Exception {
    List<Integer> ready = new ArrayList<>();
    RecordedServer proxy = new RecordedServer(events, "imap", 143);
    Program program = Program.startAll(config("openmmp.drain.limit = 0s"), List.of(proxy));
    int admin = program.adminPort();
    ready.add(status(admin));
    proxy.whenStopped(() -> ready.add(status(admin)));
    program.drain();
    assertEquals(List.of(200, 503), ready);
  }

  @Test
  void serverThatCannotOpenClosesThoseBeforeIt() throws Exception {
    OpenMmpConfig config = config("");
    RecordedServer proxy = new RecordedServer(events, "imap", 143);
    RecordedServer broken = new RecordedServer(events, "lmtp", 24).refusing("no such address");
    IOException refused =
        assertThrows(IOException.class, () -> Program.startAll(config, List.of(proxy, broken)));
    assertEquals("no such address", refused.getMessage());
    assertEquals(List.of("imap closes"), events);
  }

  @Test
  void serverWithoutListenersIsToldByItsKeys() throws Exception {
    OpenMmpConfig config = config("");
    RecordedServer silent = new RecordedServer(events, "lmtp", 0);
    IOException refused =
        assertThrows(IOException.class, () -> Program.startAll(config, List.of(silent)));
    assertEquals(
        "no client could connect to the lmtp server: set openmmp.lmtp.listen",
        refused.getMessage());
    assertEquals(List.of(), events);
  }

  @Test
  void serverThatIsNotInstalledIsNamed() throws Exception {
    OpenMmpConfig config = config("");
    IOException refused =
        assertThrows(IOException.class, () -> Program.start(config, Set.of("relay")));
    assertTrue(refused.toString().contains("the relay is not part"), refused.toString());
  }

  @Test // B8.4
  void explainKnowsTheServicesAndNoOthers() throws Exception {
    StringWriter errors = new StringWriter();
    int status =
        Main.run(
            new PrintWriter(errors),
            new PrintWriter(errors, true),
            "explain",
            "bob",
            "--config",
            directory.resolve("none").toString(),
            "--service",
            "smtp");
    assertEquals(2, status);
    assertTrue(errors.toString().contains("one of imap, pop3, lmtp"), errors.toString());
  }

  @Test // B8.3
  void statusPrintsATableOrTheSameAsJson() throws Exception {
    RecordedServer proxy = new RecordedServer(events, "imap", 143);
    String groups = "openmmp.proxy.cluster1.storehostlist = \"huey dewey louie\"";
    try (Program program = Program.startAll(config(groups), List.of(proxy))) {
      proxy.rooms().selector().serve(new Service("imap"), ClientKind.WRITER);
      String table =
          """
          cluster1 imap: not used yet
            host   state    cool-down left  attempts  sessions  last answer
            huey   unknown  -               0         0         -
            dewey  unknown  -               0         0         -
            louie  unknown  -               0         0         -
          """;
      String printed = status(program);
      assertTrue(printed.endsWith(table), printed);
      String json = status(program, "--json");
      assertTrue(json.contains("\"group\":\"cluster1\",\"service\":\"imap\""), json);
      assertEquals(1, json.lines().count());
    }
  }

  /** What the command prints that finds the program by a configuration with its admin port. */
  private String status(Program program, String... options) throws IOException {
    Path found =
        Files.writeString(
            directory.resolve("found.conf"),
            """
            include required(file("%s"))
            openmmp.admin.listen = "127.0.0.1:%d"
            """
                .formatted(directory.resolve("openmmp.conf"), program.adminPort()));
    StringWriter out = new StringWriter();
    List<String> line = new ArrayList<>(List.of("status", "--config", found.toString()));
    line.addAll(List.of(options));
    int status =
        Main.run(new PrintWriter(out, true), new PrintWriter(out), line.toArray(String[]::new));
    assertEquals(0, status, out.toString());
    return out.toString();
  }

  private OpenMmpConfig config(String more) throws IOException, BadConfigException {
    return ConfigReader.load(
        Files.writeString(
            directory.resolve("openmmp.conf"),
            """
            openmmp.directory { urls = "ldap://127.0.0.1:1", base-dn = "dc=example,dc=com" }
            openmmp.admin.listen = "127.0.0.1:0"
            %s
            """
                .formatted(more)));
  }

  private static int status(int adminPort) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + "/readyz")).build();
    try {
      return HttpClient.newHttpClient()
          .send(request, HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException | InterruptedException unanswered) {
      throw new AssertionError(unanswered);
    }
  }
}
