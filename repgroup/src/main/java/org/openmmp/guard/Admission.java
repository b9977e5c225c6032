package org.openmmp.guard;

/**
 * The answer to one who asks to come in.
 *
 * @param verdict yes, or why not
 * @param permit to be closed when the one let in has gone; without effect for one turned away
 */
public record Admission(Verdict verdict, Permit permit) {
  /** Whether the answer is yes. */
  public boolean admitted() {
    return verdict == Verdict.ADMITTED;
  }

  /** Yes, or the limit that was reached. */
  public enum Verdict {
    /** Come in. */
    ADMITTED,
    /** As many connections as this process takes: the newest is turned away (rule B6.7). */
    TOO_MANY_CONNECTIONS,
    /** As many connections as one client address may have. */
    TOO_MANY_FROM_ADDRESS,
    /** As many sessions as one user may have. */
    TOO_MANY_SESSIONS_OF_USER
  }

  static Admission yes(Runnable giveBack) {
    return new Admission(Verdict.ADMITTED, new Permit(giveBack));
  }

  /** Yes, and nothing was counted. */
  static Admission unlimited() {
    return new Admission(Verdict.ADMITTED, Permit.NONE);
  }

  static Admission no(Verdict verdict) {
    return new Admission(verdict, Permit.NONE);
  }
}
