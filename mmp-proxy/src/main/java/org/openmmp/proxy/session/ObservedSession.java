package org.openmmp.proxy.session;

import org.jspecify.annotations.Nullable;
import org.openmmp.wire.SafePoints;

/**
 * A session that is followed so closely that it can go on at another store: it is known what the
 * client was told (rules B9.1, B9.3). Used on its session's event loop.
 */
public interface ObservedSession extends SafePoints {
  /** Why it could not go on elsewhere if its store died now; null if it could. */
  @Nullable Stranded stranded();

  /**
   * The move of this session to another store. From here on nothing of the present store is shown
   * to this object any more, until the move says {@link MoveStep.GoOn}.
   *
   * @param offered the capabilities that the client was offered behind its login, with spaces
   *     between; empty if unknown
   * @param planned whether the present store lives, and its connection stays open for the move
   * @throws IllegalStateException if {@link #stranded} names a reason
   */
  SessionMove move(String offered, boolean planned);

  /**
   * What is to be asked of the present store on a connection of our own so that this session can be
   * moved later; null if nothing is to be asked. To be carried out at any quiet time.
   */
  @Nullable SessionMove priming();

  /** Whoever is to know at once that something is to be asked so; on the session's event loop. */
  void tellOfPriming(Runnable due);
}
