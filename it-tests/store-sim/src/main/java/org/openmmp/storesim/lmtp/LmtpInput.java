package org.openmmp.storesim.lmtp;

/**
 * What a client sent.
 *
 * @param octets a command line without its end, or octets of a message; empty at an end
 */
record LmtpInput(Kind kind, String octets) {
  /** The kinds. */
  enum Kind {
    /** A line outside of messages. */
    COMMAND,
    /** A part of a message. */
    MESSAGE,
    /** The message behind DATA ends. */
    END_OF_DATA,
    /** The octets that BDAT announced are there. */
    END_OF_CHUNK
  }
}
