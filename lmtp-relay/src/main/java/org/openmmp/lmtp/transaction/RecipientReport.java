package org.openmmp.lmtp.transaction;

/**
 * What became of one recipient.
 *
 * @param recipient as the client sent it; octets of its choice, to be made safe before printing
 * @param group the group it was routed to; empty for none
 * @param host the host whose word it is; empty for this relay's own
 * @param code the reply's code
 * @param reply the whole reply; a peer's words
 * @param why where it was sent on or refused from: the directory's reason, or the group table's
 */
public record RecipientReport(
    String recipient, String group, String host, int code, String reply, String why) {}
