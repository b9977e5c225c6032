package org.openmmp.storesim.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Whether something of a process grew while it was looked at, of which a leak has to be told from
 * warming up, from single odd samples, and from what is taken once and kept.
 *
 * @param what in words, with its unit
 * @param mean its mean while it was judged
 * @param anHour what it adds in an hour at the pace seen
 * @param seconds for how long it was judged
 * @param leaks whether it grew by more than it may, in both halves of that time
 */
record Growth(String what, double mean, double anHour, double seconds, boolean leaks) {
  /**
   * What a process has at a moment when nobody is connected.
   *
   * @param seconds since the begin
   * @param heapKib live objects
   * @param bufferKib memory of buffers outside of the heap
   */
  record Sample(
      double seconds, double heapKib, double bufferKib, double descriptors, double threads) {}

  /** A point of a curve. */
  private record Point(double seconds, double value) {}

  private static final int SECONDS_OF_HOUR = 3_600;

  /** Before that share of the samples the process is still warming up. */
  private static final double WARM = 0.4;

  /** Fewer samples than that tell nothing. */
  private static final int FEWEST = 6;

  /** What grows in both halves grows in each by so much of its pace at the least. */
  private static final double PACE_OF_HALF = 0.3;

  /** Judges samples, in their order; empty: too few to say anything. */
  static List<Growth> of(List<Sample> samples) {
    List<Sample> warm = samples.subList((int) (samples.size() * WARM), samples.size());
    if (warm.size() < FEWEST) {
      return List.of();
    }
    return List.of(
        of("heap, KiB", warm, Sample::heapKib, 60 * 1024, 1_024),
        of("buffers, KiB", warm, Sample::bufferKib, 60 * 1024, 4_096),
        of("descriptors", warm, Sample::descriptors, 30, 4),
        of("threads", warm, Sample::threads, 10, 3));
  }

  /**
   * Judges one curve.
   *
   * @param anHour what it may add in an hour
   * @param noise what it may add in all, however fast
   */
  private static Growth of(
      String what,
      List<Sample> samples,
      ToDoubleFunction<Sample> value,
      double anHour,
      double noise) {
    List<Point> points =
        samples.stream()
            .map(sample -> new Point(sample.seconds(), value.applyAsDouble(sample)))
            .toList();
    double seconds = points.get(points.size() - 1).seconds() - points.get(0).seconds();
    double pace = pace(points);
    int half = points.size() / 2;
    double inEach =
        Math.min(pace(points.subList(0, half)), pace(points.subList(half, points.size())));
    boolean leaks =
        pace * SECONDS_OF_HOUR > anHour && pace * seconds > noise && inEach > pace * PACE_OF_HALF;
    double mean = points.stream().mapToDouble(Point::value).average().orElse(0);
    return new Growth(what, mean, pace * SECONDS_OF_HOUR, seconds, leaks);
  }

  /** What is added in a second: the median of all pairs, which no odd sample moves. */
  private static double pace(List<Point> points) {
    List<Double> paces = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      for (Point later : points.subList(i + 1, points.size())) {
        double seconds = later.seconds() - points.get(i).seconds();
        if (seconds > 0) {
          paces.add((later.value() - points.get(i).value()) / seconds);
        }
      }
    }
    paces.sort(null);
    return paces.isEmpty() ? 0 : paces.get(paces.size() / 2);
  }

  @Override
  public String toString() {
    return "%-12s mean %.0f, %+.1f an hour (%+.1f in the %.0f s looked at): %s"
        .formatted(
            what,
            mean,
            anHour,
            anHour * seconds / SECONDS_OF_HOUR,
            seconds,
            leaks ? "IT GROWS" : "level");
  }
}
