package org.openmmp.transport;

/** When and in which words a client hears that its store is gone; on its event loop. */
public interface StoreLoss {
  /** The store is gone; told once, before its client hears anything of it. */
  default void lost(SpliceEnd.Reason how) {}

  /** How long it hears nothing; 0: it hears at once, as its store told it. */
  long holdNanos();

  /** What it hears then. */
  byte[] words();
}
