package org.openmmp.storesim.session;

/** A client's command is outside the grammar: it is refused with this message. */
public final class CommandSyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A refusal with a text for the client. */
  public CommandSyntaxException(String message) {
    super(message, null, false, false);
  }
}
