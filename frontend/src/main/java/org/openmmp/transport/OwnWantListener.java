package org.openmmp.transport;

/**
 * Hears where this process or its machine lacks something, so that an operator learns of it (rule
 * B2.22). Called on event loops, for each client or attempt that it costs; it must be quick.
 */
public interface OwnWantListener {
  /** Hears nothing. */
  OwnWantListener NONE = (want, doing) -> {};

  /**
   * Something is lacking.
   *
   * @param doing what could not be done, such as {@code "connecting to 192.0.2.1:143"}; safe to
   *     print
   */
  void wants(OwnWant want, String doing);
}
