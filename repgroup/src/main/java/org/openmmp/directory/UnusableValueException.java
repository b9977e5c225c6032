package org.openmmp.directory;

import org.openmmp.text.SafeText;

/**
 * Says that a value, typed by a client or found in an entry, cannot be used; the message is for the
 * log and is safe to print.
 *
 * <p>It is an ordinary answer to hostile or broken data and so carries no stack trace.
 */
public final class UnusableValueException extends Exception {
  private static final long serialVersionUID = 1;

  /** The reason, in one sentence; values in it went through {@link SafeText}. */
  public UnusableValueException(String reason) {
    super(reason, null, false, false);
  }

  /** The reason. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
