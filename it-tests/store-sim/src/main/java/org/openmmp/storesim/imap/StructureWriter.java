package org.openmmp.storesim.imap;

import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.internet.ContentDisposition;
import jakarta.mail.internet.ContentType;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimePart;
import jakarta.mail.internet.ParameterList;
import jakarta.mail.internet.ParseException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Describes a message's parts (RFC 3501 section 7.4.2, {@code BODYSTRUCTURE} and {@code BODY}). */
final class StructureWriter {
  private final boolean extended;

  StructureWriter(boolean extended) {
    this.extended = extended;
  }

  /** The description of a message that cannot be read. */
  static String unreadable(int size) {
    return "(\"text\" \"plain\" NIL NIL NIL \"7bit\" " + size + " 0)";
  }

  String write(MimePart part) throws MessagingException, IOException {
    ContentType type = type(part);
    List<String> words = new ArrayList<>();
    if (type.match("multipart/*") && part.getContent() instanceof Multipart parts) {
      StringBuilder inner = new StringBuilder();
      for (int i = 0; i < parts.getCount(); i++) {
        inner.append(write((MimeBodyPart) parts.getBodyPart(i)));
      }
      words.add(inner.toString());
      words.add(ImapText.string(type.getSubType()));
      if (extended) {
        words.add(parameters(type.getParameterList()));
      }
    } else {
      addSingle(words, part, type);
      if (extended) {
        words.add(ImapText.nstring(part.getContentMD5()));
      }
    }
    if (extended) {
      words.add(disposition(part));
      words.add("NIL");
      words.add("NIL");
    }
    return ImapText.list(words);
  }

  private void addSingle(List<String> words, MimePart part, ContentType type)
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
      words.add(new EnvelopeWriter().write(nested));
      words.add(write(nested));
    }
    if (nested != null || type.match("text/*")) {
      words.add(String.valueOf(lines(raw)));
    }
  }

  private static int lines(byte[] raw) {
    int lines = 0;
    for (byte octet : raw) {
      lines += octet == '\n' ? 1 : 0;
    }
    return lines;
  }

  private static ContentType type(MimePart part) throws MessagingException {
    try {
      return new ContentType(part.getContentType());
    } catch (ParseException e) {
      return new ContentType("application", "octet-stream", null);
    }
  }

  private static String disposition(MimePart part) throws MessagingException {
    String[] field = part.getHeader("Content-Disposition");
    if (field == null) {
      return "NIL";
    }
    try {
      ContentDisposition disposition = new ContentDisposition(field[0]);
      return ImapText.list(
          List.of(
              ImapText.string(disposition.getDisposition().toLowerCase(Locale.ROOT)),
              parameters(disposition.getParameterList())));
    } catch (ParseException e) {
      return "NIL";
    }
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
