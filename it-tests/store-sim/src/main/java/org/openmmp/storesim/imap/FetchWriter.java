package org.openmmp.storesim.imap;

import java.util.List;
import org.openmmp.storesim.mailbox.StoredMessage;

/** Writes FETCH responses. */
final class FetchWriter {
  private final ImapOutput out;

  FetchWriter(ImapOutput out) {
    this.out = out;
  }

  /** One response with all items of one message. */
  void write(int number, StoredMessage message, List<FetchItem> items) {
    MimeTree tree = new MimeTree(message.octets());
    out.raw("* " + number + " FETCH (");
    String separator = "";
    for (FetchItem item : items) {
      out.raw(separator + item.label() + " ");
      separator = " ";
      BodySection section = item.section();
      if (section == null) {
        out.raw(value(item.kind(), message, tree));
      } else {
        writeSection(item, tree.section(section));
      }
    }
    out.raw(")\r\n");
  }

  private static String value(FetchItem.Kind kind, StoredMessage message, MimeTree tree) {
    return switch (kind) {
      case UID -> String.valueOf(message.uid());
      case FLAGS -> SelectedMailbox.flags(message);
      case INTERNALDATE -> "\"" + MailboxCommands.DATE_TIME.format(message.internalDate()) + "\"";
      case RFC822_SIZE -> String.valueOf(message.size());
      case ENVELOPE -> tree.envelope();
      case BODY -> tree.structure(false);
      case BODYSTRUCTURE -> tree.structure(true);
      case SECTION -> throw new IllegalArgumentException("a section has no value of its own");
    };
  }

  private void writeSection(FetchItem item, byte[] octets) {
    int from = (int) Math.min(Math.max(item.offset(), 0), octets.length);
    int length = octets.length - from;
    if (item.offset() >= 0) {
      length = (int) Math.min(item.length(), length);
    }
    out.raw("{" + length + "}\r\n");
    out.raw(octets, from, length);
  }
}
