package org.openmmp.guard;

/**
 * Wrong passwords that are not forgotten yet; immutable.
 *
 * @param count at {@code atNanos}
 * @param atNanos from when on forgetting goes
 */
record Score(int count, long atNanos) {
  static final Score NONE = new Score(0, 0);

  /** What is left of it. */
  int left(long nowNanos, long forgottenAfterNanos) {
    long forgotten = Math.max(0, nowNanos - atNanos) / forgottenAfterNanos;
    return (int) Math.max(0, count - forgotten);
  }

  /** One more, but never above {@code most}: a long attack is forgotten as soon as a short one. */
  Score oneMore(long nowNanos, long forgottenAfterNanos, int most) {
    int left = left(nowNanos, forgottenAfterNanos);
    long since =
        left == 0 || nowNanos - atNanos < 0
            ? nowNanos
            : nowNanos - (nowNanos - atNanos) % forgottenAfterNanos;
    return new Score(Math.min(most, left + 1), since);
  }
}
