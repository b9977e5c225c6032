package org.openmmp.directory;

/**
 * The state of one directory server.
 *
 * @param server its {@code host:port}
 * @param state whether it is asked
 * @param forMillis how long it has been so; 0 if it was not asked yet
 * @param restMillis how long it still rests until it is tried again; 0 unless it is aside
 * @param why what it last did wrong, safe to print; empty if nothing since it was well
 */
public record DirectoryServerState(
    String server, State state, long forMillis, long restMillis, String why) {
  /** Whether a server is asked. */
  public enum State {
    /** It was not asked yet. */
    UNTRIED,
    /** It answers. */
    UP,
    /** It answers, and does not find names that were found before: it is asked after the others. */
    BEHIND,
    /** It cannot be used: it rests, and is tried now and then. */
    ASIDE
  }
}
