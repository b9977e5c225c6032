package org.openmmp.storesim.imap;

/** A client's command is outside the grammar: it is answered BAD with this message. */
final class ImapSyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ImapSyntaxException(String message) {
    super(message, null, false, false);
  }
}
