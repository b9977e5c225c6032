package org.openmmp.lmtp.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What became of an argument: a value, or the reply that refuses it.
 *
 * @param <T> the value's type
 * @param value null if it breaks the grammar, or asks for what is not offered
 * @param fault the reply that says how it does; null if it was read
 */
public record Parsed<T>(@Nullable T value, @Nullable LmtpReply fault) {
  /** MAIL or RCPT without its keyword and colon, BDAT without a number, and the like. */
  static final LmtpReply MALFORMED_ARGUMENT =
      LmtpReply.of(501, "5.5.4", "Syntax error in the command's argument");

  /** The reverse-path is none (RFC 3463 section 3.2). */
  static final LmtpReply BAD_REVERSE_PATH = LmtpReply.of(501, "5.1.7", "Bad sender address syntax");

  /** The envelope recipient is none. */
  static final LmtpReply BAD_RECIPIENT = LmtpReply.of(501, "5.1.3", "Bad recipient address syntax");

  /** A parameter that is offered has a value that it cannot have, or stands there twice. */
  static final LmtpReply BAD_PARAMETER =
      LmtpReply.of(501, "5.5.4", "Bad value of a parameter, or a parameter twice");

  /** RFC 5321 section 4.1.1.11. */
  static final LmtpReply UNKNOWN_PARAMETER = LmtpReply.of(555, "5.5.4", "Unsupported parameter");

  /** The value of what was read. */
  static <T> Parsed<T> read(T value) {
    return new Parsed<>(value, null);
  }

  /** The refusal. */
  static <T> Parsed<T> refused(LmtpReply fault) {
    return new Parsed<>(null, fault);
  }
}
