package org.openmmp.wire;

import java.nio.ByteBuffer;

/**
 * Follows what passes between a client and its store after the login, without changing it, and
 * knows at which points nothing is open (rules B9.1, B9.2). It is told of every octet, in order and
 * cut anywhere, on the session's event loop, before the octet is passed on.
 */
public interface SafePoints {
  /** Of a session that nobody follows: no point is known to be safe. */
  SafePoints UNKNOWN =
      new SafePoints() {
        private final Direction any =
            new Direction() {
              @Override
              public void sent(ByteBuffer octets) {}

              @Override
              public long literalLeft() {
                return Long.MAX_VALUE;
              }

              @Override
              public void passed(long octets) {}
            };

        @Override
        public Direction client() {
          return any;
        }

        @Override
        public Direction store() {
          return any;
        }

        @Override
        public boolean safe() {
          return false;
        }

        @Override
        public boolean clientMayBeLeaving() {
          return true;
        }
      };

  /** What one side sends. */
  interface Direction {
    /** It sent what stands between position and limit. */
    void sent(ByteBuffer octets);

    /**
     * How many of its next octets mean nothing here and need not be shown: those left of a literal;
     * {@link Long#MAX_VALUE} if the session is not followed any more.
     */
    long literalLeft();

    /** So many of its octets passed without being shown. */
    void passed(long octets);

    /**
     * How many of the last octets that were shown are not to be passed on yet, for they are, or may
     * become, a goodbye that the other side need not hear (rule B9.3). What was held back and is
     * not counted any more is passed on in front of what follows.
     */
    default int heldBack() {
      return 0;
    }
  }

  /** What the client sends. */
  Direction client();

  /** What the store sends. */
  Direction store();

  /** Whether nothing is open now, so that words of ours cannot become part of anything. */
  boolean safe();

  /**
   * Whether the store says goodbye without having been asked to. What {@link Direction#heldBack} is
   * not passed on of it the client need not hear; what is, is the last goodbye that it hears.
   */
  default boolean storeLeaves() {
    return false;
  }

  /** Whether the client has asked its store to end the session, or may have without being seen. */
  boolean clientMayBeLeaving();

  /**
   * Whether the store has granted that end, and nothing was said behind that: neither side has
   * anything more to say.
   */
  default boolean tookLeave() {
    return false;
  }

  /**
   * A question for the store, to be sent to it now: one that is answered at once and that changes
   * nothing that the client sees (rule B9.4). Until the answer has come the client's octets are
   * kept from here and from the store, and the store's go through {@link #withoutAnswer}.
   *
   * @return no octets where none may be asked
   */
  default byte[] ask() {
    return new byte[0];
  }

  /**
   * The rest of the question, to be sent now that the store has answered the first part of it; the
   * store's answer to the rest is owed from then on.
   *
   * @return no octets where there is none, or not yet
   */
  default byte[] askOn() {
    return new byte[0];
  }

  /** Whether the store has answered in a way that leaves no place for the session there. */
  default boolean isRefused() {
    return false;
  }

  /** Whether the store owes the answer to our question. */
  default boolean isAsking() {
    return false;
  }

  /** Whether the client waits for nothing but the answer to such a question of its own. */
  default boolean clientAsks() {
    return false;
  }

  /**
   * The store sent what stands between position and limit while it owed the answer.
   *
   * @return what of it is the client's
   */
  default ByteBuffer withoutAnswer(ByteBuffer octets) {
    store().sent(octets);
    return octets;
  }

  /**
   * What the store answered that was no answer to the question: the client's, if the store ends
   * behind it.
   */
  default byte[] partingWords() {
    return new byte[0];
  }
}
