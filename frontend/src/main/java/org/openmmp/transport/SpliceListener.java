package org.openmmp.transport;

/** Hears that a splice ended: exactly once, on its event loop, when both channels are closed. */
public interface SpliceListener {
  /** The splice is over. */
  void ended(SpliceEnd end);
}
