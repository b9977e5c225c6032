package org.openmmp.it.deploy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openmmp.it.fixture.RunDirectory;

/**
 * The services of docker/compose.yaml, each as a host of its own on this machine: what their images
 * are made of runs, without a container engine. It needs root.
 */
final class Composition implements AutoCloseable {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final int LAST_WORDS = 2_000;
  private static final long END_LIMIT_SECONDS = 120;

  private final Map<String, String> addresses = new HashMap<>();
  private final Path logs = Path.of("target", "it-logs", "composition").toAbsolutePath();
  private final Process process;
  private final BufferedReader answers;
  private final Writer commands;

  /** Starts all of them, and waits until those that know say that they are healthy. */
  Composition(RunDirectory run) {
    try {
      Files.createDirectories(logs);
      process =
          new ProcessBuilder(
                  PROJECT.resolve("it-tests/composition/run-composition").toString(),
                  PROJECT.resolve("docker/compose.yaml").toString(),
                  run.create("composition").toString(),
                  logs.toString())
              .redirectError(logs.resolve("run-composition.log").toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    answers = process.inputReader(StandardCharsets.UTF_8);
    commands = process.outputWriter(StandardCharsets.UTF_8);
    try {
      for (String line = answer(); !line.equals("ready"); line = answer()) {
        String[] words = line.split(" ", 3);
        addresses.put(words[1], words[2]);
      }
    } catch (AssertionError notReady) {
      close();
      throw notReady;
    }
  }

  /** The service's address, which this machine reaches. */
  String address(String service) {
    return Objects.requireNonNull(addresses.get(service), service);
  }

  /** Ends a service as an engine does, and waits for its end. */
  void stop(String service) {
    command("stop " + service);
  }

  /** Starts a service that was stopped. */
  void start(String service) {
    command("start " + service);
  }

  /** All that a service printed. */
  String log(String service) {
    try {
      return Files.readString(logs.resolve(service + ".log"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      commands.close(); // the end of its commands ends them all
      if (!process.waitFor(END_LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("the composition did not end");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private void command(String words) {
    try {
      commands.write(words + "\n");
      commands.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!answer().equals("done " + words)) {
      throw new AssertionError(words + " was not done");
    }
  }

  /** The end of what each of them printed. */
  private String lastWords() throws IOException {
    StringBuilder words = new StringBuilder();
    try (Stream<Path> files = Files.list(logs)) {
      for (Path file : files.sorted().toList()) {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        String end = text.substring(Math.max(0, text.length() - LAST_WORDS));
        words.append('\n').append(file.getFileName()).append(":\n").append(end);
      }
    }
    return words.toString();
  }

  private String answer() {
    try {
      String line = answers.readLine();
      if (line == null) {
        throw new AssertionError("the composition ended: " + lastWords());
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
