package org.openmmp.storesim.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the soak calls a leak. */
final class GrowthTest {
  private static final int SAMPLES = 40;
  private static final int SECONDS = 15;
  private static final IntToDoubleFunction LEVEL = i -> 20_000;

  private static Growth.Sample sample(int i, double heap, double buffers, double fds, double t) {
    return new Growth.Sample(i * SECONDS, heap, buffers, fds, t);
  }

  /** The curve of one value in forty samples of ten minutes, and whether it is a leak. */
  static Stream<Arguments> heaps() {
    Random random = new Random(7);
    double[] noise = random.doubles(SAMPLES, -900, 900).toArray();
    return Stream.of(
        arguments("level", LEVEL, false),
        arguments("noise alone", (IntToDoubleFunction) i -> 20_000 + noise[i], false),
        arguments("64 KiB a sample", (IntToDoubleFunction) i -> 20_000 + 64 * i, false),
        arguments("300 KiB a sample", (IntToDoubleFunction) i -> 20_000 + 300 * i, true),
        arguments(
            "300 KiB a sample and noise",
            (IntToDoubleFunction) i -> 20_000 + 300 * i + noise[i],
            true),
        arguments(
            "300 KiB a sample while it warms up",
            (IntToDoubleFunction) i -> 20_000 + 300 * Math.min(i, SAMPLES * 2 / 5),
            false),
        arguments(
            "taken once and kept",
            (IntToDoubleFunction) i -> i < SAMPLES * 7 / 10 ? 20_000 : 40_000,
            false),
        arguments(
            "one odd sample at the end",
            (IntToDoubleFunction) i -> i == SAMPLES - 1 ? 90_000 : 20_000,
            false),
        arguments(
            "one odd sample hides no leak",
            (IntToDoubleFunction) i -> i == SAMPLES - 1 ? 0 : 20_000 + 300 * i,
            true),
        arguments("falling", (IntToDoubleFunction) i -> 90_000 - 300 * i, false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("heaps")
  void leakIsWhatGrowsInBothHalves(String what, IntToDoubleFunction heap, boolean leaks) {
    List<Growth.Sample> samples = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      samples.add(sample(i, heap.applyAsDouble(i), 8_192, 60, 30));
    }
    assertEquals(
        leaks ? List.of("heap, KiB") : List.of(),
        leaking(samples),
        () -> Growth.of(samples).toString());
  }

  @Test
  void everythingIsJudgedByItself() {
    List<List<Growth.Sample>> runs =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < SAMPLES; i++) {
      runs.get(0).add(sample(i, 20_000, 8_192 + 400 * i, 60, 30));
      runs.get(1).add(sample(i, 20_000, 8_192, 60 + i / 2, 30));
      runs.get(2).add(sample(i, 20_000, 8_192, 60, 30 + i / 5));
    }
    assertEquals(
        List.of(List.of("buffers, KiB"), List.of("descriptors"), List.of("threads")),
        runs.stream().map(GrowthTest::leaking).toList());
  }

  @Test
  void fewSamplesSayNothing() {
    assertEquals(List.of(), Growth.of(List.of()));
    assertEquals(List.of(), Growth.of(List.of(sample(0, 1, 1, 1, 1), sample(1, 9, 9, 9, 9))));
  }

  private static List<String> leaking(List<Growth.Sample> samples) {
    return Growth.of(samples).stream().filter(Growth::leaks).map(Growth::what).toList();
  }
}
