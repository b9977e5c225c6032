package org.openmmp.storesim.imap;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeUtility;
import java.io.UnsupportedEncodingException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes a message's envelope (RFC 3501 section 7.4.2). */
final class EnvelopeWriter {
  /** The envelope of a message that cannot be read. */
  static final String NOTHING = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";

  String write(MimeMessage message) throws MessagingException {
    String from = addresses(message, "From", "NIL");
    return ImapText.list(
        List.of(
            text(message, "Date"),
            text(message, "Subject"),
            from,
            addresses(message, "Sender", from),
            addresses(message, "Reply-To", from),
            addresses(message, "To", "NIL"),
            addresses(message, "Cc", "NIL"),
            addresses(message, "Bcc", "NIL"),
            text(message, "In-Reply-To"),
            text(message, "Message-ID")));
  }

  private static String text(MimeMessage message, String field) throws MessagingException {
    String value = message.getHeader(field, null);
    return ImapText.nstring(value == null ? null : MimeUtility.unfold(value));
  }

  private static String addresses(MimeMessage message, String field, String absent)
      throws MessagingException {
    String value = message.getHeader(field, ",");
    if (value == null || value.isBlank()) {
      return absent;
    }
    List<String> written = new ArrayList<>();
    try {
      for (InternetAddress address : InternetAddress.parseHeader(value, false)) {
        written.addAll(address.isGroup() ? group(address) : List.of(single(address)));
      }
    } catch (AddressException e) {
      return absent;
    }
    return written.isEmpty() ? absent : "(" + String.join("", written) + ")";
  }

  private static List<String> group(InternetAddress group) throws AddressException {
    List<String> written = new ArrayList<>();
    String whole = group.getAddress();
    written.add("(NIL NIL " + ImapText.string(whole.substring(0, whole.indexOf(':'))) + " NIL)");
    InternetAddress[] members = group.getGroup(false);
    if (members != null) {
      for (InternetAddress member : members) {
        written.add(single(member));
      }
    }
    written.add("(NIL NIL NIL NIL)");
    return written;
  }

  private static String single(InternetAddress address) {
    String whole = address.getAddress() == null ? "" : address.getAddress();
    int at = whole.lastIndexOf('@');
    String local = at < 0 ? whole : whole.substring(0, at);
    String domain = at < 0 ? "" : whole.substring(at + 1);
    return ImapText.list(
        List.of(
            ImapText.nstring(encoded(address.getPersonal())),
            "NIL",
            ImapText.string(local),
            ImapText.string(domain)));
  }

  private static @Nullable String encoded(@Nullable String personal) {
    try {
      return personal == null ? null : MimeUtility.encodeWord(personal, "utf-8", null);
    } catch (UnsupportedEncodingException e) {
      throw new IllegalStateException("every Java has UTF-8", e);
    }
  }
}
