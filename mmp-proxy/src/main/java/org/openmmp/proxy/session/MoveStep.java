package org.openmmp.proxy.session;

/** What a {@link SessionMove} wants done. */
public sealed interface MoveStep {
  /** Which connection to a store. */
  enum Line {
    /** The one that becomes the session's. */
    MAIN,
    /** A second one to the same store, for questions. */
    SIDE,
    /** The session's connection to the store that it leaves, if that lives. */
    OLD
  }

  /** Connect and log in there. */
  record Need(Line line) implements MoveStep {}

  /** Send these octets. */
  @SuppressWarnings("ArrayRecordComponent") // made by one and taken by one
  record Send(Line line, byte[] octets) implements MoveStep {}

  /** Write to the client what its old store still said. */
  @SuppressWarnings("ArrayRecordComponent")
  record Tell(byte[] octets) implements MoveStep {}

  /** Send these last words and close that connection; nothing more is expected there. */
  @SuppressWarnings("ArrayRecordComponent")
  record Leave(Line line, byte[] lastWords) implements MoveStep {}

  /**
   * The last step of a move that came to something: from here on octets pass again.
   *
   * @param with MAIN, or OLD where the session stays
   * @param toClient to be written first, and not to be shown to whoever follows the session
   * @param toStore what the client has sent; to be shown and passed on
   * @param fromStore what the store has sent already; to be shown and passed on
   */
  @SuppressWarnings("ArrayRecordComponent")
  record GoOn(Line with, byte[] toClient, byte[] toStore, byte[] fromStore) implements MoveStep {}

  /** The last step of a move that was not possible: the client hears goodbye. */
  record Bye(Stranded why) implements MoveStep {}

  /** The last step of a priming, whatever came of it. */
  enum Simple implements MoveStep {
    PRIMED
  }
}
