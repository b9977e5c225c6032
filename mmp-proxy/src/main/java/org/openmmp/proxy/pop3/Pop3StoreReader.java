package org.openmmp.proxy.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.LineFramer;

/** Cuts a store's octets into replies, bounded in each line and in all (B2). */
final class Pop3StoreReader {
  private static final int MAX_LINE_OCTETS = 8192;
  private static final int MAX_OCTETS = 65_536;

  private final LineFramer octets = new LineFramer(MAX_LINE_OCTETS, LineFramer.LineEnd.CRLF_OR_LF);
  private final List<String> lines = new ArrayList<>();
  private @Nullable Pop3Reply first;
  private int taken;

  void add(byte[] more) {
    octets.add(more);
  }

  /**
   * The next reply, or null if it is not there yet or {@link #overLimit}.
   *
   * @param multiLine whether lines follow if it is {@code +OK} (RFC 1939 section 3)
   */
  @Nullable Pop3Reply next(boolean multiLine) {
    for (String line = line(); line != null; line = line()) {
      Pop3Reply begun = first;
      if (begun == null) {
        Pop3Reply reply = Pop3Reply.parse(line);
        if (!multiLine || reply.status() != Pop3Reply.Status.OK) {
          return reply;
        }
        first = reply;
      } else if (line.equals(".")) {
        Pop3Reply whole = begun.with(lines);
        first = null;
        lines.clear();
        return whole;
      } else {
        lines.add(line.startsWith(".") ? line.substring(1) : line);
      }
    }
    return null;
  }

  /** Whether a line, or all that was read, is over its limit. */
  boolean overLimit() {
    return taken > MAX_OCTETS || octets.tooLong();
  }

  int buffered() {
    return octets.buffered();
  }

  byte[] rest() {
    return octets.rest();
  }

  /** Forgets all that was read; it counts against the limit nevertheless. */
  void clear() {
    octets.clear();
    lines.clear();
    first = null;
  }

  private @Nullable String line() {
    byte[] line = taken > MAX_OCTETS ? null : octets.line();
    if (line == null) {
      return null;
    }
    taken += line.length + 2;
    return new String(line, ISO_8859_1);
  }
}
