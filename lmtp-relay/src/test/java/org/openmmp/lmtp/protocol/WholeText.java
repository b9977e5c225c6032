package org.openmmp.lmtp.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The same as the scanners do, said in terms of a whole text: what they are compared with. */
final class WholeText {
  private static final String END = "\r\n.\r\n";

  private WholeText() {}

  /** The message in what was sent behind DATA, or null if that does not end. */
  static @Nullable String message(String data) {
    String lines = "\r\n" + data;
    int end = lines.indexOf(END);
    // The line end before the dot is the message's last, unless it is the one put before.
    return end < 0 ? null : lines.substring(0, end + 2).replace("\r\n.", "\r\n").substring(2);
  }

  /** What is sent behind DATA for a message. */
  static String data(String message) {
    String lines = ("\r\n" + message).replace("\r\n.", "\r\n..").substring(2);
    return lines + (lines.isEmpty() || lines.endsWith("\r\n") ? ".\r\n" : END);
  }

  /** What is left of it without its whole line ends. */
  static String withoutLineEnds(String message) {
    return message.replace("\r\n", "");
  }

  /** What the scanner makes of the parts: the message, and after a bar what follows its end. */
  static String scanned(List<byte[]> parts) {
    EndOfDataScanner scanner = new EndOfDataScanner();
    DotStuffer stuffer = new DotStuffer();
    StringBuilder message = new StringBuilder();
    OctetSink sink = into(message);
    StringBuilder rest = new StringBuilder();
    for (byte[] part : parts) {
      // In the middle of a larger array, so that a position taken for an offset shows.
      byte[] array = new byte[part.length + 7];
      System.arraycopy(part, 0, array, 3, part.length);
      int to = part.length + 3;
      int read =
          scanner.scan(
              ByteBuffer.wrap(array),
              3,
              to,
              (octets, from, end) -> stuffer.unstuff(octets, from, end, sink));
      rest.append(new String(array, read, to - read, ISO_8859_1));
    }
    return message + (scanner.ended() ? "|" + rest : "");
  }

  /** What the stuffer makes of the parts. */
  static String stuffed(List<byte[]> parts) {
    DotStuffer stuffer = new DotStuffer();
    StringBuilder data = new StringBuilder();
    OctetSink sink = into(data);
    for (byte[] part : parts) {
      stuffer.stuff(ByteBuffer.wrap(part), 0, part.length, sink);
    }
    stuffer.end(sink);
    return data.toString();
  }

  /** Adds octets to a text. */
  static OctetSink into(StringBuilder text) {
    return (octets, from, end) -> text.append(ISO_8859_1.decode(octets.slice(from, end - from)));
  }

  /** Which newlines of the parts are bare. */
  static String bare(List<byte[]> parts) {
    BareNewlines newlines = new BareNewlines();
    for (byte[] part : parts) {
      if (part.length > 0) {
        newlines.octets(ByteBuffer.wrap(part), 0, part.length);
      }
    }
    newlines.end();
    return (newlines.bareCr() ? "CR" : "") + (newlines.bareLf() ? "LF" : "");
  }

  /** The text cut at random places, empty parts among them. */
  static List<byte[]> randomSplit(String text, Random random) {
    byte[] octets = text.getBytes(ISO_8859_1);
    int cuts = random.nextInt(6);
    int[] places = random.ints(cuts, 0, octets.length + 1).sorted().toArray();
    List<byte[]> parts = new ArrayList<>();
    int start = 0;
    for (int place : places) {
      parts.add(Arrays.copyOfRange(octets, start, place));
      start = place;
    }
    parts.add(Arrays.copyOfRange(octets, start, octets.length));
    return parts;
  }
}
