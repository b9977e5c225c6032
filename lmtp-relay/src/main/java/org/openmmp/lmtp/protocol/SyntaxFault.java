package org.openmmp.lmtp.protocol;

/** What may be wrong with a command's argument, each with its reply. */
public enum SyntaxFault {
  /** MAIL or RCPT without its keyword and colon, BDAT without a number, and the like. */
  MALFORMED_ARGUMENT(501, "5.5.4", "Syntax error in the command's argument"),
  /** The reverse-path is none (RFC 3463 section 3.2). */
  BAD_REVERSE_PATH(501, "5.1.7", "Bad sender address syntax"),
  /** The envelope recipient is none. */
  BAD_RECIPIENT(501, "5.1.3", "Bad recipient address syntax"),
  /** A parameter that is offered has a value that it cannot have, or stands there twice. */
  BAD_PARAMETER(501, "5.5.4", "Bad value of a parameter, or a parameter twice"),
  /** RFC 5321 section 4.1.1.11. */
  UNKNOWN_PARAMETER(555, "5.5.4", "Unsupported parameter");

  private final int code;
  private final String status;
  private final String text;

  SyntaxFault(int code, String status, String text) {
    this.code = code;
    this.status = status;
    this.text = text;
  }

  /** The reply that says so. */
  public LmtpReply reply() {
    return LmtpReply.of(code, status, text);
  }
}
