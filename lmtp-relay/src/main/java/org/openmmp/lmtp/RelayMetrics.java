package org.openmmp.lmtp;

import org.openmmp.admin.DeliveryMeters;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.transaction.DeliveryStage;
import org.openmmp.lmtp.transaction.RelayClient;
import org.openmmp.lmtp.transaction.RelayListener;
import org.openmmp.lmtp.transaction.TransactionReport;

/** Counts sessions and transactions, and passes everything on. */
record RelayMetrics(DeliveryMeters<DeliveryStage> meters, RelayListener next)
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
    report.recipients().stream()
        .filter(each -> each.code() > 0)
        .forEach(each -> meters.recipientAnswered(each.group(), each.code()));
    next.transactionEnded(report);
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
