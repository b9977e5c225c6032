package org.openmmp.lmtp.transaction;

/** Tells the listener of transactions that have ended. */
record TransactionLog(RelayListener listener) {
  /** That one has ended; one without recipients is not worth a word. */
  void write(Transaction ended, MessagePhase message, Turn turn) {
    if (ended.recipients() > 0) {
      boolean complete = message.mode() == MessagePhase.Mode.FINAL_REPLIES;
      listener.transactionEnded(
          ended.report(message.queueId(), message.octets(), complete, turn.nowNanos()));
    }
  }
}
