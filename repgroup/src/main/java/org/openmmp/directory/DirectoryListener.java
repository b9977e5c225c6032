package org.openmmp.directory;

/**
 * Hears what a directory does, to count it. Called on the directory's threads and its callers'; it
 * must be quick and must not throw.
 */
public interface DirectoryListener {
  /** Hears nothing. */
  DirectoryListener NONE = new DirectoryListener() {};

  /**
   * A look-up was answered.
   *
   * @param kind what it came to
   * @param freshness LOOKED_UP: a miss of the cache; CACHED: a hit; STALE: a hit past its time
   * @param nanos how long its caller waited
   */
  default void onLookup(LookupResult.Kind kind, LookupResult.Freshness freshness, long nanos) {}

  /**
   * A directory server changed its state.
   *
   * @param server its {@code host:port}
   * @param up whether it answers now
   */
  default void onServerState(String server, boolean up) {}

  /**
   * A directory server that answers is asked behind the others, or among them again: it does not
   * find names that were found before.
   */
  default void onServerBehind(String server, boolean behind) {}

  /** A look-up or a bind was turned away: it waited for too long, or too many wait. */
  default void onTurnedAway() {}
}
