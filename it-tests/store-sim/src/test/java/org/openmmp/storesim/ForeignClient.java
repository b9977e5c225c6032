package org.openmmp.storesim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Mail clients of other makers, each run as a process that has to end well. */
public final class ForeignClient {
  /** How long one may take. */
  public static final long LIMIT_SECONDS = 20;

  private ForeignClient() {}

  /** What curl prints as alice, whose password is sesame. */
  public static String curl(String url, List<String> options, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("curl", "-sS", "--max-time", "20", "--user", "alice:sesame"));
    command.addAll(options);
    command.addAll(List.of(more));
    command.add(url);
    return run(command);
  }

  /** What a Python script beside the test prints, given a node's address and port. */
  public static String python(Class<?> test, String script, StoreNode node, String service)
      throws Exception {
    String port = String.valueOf(node.port(service));
    return run(List.of("python3", path(test, script).toString(), node.address(), port));
  }

  private static Path path(Class<?> test, String script) throws URISyntaxException {
    URL url = test.getResource(script);
    if (url == null) {
      throw new IllegalStateException("no resource " + script);
    }
    return Path.of(url.toURI());
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), command::toString);
    assertEquals(0, process.exitValue(), said);
    return said;
  }
}
