package org.openmmp.it.operate;

/** What a server said is not what its protocol's grammar has at that place. */
final class BrokenAnswerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  BrokenAnswerException(String message) {
    super(message);
  }
}
