package org.openmmp.lmtp.transaction;

import java.util.List;

/**
 * How one mail transaction went.
 *
 * @param client who sent
 * @param queueId the client's name for the message, as far as it told; a peer's words
 * @param sender the reverse-path; likewise
 * @param octets of the message that came in
 * @param complete whether the whole message came in, so that each recipient was answered for it
 * @param nanos from MAIL to its end
 */
public record TransactionReport(
    RelayClient client,
    String queueId,
    String sender,
    long octets,
    boolean complete,
    long nanos,
    List<DeliveryReport> deliveries,
    List<RecipientReport> recipients) {
  /** Copies the lists. */
  public TransactionReport {
    deliveries = List.copyOf(deliveries);
    recipients = List.copyOf(recipients);
  }
}
