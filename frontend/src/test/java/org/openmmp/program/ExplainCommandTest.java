package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What explain asks for, prints and ends with (rule B8.4). */
class ExplainCommandTest {
  @TempDir private Path folder;

  private final List<String> asked = new ArrayList<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter errors = new StringWriter();
  private HttpServer frontEnd;
  private int code = 200;
  private String page = "";

  @BeforeEach
  void answer() throws Exception {
    frontEnd = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    frontEnd.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().getRawQuery());
          byte[] octets = page.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(code, octets.length);
          exchange.getResponseBody().write(octets);
          exchange.close();
        });
    frontEnd.start();
  }

  @AfterEach
  void stop() {
    frontEnd.stop(0);
  }

  private int run(String line) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("openmmp.conf"),
            """
            openmmp.directory { urls = "ldap://127.0.0.1:1", base-dn = "dc=example,dc=com" }
            openmmp.admin.listen = "127.0.0.1:%d"
            """
                .formatted(frontEnd.getAddress().getPort()));
    List<String> words = new ArrayList<>(Arrays.asList(line.split(" ")));
    words.addAll(List.of("--config", file.toString()));
    return Main.run(
        new PrintWriter(out, true), new PrintWriter(errors, true), words.toArray(String[]::new));
  }

  @ParameterizedTest // B8.4
  @CsvSource(
      delimiter = '|',
      value = {
        "explain ada | 'login name   ada\n  1. huey: first' | 0",
        "explain ada | 'login name   ada\n  -  huey: cooling down' | 3",
        "explain ada | 'directory    no-such-user' | 3",
        "explain ada | 'login name   a  1. b' | 3",
        "explain --json ada | '{\"order\":[{\"host\":\"huey\",\"usable\":true}]}' | 0",
        "explain --json ada | '{\"order\":[{\"host\":\"huey\",\"usable\":false}]}' | 3",
        "explain --json ada | '{\"login\":\"\\\"usable\\\":true\",\"order\":[]}' | 3",
      })
  void statusTellsWhetherThereIsAHost(String line, String answer, int status) throws Exception {
    page = answer;
    assertEquals(status, run(line));
    assertTrue(out.toString().endsWith(answer + System.lineSeparator()), out.toString());
    assertEquals(line.contains("--json"), out.toString().startsWith("{"));
  }

  @Test // B8.4
  void clientServiceAndFormAreAskedFor() throws Exception {
    page = "{}";
    assertEquals(3, run("explain a&b --client 2001:db8::7 --service pop3 --json"));
    assertEquals(List.of("format=json&client=2001%3Adb8%3A%3A7&service=pop3&user=a%26b"), asked);
  }

  @ParameterizedTest // B8.4
  @CsvSource({
    "explain ada --client example.com",
    "explain ada --client 192.0.2.0/24",
    "explain ada --service smtp",
    "explain ada --nonsense",
    "explain",
    "status --nonsense",
  })
  void aWrongCommandLineEndsWithTwo(String line) throws Exception {
    assertEquals(2, run(line));
    assertEquals(List.of(), asked);
  }

  @ParameterizedTest // B8.4
  @CsvSource({"explain ada, 1", "status, 1"})
  void aFrontEndThatRefusesIsNoAnswer(String line, int status) throws Exception {
    code = 503;
    page = "the directory does not answer";
    assertEquals(status, run(line));
    assertTrue(errors.toString().contains("the directory does not answer"));
  }

  @ParameterizedTest // B8.4
  @CsvSource({"explain ada, 3", "explain --json ada, 3", "status, 1"})
  void withoutAFrontEndExplainAsksTheDirectoryAndStatusNobody(String line, int status)
      throws Exception {
    frontEnd.stop(0);
    assertEquals(status, run(line));
    assertEquals(
        line.contains("explain"), out.toString().contains("directory-down"), out.toString());
    assertEquals(
        line.contains("status"),
        errors.toString().contains("no front end answers at 127.0.0.1:"),
        errors.toString());
    assertEquals(line.contains("--json"), out.toString().startsWith("{"));
  }

  @Test // B8.4
  void helpTellsTheExitStatus() throws Exception {
    for (String command : List.of("explain", "status")) {
      assertEquals(0, run(command + " --help"));
    }
    assertTrue(out.toString().contains("there is no host"), out.toString());
    assertTrue(out.toString().contains("no front end answers"), out.toString());
  }
}
