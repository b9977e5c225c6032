package org.openmmp.config;

import java.time.Duration;

/**
 * A duration that grows from a first value to a greatest one.
 *
 * @param max not less than {@code first}
 */
record Growing(Duration first, Duration max) {
  /** Reads both and sees that they are in order. */
  static Growing read(
      Section section,
      String firstKey,
      String maxKey,
      Duration shortest,
      Duration longestFirst,
      Duration longest) {
    int mark = section.reading().mark();
    Duration first = section.duration(firstKey, shortest, longestFirst);
    Duration max = section.duration(maxKey, shortest, longest);
    if (section.reading().cleanSince(mark) && max.compareTo(first) < 0) {
      section.problem(
          section.value(maxKey),
          section.nameOf(maxKey),
          Scalar.shown(max),
          "not less than " + firstKey + ", which is " + Scalar.shown(first));
    }
    return new Growing(first, max);
  }
}
