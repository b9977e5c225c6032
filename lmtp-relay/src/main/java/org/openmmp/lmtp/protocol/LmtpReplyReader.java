package org.openmmp.lmtp.protocol;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.LineFramer;

/**
 * Reads a store's replies (RFC 5321 section 4.2). A line may end in LF alone; text is kept as it
 * was sent. After a violation nothing more is read.
 */
public final class LmtpReplyReader {
  /** What a store may not send. */
  public enum Violation {
    /** A line is longer than {@link #MAX_LINE_OCTETS}. */
    LINE_TOO_LONG,
    /** One reply has more than {@link #MAX_LINES} lines. */
    TOO_MANY_LINES,
    /** A line that does not begin with a reply code and a separator. */
    NO_REPLY,
    /** The lines of one reply have different codes. */
    CODE_CHANGED
  }

  /** Longer than any store's lines, though RFC 5321 allows 512. */
  static final int MAX_LINE_OCTETS = 4096;

  /** With the longest lines it bounds a reply's octets. */
  static final int MAX_LINES = 64;

  private static final int CODE_DIGITS = 3;

  /** The class of replies that have no status. */
  private static final int INTERMEDIATE = 3;

  private final LineFramer octets = new LineFramer(MAX_LINE_OCTETS, LineFramer.LineEnd.CRLF_OR_LF);
  private final List<String> lines = new ArrayList<>(1);
  private int code;
  private @Nullable Violation violation;

  /** Adds a copy of the octets, unless there was a {@link #violation}. */
  public void add(byte[] more) {
    if (violation == null) {
      octets.add(more);
    }
  }

  /** The next reply, or null: either more octets are needed, or there is a {@link #violation}. */
  public @Nullable LmtpReply next() {
    while (violation == null) {
      String line = octets.text();
      if (line == null) {
        return octets.tooLong() ? violated(Violation.LINE_TOO_LONG) : null;
      }
      int lineCode = codeOf(line);
      if (lineCode < 0) {
        return violated(Violation.NO_REPLY);
      }
      if (!lines.isEmpty() && lineCode != code) {
        return violated(Violation.CODE_CHANGED);
      }
      code = lineCode;
      lines.add(line.substring(Math.min(CODE_DIGITS + 1, line.length())));
      if (line.length() == CODE_DIGITS || line.charAt(CODE_DIGITS) == ' ') {
        return taken();
      }
      if (lines.size() == MAX_LINES) {
        return violated(Violation.TOO_MANY_LINES);
      }
    }
    return null;
  }

  private @Nullable LmtpReply violated(Violation how) {
    violation = how;
    lines.clear();
    octets.clear();
    return null;
  }

  /** What the store may not have sent, or null; nothing changes it. */
  public @Nullable Violation violation() {
    return violation;
  }

  /** Octets that were added and are not part of a reply that was taken. */
  public boolean hasRest() {
    return octets.buffered() > 0 || !lines.isEmpty();
  }

  /** The status of the first line holds for all; where another line has it too, it is cut off. */
  private LmtpReply taken() {
    String first = lines.get(0);
    String head = first.substring(0, endOfStatus(first, code / 100));
    if (!head.isEmpty()) {
      lines.replaceAll(line -> withoutStatus(line, head));
    }
    LmtpReply reply = new LmtpReply(code, head, lines);
    lines.clear();
    return reply;
  }

  /** The code of a line; -1 if it has none, or something else than a separator behind it. */
  private static int codeOf(String line) {
    boolean coded =
        endOfDigits(line, 0) == CODE_DIGITS && line.charAt(0) >= '2' && line.charAt(0) <= '5';
    boolean ends =
        coded
            && (line.length() == CODE_DIGITS
                || line.charAt(CODE_DIGITS) == ' '
                || line.charAt(CODE_DIGITS) == '-');
    return ends ? Integer.parseInt(line, 0, CODE_DIGITS, 10) : -1;
  }

  /** Where a status of that class ends that the text begins with (RFC 3463); 0 if it has none. */
  private static int endOfStatus(String text, int ofClass) {
    if (text.isEmpty() || text.charAt(0) != '0' + ofClass || ofClass == INTERMEDIATE) {
      return 0;
    }
    int end = 1;
    for (int part = 0; part < 2; part++) {
      int from = end + 1;
      if (end >= text.length() || text.charAt(end) != '.') {
        return 0;
      }
      end = endOfDigits(text, from);
      if (end == from) {
        return 0;
      }
    }
    return end == text.length() || text.charAt(end) == ' ' ? end : 0;
  }

  /** Behind the digits that stand there, three at the most. */
  private static int endOfDigits(String text, int from) {
    int end = from;
    while (end < text.length()
        && end < from + CODE_DIGITS
        && text.charAt(end) >= '0'
        && text.charAt(end) <= '9') {
      end++;
    }
    return end;
  }

  private static String withoutStatus(String line, String status) {
    if (line.equals(status)) {
      return "";
    }
    return line.startsWith(status + ' ') ? line.substring(status.length() + 1) : line;
  }
}
