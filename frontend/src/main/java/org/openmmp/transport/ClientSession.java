package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Farewell;
import org.openmmp.repgroup.StoreHost;

/** One client's session, as its connection knows it; on the connection's event loop. */
public interface ClientSession {
  /** The connection stands, under TLS if that is implicit. */
  void open();

  /** TLS stands that the session began behind a command. */
  void secured();

  /**
   * Octets, in order, cut anywhere, in the buffer that they came in: it is the session's from then
   * on, to be released, and may hold a secret.
   */
  void clientSent(ByteBuf octets);

  /** Whoever reads may read on, if it wants to: a read is over, or the client takes more. */
  void readMore();

  /** The client sends no more, and may still read; it may have logged in meanwhile. */
  void clientFinished();

  /**
   * The connection is gone, or is no use any more; the client may have logged in meanwhile.
   *
   * @param reason for the log
   */
  void clientGone(String reason);

  /**
   * Ends it with the protocol's words; on any thread. A mistake of ours is in the log by then, and
   * what a client said in another protocol than the port's is dropped.
   */
  void end(Farewell why);

  /**
   * The session is to end: say goodbye as soon as nothing is open that the words could become part
   * of (rule B9.2); on any thread. One that has not logged in goes on until it has.
   *
   * @param why which words
   */
  void endAtSafePoint(Farewell why);

  /**
   * Looks whether the client's machine, and the store's, give signs of life (rule B2.36); on the
   * connection's event loop, now and then.
   *
   * @param client how long the client's may give none
   * @param store how long the store's may
   */
  default void look(Duration client, Duration store) {}

  /**
   * Its store was given up for what others found out: asks it, if that may be done now, and ends
   * the session if no answer comes (rule B9.4); on the connection's event loop, again and again
   * while the store is given up.
   *
   * @param mayAsk whether it is this session's turn to ask; else what its client asks is waited for
   */
  default void doubtStore(boolean mayAsk) {}

  /**
   * The session is to go on at another store, if it can; on any thread.
   *
   * @param host the one to try first; null: the one that the policy prefers
   */
  default void moveTo(@Nullable StoreHost host) {}

  /** How often it has gone on at another store so far; on any thread. */
  default int moves() {
    return 0;
  }

  /**
   * Why it could not go on at another store if its own failed now, in one word; empty if it could;
   * null if it is not meant to. Asked now and then of every session.
   */
  default @Nullable String stranded() {
    return null;
  }

  /** What is known of it now. */
  SessionFacts facts();
}
