package org.openmmp.proxy.session;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.repgroup.Stay;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Timeline;

/** A session as its logins see it: what they share, and who hears what comes of them. */
interface LoginSession {
  /** What all sessions of the listener share. */
  FrontEnd frontEnd();

  /** The session's name in the log. */
  String id();

  /** Where the session is, and how long it was where. */
  Timeline<SessionState> timeline();

  /** What holds it to the limits. */
  SessionGuard guard();

  /** What the adapter is to do; a login adds to them. */
  List<SessionStep> steps();

  /** The login's store asks the client, in base64. */
  void challenged(byte[] base64);

  /** The login was accepted. */
  void accepted(StoreAnswer answer, LoginReport report, Stay stay);

  /** The login was refused. */
  void refused(LoginRefusal why, long nowNanos);

  /**
   * Whether nobody logs in, but the session goes on at another store (rule B9.3): the directory is
   * asked afresh first, and no limit keeps it out.
   */
  default boolean goesOn() {
    return false;
  }

  /** The host to begin with; null: the one that the policy prefers. */
  default @Nullable StoreHost first() {
    return null;
  }

  /** The steps that are due after an answer that came late. */
  List<SessionStep> due(long nowNanos);
}
