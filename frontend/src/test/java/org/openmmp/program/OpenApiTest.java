package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.config.ConfigReader;
import picocli.CommandLine;

/** The API's description and the API are of one mind (rule B8.7). */
class OpenApiTest {
  private static final String TOKEN = "an-act-token";

  @TempDir private Path folder;

  private Program program;

  @BeforeEach
  void start() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("openmmp.conf"),
            """
            openmmp.directory { urls = "ldap://127.0.0.1:1", base-dn = "dc=example,dc=com" }
            openmmp.admin { listen = "127.0.0.1:0", socket = null }
            openmmp.admin.tokens = [{ name = robot, role = act, token = "%s" }]
            openmmp.state-file = state
            openmmp.proxy.cluster1.storehostlist = "huey dewey louie"
            """
                .formatted(TOKEN));
    program =
        Program.startAll(
            ConfigReader.load(file), List.of(new RecordedServer(new ArrayList<>(), "imap", 143)));
  }

  @AfterEach
  void stop() {
    program.close();
  }

  private HttpResponse<String> ask(String method, String target, boolean token) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + program.adminPort() + target))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (token) {
      request.header("Authorization", "Bearer " + TOKEN);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private Map<String, Config> paths() throws Exception {
    Config document =
        ConfigFactory.parseString(
            ask("GET", "/api/v1/openapi.json", false).body(),
            ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
    assertEquals("3.0.3", document.getString("openapi"));
    Map<String, Config> paths = new TreeMap<>();
    document
        .getObject("paths")
        .forEach((path, value) -> paths.put(path, ((ConfigObject) value).toConfig()));
    return paths;
  }

  @Test // B8.7
  void everyDescribedPageIsThereWithItsMethodAndItsParameters() throws Exception {
    Map<String, Config> paths = paths();
    assertTrue(paths.size() > 15, () -> paths.keySet().toString());
    for (Map.Entry<String, Config> each : paths.entrySet()) {
      String path = each.getKey();
      boolean acts = each.getValue().hasPath("post");
      Config operation = each.getValue().getConfig(acts ? "post" : "get");
      assertFalse(operation.getString("summary").isEmpty(), path);
      String wrong =
          ask(acts ? "GET" : "POST", path, true).headers().firstValue("Allow").orElse("");
      assertEquals(acts ? "POST" : "GET, HEAD", wrong, path);
      if (acts) {
        assertEquals(401, ask("POST", path, false).statusCode(), path);
      }
      List<? extends Config> parameters = operation.getConfigList("parameters");
      if (!parameters.isEmpty()) {
        HttpResponse<String> unknown = ask(acts ? "POST" : "GET", path + "?nonsense=1", true);
        assertEquals(400, unknown.statusCode(), path);
        String names =
            parameters.stream().map(one -> one.getString("name")).collect(Collectors.joining(", "));
        assertEquals(
            "the parameters are " + names + ", each once at most", unknown.body().strip(), path);
      }
      for (Config one : parameters) {
        if (one.getBoolean("required")) {
          HttpResponse<String> without = ask(acts ? "POST" : "GET", path, true);
          assertEquals(400, without.statusCode(), path);
        }
      }
    }
  }

  @Test // B8.7
  void everyPageOfTheProgramIsDescribed() throws Exception {
    Set<String> described = paths().keySet();
    program.pages().forEach(page -> assertTrue(described.contains(page.path()), page.path()));
  }

  @Test // B8.7
  void everyCommandHasItsPage() throws Exception {
    Set<String> pages =
        paths().keySet().stream()
            .map(path -> path.substring(path.lastIndexOf('/') + 1))
            .collect(Collectors.toSet());
    Set<String> commands = new TreeSet<>();
    for (Method each : CommandLine.getCommandMethods(OperatorCommands.class, null)) {
      commands.add(each.getAnnotation(CommandLine.Command.class).name());
    }
    assertTrue(commands.remove("status"), "it asks for groups");
    assertTrue(pages.containsAll(commands), () -> commands + " " + pages);
    String launcher = Files.readString(Path.of("..", "openmmp"));
    assertTrue(
        launcher.contains("run org.openmmp.program.Main \"$command\" \"$@\""),
        "the launcher passes on what stands in its help");
    Stream.concat(commands.stream(), Stream.of("status"))
        .forEach(
            command ->
                assertTrue(
                    launcher.contains("\n  " + command + " "), () -> command + ": its help"));
  }
}
