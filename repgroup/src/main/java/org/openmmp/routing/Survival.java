package org.openmmp.routing;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Whether the IMAP sessions at a group's stores outlive the store they are at (rule B9.3), and how
 * they are moved.
 *
 * @param on whether they are followed, and moved at all
 * @param movesPerSecond moves that begin in one second
 * @param longestWait how long a session waits for its move; then its client is told BYE
 * @param hidden capabilities that clients are not shown after their login, in upper case: whoever
 *     uses one has a session that cannot be moved
 */
public record Survival(boolean on, int movesPerSecond, Duration longestWait, List<String> hidden) {
  /** Sessions end with their store. */
  public static final Survival OFF =
      new Survival(false, 500, Duration.ofSeconds(60), List.of("COMPRESS", "NOTIFY"));

  /** Copies the list. */
  public Survival {
    hidden = List.copyOf(hidden);
  }

  /** Whether clients are not to be shown that capability: {@code COMPRESS=DEFLATE} is COMPRESS. */
  public boolean hides(String capability) {
    if (!on) {
      return false;
    }
    int arguments = capability.indexOf('=');
    String name = arguments < 0 ? capability : capability.substring(0, arguments);
    return hidden.contains(name.toUpperCase(Locale.ROOT));
  }
}
