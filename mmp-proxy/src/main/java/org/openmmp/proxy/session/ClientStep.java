package org.openmmp.proxy.session;

/** What a client's dialogue wants done next. */
public sealed interface ClientStep {
  /** Write to the client; the array is the adapter's from then on. */
  @SuppressWarnings("ArrayRecordComponent") // a message in passing, never compared
  record Send(byte[] octets) implements ClientStep {}

  /**
   * Begin TLS once all that was sent is written. Bytes that already wait behind the command are an
   * attack: the dialogue answers them with {@link Close} and never with this.
   */
  record StartTls() implements ClientStep {}

  /** Log in; the dialogue reads no further until it is told how that ended. */
  record LogIn(Credentials credentials) implements ClientStep {}

  /** The client's response, in base64, to the challenge of the store under way. */
  @SuppressWarnings("ArrayRecordComponent") // a message in passing, never compared
  record Respond(byte[] base64) implements ClientStep {}

  /** The client gave the login up, or broke it off, instead of responding. */
  record GiveUp() implements ClientStep {}

  /** A command was refused, and the client was told; for the log. */
  record Refused(CommandRefusal why, String detail) implements ClientStep {}

  /** Close once all that was sent is written. */
  record Close(String reason) implements ClientStep {}
}
