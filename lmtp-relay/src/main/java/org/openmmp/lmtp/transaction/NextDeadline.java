package org.openmmp.lmtp.transaction;

/** The earliest of several times on a clock of any origin. */
final class NextDeadline {
  private boolean any;
  private long nanos;

  void consider(long other) {
    if (!any || other - nanos < 0) {
      nanos = other;
      any = true;
    }
  }

  /** Whether one was considered. */
  boolean any() {
    return any;
  }

  long nanos() {
    return nanos;
  }
}
