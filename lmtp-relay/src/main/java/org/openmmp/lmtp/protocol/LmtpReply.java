package org.openmmp.lmtp.protocol;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A reply (RFC 5321 section 4.2, RFC 2034).
 *
 * @param code 200..599
 * @param status the enhanced status code, such as {@code 5.1.1}; empty if there is none
 * @param lines the text of each line without code and status, at least one, octets as ISO-8859-1; a
 *     line may be empty
 */
public record LmtpReply(int code, String status, List<String> lines) {
  /** The store closes the connection (RFC 5321 section 4.2.2). */
  public static final int CLOSING = 421;

  /** RFC 5321 section 4.5.3.1.5: a line with code and line end. */
  static final int MAX_LINE_OCTETS = 512;

  private static final int MOST_USUAL_OCTETS = 64;

  /** Copies the lines. */
  public LmtpReply {
    if (code < 200 || code > 599) {
      throw new IllegalArgumentException("no reply code: " + code);
    }
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("a reply has a line");
    }
    lines = List.copyOf(lines);
  }

  /** A reply of one line. */
  public static LmtpReply of(int code, String status, String text) {
    return new LmtpReply(code, status, List.of(text));
  }

  /** The same with a status, which everybody gets who was offered them (RFC 2034 section 4). */
  public LmtpReply withStatus() {
    return status.isEmpty() && !isIntermediate()
        ? new LmtpReply(code, code / 100 + ".0.0", lines)
        : this;
  }

  /** Whether it is of class 2. */
  public boolean isPositive() {
    return code < 300;
  }

  /** Whether it is of class 3. */
  public boolean isIntermediate() {
    return code >= 300 && code < 400;
  }

  /** Whether it is of class 4. */
  public boolean isTemporary() {
    return code >= 400 && code < 500;
  }

  /** Whether it is of class 5. */
  public boolean isPermanent() {
    return code >= 500;
  }

  /** All text on one line, for the log. */
  public String text() {
    return String.join(" / ", lines);
  }

  /**
   * The octets on the wire. A line that is too long goes on in the next; a control character is
   * sent as a question mark.
   */
  public byte[] octets() {
    StringBuilder wire = new StringBuilder(MOST_USUAL_OCTETS);
    appendTo(wire);
    return wire.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Appends those octets, as ISO-8859-1. */
  public void appendTo(StringBuilder wire) {
    String head = status.isEmpty() ? "" : status + ' ';
    int room = MAX_LINE_OCTETS - "250 ".length() - head.length() - "\r\n".length();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int at = 0;
      do {
        int end = Math.min(line.length(), at + room);
        boolean last = i == lines.size() - 1 && end == line.length();
        wire.append(code).append(last ? ' ' : '-').append(head);
        appendSafe(wire, line, at, end);
        wire.append("\r\n");
        at = end;
      } while (at < line.length());
    }
  }

  private static void appendSafe(StringBuilder wire, String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      wire.append((c < ' ' && c != '\t') || c == 0x7f ? '?' : c);
    }
  }

  @Override
  public String toString() {
    return code + " " + (status.isEmpty() ? "" : status + " ") + text();
  }
}
