package org.openmmp.lmtp;

import org.openmmp.admin.DeliveryMeters;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.transaction.DeliveryStage;
import org.openmmp.lmtp.transaction.RecipientReport;
import org.openmmp.lmtp.transaction.RelayClient;
import org.openmmp.lmtp.transaction.RelayListener;
import org.openmmp.lmtp.transaction.TransactionReport;

/** Counts sessions and transactions, and passes everything on. */
record RelayMetrics(
    DeliveryMeters<DeliveryStage, RecipientReport.Outcome> meters, RelayListener next)
    implements RelayListener {
  @Override
  public void opened(RelayClient client) {
    meters.opened();
    next.opened(client);
  }

  @Override
  public void transactionEnded(TransactionReport report) {
    meters.transactionEnded(report.octets(), report.nanos());
    report.deliveries().forEach(each -> meters.deliveryEnded(each.hops(), each.spentNanos()));
    report.recipients().forEach(each -> meters.recipientEnded(each.group(), each.outcome()));
    next.transactionEnded(report);
  }

  @Override
  public void mailboxMissing(String group, String host, String mailbox, boolean hostFailed) {
    meters.mailboxMissing(group);
    next.mailboxMissing(group, host, mailbox, hostFailed);
  }

  @Override
  public void refused(RelayClient client, LmtpReply reply) {
    next.refused(client, reply);
  }

  @Override
  public void closed(RelayClient client, int transactions, long nanos, String reason) {
    meters.closed();
    next.closed(client, transactions, nanos, reason);
  }
}
