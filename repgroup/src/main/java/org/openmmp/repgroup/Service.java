package org.openmmp.repgroup;

import java.util.Locale;

/**
 * A service that clients of a store use, such as {@code imap}; affinity and health are kept for
 * each.
 *
 * <p>The policy compares services and prints them, and knows nothing else of them.
 *
 * @param name lower case, not empty
 */
public record Service(String name) {
  /** Checks and folds the name. */
  public Service {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a service has a name");
    }
    name = name.toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return name;
  }
}
