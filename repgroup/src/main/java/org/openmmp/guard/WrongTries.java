package org.openmmp.guard;

import java.util.List;
import java.util.stream.Stream;

/**
 * What one user at one network tried in vain; immutable.
 *
 * @param prints the latest distinct wrong passwords, newest first
 * @param score how many of them are not forgotten yet
 */
record WrongTries(List<Long> prints, Score score) {
  /** More than the devices of one user have old passwords. */
  private static final int REMEMBERED = 8;

  static final WrongTries NOTHING = new WrongTries(List.of(), Score.NONE);

  boolean knows(long print) {
    return prints.contains(print);
  }

  WrongTries with(long print, Score raised) {
    List<Long> latest = Stream.concat(Stream.of(print), prints.stream()).limit(REMEMBERED).toList();
    return new WrongTries(latest, raised);
  }

  WrongTries withScore(Score other) {
    return new WrongTries(prints, other);
  }

  /** The same passwords, which count no more. */
  WrongTries forgiven() {
    return withScore(Score.NONE);
  }
}
