package org.openmmp.storesim.imap;

import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.internet.ContentDisposition;
import jakarta.mail.internet.ContentType;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimePart;
import jakarta.mail.internet.ParameterList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes what IMAP says of a parsed message: envelope and structure (RFC 3501 section 7.4.2). */
final class StructureWriter {
  private StructureWriter() {}

  /** {@code ENVELOPE}; addresses without their persons' names and without groups. */
  static String envelope(MimeMessage message) throws MessagingException {
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
    return ImapText.nstring(value == null ? null : value.replaceAll("\r?\n", ""));
  }

  private static String addresses(MimeMessage message, String field, String absent)
      throws MessagingException {
    StringBuilder written = new StringBuilder();
    String value = message.getHeader(field, ",");
    for (InternetAddress each : InternetAddress.parseHeader(value == null ? "" : value, false)) {
      String whole = each.getAddress();
      int at = whole.lastIndexOf('@');
      written.append(
          ImapText.list(
              List.of(
                  "NIL",
                  "NIL",
                  ImapText.string(at < 0 ? whole : whole.substring(0, at)),
                  ImapText.string(whole.substring(at + 1)))));
    }
    return written.isEmpty() ? absent : "(" + written + ")";
  }

  /** {@code BODYSTRUCTURE}. */
  static String structure(MimePart part) throws MessagingException, IOException {
    ContentType type = new ContentType(part.getContentType());
    List<String> words = new ArrayList<>();
    if (type.match("multipart/*") && part.getContent() instanceof Multipart parts) {
      StringBuilder inner = new StringBuilder();
      for (int i = 0; i < parts.getCount(); i++) {
        inner.append(structure((MimeBodyPart) parts.getBodyPart(i)));
      }
      words.add(inner.toString());
      words.add(ImapText.string(type.getSubType()));
      words.add(parameters(type.getParameterList()));
    } else {
      addSingle(words, part, type);
      words.add("NIL");
    }
    words.add(disposition(part));
    words.add("NIL");
    words.add("NIL");
    return ImapText.list(words);
  }

  private static void addSingle(List<String> words, MimePart part, ContentType type)
      throws MessagingException, IOException {
    byte[] raw = MimeTree.raw(part);
    String encoding = part.getEncoding();
    words.add(ImapText.string(type.getPrimaryType()));
    words.add(ImapText.string(type.getSubType()));
    words.add(parameters(type.getParameterList()));
    words.add(ImapText.nstring(part.getContentID()));
    words.add(ImapText.nstring(part.getDescription()));
    words.add(ImapText.string(encoding == null ? "7bit" : encoding));
    words.add(String.valueOf(raw.length));
    MimeMessage nested = MimeTree.nested(part);
    if (nested != null) {
      words.add(envelope(nested));
      words.add(structure(nested));
    }
    if (nested != null || type.match("text/*")) {
      int lines = 0;
      for (byte octet : raw) {
        lines += octet == '\n' ? 1 : 0;
      }
      words.add(String.valueOf(lines));
    }
  }

  private static String disposition(MimePart part) throws MessagingException {
    String[] field = part.getHeader("Content-Disposition");
    if (field == null) {
      return "NIL";
    }
    ContentDisposition disposition = new ContentDisposition(field[0]);
    return ImapText.list(
        List.of(
            ImapText.string(disposition.getDisposition().toLowerCase(Locale.ROOT)),
            parameters(disposition.getParameterList())));
  }

  private static String parameters(@Nullable ParameterList list) {
    if (list == null || list.size() == 0) {
      return "NIL";
    }
    List<String> words = new ArrayList<>();
    for (String name : Collections.list(list.getNames())) {
      words.add(ImapText.string(name));
      words.add(ImapText.string(list.get(name)));
    }
    return ImapText.list(words);
  }
}
