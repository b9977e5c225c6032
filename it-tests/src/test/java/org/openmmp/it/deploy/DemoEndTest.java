package org.openmmp.it.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The demo leaves nothing behind, its private keys least of all. */
@Tag("slow")
final class DemoEndTest {
  @TempDir Path temp;

  private Process demo(String script) throws IOException {
    Path file = Files.writeString(temp.resolve("demo.script"), script);
    Path folder = Files.createDirectory(temp.resolve("tmp"));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-Djava.io.tmpdir=" + folder,
            "-cp",
            System.getProperty("java.class.path"),
            "org.openmmp.storesim.demo.Demo",
            "--script",
            file.toString())
        .redirectErrorStream(true)
        .start();
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> files = Files.list(temp.resolve("tmp"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("openmmp-demo"))
          .toList();
    }
  }

  // B7.10
  @Test
  void demoThatEndsLeavesNoFolder() throws Exception {
    Process demo = demo("status\nquit\n");
    try {
      String said = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(demo.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, demo.exitValue(), said);
      assertEquals(List.of(), left());
    } finally {
      demo.destroyForcibly();
    }
  }

  // B7.10
  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM", "HUP"})
  void demoThatIsEndedByASignalLeavesNoFolder(String signal) throws Exception {
    Process demo = demo("hang huey\nlogin alice\n".repeat(100));
    try {
      // Its first answer shows that it runs, keys and all.
      assertTrue(demo.getInputStream().read() >= 0);
      assertEquals(1, left().size());
      new ProcessBuilder("kill", "-" + signal, String.valueOf(demo.pid())).start().waitFor();
      demo.getInputStream().readAllBytes();
      assertTrue(demo.waitFor(60, TimeUnit.SECONDS));
      assertEquals(List.of(), left());
    } finally {
      demo.destroyForcibly();
    }
  }
}
