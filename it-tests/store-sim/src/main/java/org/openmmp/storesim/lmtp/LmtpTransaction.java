package org.openmmp.storesim.lmtp;

import java.util.ArrayList;
import java.util.List;
import org.openmmp.lmtp.protocol.EnvelopeAddress;
import org.openmmp.storesim.Accounts;

/** One message on its way: envelope, and octets as they come. */
final class LmtpTransaction {
  /** An accepted recipient: the command as it came, the address, whose mailbox it is. */
  record Recipient(String line, EnvelopeAddress address, String user) {}

  private final String mail;
  private final List<Recipient> recipients = new ArrayList<>();
  private final StringBuilder message = new StringBuilder();
  private int answeredRecipients;

  LmtpTransaction(String mail) {
    this.mail = mail;
  }

  String mail() {
    return mail;
  }

  List<Recipient> recipients() {
    return recipients;
  }

  StringBuilder message() {
    return message;
  }

  void accept(Recipient recipient) {
    recipients.add(recipient);
  }

  /** Counts an answer to RCPT, whatever it was, and returns how many there are. */
  int recipientAnswered() {
    return ++answeredRecipients;
  }

  /**
   * Whose mailbox an address is: the account of that name, detail aside, with its domain or
   * without; empty if there is none.
   */
  static String user(EnvelopeAddress address, Accounts accounts) {
    String local = address.localPart();
    int plus = local.indexOf('+');
    String mailbox = plus > 0 ? local.substring(0, plus) : local;
    String whole = address.domain().isEmpty() ? mailbox : mailbox + '@' + address.domain();
    return accounts.has(whole) ? whole : accounts.has(mailbox) ? mailbox : "";
  }
}
