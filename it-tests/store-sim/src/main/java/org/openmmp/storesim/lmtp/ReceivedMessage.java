package org.openmmp.storesim.lmtp;

import java.util.List;

/**
 * One message that a node read to its end, whatever it then answered.
 *
 * @param connection which of the node's connections, counted from 1
 * @param mail the MAIL command as it came
 * @param recipients the RCPT commands that were accepted, as they came and in their order
 * @param message its octets, dot-stuffing undone
 * @param replies the final replies that were said, one for each recipient unless the node ceased
 */
public record ReceivedMessage(
    int connection, String mail, List<String> recipients, String message, List<String> replies) {
  /** Copies the lists. */
  public ReceivedMessage {
    recipients = List.copyOf(recipients);
    replies = List.copyOf(replies);
  }
}
