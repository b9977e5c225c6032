package org.openmmp.lmtp.spool;

/** What became of octets that were appended. */
public enum AppendResult {
  /** They are there. */
  STORED,
  /**
   * The file could not be made or written, as when a disk is full: 452 4.3.1. The spool holds
   * nothing any more.
   */
  NO_ROOM,
  /** The spool was closed meanwhile. */
  CLOSED
}
