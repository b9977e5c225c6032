package org.openmmp.lmtp;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openmmp.admin.DeliveryMeters;
import org.openmmp.guard.MinutePace;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.transaction.DeliveryReport;
import org.openmmp.lmtp.transaction.DeliveryStage;
import org.openmmp.lmtp.transaction.RecipientReport;
import org.openmmp.lmtp.transaction.RelayClient;
import org.openmmp.lmtp.transaction.RelayListener;
import org.openmmp.lmtp.transaction.RelaySettings;
import org.openmmp.lmtp.transaction.TransactionReport;
import org.openmmp.program.EventLog;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.SafeText;
import org.openmmp.transport.OpenSessions;
import org.openmmp.transport.Refusal;
import org.openmmp.transport.RefusalListener;
import org.openmmp.wire.LogLine;
import org.openmmp.wire.NetworkSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts sessions and transactions, writes one line for each session's start and end, for each
 * transaction, and within it for each group and each recipient (rule B8.6), and passes refused
 * commands on. Of a health check's session, which begins no transaction, nothing is written.
 */
record RelayLog(
    DeliveryMeters<DeliveryStage, RecipientReport.Outcome> meters,
    OpenSessions sessions,
    EventLog events,
    NetworkSet healthChecks,
    RefusalListener refusals,
    MinutePace<String> stuckGroups,
    MinutePace<String> fullStores)
    implements RelayListener {
  private static final Logger log = LoggerFactory.getLogger("org.openmmp.relay");
  private static final int MAX_CHARS = 320;

  /** Of the line of a delivery or a recipient. */
  private static final int USUAL_CHARS = 320;

  private static final List<DeliveryStage> STAGES = List.of(DeliveryStage.values());

  /** What the time that was spent at each stage is called. */
  private static final List<String> SPENT =
      STAGES.stream()
          .map(stage -> stage.name().toLowerCase(Locale.ROOT).replace('_', '-') + "-us")
          .toList();

  @Override
  public void opened(RelayClient client) {
    meters.opened();
    if (events.isOn() && !isHealthCheck(client)) {
      events.write(line("session-start", client).with("client", client.address()));
    }
  }

  @Override
  public void transactionEnded(TransactionReport report) {
    meters.transactionEnded(report.octets(), report.nanos());
    report.deliveries().forEach(each -> meters.deliveryEnded(each.hops(), each.spentNanos()));
    report.recipients().forEach(each -> meters.recipientEnded(each.group(), each.outcome()));
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
  public void mailboxMissing(String group, String host, String mailbox, boolean hostFailed) {
    meters.mailboxMissing(group);
    String address = SafeText.of(mailbox, MAX_CHARS);
    if (hostFailed) {
      log.error(
          "group={} host={} says of five mailboxes in a row, {} the last, that they do not exist,"
              + " though it took mail for them before: is its spool there? Other hosts are asked",
          group,
          host,
          address);
    } else {
      log.warn(
          "group={} host={} says that {} does not exist, though it took mail for it before and the"
              + " directory knows it; it is put off for an hour",
          group,
          host,
          address);
    }
  }

  @Override
  public Runnable connected(String group, String host) {
    Runnable ended = meters.connected(group, host);
    sessions.cameTo(host);
    return () -> {
      sessions.wentFrom(host);
      ended.run();
    };
  }

  @Override
  public void groupStuck(String group) {
    meters.turnedAway(group);
    if (stuckGroups.timesToTell(group, System.nanoTime()) > 0) {
      log.warn(
          "group={} has deliveries whose stores say nothing; more are put off, so that the mail of"
              + " other groups goes on",
          group);
    }
  }

  @Override
  public void storeFull(String group, String host, int connections) {
    meters.storeFull(group);
    if (fullStores.timesToTell(host, System.nanoTime()) > 0) {
      log.warn(
          "group={} host={} takes no more connections of this relay while it answers others: it is"
              + " full; it gets {} for now, and deliveries wait for a free one",
          group,
          host,
          connections);
    }
  }

  @Override
  public void refused(RelayClient client, LmtpReply reply) {
    refusals.refused(Refusal.BAD_COMMAND, addressOf(client), 0, reply.code() + " " + reply.text());
  }

  @Override
  public void closed(RelayClient client, int transactions, long nanos, String reason) {
    meters.closed();
    if (events.isOn() && (transactions > 0 || !isHealthCheck(client))) {
      events.write(
          line("session-end", client)
              .with("client", client.address())
              .with("tls", client.tls() ? "yes" : "no")
              .with("transactions", transactions)
              .with("seconds", TimeUnit.NANOSECONDS.toSeconds(nanos))
              .with("reason", reason));
    }
  }

  private boolean isHealthCheck(RelayClient client) {
    return !healthChecks.networks().isEmpty() && healthChecks.contains(addressOf(client));
  }

  private static InetAddress addressOf(RelayClient client) {
    return Objects.requireNonNull(
        AddressLiteral.parse(client.address()), "a client has an address");
  }

  private LogLine delivery(RelayClient client, DeliveryReport report) {
    LogLine line =
        line("delivery", client)
            .with("group", report.group())
            .with("attempts", report.attempts())
            .with("hops", report.hops())
            .with("stage", report.lastStage().words())
            .with("why", report.why());
    return line.with(STAGES, SPENT, report.spentNanos());
  }

  private LogLine recipient(TransactionReport report, RecipientReport recipient) {
    return line("recipient", report.client())
        .with("queue-id", report.queueId())
        .with("recipient", "<" + recipient.recipient() + ">")
        .with("group", recipient.group())
        .with("host", recipient.host())
        .with("outcome", recipient.outcome().name().toLowerCase(Locale.ROOT))
        .with("code", recipient.code())
        .with("reply", recipient.reply())
        .with("why", recipient.why());
  }

  private LogLine line(String event, RelayClient client) {
    return events
        .line(event, USUAL_CHARS)
        .with("session", client.sessionId())
        .with("service", RelaySettings.SERVICE.name());
  }
}
