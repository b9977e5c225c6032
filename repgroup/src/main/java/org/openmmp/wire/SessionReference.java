package org.openmmp.wire;

/**
 * The last characters of a session's name in the log, which a client is told when something failed
 * for now: whoever is asked for help finds the line with it. Names are given so that successive
 * ones look unlike, and a reference tells nobody how many sessions there are.
 */
public final class SessionReference {
  private static final int LENGTH = 4;

  /** Names of this program are longer; what is shorter is told by nobody. */
  private static final int SHORTEST_NAME = 6;

  private SessionReference() {}

  /**
   * The reference of a session, between brackets behind a space; empty for a name that is short.
   */
  public static String behindWords(String session) {
    return session.length() < SHORTEST_NAME
        ? ""
        : " (ref " + session.substring(session.length() - LENGTH) + ")";
  }
}
