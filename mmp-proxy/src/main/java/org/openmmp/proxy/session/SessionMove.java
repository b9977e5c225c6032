package org.openmmp.proxy.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The move of one session to another store, or the questions that make it possible later: what is
 * asked there, what the answers mean, and what the client is told (rule B9.3).
 *
 * <p>Events go in, steps come out; behind the last step nothing does. Nothing of the new store
 * reaches the client but what was made here from what was understood. Time is the caller's: a move
 * that takes too long is dropped.
 */
public interface SessionMove {
  /** The first steps. */
  List<MoveStep> begin();

  /**
   * The login that was needed succeeded there.
   *
   * @param capabilities as told behind that login, with spaces between; empty if none were
   * @param leftOver what the store sent behind its answer
   */
  List<MoveStep> loggedIn(MoveStep.Line line, String capabilities, byte[] leftOver);

  /** A store sent something. */
  List<MoveStep> received(MoveStep.Line line, byte[] octets);

  /** That connection ended, or could not be had. */
  List<MoveStep> lost(MoveStep.Line line);

  /** The client sent something, which is kept until the session goes on. */
  List<MoveStep> clientSent(byte[] octets);

  /**
   * Whether all is verified, and the client's next command is waited for, as only then it may hear
   * what was expunged. This may last; what the store sends meanwhile is to be left unread.
   */
  boolean waiting();

  /** Why a session whose old store lives stays there; null otherwise. */
  @Nullable Stranded staysBecause();
}
