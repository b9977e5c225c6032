package org.openmmp.lmtp.transaction;

/**
 * Who hears of sessions: the log and the metrics. Called on the session's event loop; must not
 * block.
 */
public interface RelayListener {
  /** A client was let in. */
  void opened(RelayClient client);

  /** A transaction with a recipient or more has ended. */
  void transactionEnded(TransactionReport report);

  /** A session is over; exactly once for each that was opened. */
  void closed(RelayClient client, long nanos, String reason);
}
