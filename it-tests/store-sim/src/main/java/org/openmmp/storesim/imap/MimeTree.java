package org.openmmp.storesim.imap;

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
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** A message's MIME parts, as Angus Mail finds them. */
final class MimeTree {
  private static final Session SESSION = Session.getInstance(new Properties());

  private MimeTree() {}

  /** A message, parsed. */
  static MimeMessage parsed(byte[] octets) throws MessagingException {
    return new MimeMessage(SESSION, new ByteArrayInputStream(octets));
  }

  /** The octets of a section; none if there is no such part. */
  static byte[] section(byte[] octets, BodySection section) {
    try {
      MimePart part = section.path().isEmpty() ? null : find(parsed(octets), section.path());
      if (part == null) {
        return section.text().isEmpty() ? octets : of(section, parsed(octets));
      }
      if (section.text().isEmpty()) {
        return raw(part);
      }
      MimePart described = section.text().equals("MIME") ? part : nested(part);
      return described == null ? new byte[0] : of(section, described);
    } catch (MessagingException | IOException e) {
      return new byte[0];
    }
  }

  private static byte[] of(BodySection section, MimePart part)
      throws MessagingException, IOException {
    return switch (section.text()) {
      case "HEADER", "MIME" -> lines(Collections.list(part.getAllHeaderLines()));
      case "HEADER.FIELDS" ->
          lines(
              Collections.list(
                  part.getMatchingHeaderLines(section.fields().toArray(new String[0]))));
      default -> raw(part);
    };
  }

  private static byte[] lines(List<String> header) {
    StringBuilder lines = new StringBuilder();
    header.forEach(line -> lines.append(line).append("\r\n"));
    return lines.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static MimePart find(MimePart message, List<Integer> path)
      throws MessagingException, IOException {
    MimePart part = message;
    for (int number : path) {
      MimeMessage inner = nested(part);
      MimePart container = inner == null ? part : inner;
      if (container.isMimeType("multipart/*")) {
        Multipart parts = (Multipart) container.getContent();
        if (number < 1 || number > parts.getCount()) {
          throw new MessagingException("no such part");
        }
        part = (MimeBodyPart) parts.getBodyPart(number - 1);
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
}
