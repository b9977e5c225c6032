package org.openmmp.storesim.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code openmmp demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Runs a directory, six stores, the proxy and the relay in one process, with a prompt.")
public final class Demo implements Callable<Integer> {
  private static final String TOUR = "tour.demo";

  @Option(
      names = "--script",
      paramLabel = "FILE",
      description = "Commands to run instead of a prompt; without a terminal, a built-in tour.")
  private @Nullable Path script;

  /** Runs the demo and exits: 0, or 1 if a script did not find what it expected. */
  public static void main(String[] args) {
    int status = new CommandLine(new Demo()).execute(args);
    System.exit(status);
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    Path directory = Files.createTempDirectory("openmmp-demo");
    // Also at Ctrl-C and SIGTERM: the folder has private keys in it.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(directory), "demo-end"));
    DemoLog.writeTo(directory.resolve("proxy.log"));
    try (DemoWorld world = DemoWorld.start(directory);
        DemoProxy proxy = DemoProxy.start(world.configFile())) {
      if (script == null && onTerminal()) {
        return prompt(new DemoCommands(world, proxy, out), out);
      }
      return new DemoScript(world, proxy, out).run(scriptLines());
    }
  }

  /** Removes a folder with all that is in it, and says so where that fails. */
  static void remove(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException left) {
      System.err.println("openmmp: " + directory + " is left, with keys in it; remove it");
    }
  }

  /** Java's own answer means different things in different versions. */
  private static boolean onTerminal() throws IOException, InterruptedException {
    return new ProcessBuilder("test", "-t", "0").inheritIO().start().waitFor() == 0;
  }

  private List<String> scriptLines() throws IOException {
    if (script != null) {
      try {
        return Files.readAllLines(script);
      } catch (IOException unreadable) {
        throw new CommandLine.ParameterException(
            new CommandLine(this), "cannot read the script " + script, unreadable);
      }
    }
    return tour();
  }

  /** The script that runs where there is neither a terminal nor a script. */
  static List<String> tour() throws IOException {
    InputStream tour = Demo.class.getResourceAsStream(TOUR);
    if (tour == null) {
      throw new IllegalStateException("no resource " + TOUR);
    }
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(tour, StandardCharsets.UTF_8))) {
      return lines.lines().toList();
    }
  }

  private static int prompt(DemoCommands commands, PrintWriter out) throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    commands.run("help");
    DemoCommands.Result result = DemoCommands.Result.DONE;
    while (result != DemoCommands.Result.QUIT) {
      out.print("\ndemo> ");
      out.flush();
      String line = in.readLine();
      result = line == null ? DemoCommands.Result.QUIT : commands.run(line);
    }
    return 0;
  }
}
