package org.openmmp.storesim.imap;

import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimePart;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** A message's MIME parts: their octets, and the descriptions that IMAP gives of them. */
final class MimeTree {
  private static final Session SESSION = Session.getInstance(new Properties());

  private final byte[] octets;
  private @Nullable MimeMessage parsed;

  MimeTree(byte[] octets) {
    this.octets = octets;
  }

  /** RFC 3501 section 7.4.2, {@code ENVELOPE}. */
  String envelope() {
    try {
      return new EnvelopeWriter().write(message());
    } catch (MessagingException e) {
      return EnvelopeWriter.NOTHING;
    }
  }

  /** RFC 3501 section 7.4.2, {@code BODYSTRUCTURE}, or {@code BODY} without extension data. */
  String structure(boolean extended) {
    try {
      return new StructureWriter(extended).write(message());
    } catch (MessagingException | IOException e) {
      return StructureWriter.unreadable(octets.length);
    }
  }

  /** The octets of a section; none if there is no such part. */
  byte[] section(BodySection section) {
    if (section.path().isEmpty()) {
      return of(section, Header.of(octets));
    }
    try {
      MimePart part = find(section.path());
      if (section.text().isEmpty()) {
        return raw(part);
      }
      if (section.text().equals("MIME")) {
        return header(part).octets();
      }
      MimeMessage nested = nested(part);
      return nested == null ? new byte[0] : of(section, header(nested), raw(nested));
    } catch (MessagingException | IOException e) {
      return new byte[0];
    }
  }

  private byte[] of(BodySection section, Header header) {
    return section.text().isEmpty()
        ? octets
        : of(section, header, Arrays.copyOfRange(octets, header.octets().length, octets.length));
  }

  private static byte[] of(BodySection section, Header header, byte[] body) {
    return switch (section.text()) {
      case "HEADER", "MIME" -> header.octets();
      case "HEADER.FIELDS" -> header.only(section.fields()).octets();
      case "HEADER.FIELDS.NOT" -> header.without(section.fields()).octets();
      default -> body;
    };
  }

  private MimePart find(List<Integer> path) throws MessagingException, IOException {
    MimePart part = message();
    for (int number : path) {
      MimeMessage inner = nested(part);
      MimePart container = inner == null ? part : inner;
      if (container.isMimeType("multipart/*")) {
        Multipart parts = (Multipart) container.getContent();
        if (number < 1 || number > parts.getCount()) {
          throw new MessagingException("no such part");
        }
        BodyPart next = parts.getBodyPart(number - 1);
        part = (MimeBodyPart) next;
      } else if (number == 1) {
        part = container;
      } else {
        throw new MessagingException("no such part");
      }
    }
    return part;
  }

  /** The message within a part of the type message/rfc822. */
  static @Nullable MimeMessage nested(MimePart part) throws MessagingException, IOException {
    return part.isMimeType("message/rfc822") && part.getContent() instanceof MimeMessage inner
        ? inner
        : null;
  }

  /** A part's content as transferred, not decoded. */
  static byte[] raw(MimePart part) throws MessagingException, IOException {
    InputStream content =
        part instanceof MimeMessage message
            ? message.getRawInputStream()
            : ((MimeBodyPart) part).getRawInputStream();
    try (content) {
      return content.readAllBytes();
    }
  }

  private static Header header(MimePart part) throws MessagingException {
    StringBuilder lines = new StringBuilder();
    for (String line : Collections.list(part.getAllHeaderLines())) {
      lines.append(line).append("\r\n");
    }
    return Header.of(lines.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  private MimeMessage message() throws MessagingException {
    if (parsed == null) {
      parsed = new MimeMessage(SESSION, new ByteArrayInputStream(octets));
    }
    return parsed;
  }
}
