package org.openmmp.it.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The corpus and some thousand inputs made of it, at each reader of octets from outside; {@code
 * ./openmmp test fuzz --for 10m} goes on for longer, from a seed of its own.
 */
final class FuzzTest {
  private static final int INPUTS = 2_000;
  private static final Path CORPUS =
      Path.of(System.getProperty("basedir", "."), "src", "test", "fuzz");

  @ParameterizedTest
  @EnumSource(FuzzTarget.class)
  void whateverComesIsReadTheSameInPiecesAndWithinBounds(FuzzTarget target) throws IOException {
    List<byte[]> corpus = corpus(target);
    assertTrue(corpus.size() >= 3, "a corpus of " + target);
    corpus.forEach(octets -> tried(target, octets, "the corpus"));
    String seconds = System.getProperty("fuzz.seconds", "");
    if (seconds.isEmpty()) {
      run(target, new Mutator(1, corpus), INPUTS, Long.MAX_VALUE);
    } else {
      long seed = Long.getLong("fuzz.seed", System.nanoTime());
      System.out.println(target + " from seed " + seed);
      long limit = Duration.ofSeconds(Long.parseLong(seconds)).toNanos();
      long inputs = run(target, new Mutator(seed, corpus), Long.MAX_VALUE, limit);
      System.out.println(target + " " + inputs + " inputs");
    }
  }

  private static long run(FuzzTarget target, Mutator mutator, long inputs, long limitNanos) {
    long begun = System.nanoTime();
    long made = 0;
    while (made < inputs && System.nanoTime() - begun < limitNanos) {
      tried(target, mutator.next(), "input " + made);
      made++;
    }
    return made;
  }

  private static void tried(FuzzTarget target, byte[] octets, String which) {
    try {
      target.check(octets);
    } catch (AssertionError | RuntimeException found) {
      throw new AssertionError(
          target + ", " + which + ", in base64: " + Base64.getEncoder().encodeToString(octets),
          found);
    }
  }

  private static List<byte[]> corpus(FuzzTarget target) throws IOException {
    Path folder = CORPUS.resolve(target.name().toLowerCase(Locale.ROOT));
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> sorted = files.sorted().toList();
      List<byte[]> all = new java.util.ArrayList<>();
      for (Path each : sorted) {
        all.add(Files.readAllBytes(each));
      }
      return all;
    }
  }
}
