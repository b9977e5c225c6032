package org.openmmp.lmtp.transaction;

import org.openmmp.lmtp.protocol.LmtpReply;

/**
 * Who hears of sessions: the log and the metrics. Called on the session's event loop; must not
 * block.
 */
public interface RelayListener {
  /** A client was let in. */
  void opened(RelayClient client);

  /** A transaction with a recipient or more has ended. */
  void transactionEnded(TransactionReport report);

  /**
   * A store says that it has not a mailbox that the directory knows and that it took mail for
   * before (rule B5.20).
   *
   * @param mailbox its address; octets of a client's choice, to be made safe before printing
   * @param hostFailed whether it says so of several in a row, and other hosts are asked
   */
  void mailboxMissing(String group, String host, String mailbox, boolean hostFailed);

  /**
   * A connection for deliveries to a store stands; it may serve many sessions.
   *
   * @return to be run once, when it does no more
   */
  Runnable connected(String group, String host);

  /**
   * A recipient is turned away, for as many deliveries as may wait for silent stores of its group
   * do so (rule B5.17).
   */
  void groupStuck(String group);

  /**
   * A store turned a new connection away while others were answered there (rule B5.18).
   *
   * @param connections how many it gets from now on
   */
  void storeFull(String group, String host, int connections);

  /** A command was refused as bad; the reply says why. */
  void refused(RelayClient client, LmtpReply reply);

  /**
   * A session is over; exactly once for each that was opened.
   *
   * @param transactions transactions that were begun
   */
  void closed(RelayClient client, int transactions, long nanos, String reason);
}
