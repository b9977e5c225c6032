package org.openmmp.guard;

import java.util.List;
import java.util.stream.Stream;

/**
 * What was tried in vain, by one user at one network or by a whole network; immutable.
 *
 * @param prints the latest distinct wrong passwords of one user, newest first
 * @param score how many were not forgotten yet at {@code atNanos}
 * @param atNanos from when on forgetting goes
 */
record WrongTries(List<Long> prints, int score, long atNanos) {
  /** More than the devices of one user have old passwords. */
  private static final int REMEMBERED = 8;

  static final WrongTries NOTHING = new WrongTries(List.of(), 0, 0);

  boolean knows(long print) {
    return prints.contains(print);
  }

  /** The rest of the score. */
  int left(long nowNanos, long forgottenAfterNanos) {
    long forgotten = Math.max(0, nowNanos - atNanos) / forgottenAfterNanos;
    return (int) Math.max(0, score - forgotten);
  }

  /** One more, but never above {@code most}: a long attack is forgotten as soon as a short one. */
  WrongTries oneMore(long nowNanos, long forgottenAfterNanos, int most) {
    int left = left(nowNanos, forgottenAfterNanos);
    long since =
        left == 0 || nowNanos - atNanos < 0
            ? nowNanos
            : nowNanos - (nowNanos - atNanos) % forgottenAfterNanos;
    return new WrongTries(prints, Math.min(most, left + 1), since);
  }

  /** The same with one more password that is known as wrong. */
  WrongTries knowing(long print) {
    List<Long> latest = Stream.concat(Stream.of(print), prints.stream()).limit(REMEMBERED).toList();
    return new WrongTries(latest, score, atNanos);
  }

  /** The same passwords, which count no more. */
  WrongTries forgiven() {
    return new WrongTries(prints, 0, 0);
  }
}
