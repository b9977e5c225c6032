package org.openmmp.lmtp;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openmmp.lmtp.transaction.DeliveryReport;
import org.openmmp.lmtp.transaction.DeliveryStage;
import org.openmmp.lmtp.transaction.RecipientReport;
import org.openmmp.lmtp.transaction.RelayClient;
import org.openmmp.lmtp.transaction.RelayListener;
import org.openmmp.lmtp.transaction.RelaySettings;
import org.openmmp.lmtp.transaction.TransactionReport;
import org.openmmp.program.EventLog;
import org.openmmp.wire.LogLine;

/**
 * Writes one line for each session's start and end, for each transaction, and within it for each
 * group and each recipient (rule B8.6).
 */
record RelayLog(EventLog events) implements RelayListener {
  @Override
  public void opened(RelayClient client) {
    if (events.isOn()) {
      events.write(line("session-start", client).with("client", client.address()));
    }
  }

  @Override
  public void transactionEnded(TransactionReport report) {
    if (!events.isOn()) {
      return;
    }
    events.write(
        line("transaction", report.client())
            .with("client", report.client().described().getOrDefault("ADDR", ""))
            .with("queue-id", report.queueId())
            .with("sender", "<" + report.sender() + ">")
            .with("recipients", report.recipients().size())
            .with("octets", report.octets())
            .with("complete", report.complete() ? "yes" : "no")
            .with("ms", TimeUnit.NANOSECONDS.toMillis(report.nanos())));
    report.deliveries().forEach(each -> events.write(delivery(report.client(), each)));
    report.recipients().forEach(each -> events.write(recipient(report, each)));
  }

  @Override
  public void closed(RelayClient client, long nanos, String reason) {
    if (events.isOn()) {
      events.write(
          line("session-end", client)
              .with("client", client.address())
              .with("tls", client.tls() ? "yes" : "no")
              .with("seconds", TimeUnit.NANOSECONDS.toSeconds(nanos))
              .with("reason", reason));
    }
  }

  private LogLine delivery(RelayClient client, DeliveryReport report) {
    LogLine line =
        line("delivery", client)
            .with("group", report.group())
            .with("attempts", report.attempts())
            .with("hops", report.hops())
            .with("stage", report.lastStage().words())
            .with("why", report.why());
    for (Map.Entry<DeliveryStage, Long> each : report.spentNanos().entrySet()) {
      String word = each.getKey().name().toLowerCase(Locale.ROOT).replace('_', '-');
      line.with(word + "-us", TimeUnit.NANOSECONDS.toMicros(each.getValue()));
    }
    return line;
  }

  private LogLine recipient(TransactionReport report, RecipientReport recipient) {
    return line("recipient", report.client())
        .with("queue-id", report.queueId())
        .with("recipient", "<" + recipient.recipient() + ">")
        .with("group", recipient.group())
        .with("host", recipient.host())
        .with("code", recipient.code())
        .with("reply", recipient.reply())
        .with("why", recipient.why());
  }

  private LogLine line(String event, RelayClient client) {
    return events
        .line(event)
        .with("session", client.sessionId())
        .with("service", RelaySettings.SERVICE.name());
  }
}
