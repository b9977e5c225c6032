package org.openmmp.storesim.imap;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.util.List;
import org.openmmp.storesim.mailbox.StoredMessage;
import org.openmmp.storesim.session.CommandSyntaxException;

/** Writes FETCH responses. */
final class FetchWriter {
  private final ImapOutput out;

  FetchWriter(ImapOutput out) {
    this.out = out;
  }

  /** One response with all items of one message. */
  void write(int number, StoredMessage message, List<FetchItem> items) {
    out.raw("* " + number + " FETCH (");
    String separator = "";
    for (FetchItem item : items) {
      out.raw(separator + item.label() + " ");
      separator = " ";
      BodySection section = item.section();
      if (section == null) {
        out.raw(value(item.kind(), message));
      } else {
        writeSection(item, MimeTree.section(message.octets(), section));
      }
    }
    out.raw(")\r\n");
  }

  private static String value(FetchItem.Kind kind, StoredMessage message) {
    return switch (kind) {
      case UID -> String.valueOf(message.uid());
      case FLAGS -> SelectedMailbox.flags(message);
      case INTERNALDATE -> "\"" + MailboxCommands.DATE_TIME.format(message.internalDate()) + "\"";
      case RFC822_SIZE -> String.valueOf(message.size());
      case ENVELOPE, BODYSTRUCTURE -> described(kind, message.octets());
      case SECTION -> throw new IllegalArgumentException("a section has no value of its own");
    };
  }

  private static String described(FetchItem.Kind kind, byte[] octets) {
    try {
      MimeMessage parsed = MimeTree.parsed(octets);
      return kind == FetchItem.Kind.ENVELOPE
          ? StructureWriter.envelope(parsed)
          : StructureWriter.structure(parsed);
    } catch (MessagingException | IOException e) {
      throw new CommandSyntaxException("That message cannot be parsed");
    }
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
