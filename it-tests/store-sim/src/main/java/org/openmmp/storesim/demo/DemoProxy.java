package org.openmmp.storesim.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.program.Program;
import org.openmmp.repgroup.GroupSnapshot;

/** The real proxy and relay in this process, and what they say of themselves. */
final class DemoProxy implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Program program;
  private final HttpClient pages = HttpClient.newHttpClient();

  private DemoProxy(Program program) {
    this.program = program;
  }

  /** Starts it from a configuration file. */
  static DemoProxy start(Path configFile) throws IOException, BadConfigException {
    return new DemoProxy(Program.start(ConfigReader.load(configFile), Set.of("proxy", "relay")));
  }

  /** Where it listens for a service, such as {@code imaps}. */
  InetSocketAddress address(String service) {
    return program.addresses(service).get(0);
  }

  int adminPort() {
    return program.adminPort();
  }

  /** Where a login would go now, and why: the page that operators read. */
  String explain(String login) throws IOException, InterruptedException {
    String query = "user=" + URLEncoder.encode(login, StandardCharsets.UTF_8) + "&format=text";
    URI page =
        URI.create(
            "http://"
                + DemoWorld.PROXY_ADDRESS
                + ":"
                + adminPort()
                + "/api/v1/explain?"
                + query.replace("+", "%20"));
    HttpRequest request = HttpRequest.newBuilder(page).timeout(PATIENCE).build();
    return pages.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  /** What it remembers of the groups that were used. */
  List<GroupSnapshot> groups() {
    return program.selector().snapshot(System.nanoTime()).stream()
        .filter(group -> group.hosts().stream().anyMatch(host -> host.attemptsStarted() > 0))
        .toList();
  }

  @Override
  public void close() {
    program.close();
  }
}
