package org.openmmp.lmtp.store;

/**
 * What a store is told and will answer.
 *
 * @param kind what it is
 * @param line the command without its line end; empty where there is none to send
 * @param recipient whom it is about, for {@link Kind#RCPT} and {@link Kind#END_OF_DATA}: the key of
 *     whoever sends it; else {@link #NOBODY}
 */
public record StoreCommand(Kind kind, String line, int recipient) {
  /** The key of no recipient. */
  public static final int NOBODY = -1;

  /** What a reply of a store may answer. */
  public enum Kind {
    GREETING,
    LHLO,
    STARTTLS,
    XCLIENT,
    MAIL,
    RCPT,
    DATA,
    /** A piece of the message behind BDAT. */
    CHUNK,
    /** The end of the message, which is answered once for each recipient (RFC 2033, 4.2). */
    END_OF_DATA,
    RSET
  }

  /** A command that is about no recipient. */
  public static StoreCommand of(Kind kind, String line) {
    return new StoreCommand(kind, line, NOBODY);
  }
}
