package org.openmmp.storesim.lmtp;

/**
 * Where in a transaction a store ceases.
 *
 * @param point where
 * @param count which one of several, as the point says
 * @param silent whether it keeps the connection and says nothing more; else it closes
 */
public record LmtpTrouble(Point point, long count, boolean silent) {
  /** No trouble. */
  public static final LmtpTrouble NONE = new LmtpTrouble(Point.NEVER, 0, false);

  /** The points of a transaction. */
  public enum Point {
    /** Nowhere. */
    NEVER,
    /** LHLO is not answered. */
    AT_LHLO,
    /** MAIL is not answered. */
    AT_MAIL,
    /** So many RCPT were answered, and nothing after. */
    AFTER_RCPT,
    /** DATA is not answered. */
    AT_DATA,
    /** So many octets of the message were read. */
    IN_MESSAGE,
    /** The message was read and delivered, and so many of the final replies were said. */
    AFTER_REPLIES
  }

  /** The connection is closed there. */
  public static LmtpTrouble dies(Point point, long count) {
    return new LmtpTrouble(point, count, false);
  }

  /** Nothing is said there any more. */
  public static LmtpTrouble hangs(Point point, long count) {
    return new LmtpTrouble(point, count, true);
  }
}
